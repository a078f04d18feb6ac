#include "text/code_points.h"

#include "base/utf8.h"

namespace attune::text {
namespace {

// A continuation byte is 10xxxxxx.
constexpr char32_t kContinuationBits = 6;
constexpr char32_t kContinuationMask = 0x3F;
constexpr char32_t kContinuationMark = 0x80;

char ByteOf(char32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); }

}  // namespace

CodePoint CodePointAt(std::string_view text, size_t at) {
  const auto byte = [text, at](size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[at + i]));
  };
  const char32_t first = byte(0);
  if (first < kContinuationMark) return {first, 1};
  const size_t length = Utf8SequenceLength(text.substr(at));
  if (length == 0) return {kStrayByte | first, 1};
  char32_t value = first & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) value = value << kContinuationBits | (byte(i) & kContinuationMask);
  return {value, length};
}

void AppendCodePoint(char32_t value, std::string& out) {
  const auto continuation = [value](char32_t place) {
    return ByteOf(kContinuationMark | (value >> (place * kContinuationBits) & kContinuationMask));
  };
  if (value < 0x80) {
    out.push_back(ByteOf(value));
  } else if (value < 0x800) {
    out.append({ByteOf(0xC0 | value >> kContinuationBits), continuation(0)});
  } else if (value < 0x10000) {
    out.append({ByteOf(0xE0 | value >> (2 * kContinuationBits)), continuation(1), continuation(0)});
  } else {
    out.append(
        {ByteOf(0xF0 | value >> (3 * kContinuationBits)), continuation(2), continuation(1), continuation(0)});
  }
}

}  // namespace attune::text
