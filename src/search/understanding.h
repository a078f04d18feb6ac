// What a query means beside its words: values of the catalogue, money, measures, and what is looked for.
//
//   "cheap philips wireless headphones under 50"
//       values   brand Philips (word 1), attributes.connectivity "Wireless" (2), category Headphones (3)
//       price    at most 50, as cheap as can be (0, 4, 5)
//       intent   products
//
// A value is understood when its words stand in the query one after the other; of values that overlap, the
// one with more words.  One word may mean values of several fields ("black" of the product, of its cable):
// each has as confidence its share of the products.  Values boost, and filter nothing.  Words of a price
// phrase are not looked for in products.
//
// Which categories people of this query click will come in as a prior of the values (understood by clicks);
// until then the catalogue's own shares are the prior.
//
// Thread safety: pure functions and value types.

#ifndef ATTUNE_SEARCH_UNDERSTANDING_H_
#define ATTUNE_SEARCH_UNDERSTANDING_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "search/price_phrases.h"
#include "search/query_words.h"
#include "search/search_facts.h"
#include "text/analyzer.h"

namespace attune::search {

struct UnderstoodValue {
  uint32_t value = 0;    // SearchFacts::ValueOf()
  uint32_t words = 0;    // Bit of each whole word that says it.
  float confidence = 0;  // In (0, 1]: of the values that the same words may mean.
};

enum class SearchIntent : uint8_t { kProducts, kProduct, kCategory, kBrand, kHelp };

std::string_view SearchIntentName(SearchIntent intent);

struct Understanding {
  std::vector<UnderstoodValue> values;  // By the first word, then by confidence.
  PricePhrase price;
  SearchIntent intent = SearchIntent::kProducts;

  // Bits of the words that are explained.
  uint32_t explained() const;
};

// `tokens`: what the analyzer made of the query.  Without facts (null) no value is understood, and what is
// said of money is the same.
Understanding Understand(const std::vector<text::Token>& tokens, text::Language language,
                         const SearchFacts* facts);

// Takes the words that are no words of products out of what is looked for.
void SilencePrice(const Understanding& understanding, QueryWords& query);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_UNDERSTANDING_H_
