// Is this text UTF-8, and where does the next character end?
//
// Strict: no overlong forms, no surrogates, nothing above U+10FFFF (RFC 3629).

#ifndef ATTUNE_BASE_UTF8_H_
#define ATTUNE_BASE_UTF8_H_

#include <cstddef>
#include <string_view>

namespace attune {

// Bytes of the valid sequence that `text` begins with (1..4); 0 when it begins with none.
size_t Utf8SequenceLength(std::string_view text);

bool IsValidUtf8(std::string_view text);

// Text that is safe to store as an id or a title: valid UTF-8 without NUL.
bool IsCleanText(std::string_view text);

// The longest prefix of at most `bytes_max` bytes that ends between characters.
std::string_view Utf8Prefix(std::string_view text, size_t bytes_max);

}  // namespace attune

#endif  // ATTUNE_BASE_UTF8_H_
