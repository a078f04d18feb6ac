// Merchandising rules on the hits of a search or of a category page (decisions/choose_rules.h says what they
// mean).
//
//   filter   what rules hide and filter out                              decisions/filter.h
//   match    <-  named()       what pins, curated lists and includes name matches, whatever its words are
//   rank     <-  FactorOf()    boosts multiply the scores of the hits that are ranked
//            ->  Place()       pins and lists stand at their positions, over all pages
//
// What cannot be shown is passed over, its position goes to the rest, and passed_over() says so.  Products
// that a rule includes stand behind all that was found (Rung::kNamed).  Only the order of relevance has
// places and boosts: in the order of the price a pinned product stands where its price puts it.
//
// Thread safety: one search, one thread.

#ifndef ATTUNE_SEARCH_RULE_HITS_H_
#define ATTUNE_SEARCH_RULE_HITS_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "decisions/decide_input.h"
#include "decisions/filter.h"
#include "decisions/trace.h"
#include "search/match.h"
#include "search/rank_hits.h"
#include "search/search_index.h"

namespace attune::search {

// What a rule did to a hit.
struct HitMove {
  ProductIndex product;
  decisions::RuleMove::Kind kind = decisions::RuleMove::Kind::kPinned;
  const decisions::Rule* rule = nullptr;
  double factor = 1;  // kBoosted, kBuried.
};

class RuleHits {
 public:
  // Both must outlive it; the filter has chosen the rules.
  RuleHits(const decisions::DecideInput& input, const decisions::EligibilityFilter& filter);

  const std::vector<ProductIndex>& named() const { return named_; }
  const std::vector<decisions::PassedOver>& passed_over() const { return passed_over_; }
  bool has_boosts() const { return !filter_.rules().boosts.empty(); }
  bool has_places() const { return !places_.empty(); }
  size_t place_count() const { return places_.size(); }

  double FactorOf(ProductIndex product) const;
  // `hits`: the first of those that matched, in their order, so many more than are looked at as there are
  // places.
  void Place(const SearchIndex& index, const MatchResult& matched, std::vector<RankedHit>& hits) const;
  // Of a product that is a hit.
  std::vector<HitMove> MovesOf(const RankedHit& hit) const;

 private:
  struct NamedPlace {
    ProductIndex product;
    uint32_t position = 0;
    decisions::RuleMove::Kind kind = decisions::RuleMove::Kind::kPinned;
    const decisions::Rule* rule = nullptr;
  };

  // Nothing when it cannot be shown.
  std::optional<ProductIndex> Resolve(std::string_view product_id, const decisions::Rule& rule);
  void TakePlaces();
  void ResolveBoosts();
  template <class Visit>
  void ForEachBoost(ProductIndex product, const Visit& visit) const;

  const decisions::DecideInput& input_;
  const decisions::EligibilityFilter& filter_;
  std::vector<ProductIndex> named_;
  std::vector<NamedPlace> places_;                                      // By position.
  absl::flat_hash_map<ProductIndex, const decisions::Rule*> included_;  // By the rule that names it first.
  std::vector<std::vector<ProductIndex>> boosted_;                      // Of each boost by ids, its products.
  std::vector<decisions::PassedOver> passed_over_;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_RULE_HITS_H_
