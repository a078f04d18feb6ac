// The checks that every JSON body passes before a codec sees it.
//
//   CheckJsonBody(body, kJsonDepthMax)  =>  ok, or why the body is refused
//
// Refused: an empty body, invalid UTF-8, a NUL (as a byte or as \u0000 in a string), and nesting deeper than
// allowed. Whether it is well-formed JSON is left to the codec that reads it: so this is one pass over the
// bytes, and a body is parsed once.  For NDJSON the same pass holds, as every line starts at depth 0 when the
// lines are JSON.
//
// Thread safety: pure functions.

#ifndef ATTUNE_HTTP_JSON_BODY_H_
#define ATTUNE_HTTP_JSON_BODY_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace attune::http {

// Fails with kInvalidArgument.
Status CheckJsonBody(std::string_view body, int depth_max);

// The "identity_token" of a body: that of an object, or of the first element of an array that has one.
// Nothing when there is none, and for what is no JSON: its codec will say so.  REQUIRES: CheckJsonBody() was
// ok.
std::optional<std::string> FindIdentityToken(std::string_view body);

}  // namespace attune::http

#endif  // ATTUNE_HTTP_JSON_BODY_H_
