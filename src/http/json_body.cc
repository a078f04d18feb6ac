#include "http/json_body.h"

#include <simdjson.h>

#include "http/limits.h"

namespace attune::http {
namespace {

// Elements of a batch that are looked at for a token: a browser sends a few events about one customer.
constexpr size_t kTokenElementsMax = 1'000;

// Position of the quote that ends the string which begins at `begin` (after its opening quote), or the end of
// the body. Sets `has_nul` when the string holds an escaped NUL.
size_t FindStringEnd(std::string_view body, size_t begin, bool& has_nul) {
  size_t i = begin;
  while (i < body.size() && body[i] != '"') {
    if (body[i] != '\\') {
      ++i;
      continue;
    }
    if (body.substr(i, 6) == "\\u0000") has_nul = true;
    i += 2;
  }
  return std::min(i, body.size());
}

}  // namespace

Status CheckJsonBody(std::string_view body, int depth_max) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return InvalidArgument("the body is empty");
  if (!simdjson::validate_utf8(body.data(), body.size()))
    return InvalidArgument("the body is not valid UTF-8");
  int depth = 0;
  bool has_nul = body.find('\0') != std::string_view::npos;
  for (size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (c == '"') {
      i = FindStringEnd(body, i + 1, has_nul);
    } else if (c == '{' || c == '[') {
      if (++depth > depth_max) {
        return InvalidArgument("the body is nested deeper than " + std::to_string(depth_max) + " levels");
      }
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  if (has_nul) return InvalidArgument("the body holds a NUL character");
  return {};
}

std::optional<std::string> FindIdentityToken(std::string_view body) {
  if (body.find("\"identity_token\"") == std::string_view::npos) return std::nullopt;
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(body.data(), body.size()).get(document) != simdjson::SUCCESS) return std::nullopt;
  std::string_view token;
  if (document["identity_token"].get(token) == simdjson::SUCCESS) return std::string(token);
  simdjson::dom::array elements;
  if (document.get(elements) != simdjson::SUCCESS) return std::nullopt;
  size_t seen = 0;
  for (const simdjson::dom::element element : elements) {
    if (seen++ == kTokenElementsMax) break;
    if (element["identity_token"].get(token) == simdjson::SUCCESS) return std::string(token);
  }
  return std::nullopt;
}

}  // namespace attune::http
