// How many typing errors lie between two words: the restricted Damerau-Levenshtein distance (optimal string
// alignment), over code points.
//
//   insert, delete or replace a letter, or swap two neighbours: 1 each; no part is edited twice
//   "kettel" - "kettle" 1      "lampe" - "lamp" 1      "ca" - "abc" 3
//
// Work is letters * (2 * distance_max + 1); it stops as soon as the bound is passed.  Words of more than
// kEditDistanceLettersMax letters are only compared for equality.
//
// Thread safety: pure functions.

#ifndef ATTUNE_TEXT_EDIT_DISTANCE_H_
#define ATTUNE_TEXT_EDIT_DISTANCE_H_

#include <string_view>

namespace attune::text {

// The distance, or distance_max + 1 when it is larger.  Bytes that are not UTF-8 are letters of their own.
// REQUIRES: 0 <= distance_max <= 8
int EditDistance(std::string_view a, std::string_view b, int distance_max);

// The distance of `typed` to the nearest prefix of `word`, for the last word of a query that is still being
// typed: "kettl" - "kettles" 0, "ketl" - "kettles" 1.  Bounded as above.
int PrefixEditDistance(std::string_view typed, std::string_view word, int distance_max);

}  // namespace attune::text

#endif  // ATTUNE_TEXT_EDIT_DISTANCE_H_
