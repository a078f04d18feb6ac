#include "http/uri.h"

#include <utility>

#include "base/utf8.h"
#include "http/limits.h"

namespace attune::http {
namespace {

// The value of a hex digit; -1 for any other character.
int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::optional<std::string> DecodePercent(std::string_view text, PlusSign plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '+' && plus == PlusSign::kSpace) {
      decoded += ' ';
    } else if (c != '%') {
      decoded += c;
    } else {
      if (text.size() - i < 3) return std::nullopt;
      const int high = HexValue(text[i + 1]);
      const int low = HexValue(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return decoded;
}

std::string EncodePercent(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded += c;
      continue;
    }
    encoded += '%';
    encoded += kDigits[static_cast<unsigned char>(c) >> 4];
    encoded += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return encoded;
}

Result<std::vector<std::string>> SplitPath(std::string_view path) {
  CHECK(!path.empty() && path.front() == '/');
  std::vector<std::string> segments;
  size_t begin = 1;
  while (true) {
    const size_t end = std::min(path.find('/', begin), path.size());
    if (segments.size() == kPathSegmentCountMax)
      return InvalidArgument("the path has too many segments", "path");
    std::optional<std::string> segment = DecodePercent(path.substr(begin, end - begin), PlusSign::kKeep);
    if (!segment) return InvalidArgument("the path has a '%' without two hex digits", "path");
    if (segment->size() > kPathSegmentBytesMax) {
      return InvalidArgument(
          "a segment of the path is longer than " + std::to_string(kPathSegmentBytesMax) + " bytes", "path");
    }
    if (!IsCleanText(*segment)) return InvalidArgument("the path is not UTF-8, or holds a NUL", "path");
    segments.push_back(std::move(*segment));
    if (end == path.size()) return segments;
    begin = end + 1;
  }
}

Result<std::vector<Field>> ParseQuery(std::string_view query) {
  std::vector<Field> parameters;
  size_t begin = 0;
  while (begin < query.size()) {
    const size_t end = std::min(query.find('&', begin), query.size());
    const std::string_view part = query.substr(begin, end - begin);
    begin = end + 1;
    if (part.empty()) continue;
    if (parameters.size() == kQueryParameterCountMax) {
      return InvalidArgument("the query string has more than " + std::to_string(kQueryParameterCountMax) +
                             " parameters");
    }
    const size_t equals = std::min(part.find('='), part.size());
    std::optional<std::string> name = DecodePercent(part.substr(0, equals), PlusSign::kSpace);
    if (!name || !IsCleanText(*name))
      return InvalidArgument("the query string has a malformed parameter name");
    std::optional<std::string> value;
    if (equals == part.size()) {
      value.emplace();
    } else {
      value = DecodePercent(part.substr(equals + 1), PlusSign::kSpace);
    }
    if (!value || !IsCleanText(*value)) {
      return InvalidArgument("the query parameter is not percent-encoded UTF-8", *name);
    }
    parameters.push_back({std::move(*name), std::move(*value)});
  }
  return parameters;
}

Result<Target> ParseTarget(std::string_view target) {
  for (const char c : target) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) {
      return InvalidArgument("the request target has a control character or a space");
    }
    if (c == '#') return InvalidArgument("the request target has a fragment");
  }
  if (target == "*") return Target{target, {}};
  for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (!target.starts_with(scheme)) continue;
    const size_t slash = target.find('/', scheme.size());
    const size_t question = target.find('?', scheme.size());
    if (slash == std::string_view::npos || question < slash) {
      return InvalidArgument("the request target has no path");
    }
    target.remove_prefix(slash);
    break;
  }
  if (target.empty() || target.front() != '/')
    return InvalidArgument("the request target does not begin with '/'");
  const size_t question = target.find('?');
  if (question == std::string_view::npos) return Target{target, {}};
  return Target{target.substr(0, question), target.substr(question + 1)};
}

}  // namespace attune::http
