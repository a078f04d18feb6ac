// The meanings that an LLM gave of a store's queries, and how they lie on disk.
//
// Bounded: beyond kQueryMeaningsMax the ones that are due to be asked again first leave.
//
// Layout: docs/formats/search.md.  A copy: what is lost is asked again, so a file that is damaged, of another
// model or of another build is thrown away.
//
// Thread safety: immutable; pure functions.

#ifndef ATTUNE_SEARCH_QUERY_MEANINGS_H_
#define ATTUNE_SEARCH_QUERY_MEANINGS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "search/query_meaning.h"

namespace attune::search {

// About 200 bytes each.  Half of what shoppers type is among the first thousands of queries.
inline constexpr size_t kQueryMeaningsMax = 10'000;

class QueryMeanings {
 public:
  // By MeaningKey().  Null: it was never asked.
  const QueryMeaning* Find(const std::string& key) const;
  // These and one more; another of the same key is replaced.  Cost: a copy of pointers.
  std::shared_ptr<const QueryMeanings> With(const std::string& key, QueryMeaning meaning,
                                            size_t size_max = kQueryMeaningsMax) const;
  size_t size() const { return by_key_.size(); }

 private:
  friend struct MeaningsFile;
  absl::flat_hash_map<std::string, std::shared_ptr<const QueryMeaning>> by_key_;
};

struct MeaningsFile {
  std::string made_by;       // What decides on the answers: the model, and how it is asked.
  int64_t day = 0;           // Of the store's clock, since 1970.
  uint64_t asked_today = 0;  // Requests of that day.
  std::shared_ptr<const QueryMeanings> meanings = std::make_shared<const QueryMeanings>();

  std::string Encode() const;
  // Fails with kCorruption when the bytes are not ours.
  static Result<MeaningsFile> Decode(std::string bytes);
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_QUERY_MEANINGS_H_
