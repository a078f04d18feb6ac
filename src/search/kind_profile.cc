#include "search/kind_profile.h"

#include <cmath>

namespace attune::search {
namespace {

constexpr double kPriorHits = 3;

}  // namespace

KindProfile::KindProfile(std::span<const std::pair<ProductIndex, float>> hits, const SearchFacts& facts)
    : facts_(facts) {
  absl::flat_hash_map<uint32_t, double> weights;
  double total = 0;
  for (const auto& [product, weight] : hits) {
    if (facts.KindsOf(product).empty()) continue;  // Of what is not known, nothing is learned.
    total += static_cast<double>(weight);
    for (const uint32_t kind : facts.KindsOf(product)) weights[kind] += static_cast<double>(weight);
  }
  if (total == 0) return;
  for (const auto& [kind, weight] : weights) {
    const double share = facts.ProductsOfKind(kind) / static_cast<double>(facts.product_count());
    const double p = (weight + kPriorHits * share) / (total + kPriorHits);
    const double without = std::log((1 - p) / (1 - share));
    without_ += without;
    with_[kind] = std::log(p / share) - without;
  }
}

float KindProfile::ScoreOf(ProductIndex product) const {
  double score = without_;
  for (const uint32_t kind : facts_.KindsOf(product)) {
    const auto place = with_.find(kind);
    if (place != with_.end()) score += place->second;
  }
  return static_cast<float>(score);
}

}  // namespace attune::search
