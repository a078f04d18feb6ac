// Features as people and programs read them: the answer of GET /v1/shoppers/{id}, and the "features" of GET
// /v1/products/{id}.
//
// Values are faded to `now_ms`, affinities come strongest first with their share, money is a decimal number
// in the store's base currency, times are RFC 3339.  Lists are cut at the limits named below.
//
// Thread safety: functions of their arguments.

#ifndef ATTUNE_FEATURES_FEATURE_JSON_H_
#define ATTUNE_FEATURES_FEATURE_JSON_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/ids.h"
#include "base/json_writer.h"
#include "base/money.h"
#include "features/feature_settings.h"
#include "features/product_feature_store.h"
#include "features/product_features.h"
#include "features/shopper_profile.h"

namespace attune::features {

inline constexpr size_t kShownAffinitiesMax = 10;  // Of each kind.
inline constexpr size_t kToldProductsMax = 20;     // Recent, bought, in the session.
inline constexpr size_t kShownOrdersMax = 10;

struct FeatureJsonContext {
  int64_t now_ms = 0;
  Currency base_currency;
  FeatureSettings settings;
  // The external id of an index; empty: unknown, and the entry is left out.
  std::function<std::string_view(ProductIndex)> product_id_of;
};

// Appends one JSON object.  The external ids of the shopper are the caller's to add.
void WriteShopperFeatures(const ShopperProfile& profile, const FeatureJsonContext& context, JsonWriter& json);

// Appends one JSON object.
void WriteProductFeatures(const ProductFeatures& features, const ProductFeatureStore::Signals& signals,
                          const FeatureJsonContext& context, JsonWriter& json);

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_FEATURE_JSON_H_
