// How large a filter may be.  Every filter arrives from outside, so each bound is checked while parsing.

#ifndef ATTUNE_EXPRESSIONS_LIMITS_H_
#define ATTUNE_EXPRESSIONS_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace attune::expressions {

// Bytes of one filter text: longer than anything a person writes, short enough to parse in microseconds.
inline constexpr size_t kTextBytesMax = 4096;
// Nesting of parentheses and NOT: bounds the stack of parser and evaluator.
inline constexpr int kDepthMax = 32;
// Comparisons in one filter: bounds the work per product.
inline constexpr size_t kTermsMax = 256;
// Values in one IN list; looked up by binary search, so long lists cost memory, not time.
inline constexpr size_t kListValuesMax = 1000;
// Arguments of one function call.
inline constexpr size_t kArgumentsMax = 4;
// Bytes of a field or function name, and of what is quoted back in an error.
inline constexpr size_t kNameBytesMax = 128;
// Durations beyond a century are mistakes.
inline constexpr int64_t kDurationMaxMs = int64_t{100} * 366 * 86'400'000;

}  // namespace attune::expressions

#endif  // ATTUNE_EXPRESSIONS_LIMITS_H_
