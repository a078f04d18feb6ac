// Money: an amount in minor units of a currency.
//
//   ParseMinor("24.90", EUR) => 2490;  ParseMinor("1200", JPY) => 1200;  FormatMinor(2490, EUR) => "24.90"
//
// A currency is its ISO 4217 code; the number of decimals comes from it (JPY 0, EUR 2, KWD 3).  Amounts never
// pass through binary floating point on their way in from text; a JSON number is rounded to the nearest minor
// unit.
//
// Thread safety: value types.

#ifndef ATTUNE_BASE_MONEY_H_
#define ATTUNE_BASE_MONEY_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace attune {

// Amounts beyond this are refused: no product and no order costs more, and sums of millions of them stay
// exact.
inline constexpr int64_t kMoneyMaxMinor = 1'000'000'000'000'000;

class Currency {
 public:
  constexpr Currency() = default;  // None.
  // Three letters, upper or lower case; nothing otherwise.
  static std::optional<Currency> Parse(std::string_view code);

  bool is_none() const { return code_[0] == '\0'; }
  // "EUR"; empty for none.
  std::string_view code() const { return {code_.data(), is_none() ? size_t{0} : size_t{3}}; }
  // Digits after the decimal point.
  int decimals() const;

  friend bool operator==(const Currency&, const Currency&) = default;

 private:
  std::array<char, 3> code_{};
};

// Decimal text to minor units, exact.  Nothing when it is no plain decimal number, has more non-zero decimals
// than the currency, or lies beyond kMoneyMaxMinor.  Negative amounts are allowed; callers that do not want
// them say so.
std::optional<int64_t> ParseMinor(std::string_view text, Currency currency);

// Rounds half away from zero; nothing when not finite or beyond kMoneyMaxMinor.
std::optional<int64_t> MinorFromNumber(double amount, Currency currency);

// "24.90"; the inverse of ParseMinor.
std::string FormatMinor(int64_t minor, Currency currency);

// As a floating number of major units, for ranking and features only.
double MajorFromMinor(int64_t minor, Currency currency);

}  // namespace attune

#endif  // ATTUNE_BASE_MONEY_H_
