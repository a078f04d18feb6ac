// The bytes of an answer's head (RFC 9112), and the small grammar that both sides of the wire share.
//
// Thread safety: pure functions, except RequestIds, which may be used from any thread.

#ifndef ATTUNE_HTTP_WIRE_H_
#define ATTUNE_HTTP_WIRE_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.h"
#include "http/message.h"

namespace attune::http {

struct HeadOptions {
  std::string_view request_id;
  int64_t now_ms = 0;
  bool keeps_alive = true;
  int http_minor_version = 1;
};

// Status line and headers with the empty line, ready to send before the body.  Control characters in values
// become spaces, so that no value can end its line.
std::string FormatHead(const Response& response, const HeadOptions& options);

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string FormatHttpDate(int64_t time_ms);

// Letters, digits, and "-_.:/+=", at most kRequestIdBytesMax: safe in headers, logs and JSON.
bool IsCleanRequestId(std::string_view text);

// Whether a comma-separated header value names `token` (in lower case); spaces and case do not matter.
bool HasToken(std::string_view value, std::string_view token);

std::string LowerCase(std::string_view text);
std::string_view TrimSpaces(std::string_view text);

// Ids for requests that bring none: unique in this process, and different from those of any other.
class RequestIds {
 public:
  explicit RequestIds(RandomSource& random) : salt_(random.Next64()) {}
  std::string Next();

 private:
  const uint64_t salt_;
  std::atomic<uint64_t> given_{0};
};

}  // namespace attune::http

#endif  // ATTUNE_HTTP_WIRE_H_
