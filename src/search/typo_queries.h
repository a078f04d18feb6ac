// Titles as people mistype them, and how often the product that was meant is still found.
//
// A query is two to four words of a product's title, beside each other, of which one is a word of letters
// that may be mistyped; only those whose right spelling finds the product among the first ten are asked. Then
// one thing goes wrong:
//
//   one_edit        a letter more, less or another, not the first, in a word of at least 4 letters
//   two_edits       two of these, in a word of at least 8 letters
//   transposition   two neighbouring letters change places
//   missing_space   two words are written as one
//   extra_space     a word of at least 6 letters is written as two
//
// Deterministic for a catalogue, a count and a seed.
//
// Thread safety: pure functions.

#ifndef ATTUNE_SEARCH_TYPO_QUERIES_H_
#define ATTUNE_SEARCH_TYPO_QUERIES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "catalog/catalog_view.h"
#include "text/analyzer.h"

namespace attune::search {

struct TypoQuery {
  std::string right;
  std::string typed;
  std::string kind;
  ProductIndex meant;
};

// Takes turns of the kinds.  Fewer than `count` when the titles do not give more.
std::vector<TypoQuery> MakeTypoQueries(const catalog::CatalogView& catalog, const text::Analyzer& analyzer,
                                       uint32_t count, uint64_t seed);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_TYPO_QUERIES_H_
