// What a query says about money: "under 50", "bis 50 Euro", "cheap", "between 20 and 30".
//
// Phrases of eight languages, read as folded words; a number counts as a price only with a phrase or the name
// of a currency beside it, and never with a unit ("under 15 inch" is no price).  Which currency it is, is not
// asked: a shop's shoppers mean the shop's.
//
// Thread safety: pure function and value type.

#ifndef ATTUNE_SEARCH_PRICE_PHRASES_H_
#define ATTUNE_SEARCH_PRICE_PHRASES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "text/analyzer.h"
#include "text/language.h"

namespace attune::search {

enum class PriceWish : uint8_t { kNone, kCheap, kDear };

struct PricePhrase {
  std::optional<double> min;  // In major units, included; likewise max.
  std::optional<double> max;
  PriceWish wish = PriceWish::kNone;
  uint32_t words = 0;  // Bit of each whole word that it is made of.

  bool is_said() const { return words != 0; }
};

// `wholes`: the whole tokens of a query, at most 32 of which are read.
PricePhrase ReadPrice(const std::vector<text::Token>& wholes, text::Language language);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_PRICE_PHRASES_H_
