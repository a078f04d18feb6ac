// How much text is read and how long its words may be.  Texts come from feeds and from search boxes, so
// each bound holds whatever arrives.

#ifndef ATTUNE_TEXT_LIMITS_H_
#define ATTUNE_TEXT_LIMITS_H_

#include <cstddef>

namespace attune::text {

// Bytes of one text that are read; the rest is not there.  Twice the longest description of a product.
inline constexpr size_t kTextBytesMax = 64 * 1024;
// Tokens of one text, those at the same position counted too.  A text without spaces can hold no more.
inline constexpr size_t kTokensMax = 32 * 1024;
// Bytes of one word that count; what follows them is not compared.  Longer than any word of a dictionary.
inline constexpr size_t kWordBytesMax = 128;
// Bytes of one run of a script that is written without spaces, given to the dictionary at once.
inline constexpr size_t kUnspacedRunBytesMax = 4096;
// Runs of letters or digits that hyphens may link to one code or one word ("L-77-B" has three).
inline constexpr size_t kLinkedRunsMax = 8;
// Letters of a word that may be taken apart: bounds the look-ups in the vocabulary to some hundreds.
inline constexpr size_t kCompoundBytesMax = 48;
// Parts of one compound.
inline constexpr size_t kCompoundPartsMax = 5;
// Code points of a word whose edit distance is computed.
inline constexpr size_t kEditDistanceLettersMax = 64;

}  // namespace attune::text

#endif  // ATTUNE_TEXT_LIMITS_H_
