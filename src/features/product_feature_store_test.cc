// Goal: the store equals a recount of all events and kept orders in any order of arrival, survives save and
// load unchanged, and costs what its header says. Method: seeded random events and orders against a
// reference; failed saves; a reader beside the writer.

#include "features/product_feature_store.h"

#include <cmath>
#include <map>
#include <thread>

#include "base/random.h"
#include "features/sample_history.h"
#include "gtest/gtest.h"
#include "storage/memory_storage.h"

namespace attune::features {
namespace {

constexpr int64_t kEndMs = kSampleStartMs + 70 * kDayMs;

void ExpectSameFeatures(const ProductFeatures& actual, const ProductFeatures& expected) {
  EXPECT_EQ(actual.view_count, expected.view_count);
  EXPECT_EQ(actual.cart_count, expected.cart_count);
  EXPECT_EQ(actual.order_count, expected.order_count);
  EXPECT_EQ(actual.unit_count, expected.unit_count);
  EXPECT_EQ(actual.revenue_minor, expected.revenue_minor);
  const FeatureSettings settings;
  const auto compare = [&](const ProductCounts& a, const ProductCounts& b, int64_t half_life_ms) {
    const ProductCounts x = CountsAt(a, actual.as_of_ms, kEndMs, half_life_ms);
    const ProductCounts y = CountsAt(b, expected.as_of_ms, kEndMs, half_life_ms);
    EXPECT_NEAR(x.views, y.views, 1e-9);
    EXPECT_NEAR(x.carts, y.carts, 1e-9);
    EXPECT_NEAR(x.orders, y.orders, 1e-9);
    EXPECT_NEAR(x.units, y.units, 1e-9);
    EXPECT_NEAR(x.revenue_minor, y.revenue_minor, 1e-5);
  };
  compare(actual.short_term, expected.short_term, settings.product_short_half_life_ms);
  compare(actual.long_term, expected.long_term, settings.product_long_half_life_ms);
}

// Counts from the definition: all events, and of each order the part that was kept.
std::map<uint32_t, ProductFeatures> Recount(const std::vector<events::Event>& events,
                                            const std::vector<SampleOrder>& orders) {
  std::map<uint32_t, ProductFeatures> products;
  const FeatureSettings settings;
  const auto add = [&](uint32_t product, ProductCounts counts, int64_t at_ms) {
    ProductFeatures& features = products[product];
    features.as_of_ms = kEndMs;
    const double age = static_cast<double>(kEndMs - at_ms);
    const double short_factor = std::exp2(-age / static_cast<double>(settings.product_short_half_life_ms));
    const double long_factor = std::exp2(-age / static_cast<double>(settings.product_long_half_life_ms));
    for (auto [term, factor] :
         {std::pair(&features.short_term, short_factor), std::pair(&features.long_term, long_factor)}) {
      term->views += counts.views * factor;
      term->carts += counts.carts * factor;
      term->orders += counts.orders * factor;
      term->units += counts.units * factor;
      term->revenue_minor += counts.revenue_minor * factor;
    }
    features.view_count += static_cast<uint64_t>(counts.views);
    features.cart_count += static_cast<uint64_t>(counts.carts);
    features.order_count += static_cast<int64_t>(counts.orders);
    features.unit_count += static_cast<int64_t>(counts.units);
    features.revenue_minor += static_cast<int64_t>(counts.revenue_minor);
  };
  for (const auto& event : events) {
    for (const auto& line : event.lines) {
      if (event.type == events::EventType::kProductViewed)
        add(line.product.value(), {1, 0, 0, 0, 0}, event.occurred_at_ms);
      if (event.type == events::EventType::kProductAdded)
        add(line.product.value(), {0, 1, 0, 0, 0}, event.occurred_at_ms);
    }
  }
  for (const auto& order : orders) {
    for (const auto& change : order.KeptPart()) {
      for (const auto& line : change.lines) {
        add(line.product.value(),
            {0, 0, 1, static_cast<double>(line.quantity_delta),
             static_cast<double>(line.revenue_minor_delta)},
            change.ordered_at_ms);
      }
    }
  }
  return products;
}

struct Case {
  SampleShop shop;
  FoldContext context;
  std::vector<events::Event> events;
  std::vector<SampleOrder> orders;

  explicit Case(uint64_t seed) : shop(seed), context(shop.Context()) {
    Random random(seed);
    events = SampleEvents(random, shop.product_count(), 600, 60, 60 * kDayMs);
    for (int i = 0; i < 60; ++i)
      orders.push_back(MakeSampleOrder(random, shop.product_count(), i, 60 * kDayMs));
  }
  void FoldInto(ProductFeatureStore& store) const {
    for (const auto& event : events) store.FoldEvent(event, context);
    for (const auto& order : orders) {
      for (const auto& change : order.Changes()) store.FoldOrderChange(change, context);
    }
  }
};

TEST(ProductFeatureStore, EqualsARecountOfWhatWasKeptInAnyOrderOfArrival) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Case c(seed);
    Random random(seed);
    Shuffle(random, c.events);
    Shuffle(random, c.orders);
    ProductFeatureStore store{FeatureSettings{}};
    c.FoldInto(store);
    const auto expected = Recount(c.events, c.orders);
    for (uint32_t product = 0; product < c.shop.product_count(); ++product) {
      const auto found = expected.find(product);
      ExpectSameFeatures(store.Read(ProductIndex(product)),
                         found == expected.end() ? ProductFeatures{} : found->second);
    }
  }
}

