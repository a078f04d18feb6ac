#include "search/personal_text.h"

#include <cstddef>
#include <string>

#include "text/code_points.h"
#include "text/fold.h"

namespace attune::search {
namespace {

// Digits with nothing but separators between them: a short telephone number, a date has eight.
constexpr size_t kDigitsMin = 7;

bool IsDigit(char32_t c) {
  return (c >= U'0' && c <= U'9') || (c >= U'\u0660' && c <= U'\u0669') || (c >= U'\u06F0' && c <= U'\u06F9');
}

bool IsSeparator(char32_t c) {
  return std::u32string_view(U" \t-./()+,:_\u00A0\u2010\u2011\u2012\u2013").find(c) !=
         std::u32string_view::npos;
}

}  // namespace

bool LooksPersonal(std::string_view text) {
  const std::string folded = text::FoldLetters(text);  // Wide letters and digits as the plain ones.
  size_t digits = 0;
  for (size_t at = 0; at < folded.size();) {
    const text::CodePoint point = text::CodePointAt(folded, at);
    at += point.length;
    if (point.value == U'@') return true;
    if (IsDigit(point.value)) {
      if (++digits == kDigitsMin) return true;
    } else if (!IsSeparator(point.value)) {
      digits = 0;
    }
  }
  return false;
}

}  // namespace attune::search
