#include "base/ids.h"

namespace attune {
namespace {

std::optional<uint64_t> ParseHex16(std::string_view text) {
  uint64_t value = 0;
  for (const char c : text) {
    uint64_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<uint64_t>(c - 'a') + 10;
    } else {
      return std::nullopt;
    }
    value = (value << 4) | digit;
  }
  return value;
}

void AppendHex16(uint64_t value, std::string& out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(kDigits[(value >> shift) & 15]);
}

}  // namespace

std::optional<DecisionId> DecisionId::Parse(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  const auto high = ParseHex16(text.substr(0, 16));
  const auto low = ParseHex16(text.substr(16));
  if (!high || !low) return std::nullopt;
  return DecisionId{*high, *low};
}

std::string DecisionId::ToString() const {
  std::string out;
  out.reserve(32);
  AppendHex16(high, out);
  AppendHex16(low, out);
  return out;
}

}  // namespace attune
