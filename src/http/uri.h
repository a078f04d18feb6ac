// The text of a request target: percent-encoding, paths and query strings (RFC 3986).
//
//   DecodePercent("a%2Fb", keep)   => "a/b"
//   SplitPath("/v1/products/a%2Fb") => {"v1", "products", "a/b"}
//   ParseQuery("kind=customer&q=desk+lamp") => {kind: customer}, {q: "desk lamp"}
//
// Decoded text must be clean: valid UTF-8 without NUL.  A path is split before it is decoded, so an id may
// hold a '/'. Empty segments are kept ("/v1//x" is three segments): a router matches them to nothing.
//
// Thread safety: pure functions.

#ifndef ATTUNE_HTTP_URI_H_
#define ATTUNE_HTTP_URI_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "http/message.h"

namespace attune::http {

enum class PlusSign : uint8_t {
  kKeep,   // In a path.
  kSpace,  // In a query string, as HTML forms write it.
};

// Nothing when a '%' is not followed by two hex digits.  The result may hold any bytes.
std::optional<std::string> DecodePercent(std::string_view text, PlusSign plus);

// Everything but unreserved characters is encoded; the inverse of DecodePercent.
std::string EncodePercent(std::string_view text);

// REQUIRES: path begins with '/'.  Fails with kInvalidArgument for bad encoding, unclean text, or a segment
// or a count beyond http/limits.h.
Result<std::vector<std::string>> SplitPath(std::string_view path);

// `query` is what follows the '?'.  A parameter without '=' has an empty value; empty parts are skipped.
Result<std::vector<Field>> ParseQuery(std::string_view query);

// What a request target means to us.
struct Target {
  std::string_view path;
  std::string_view query;
};

// Origin form ("/v1/x?a=b"), absolute form ("http://host/v1/x") or "*" (path "*").  Fragments and raw control
// characters are refused with kInvalidArgument.  The views point into `target`.
Result<Target> ParseTarget(std::string_view target);

}  // namespace attune::http

#endif  // ATTUNE_HTTP_URI_H_
