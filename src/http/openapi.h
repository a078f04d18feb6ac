// The description of the API that the server carries: docs/api/openapi.json, built into the binary.
//
// Thread safety: constant.

#ifndef ATTUNE_HTTP_OPENAPI_H_
#define ATTUNE_HTTP_OPENAPI_H_

#include <string_view>

namespace attune::http {

std::string_view OpenApiDocument();

}  // namespace attune::http

#endif  // ATTUNE_HTTP_OPENAPI_H_
