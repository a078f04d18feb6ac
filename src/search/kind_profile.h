// What kind of thing a query means, from the products that its words find: "canon camera" finds cameras and
// bags for them, and more cameras; so a product with a focal length is more likely what is meant.
//
//   p(f)      = (sum over hits of weight * has f + a * share(f)) / (sum of weights + a)         a =
//   kPriorHits score(x)  = sum over kinds f of x of  ln p(f) / share(f)
//             + sum over the others of    ln (1 - p(f)) / (1 - share(f))
//
// Kinds are those of SearchFacts: categories and attributes that a product has; share(f) is their share of
// the catalogue.  (Naive Bayes on pseudo-relevant hits; Lavrenko and Croft, "Relevance-based language
// models", SIGIR 2001, with kinds for words.)
//
// Thread safety: immutable.

#ifndef ATTUNE_SEARCH_KIND_PROFILE_H_
#define ATTUNE_SEARCH_KIND_PROFILE_H_

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "search/search_facts.h"

namespace attune::search {

class KindProfile {
 public:
  // Products with their weights, which are positive.  `facts` must outlive it.
  KindProfile(std::span<const std::pair<ProductIndex, float>> hits, const SearchFacts& facts);

  // The larger, the more it is of the kind; 0 without hits.
  float ScoreOf(ProductIndex product) const;

 private:
  const SearchFacts& facts_;
  double without_ = 0;                          // Score of a product that has none of the kinds.
  absl::flat_hash_map<uint32_t, double> with_;  // What each kind adds to it.
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_KIND_PROFILE_H_
