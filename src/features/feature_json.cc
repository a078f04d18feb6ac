#include "features/feature_json.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "base/time_text.h"
#include "features/affinities.h"
#include "features/fold_event.h"
#include "features/preferences.h"
#include "features/price_band.h"

namespace attune::features {
namespace {

constexpr int kScoreDecimals = 3;

void WriteTime(std::string_view key, int64_t time_ms, bool is_known, JsonWriter& json) {
  json.Key(key);
  if (is_known && time_ms >= 0 && time_ms <= kTimeMaxMs) {
    json.String(FormatTime(time_ms));
  } else {
    json.Null();
  }
}

void WriteNumber(std::string_view key, std::optional<double> value, JsonWriter& json) {
  json.Key(key);
  if (value) {
    json.Fixed(*value, kScoreDecimals);
  } else {
    json.Null();
  }
}

void WriteMoney(std::string_view key, int64_t minor, const FeatureJsonContext& context, JsonWriter& json) {
  json.Key(key).Raw(FormatMinor(minor, context.base_currency));
}

void WriteAffinities(std::string_view key, Affinity::Kind kind, const ShopperProfile& profile,
                     const FeatureJsonContext& context, JsonWriter& json) {
  json.Key(key).BeginArray();
  for (const AffinityStrength& strength :
       StrongestAffinities(profile.affinities, kind, context.now_ms, context.settings.affinity_half_life_ms,
                           kShownAffinitiesMax)) {
    json.BeginObject().Key("value").String(strength.value);
    json.Key("weight").Fixed(strength.weight, kScoreDecimals);
    json.Key("share").Fixed(strength.share, kScoreDecimals).EndObject();
  }
  json.EndArray();
}

// Calls write(entry, product_id) for at most `limit` entries whose product has a name.
template <class Entry, class Write>
void WriteProducts(std::string_view key, const std::vector<Entry>& entries, size_t limit,
                   const FeatureJsonContext& context, JsonWriter& json, const Write& write) {
  json.Key(key).BeginArray();
  size_t written_count = 0;
  for (const Entry& entry : entries) {
    if (written_count == limit) break;
    const std::string_view product_id = context.product_id_of ? context.product_id_of(entry.product) : "";
    if (product_id.empty()) continue;
    json.BeginObject().Key("product_id").String(product_id);
    write(entry);
    json.EndObject();
    ++written_count;
  }
  json.EndArray();
}

void WriteProductIds(std::string_view key, const std::vector<ProductIndex>& products,
                     const FeatureJsonContext& context, JsonWriter& json) {
  json.Key(key).BeginArray();
  size_t written_count = 0;
  for (const ProductIndex product : products) {
    if (written_count == kToldProductsMax) break;
    const std::string_view product_id = context.product_id_of ? context.product_id_of(product) : "";
    if (product_id.empty()) continue;
    json.String(product_id);
    ++written_count;
  }
  json.EndArray();
}

void WriteTotals(const ShopperProfile& profile, const FeatureJsonContext& context, JsonWriter& json) {
  const bool was_seen = profile.event_count > 0;
  const bool has_ordered = profile.order_count > 0;
  WriteTime("first_seen_at", profile.first_seen_ms, was_seen, json);
  WriteTime("last_seen_at", profile.last_seen_ms, was_seen, json);
  json.Key("events").Uint(profile.event_count);
  json.Key("views").Uint(profile.view_count);
  json.Key("sessions").Uint(profile.session.session_number);
  json.Key("orders").Uint(profile.order_count);
  WriteMoney("revenue", profile.revenue_minor, context, json);
  json.Key("average_order_value");
  if (has_ordered) {
    const double mean = static_cast<double>(profile.revenue_minor) / profile.order_count;
    json.Raw(FormatMinor(std::llround(mean), context.base_currency));
  } else {
    json.Null();
  }
  json.Key("currency").String(context.base_currency.code());
  WriteTime("first_order_at", profile.first_order_at_ms, has_ordered, json);
  WriteTime("last_order_at", profile.last_order_at_ms, has_ordered, json);
}

void WriteConsent(const ShopperProfile& profile, JsonWriter& json) {
  json.Key("consent");
  if (!profile.has_consent_record) {
    json.Null();
    return;
  }
  json.BeginObject().Key("analytics").Bool(profile.consent.analytics);
  json.Key("personalization").Bool(profile.consent.personalization);
  WriteTime("changed_at", profile.consent_at_ms, true, json);
  json.EndObject();
}

void WriteSession(const ShopperProfile& profile, const FeatureJsonContext& context, JsonWriter& json) {
  json.Key("session");
  const SessionState& session = profile.session;
  if (session.session_number == 0) {
    json.Null();
    return;
  }
  json.BeginObject().Key("number").Uint(session.session_number);
  WriteTime("started_at", session.started_at_ms, true, json);
  WriteTime("last_event_at", session.last_event_at_ms, true, json);
  json.Key("is_open").Bool(context.now_ms - session.last_event_at_ms <= context.settings.session_idle_ms);
  WriteProductIds("products", session.products, context, json);
  json.EndObject();
}

void WriteLists(const ShopperProfile& profile, const FeatureJsonContext& context, JsonWriter& json) {
  WriteProducts("recent_products", profile.recent, kToldProductsMax, context, json,
                [&](const RecentProduct& recent) {
                  json.Key("last_event").String(events::EventTypeName(recent.last_type));
                  WriteTime("last_at", recent.last_at_ms, true, json);
                  json.Key("views").Uint(recent.view_count);
                });
  const auto active = ActiveCart(profile, context.now_ms, context.settings);
  const std::vector<CartLine> cart(active.begin(), active.end());
  WriteProducts("cart", cart, cart.size(), context, json, [&](const CartLine& line) {
    if (!line.variant_id.empty()) json.Key("variant_id").String(line.variant_id);
    json.Key("quantity").Int(line.quantity);
    WriteTime("added_at", line.added_at_ms, true, json);
  });
  WriteProducts("purchases", profile.purchases, kToldProductsMax, context, json,
                [&](const Purchase& purchase) {
                  json.Key("orders").Uint(purchase.order_count).Key("units").Int(purchase.unit_count);
                  WriteTime("first_at", purchase.first_at_ms, true, json);
                  WriteTime("last_at", purchase.last_at_ms, true, json);
                });
  json.Key("last_orders").BeginArray();
  for (size_t i = 0; i < std::min(profile.orders.size(), kShownOrdersMax); ++i) {
    const OrderSummary& order = profile.orders[i];
    json.BeginObject();
    WriteTime("ordered_at", order.ordered_at_ms, true, json);
    WriteMoney("revenue", order.revenue_minor, context, json);
    WriteProductIds("products", order.products, context, json);
    json.EndObject();
  }
  json.EndArray();
}

void WriteCounts(std::string_view key, const ProductCounts& counts, int64_t half_life_ms,
                 const FeatureJsonContext& context, JsonWriter& json) {
  json.Key(key).BeginObject();
  json.Key("half_life_days")
      .Fixed(static_cast<double>(half_life_ms) / static_cast<double>(kDayMs), kScoreDecimals);
  json.Key("views").Fixed(counts.views, kScoreDecimals);
  json.Key("carts").Fixed(counts.carts, kScoreDecimals);
  json.Key("orders").Fixed(counts.orders, kScoreDecimals);
  json.Key("units").Fixed(counts.units, kScoreDecimals);
  const double revenue_minor = std::min(counts.revenue_minor, static_cast<double>(kMoneyMaxMinor));
  WriteMoney("revenue", std::llround(revenue_minor), context, json);
  json.EndObject();
}

void WritePreferences(const ShopperProfile& profile, const FeatureJsonContext& context, JsonWriter& json) {
  constexpr std::string_view kKindNames[] = {"", "category", "brand", "attribute"};
  json.Key("preferences").BeginArray();
  for (const PreferenceStrength& said :
       StrongestPreferences(profile.preferences, context.now_ms, context.settings)) {
    json.BeginObject().Key("kind").String(kKindNames[static_cast<size_t>(said.kind)]);
    json.Key("value").String(said.value).Key("weight").Fixed(said.weight, kScoreDecimals).EndObject();
  }
  json.EndArray();
}

}  // namespace

void WriteShopperFeatures(const ShopperProfile& profile, const FeatureJsonContext& context,
                          JsonWriter& json) {
  json.BeginObject();
  json.Key("is_customer").Bool(profile.is_customer);
  WriteTotals(profile, context, json);
  WriteConsent(profile, json);
  json.Key("affinities").BeginObject();
  WriteAffinities("categories", Affinity::Kind::kCategory, profile, context, json);
  WriteAffinities("brands", Affinity::Kind::kBrand, profile, context, json);
  WriteAffinities("attributes", Affinity::Kind::kAttribute, profile, context, json);
  json.EndObject();
  WritePreferences(profile, context, json);
  WriteNumber("price_ratio", PriceRatio(profile.price_band, context.settings.price_band_half_life_ms), json);
  WriteSession(profile, context, json);
  WriteLists(profile, context, json);
  json.Key("hour_of_week").BeginArray();
  for (const uint16_t count : profile.hour_of_week) json.Uint(count);
  json.EndArray().EndObject();
}

void WriteProductFeatures(const ProductFeatures& features, const ProductFeatureStore::Signals& signals,
                          const FeatureJsonContext& context, JsonWriter& json) {
  const int64_t short_ms = context.settings.product_short_half_life_ms;
  const int64_t long_ms = context.settings.product_long_half_life_ms;
  json.BeginObject();
  json.Key("views").Uint(features.view_count);
  json.Key("carts").Uint(features.cart_count);
  json.Key("orders").Int(features.order_count);
  json.Key("units").Int(features.unit_count);
  WriteMoney("revenue", features.revenue_minor, context, json);
  json.Key("currency").String(context.base_currency.code());
  WriteCounts("short_term", CountsAt(features.short_term, features.as_of_ms, context.now_ms, short_ms),
              short_ms, context, json);
  WriteCounts("long_term", CountsAt(features.long_term, features.as_of_ms, context.now_ms, long_ms), long_ms,
              context, json);
  WriteNumber("conversion", signals.conversion, json);
  WriteNumber("trend", signals.trend, json);
  WriteTime("first_event_at", features.first_at_ms, features.first_at_ms != 0, json);
  json.EndObject();
}

}  // namespace attune::features
