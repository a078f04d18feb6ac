#include "catalog/product_dom.h"

#include <charconv>
#include <cmath>
#include <optional>

#include "base/time_text.h"
#include "base/utf8.h"

namespace attune::catalog {
namespace {

using simdjson::dom::element;

// Whole numbers in text: "12", "-3".
std::optional<int64_t> ParseWhole(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Also 12.0: exports from spreadsheets write it.
std::optional<int64_t> WholeOf(const element& value) {
  int64_t integer = 0;
  if (value.get(integer) == simdjson::SUCCESS) return integer;
  double number = 0;
  if (value.is_double() && value.get(number) == simdjson::SUCCESS && std::abs(number) < 9e15 &&
      std::nearbyint(number) == number) {
    return static_cast<int64_t>(number);
  }
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return ParseWhole(text);
  return std::nullopt;
}

}  // namespace

Result<std::string> ReadText(const element& value, std::string_view field, size_t bytes_max, bool or_number) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) {
    if (or_number && (value.is_int64() || value.is_uint64())) return std::string(simdjson::minify(value));
    return InvalidArgument("must be text", std::string(field));
  }
  if (text.size() > bytes_max) {
    return InvalidArgument("is longer than " + std::to_string(bytes_max) + " bytes", std::string(field));
  }
  if (!IsCleanText(text)) return InvalidArgument("holds NUL or is not UTF-8", std::string(field));
  return std::string(text);
}

Result<bool> ReadBool(const element& value, std::string_view field) {
  bool answer = false;
  if (value.get(answer) == simdjson::SUCCESS) return answer;
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS && (text == "true" || text == "false")) return text == "true";
  return InvalidArgument("must be true or false", std::string(field));
}

Result<int64_t> ReadInteger(const element& value, std::string_view field, int64_t min, int64_t max) {
  const std::optional<int64_t> number = WholeOf(value);
  if (!number) return InvalidArgument("must be a whole number", std::string(field));
  if (*number < min || *number > max) {
    return InvalidArgument("must lie between " + std::to_string(min) + " and " + std::to_string(max),
                           std::string(field));
  }
  return *number;
}

Result<int64_t> ReadMoney(const element& value, std::string_view field, Currency currency) {
  std::optional<int64_t> minor;
  std::string_view text;
  double number = 0;
  if (value.get(text) == simdjson::SUCCESS) {
    minor = ParseMinor(text, currency);
    if (!minor) {
      return InvalidArgument(
          "must be a decimal amount such as 24.90, with no more decimals than the currency",
          std::string(field));
    }
  } else if (value.is_number() && value.get(number) == simdjson::SUCCESS) {
    minor = MinorFromNumber(number, currency);
    if (!minor) return InvalidArgument("is too large an amount", std::string(field));
  } else {
    return InvalidArgument("must be a number or a decimal string", std::string(field));
  }
  if (*minor < 0) return InvalidArgument("must not be negative", std::string(field));
  return *minor;
}

Result<Currency> ReadCurrency(const element& value, std::string_view field) {
  std::string_view text;
  std::optional<Currency> currency;
  if (value.get(text) == simdjson::SUCCESS) currency = Currency::Parse(text);
  if (!currency)
    return InvalidArgument("must be a currency code of three letters (ISO 4217)", std::string(field));
  return *currency;
}

Result<int64_t> ReadTime(const element& value, std::string_view field) {
  std::optional<int64_t> time_ms;
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    time_ms = ParseTime(text);
  } else if (value.is_number()) {
    time_ms = WholeOf(value);
  }
  if (!time_ms || *time_ms < 0 || *time_ms > kTimeMaxMs) {
    return InvalidArgument("must be a time (RFC 3339, or milliseconds since 1970)", std::string(field));
  }
  return *time_ms;
}

}  // namespace attune::catalog
