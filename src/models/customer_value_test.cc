// What is forecast for customers of a made-up store whose truth is known, and that what was undone, split or
// never happened changes nothing.

#include "models/customer_value.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/clock.h"
#include "base/random.h"
#include "models/limits.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

constexpr int64_t kStart = 1'000 * kDayMs;
constexpr int64_t kNow = kStart + 300 * kDayMs;

events::OrderChange Order(uint64_t shopper, const std::string& id, int64_t at_ms, int64_t revenue_minor) {
  events::OrderChange change;
  change.order_id = id;
  change.shopper = ShopperHandle(shopper);
  change.ordered_at_ms = at_ms;
  change.order_count_delta = 1;
  change.revenue_minor_delta = revenue_minor;
  change.lines.push_back({ProductIndex(0), 1, revenue_minor, true, false});
  return change;
}

// Each customer orders at a rate of its own, stops with a chance of its own after each order, and spends
// around a mean of its own.  `later`: orders within kForecastDays after kNow, of all.
struct Store {
  InteractionLog log;
  uint64_t customers = 0;
  double later = 0;
};

Store MakeStore(uint64_t seed, uint64_t customers, bool has_values = true) {
  Store store;
  store.customers = customers;
  Random random(seed);
  uint64_t order = 0;
  for (uint64_t shopper = 1; shopper <= customers; ++shopper) {
    // Gamma(1, 30 days): an exponential; Beta(1, 3): one minus a cubic root.
    const double rate_per_day = -std::log(1 - random.NextUnit()) / 30;
    const double stops = 1 - std::cbrt(1 - random.NextUnit());
    const double mean_value = 2000 * (0.5 + random.NextUnit() - std::log(1 - random.NextUnit()));
    double day = 100 * random.NextUnit();
    while (day < 300.0 + kForecastDays) {
      const double value = has_values ? mean_value * (0.6 + 0.8 * random.NextUnit()) : 0;
      if (day < 300) {
        store.log.ApplyOrderChange(Order(shopper, "o" + std::to_string(++order),
                                         kStart + static_cast<int64_t>(day * static_cast<double>(kDayMs)),
                                         std::llround(value)));
      } else {
        store.later += 1;
      }
      if (random.NextUnit() < stops) break;
      day -= std::log(1 - random.NextUnit()) / std::max(rate_per_day, 1e-4);
    }
  }
  return store;
}

// What the profile of each customer would hold.
std::vector<CustomerOrders> HistoriesOf(const InteractionLog& log) {
  std::vector<CustomerOrders> histories;
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    CustomerOrders history{0, rows.front().at_ms, rows.back().at_ms, 0};
    for (size_t i = 0; i < rows.size(); ++i) {
      history.order_days += i == 0 || rows[i].at_ms / kDayMs != rows[i - 1].at_ms / kDayMs ? 1 : 0;
      history.revenue_minor += log.OrderRevenue(rows[i].order_hash);
    }
    histories.push_back(history);
  });
  return histories;
}

std::string Bytes(const CustomerValue& model) {
  SectionWriter out;
  model.Save(out);
  return out.bytes();
}

TEST(CustomerValueTest, ForecastsOfAllAddUpToWhatFollows) {
  const Store store = MakeStore(1, 4000);
  const auto model = CustomerValue::Train(store.log, kNow);
  ASSERT_NE(model->orders(), nullptr) << model->reason();
  ASSERT_NE(model->spend(), nullptr) << model->reason();
  EXPECT_EQ(model->reason(), "");
  double expected = 0;
  for (const CustomerOrders& customer : HistoriesOf(store.log)) {
    const auto forecast = model->ForecastOf(customer, kNow);
    ASSERT_TRUE(forecast && forecast->order_value && forecast->revenue);
    EXPECT_GE(forecast->probability_alive.value, 0);
    EXPECT_LE(forecast->probability_alive.value, 1);
    EXPECT_GE(forecast->orders.value, 0);
    EXPECT_NEAR(*forecast->revenue, forecast->orders.value * forecast->order_value->value, 1e-6);
    expected += forecast->orders.value;
  }
  EXPECT_NEAR(expected / store.later, 1, 0.1);
}

TEST(CustomerValueTest, SilenceLowersTheChanceAndFewOrdersLeanToTheStore) {
  const auto model = CustomerValue::Train(MakeStore(2, 3000).log, kNow);
  ASSERT_NE(model->spend(), nullptr) << model->reason();
  const CustomerOrders recent{8, kNow - 200 * kDayMs, kNow - 5 * kDayMs, 8 * 9000};
  const CustomerOrders silent{8, kNow - 290 * kDayMs, kNow - 150 * kDayMs, 8 * 9000};
  EXPECT_GT(model->ForecastOf(recent, kNow)->probability_alive.value,
            model->ForecastOf(silent, kNow)->probability_alive.value + 0.2);
  EXPECT_GT(model->ForecastOf(recent, kNow)->orders.value, model->ForecastOf(silent, kNow)->orders.value);
  const CustomerOrders once{1, kNow - 5 * kDayMs, kNow - 5 * kDayMs, 9000};
  const double by_one = model->ForecastOf(once, kNow)->order_value->value;
  const double by_eight = model->ForecastOf(recent, kNow)->order_value->value;
  EXPECT_LT(by_one, by_eight);
  EXPECT_LT(by_eight, 9000);
}

