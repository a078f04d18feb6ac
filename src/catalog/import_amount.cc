#include "catalog/import_amount.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace attune::catalog {
namespace {

constexpr std::pair<std::string_view, std::string_view> kSymbols[] = {
    {"\xE2\x82\xAC", "EUR"}, {"$", "USD"}, {"\xC2\xA3", "GBP"}, {"\xC2\xA5", "JPY"}};

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Takes a currency off either end.
std::optional<Currency> TakeCurrency(std::string_view& text) {
  for (const auto& [symbol, code] : kSymbols) {
    if (text.starts_with(symbol)) {
      text = Trimmed(text.substr(symbol.size()));
    } else if (text.ends_with(symbol)) {
      text = Trimmed(text.substr(0, text.size() - symbol.size()));
    } else {
      continue;
    }
    return Currency::Parse(code);
  }
  if (text.size() <= 3) return std::nullopt;
  const bool is_first = IsLetter(text.front());
  const std::string_view code = is_first ? text.substr(0, 3) : text.substr(text.size() - 3);
  const std::optional<Currency> currency = Currency::Parse(code);
  if (currency) text = Trimmed(is_first ? text.substr(3) : text.substr(0, text.size() - 3));
  return currency;
}

// Takes thousands separators out: groups of three after the first.  False when they stand elsewhere.
bool TakeSeparators(std::string& whole, char separator) {
  const size_t first = whole.find(separator);
  if (first == std::string::npos) return true;
  if (first == 0 || first > 3) return false;
  for (size_t i = first; i < whole.size(); i += 4) {
    if (whole[i] != separator || whole.size() - i < 4) return false;
  }
  std::erase(whole, separator);
  return true;
}

}  // namespace

Result<FeedAmount> ParseFeedAmount(std::string_view text, bool decimal_comma) {
  FeedAmount amount;
  text = Trimmed(text);
  if (const std::optional<Currency> currency = TakeCurrency(text)) amount.currency = *currency;
  const char point = decimal_comma ? ',' : '.';
  const char separator = decimal_comma ? '.' : ',';
  const size_t at = text.rfind(point);
  std::string whole(text.substr(0, at));
  const std::string_view fraction = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  // With decimals behind it a separator can be nothing else; alone it could be a decimal comma.
  if (!decimal_comma && at == std::string_view::npos && whole.find(',') != std::string::npos) {
    return InvalidArgument(
        "an amount with a comma is ambiguous; write a point, or import with --decimal-comma");
  }
  if (!TakeSeparators(whole, separator)) return InvalidArgument("is not an amount");
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool is_negative = whole.starts_with('-');
  const std::string_view magnitude = std::string_view(whole).substr(is_negative ? 1 : 0);
  if (magnitude.empty() || !std::all_of(magnitude.begin(), magnitude.end(), is_digit) ||
      !std::all_of(fraction.begin(), fraction.end(), is_digit)) {
    return InvalidArgument("is not an amount");
  }
  amount.digits = whole;
  if (!fraction.empty()) amount.digits += "." + std::string(fraction);
  return amount;
}

}  // namespace attune::catalog