TEST(ProductFeatureStore, RatesDoNotDependOnTheOrderOfArrival) {
  Case c(3);
  ProductFeatureStore in_order{FeatureSettings{}};
  c.FoldInto(in_order);
  Random random(5);
  Shuffle(random, c.events);
  Shuffle(random, c.orders);
  ProductFeatureStore shuffled{FeatureSettings{}};
  c.FoldInto(shuffled);
  int conversion_count = 0;
  for (uint32_t product = 0; product < c.shop.product_count(); ++product) {
    const auto a = in_order.ReadSignals(ProductIndex(product), kEndMs);
    const auto b = shuffled.ReadSignals(ProductIndex(product), kEndMs);
    EXPECT_EQ(a.conversion, b.conversion);
    EXPECT_EQ(a.trend.has_value(), b.trend.has_value());
    conversion_count += a.conversion.has_value() ? 1 : 0;
  }
  EXPECT_EQ(conversion_count, static_cast<int>(c.shop.product_count()));
}

TEST(ProductFeatureStore, ComesBackFromTheDiskExactly) {
  const Case c(7);
  VirtualClock clock(kEndMs);
  storage::MemoryStorage engine(&clock);
  ProductFeatureStore store{FeatureSettings{}};
  c.FoldInto(store);
  storage::WriteBatch batch;
  store.SaveChanged(batch);
  EXPECT_FALSE(batch.empty());
  ASSERT_TRUE(engine.Commit(batch, storage::Durability::kSynced).ok());
  store.MarkSaved();

  ProductFeatureStore loaded{FeatureSettings{}};
  ASSERT_TRUE(loaded.Load(engine).ok());
  EXPECT_EQ(loaded.first_at_ms(), store.first_at_ms());
  for (uint32_t product = 0; product < c.shop.product_count(); ++product) {
    EXPECT_EQ(loaded.Read(ProductIndex(product)), store.Read(ProductIndex(product)));
    const auto a = store.ReadSignals(ProductIndex(product), kEndMs);
    const auto b = loaded.ReadSignals(ProductIndex(product), kEndMs);
    EXPECT_EQ(a.conversion, b.conversion);
    EXPECT_EQ(a.trend, b.trend);
  }
}

TEST(ProductFeatureStore, SavesWhatChangedAndForgetsNothingThatFailed) {
  const Case c(2);
  ProductFeatureStore store{FeatureSettings{}};
  events::Event view;
  view.type = events::EventType::kProductViewed;
  view.occurred_at_ms = kSampleStartMs;
  view.lines.resize(1);
  const auto saved_count = [&store] {
    storage::WriteBatch batch;
    store.SaveChanged(batch);
    return batch.operations().size();
  };
  const auto see = [&](uint32_t product) {
    view.lines[0].product = ProductIndex(product);
    store.FoldEvent(view, c.context);
  };
  see(1);
  see(2);
  see(1);
  EXPECT_EQ(saved_count(), 2U);
  store.MarkSaveFailed();
  see(2);
  EXPECT_EQ(saved_count(), 2U);
  see(1);  // Between the batch and the word that it is saved.
  store.MarkSaved();
  EXPECT_EQ(saved_count(), 1U);
  store.MarkSaved();
  EXPECT_EQ(saved_count(), 0U);
}

TEST(ProductFeatureStore, DamagedBytesAreCorruption) {
  VirtualClock clock(kEndMs);
  storage::MemoryStorage engine(&clock);
  storage::WriteBatch batch;
  batch.Put(storage::Column::kFeatures, storage::OrderedKey(3), "noise");
  ASSERT_TRUE(engine.Commit(batch, storage::Durability::kSynced).ok());
  ProductFeatureStore store{FeatureSettings{}};
  EXPECT_EQ(store.Load(engine).code(), StatusCode::kCorruption);
}

TEST(ProductFeatureStore, CostsAtMostTwoHundredBytesPerProduct) {
  ProductFeatureStore store{FeatureSettings{}};
  events::Event view;
  view.type = events::EventType::kProductViewed;
  view.occurred_at_ms = kSampleStartMs;
  view.lines.resize(1);
  constexpr uint32_t kProductCount = 200'000;
  for (uint32_t product = 0; product < kProductCount; ++product) {
    view.lines[0].product = ProductIndex(product);
    store.FoldEvent(view, FoldContext{});
  }
  const size_t bytes_each = store.memory_bytes() / kProductCount;
  RecordProperty("bytes_per_product", static_cast<int>(bytes_each));
  EXPECT_LE(bytes_each, 200U);
}

TEST(ProductFeatureStore, ReadersSeeWholeFeaturesWhileTheWriterFolds) {
  ProductFeatureStore store{FeatureSettings{}};
  std::atomic<bool> is_done{false};
  std::thread reader([&] {
    while (!is_done) {
      const ProductFeatures features = store.Read(ProductIndex(600));
      // Each order adds one order, two units and 500 of revenue at once.
      EXPECT_EQ(features.unit_count, 2 * features.order_count);
      EXPECT_EQ(features.revenue_minor, 500 * features.order_count);
      EXPECT_LE(store.ReadSignals(ProductIndex(600), kEndMs).conversion.value_or(0), 1);
    }
  });
  events::OrderChange change{"o", ShopperHandle(1), kSampleStartMs, 1, 500, {}};
  change.lines.push_back({ProductIndex(600), 2, 500, true, false});
  for (int i = 0; i < 20'000; ++i) {
    change.lines[0].product = ProductIndex(i % 3 == 0 ? 600U : static_cast<uint32_t>(i));
    store.FoldOrderChange(change, FoldContext{});
  }
  is_done = true;
  reader.join();
}

}  // namespace
}  // namespace attune::features
