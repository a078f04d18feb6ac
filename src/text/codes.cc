#include "text/codes.h"

#include <unicode/uchar.h>

#include <cstddef>

#include "text/code_points.h"
#include "text/fold.h"

namespace attune::text {
namespace {

bool IsDigit(char32_t letter) { return letter >= U'0' && letter <= U'9'; }

bool IsDecimalPoint(std::string_view text, size_t at) {
  const auto is_digit_at = [text](size_t i) {
    return i < text.size() && IsDigit(static_cast<unsigned char>(text[i]));
  };
  return (text[at] == '.' || text[at] == ',') && at > 0 && is_digit_at(at - 1) && is_digit_at(at + 1);
}

bool IsLetter(char32_t letter) {
  const auto code_point = static_cast<UChar32>(letter);
  return u_isalnum(code_point) != 0 || (U_GET_GC_MASK(code_point) & U_GC_M_MASK) != 0;
}

}  // namespace

std::string JoinedCode(std::string_view code) {
  std::string joined;
  for (const std::string& part : CodeParts(code)) joined += part;
  return joined;
}

std::vector<std::string> CodeParts(std::string_view code) {
  const std::string folded = FoldLetters(code);
  std::vector<std::string> parts;
  enum class Run { kNone, kLetters, kDigits } run = Run::kNone;
  for (size_t at = 0; at < folded.size();) {
    const CodePoint letter = CodePointAt(folded, at);
    const bool is_digit = IsDigit(letter.value) || IsDecimalPoint(folded, at);
    if (!is_digit && !IsLetter(letter.value)) {
      run = Run::kNone;
    } else {
      const Run next = is_digit ? Run::kDigits : Run::kLetters;
      if (next != run) parts.emplace_back();
      run = next;
      parts.back() +=
          folded[at] == ',' ? std::string_view(".") : std::string_view(folded).substr(at, letter.length);
    }
    at += letter.length;
  }
  return parts;
}

}  // namespace attune::text
