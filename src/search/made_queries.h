// Queries made from a catalogue, with the products that they mean: enough of them to decide what helps.
//
// The rule.  Half of the products, by the hash of their ids, are blind: their attributes of every path that
// the rule reads are taken away, and only they are looked for.  The other half keeps all: what a value means
// can be learned there, and must be carried over to products that have nothing but their texts.
//
//   value      a text attribute of one to three words of letters, that 10 products to 5 % of all have, and
//              that at least a fifth of them also say in title or description (a word of shoppers, not of
//              data sheets)
//   kinds      value             "headphones"
//              brand_value       "philips headphones", either way round
//              two_values        "wireless headphones": of one product, of two paths
//              price             "headphones under 50", "cheap headphones": up to a round price that 20 to
//                                80 % of them keep; cheap: the cheapest third (grade 3; the others 1)
//              synonym           "earphones": a word of the value as other people say it (a short list)
//              model             "brother tn21", "tn 2110": the beginning of a code of the title, or its
//              parts
//   truth      grade 3 for a blind product with the brand, the values and a price that are asked for; 0 for
//              one that has another brand, value or price; none (unjudged) for one that has no value of the
//              path, or a longer one that holds the words
//
// Kinds take turns; texts differ.  Deterministic: a catalogue, a count and a seed give the same queries.
//
// Thread safety: pure function.

#ifndef ATTUNE_SEARCH_MADE_QUERIES_H_
#define ATTUNE_SEARCH_MADE_QUERIES_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "base/status.h"
#include "catalog/catalog_view.h"
#include "search/judged_queries.h"
#include "text/analyzer.h"

namespace attune::search {

struct MadeQueriesOptions {
  uint32_t count = 3000;
  uint64_t seed = 1;
};

struct MadeQueries {
  std::vector<JudgedQuery> queries;
  // The same products with the same indices, the blind ones without what the rule reads.
  std::shared_ptr<const catalog::CatalogView> catalog;
  std::vector<uint8_t> is_blind;  // By product index.
};

// Fewer than asked for when the catalogue does not hold more; kInvalidArgument when it holds none.
Result<MadeQueries> MakeQueries(const catalog::CatalogView& catalog, const text::Analyzer& analyzer,
                                const MadeQueriesOptions& options);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_MADE_QUERIES_H_
