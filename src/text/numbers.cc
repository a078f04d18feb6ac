#include "text/numbers.h"

#include <algorithm>
#include <cstddef>

namespace attune::text {
namespace {

constexpr size_t kGroupDigits = 3;

char ThousandsSeparator(Language language) {
  return language == Language::kNeutral || language == Language::kEnglish ? ',' : '.';
}

std::string Without(std::string_view number, char separator) {
  std::string plain(number);
  plain.erase(std::remove(plain.begin(), plain.end(), separator), plain.end());
  return plain;
}

// "1.234.567": one to three digits, then groups of three; not "0.125".
bool IsGrouped(std::string_view number, char separator) {
  const size_t first = number.find(separator);
  if (first == 0 || first > kGroupDigits || number.front() == '0') return false;
  for (size_t at = first; at < number.size(); at += kGroupDigits + 1) {
    if (number[at] != separator) return false;
    const std::string_view group = number.substr(at + 1, kGroupDigits);
    if (group.size() < kGroupDigits || group.find(separator) != std::string_view::npos) return false;
  }
  return true;
}

}  // namespace

std::string PlainNumber(std::string_view number, Language language) {
  const size_t last = number.find_last_of(".,");
  if (last == std::string_view::npos) return std::string(number);
  const char separator = number[last];
  const char other = separator == '.' ? ',' : '.';
  const bool is_mixed = number.find(other) != std::string_view::npos;
  const auto count = std::count(number.begin(), number.end(), separator);
  const bool is_thousands =
      !is_mixed && IsGrouped(number, separator) && (count > 1 || separator == ThousandsSeparator(language));
  std::string plain = Without(number, is_thousands ? separator : other);
  std::replace(plain.begin(), plain.end(), ',', '.');
  return plain;
}

}  // namespace attune::text
