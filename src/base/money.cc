#include "base/money.h"

#include <cmath>

namespace attune {
namespace {

constexpr std::string_view kNoDecimals[] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW",
                                            "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::string_view kThreeDecimals[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};

int64_t PowerOfTen(int exponent) {
  int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace

std::optional<Currency> Currency::Parse(std::string_view code) {
  if (code.size() != 3) return std::nullopt;
  Currency currency;
  for (size_t i = 0; i < 3; ++i) {
    char c = code[i];
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c < 'A' || c > 'Z') return std::nullopt;
    currency.code_[i] = c;
  }
  return currency;
}

int Currency::decimals() const {
  for (const std::string_view other : kNoDecimals) {
    if (code() == other) return 0;
  }
  for (const std::string_view other : kThreeDecimals) {
    if (code() == other) return 3;
  }
  return 2;
}

std::optional<int64_t> ParseMinor(std::string_view text, Currency currency) {
  bool is_negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    is_negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const int decimals_max = currency.decimals();
  int64_t minor = 0;
  int decimals = 0;
  size_t digits = 0;
  bool in_fraction = false;
  for (const char c : text) {
    if (c == '.' && !in_fraction) {
      in_fraction = true;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    ++digits;
    if (in_fraction && decimals == decimals_max) {
      if (c != '0') return std::nullopt;
      continue;
    }
    minor = minor * 10 + (c - '0');
    if (minor > kMoneyMaxMinor) return std::nullopt;
    if (in_fraction) ++decimals;
  }
  if (digits == 0) return std::nullopt;
  minor *= PowerOfTen(decimals_max - decimals);
  if (minor > kMoneyMaxMinor) return std::nullopt;
  return is_negative ? -minor : minor;
}

std::optional<int64_t> MinorFromNumber(double amount, Currency currency) {
  const double scaled = amount * static_cast<double>(PowerOfTen(currency.decimals()));
  if (!(std::abs(scaled) <= static_cast<double>(kMoneyMaxMinor))) return std::nullopt;  // Also for NaN.
  return std::llround(scaled);
}

std::string FormatMinor(int64_t minor, Currency currency) {
  const int decimals = currency.decimals();
  const int64_t unit = PowerOfTen(decimals);
  const uint64_t magnitude = minor < 0 ? 0 - static_cast<uint64_t>(minor) : static_cast<uint64_t>(minor);
  std::string text = minor < 0 ? "-" : "";
  text += std::to_string(magnitude / static_cast<uint64_t>(unit));
  if (decimals == 0) return text;
  std::string fraction = std::to_string(magnitude % static_cast<uint64_t>(unit));
  text += '.';
  text.append(static_cast<size_t>(decimals) - fraction.size(), '0');
  return text + fraction;
}

double MajorFromMinor(int64_t minor, Currency currency) {
  return static_cast<double>(minor) / static_cast<double>(PowerOfTen(currency.decimals()));
}

}  // namespace attune
