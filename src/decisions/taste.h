// How much a shopper leans to a product, by what is known of its categories, brand and attributes: behaviour
// (features/affinities.h) and the shopper's own words (features/preferences.h) added up.
//
//   taste(p) = 0.6 * category + 0.25 * brand + 0.15 * attribute          in [0, 1]
//
// each the weight of the product's value over the largest weight of its kind; for categories the deepest
// level of the main path that has a weight, compared within its level; for attributes the strongest one.
//
// Thread safety: immutable after construction.

#ifndef ATTUNE_DECISIONS_TASTE_H_
#define ATTUNE_DECISIONS_TASTE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "catalog/product.h"
#include "features/feature_settings.h"
#include "features/shopper_profile.h"

namespace attune::decisions {

class Taste {
 public:
  // Null: nothing is known, and every product has 0.
  Taste(const features::ShopperProfile* profile, int64_t now_ms, const features::FeatureSettings& settings);

  double Of(const catalog::Product& product) const;

 private:
  // 0 when nothing is known of the value.
  double Share(features::Affinity::Kind kind, std::string_view value, size_t level) const;

  absl::flat_hash_map<std::pair<uint8_t, std::string>, double> weights_;
  absl::flat_hash_map<std::pair<uint8_t, size_t>, double> largest_;  // By kind and level.
};

// Whether what a preference names is said of the product.
bool Matches(features::Affinity::Kind kind, std::string_view value, const catalog::Product& product);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_TASTE_H_
