#include "search/rule_hits.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "catalog/product_fields.h"

namespace attune::search {

using decisions::FilterVerdict;
using decisions::Rule;
using decisions::RuleMove;

RuleHits::RuleHits(const decisions::DecideInput& input, const decisions::EligibilityFilter& filter)
    : input_(input), filter_(filter) {
  if (filter.rules().is_empty()) return;
  TakePlaces();
  for (const decisions::RuleProduct& product : filter.rules().included) {
    const std::optional<ProductIndex> found = Resolve(product.product_id, *product.rule);
    if (found && included_.try_emplace(*found, product.rule).second) named_.push_back(*found);
  }
  ResolveBoosts();
}

std::optional<ProductIndex> RuleHits::Resolve(std::string_view product_id, const Rule& rule) {
  const std::optional<ProductIndex> product = input_.catalog.Resolve(product_id);
  const FilterVerdict verdict = product ? filter_.Check(*product) : FilterVerdict::kUnknown;
  if (verdict == FilterVerdict::kEligible) return product;
  passed_over_.push_back({product_id, &rule, verdict});
  return std::nullopt;
}

void RuleHits::TakePlaces() {
  std::set<uint32_t> taken;
  absl::flat_hash_set<ProductIndex> placed;
  const auto place = [&](const decisions::RuleProduct& named, uint32_t position, RuleMove::Kind kind) {
    const std::optional<ProductIndex> product = Resolve(named.product_id, *named.rule);
    if (!product || !placed.insert(*product).second) return;
    taken.insert(position);
    named_.push_back(*product);
    places_.push_back({*product, position, kind, named.rule});
  };
  for (const decisions::RulePin& pin : filter_.rules().pins) {
    place({pin.product_id, pin.rule}, pin.position, RuleMove::Kind::kPinned);
  }
  uint32_t free = 0;
  for (const decisions::RuleProduct& product : filter_.rules().leading) {
    while (taken.contains(free)) ++free;
    place(product, free, RuleMove::Kind::kListed);
  }
  std::sort(places_.begin(), places_.end(),
            [](const NamedPlace& a, const NamedPlace& b) { return a.position < b.position; });
}

void RuleHits::ResolveBoosts() {
  for (const decisions::RuleBoost& boost : filter_.rules().boosts) {
    std::vector<ProductIndex>& products = boosted_.emplace_back();
    for (const std::string& id : boost.product_ids) {
      if (const std::optional<ProductIndex> product = input_.catalog.Resolve(id))
        products.push_back(*product);
    }
    std::sort(products.begin(), products.end());
  }
}

template <class Visit>
void RuleHits::ForEachBoost(ProductIndex product, const Visit& visit) const {
  if (!has_boosts()) return;
  const catalog::Product& found = *input_.catalog.Find(product);
  const catalog::OfferTerms offer = filter_.TermsOf(found);
  const catalog::ProductFieldSource fields(found, offer, input_.now_ms, catalog::FieldScope::kShop);
  for (size_t i = 0; i < boosted_.size(); ++i) {
    const decisions::RuleBoost& boost = filter_.rules().boosts[i];
    const bool holds = boost.filter != nullptr
                           ? boost.filter->Matches(fields)
                           : std::binary_search(boosted_[i].begin(), boosted_[i].end(), product);
    if (holds) visit(boost);
  }
}

double RuleHits::FactorOf(ProductIndex product) const {
  double factor = 1;
  ForEachBoost(product, [&](const decisions::RuleBoost& boost) { factor *= boost.factor; });
  return factor;
}

void RuleHits::Place(const SearchIndex& index, const MatchResult& matched,
                     std::vector<RankedHit>& hits) const {
  absl::flat_hash_map<ProductIndex, RankedHit> placed;
  for (const NamedPlace& place : places_) {
    const auto at = index.PlaceOf(place.product);
    if (!at || !matched.matched[at->part].Has(at->document)) continue;  // Not what the shopper selected.
    RankedHit& hit = placed[place.product];
    hit.hit.product = place.product;
    hit.hit.rung = Rung::kNamed;
  }
  if (placed.empty()) return;
  const bool has_all = hits.size() == matched.total;
  std::vector<RankedHit> rest;
  for (RankedHit& hit : hits) {
    const auto found = placed.find(hit.hit.product);
    if (found == placed.end()) {
      rest.push_back(std::move(hit));
    } else {
      found->second = std::move(hit);
    }
  }
  hits.clear();
  size_t next_rest = 0;
  for (const NamedPlace& place : places_) {
    const auto found = placed.find(place.product);
    if (found == placed.end()) continue;
    while (hits.size() < place.position && next_rest < rest.size()) {
      hits.push_back(std::move(rest[next_rest++]));
    }
    if (hits.size() < place.position && !has_all) return;  // It stands behind what is looked at.
    hits.push_back(std::move(found->second));
  }
  while (next_rest < rest.size()) hits.push_back(std::move(rest[next_rest++]));
}

std::vector<HitMove> RuleHits::MovesOf(const RankedHit& hit) const {
  std::vector<HitMove> moves;
  const ProductIndex product = hit.hit.product;
  const auto place = std::find_if(places_.begin(), places_.end(),
                                  [&](const NamedPlace& one) { return one.product == product; });
  if (place != places_.end()) {
    moves.push_back({product, place->kind, place->rule, 1});
  } else if (const auto included = included_.find(product);
             included != included_.end() && hit.hit.rung == Rung::kNamed) {
    moves.push_back({product, RuleMove::Kind::kIncluded, included->second, 1});
  }
  ForEachBoost(product, [&](const decisions::RuleBoost& boost) {
    const auto kind = boost.factor < 1 ? RuleMove::Kind::kBuried : RuleMove::Kind::kBoosted;
    moves.push_back({product, kind, boost.rule, boost.factor});
  });
  return moves;
}

}  // namespace attune::search
