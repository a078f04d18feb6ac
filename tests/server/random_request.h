// Bodies of POST /v1/search that nobody sends on purpose: what bots, scrapers and broken pages send.
//
//   RandomRequest random(seed);   random.Body()  =>  {"query":"<any text>", and one other field with any
//   text}
//
// Texts: words of a shop among random code points of every plane, control characters, 5 000 letters, emoji,
// text from right to left, stacks of combining marks, SQL, filters, paths, escapes, lone bytes that are no
// UTF-8, and nothing at all.
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_TESTS_SERVER_RANDOM_REQUEST_H_
#define ATTUNE_TESTS_SERVER_RANDOM_REQUEST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "base/random.h"

namespace attune::server {

class RandomRequest {
 public:
  explicit RandomRequest(uint64_t seed) : random_(seed) {}

  // Of valid UTF-8, at most about 16 kB.
  std::string Text();
  // A query of any text, among other fields that are right or wrong.  `is_broken` is set where the bytes are
  // no JSON or no UTF-8.
  std::string Body(bool& is_broken);

 private:
  std::string CodePoints(uint64_t count);
  void AddField(JsonWriter& json);
  void AddWrongField(JsonWriter& json);
  std::string Broken(std::string body);

  Random random_;
};

}  // namespace attune::server

#endif  // ATTUNE_TESTS_SERVER_RANDOM_REQUEST_H_
