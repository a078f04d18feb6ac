// Amounts with units, in one spelling: "500 ml", "0.5l" and "50 cl" are the same volume.
//
//   MeasuresOf("Bottle 0.5l, 15 inch")  ->  {"500 ml", 1 word}, {"381 mm", 2 words}
//
// Units are those of length, volume, mass, data, power, charge and frequency, as eight languages write them;
// a mark of inches (15") is not a word and not read.  Amounts are compared after rounding to three digits.
//
// Thread safety: pure functions and value types.

#ifndef ATTUNE_SEARCH_MEASURES_H_
#define ATTUNE_SEARCH_MEASURES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/analyzer.h"

namespace attune::search {

struct Unit {
  std::string_view name;  // Folded.
  std::string_view base;
  double factor = 1;  // Of the base unit.
};

// Null for what is no unit.
const Unit* FindUnit(std::string_view folded);

struct Measure {
  std::string text;     // In the base unit: "500 ml".
  uint32_t first = 0;   // Of the whole tokens.
  uint32_t length = 1;  // 1: written together.
};

// Of the whole tokens of a text.
std::vector<Measure> MeasuresOf(const std::vector<text::Token>& wholes);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_MEASURES_H_
