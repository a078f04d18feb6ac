// Goal: the JSON of a shopper and of a product is what the API documents, bounded, and without unknown
// products. Method: a small shopper compared whole; a large one counted.

#include "features/feature_json.h"

#include <string>

#include "gtest/gtest.h"

namespace attune::features {
namespace {

constexpr int64_t kNowMs = 1767225600000;  // 2026-01-01T00:00:00Z

const std::string kIds[] = {"lamp", "desk", ""};

FeatureJsonContext Context() {
  FeatureJsonContext context;
  context.now_ms = kNowMs;
  context.base_currency = *Currency::Parse("EUR");
  context.product_id_of = [](ProductIndex index) -> std::string_view { return kIds[index.value() % 3]; };
  return context;
}

std::string ShopperJson(const ShopperProfile& profile) {
  JsonWriter json;
  WriteShopperFeatures(profile, Context(), json);
  return json.TakeText();
}

std::string ZeroHours() {
  std::string zeros = "0";
  for (int i = 1; i < 168; ++i) zeros += ",0";
  return zeros;
}

TEST(ShopperJson, OfNobodyIsEmptyAndValid) {
  EXPECT_EQ(
      ShopperJson(ShopperProfile{}),
      R"({"is_customer":false,"first_seen_at":null,"last_seen_at":null,"events":0,"views":0,"sessions":0,)"
      R"("orders":0,"revenue":0.00,"average_order_value":null,"currency":"EUR","first_order_at":null,)"
      R"("last_order_at":null,"consent":null,"affinities":{"categories":[],"brands":[],"attributes":[]},)"
      R"("preferences":[],"price_ratio":null,"session":null,"recent_products":[],"cart":[],"purchases":[],"last_orders":[],)"
      R"("hour_of_week":[)" +
          ZeroHours() + "]}");
}

TEST(ShopperJson, FadesValuesAndNamesProducts) {
  ShopperProfile profile;
  profile.event_count = 3;
  profile.first_seen_ms = kNowMs - kDayMs;
  profile.last_seen_ms = kNowMs - 60 * kDayMs;
  profile.order_count = 2;
  profile.revenue_minor = 3001;
  profile.affinities = {{Affinity::Kind::kBrand, "Lumo \"x\"", {8, kNowMs - 30 * kDayMs}}};
  profile.recent = {{ProductIndex(0), events::EventType::kProductViewed, kNowMs - 5, 2},
                    {ProductIndex(2), events::EventType::kProductViewed, kNowMs - 6, 1}};
  profile.orders = {{1, kNowMs - kDayMs, 2000, {ProductIndex(1), ProductIndex(2)}}};
  const std::string json = ShopperJson(profile);
  EXPECT_NE(json.find(R"("brands":[{"value":"Lumo \"x\"","weight":4,"share":1}])"), std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("recent_products":[{"product_id":"lamp","last_event":"product_viewed",)"
                      R"("last_at":"2025-12-31T23:59:59.995Z","views":2}])"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("last_orders":[{"ordered_at":"2025-12-31T00:00:00.000Z","revenue":20.00,)"
                      R"("products":["desk"]}])"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("average_order_value":15.01)"), std::string::npos) << json;
}

size_t CountOf(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(ShopperJson, ListsAreCutAndExpiredCartsAreEmpty) {
  ShopperProfile profile;
  for (uint32_t i = 0; i < 50; ++i) {
    profile.recent.push_back({ProductIndex(3 * i), events::EventType::kProductViewed, kNowMs - i, 1});
    profile.orders.push_back({i, kNowMs - i, 1, {}});
    profile.affinities.push_back({Affinity::Kind::kCategory, "c" + std::to_string(100 + i), {1, kNowMs}});
  }
  profile.cart_history.settled_at_ms = kNowMs - 31 * kDayMs;
  profile.cart = {{ProductIndex(0), "v", 1, kNowMs - 31 * kDayMs}};
  const std::string json = ShopperJson(profile);
  EXPECT_EQ(CountOf(json, "last_event\""), kToldProductsMax);
  EXPECT_EQ(CountOf(json, "ordered_at\""), kShownOrdersMax);
  EXPECT_EQ(CountOf(json, "share\""), kShownAffinitiesMax);
  EXPECT_NE(json.find(R"("cart":[])"), std::string::npos);
}

TEST(ProductJson, ShowsLatelyAndEver) {
  ProductFeatures features;
  features.short_term = {8, 2, 1, 1, 1990};
  features.long_term = {16, 4, 2, 2, 3980};
  features.as_of_ms = kNowMs - 7 * kDayMs;
  features.first_at_ms = kNowMs - 7 * kDayMs;
  features.view_count = 20;
  features.cart_count = 5;
  features.order_count = 2;
  features.unit_count = 2;
  features.revenue_minor = 3980;
  JsonWriter json;
  WriteProductFeatures(features, {0.0312345, std::nullopt}, Context(), json);
  const std::string text = json.TakeText();
  EXPECT_NE(
      text.find(R"("revenue":39.80,"currency":"EUR","short_term":{"half_life_days":7,"views":4,"carts":1,)"
                R"("orders":0.5,"units":0.5,"revenue":9.95})"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find(R"("conversion":0.031,"trend":null,"first_event_at":"2025-12-25T00:00:00.000Z"})"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace attune::features