TEST(CustomerValueTest, TooLittleIsSaidAndNotGuessed) {
  const auto none = CustomerValue::Train(InteractionLog(), kNow);
  EXPECT_FALSE(none->ForecastOf({1, kNow, kNow, 0}, kNow));
  EXPECT_NE(none->reason(), "");
  const auto few = CustomerValue::Train(MakeStore(3, kLifetimeShoppersMin - 1).log, kNow);
  EXPECT_EQ(few->orders(), nullptr);
  EXPECT_NE(few->reason(), "");
}

TEST(CustomerValueTest, WithoutValuesThereIsAForecastWithoutMoney) {
  const auto model = CustomerValue::Train(MakeStore(4, 1000, false).log, kNow);
  const auto forecast = model->ForecastOf({3, kNow - 90 * kDayMs, kNow - 9 * kDayMs, 0}, kNow);
  ASSERT_TRUE(forecast);
  EXPECT_FALSE(forecast->order_value || forecast->revenue);
  EXPECT_NE(model->reason(), "");
}

TEST(CustomerValueTest, ACancelledOrderAndASplitOneChangeNothing) {
  Store store = MakeStore(5, 500);
  const std::string before = Bytes(*CustomerValue::Train(store.log, kNow));
  events::OrderChange extra = Order(7, "extra", kNow - kDayMs, 5000);
  store.log.ApplyOrderChange(extra);
  EXPECT_NE(Bytes(*CustomerValue::Train(store.log, kNow)), before);
  extra.order_count_delta = -1;
  extra.revenue_minor_delta = -5000;
  extra.lines = {{ProductIndex(0), -1, -5000, false, true}};
  store.log.ApplyOrderChange(extra);
  EXPECT_EQ(Bytes(*CustomerValue::Train(store.log, kNow)), before);

  Store whole = MakeStore(6, 500);
  Store split = MakeStore(6, 500);
  whole.log.ApplyOrderChange(Order(9, "w", kNow - kDayMs, 5000));
  split.log.ApplyOrderChange(Order(9, "w", kNow - kDayMs, 2000));
  split.log.ApplyOrderChange(Order(9, "w2", kNow - kDayMs + kMinuteMs, 3000));
  EXPECT_EQ(Bytes(*CustomerValue::Train(whole.log, kNow)), Bytes(*CustomerValue::Train(split.log, kNow)));
}

TEST(CustomerValueTest, AProfileTellsTheSameAsTheLog) {
  features::ShopperProfile profile;
  EXPECT_FALSE(CustomerOrdersOf(profile));
  profile.order_count = 5;
  profile.first_order_at_ms = kStart;
  profile.last_order_at_ms = kNow;
  profile.revenue_minor = 700;
  profile.orders.resize(3);  // Latest first: two of one day, one before; two more are not named.
  profile.orders[0].ordered_at_ms = kNow;
  profile.orders[1].ordered_at_ms = kNow - kMinuteMs;
  profile.orders[2].ordered_at_ms = kNow - 20 * kDayMs;
  // kNow begins a day: a minute before it is the day before.
  EXPECT_EQ(CustomerOrdersOf(profile)->order_days, 5u);
  profile.orders[1].ordered_at_ms = kNow + kMinuteMs;
  EXPECT_EQ(CustomerOrdersOf(profile)->order_days, 4u);
  EXPECT_EQ(CustomerOrdersOf(profile)->revenue_minor, 700);
}

TEST(CustomerValueTest, ComesBackFromItsBytesAndRefusesOthers) {
  for (const auto& model :
       {CustomerValue::Train(MakeStore(8, 600).log, kNow), CustomerValue::Train(InteractionLog(), kNow)}) {
    const std::string bytes = Bytes(*model);
    SectionReader in(CustomerValue::kName, bytes);
    const auto loaded = CustomerValue::Load(in);
    ASSERT_TRUE(loaded.ok()) << loaded.status().message();
    EXPECT_EQ(Bytes(**loaded), bytes);
    EXPECT_EQ((*loaded)->reason(), model->reason());
    SectionReader cut(CustomerValue::kName, std::string_view(bytes).substr(0, bytes.size() - 1));
    EXPECT_FALSE(CustomerValue::Load(cut).ok());
    std::string other = bytes;
    other[0] = 7;
    SectionReader wrong(CustomerValue::kName, other);
    EXPECT_FALSE(CustomerValue::Load(wrong).ok());
  }
}

}  // namespace
}  // namespace attune::models
