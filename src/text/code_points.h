// UTF-8 taken apart and put together, one code point at a time.
//
// Thread safety: pure functions.

#ifndef ATTUNE_TEXT_CODE_POINTS_H_
#define ATTUNE_TEXT_CODE_POINTS_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace attune::text {

// A byte that begins no code point is read as this plus the byte: above all of Unicode, so that it equals
// nothing but itself.
inline constexpr char32_t kStrayByte = 0x200000;

struct CodePoint {
  char32_t value = 0;
  size_t length = 0;  // Bytes.

  bool IsStrayByte() const { return value >= kStrayByte; }
};

// REQUIRES: at < text.size()
CodePoint CodePointAt(std::string_view text, size_t at);

// REQUIRES: value is a code point of Unicode, not a surrogate.
void AppendCodePoint(char32_t value, std::string& out);

}  // namespace attune::text

#endif  // ATTUNE_TEXT_CODE_POINTS_H_
