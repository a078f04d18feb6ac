// What a product is called as a whole: a query that says exactly this means this product.
//
//   id      product id, sku, ean, variant ids: joined and folded, so "TN 2110" finds the sku "tn-2110"
//   title   its words, folded, without punctuation
//   brand   likewise: means every product of the brand
//
// Kept as hashes: nothing else is asked of them, and a product may have hundreds.
//
// Thread safety: pure functions.

#ifndef ATTUNE_SEARCH_EXACT_NAME_H_
#define ATTUNE_SEARCH_EXACT_NAME_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/hash.h"
#include "text/analyzer.h"

namespace attune::search {

enum class NameKind : uint8_t { kId = 1, kTitle = 2, kBrand = 3 };

// `text`: a joined code (text/codes.h) for an id, SpelledOut() for the others.
inline uint64_t HashName(NameKind kind, std::string_view text) {
  return StableHash64(text, static_cast<uint64_t>(kind));
}

// The whole words of a text with one space between: "L'Oréal  Paris!" -> "loreal paris".  A word that is kept
// joined as well is there once.
inline std::string SpelledOut(const std::vector<text::Token>& tokens) {
  std::string out;
  for (const text::Token& token : tokens) {
    if (token.role != text::TokenRole::kWhole) continue;
    if (!out.empty()) out += ' ';
    out += token.surface;
  }
  return out;
}

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_EXACT_NAME_H_
