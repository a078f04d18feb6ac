// What is learned of queries: the wanted products rise whatever their place was, chance moves nothing, and
// outcomes meet their pages in either order.

#include "models/query_clicks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "base/random.h"
#include "models/model_file.h"
#include "models/ranking_cases.h"
#include "models/search_log.h"

namespace attune::models {
namespace {

constexpr int64_t kNowMs = 400 * kDayMs;
constexpr uint32_t kHits = 20;

DecisionId Id(uint64_t number) { return {number + 1, 0}; }

double LiftOf(const QueryClicks& clicks, uint64_t query, uint32_t product) {
  for (const QueryClicks::Product& one : clicks.Of(query)) {
    if (one.product == ProductIndex(product)) return static_cast<double>(one.lift);
  }
  return 0;
}

// Shoppers look down a page and choose what they want with its own chance.  The page is shuffled a little, as
// generations do; `chance_of` is of the product.
template <class ChanceOf>
SearchLog Searched(uint64_t seed, int pages, const ChanceOf& chance_of) {
  SeededRandomSource random(seed);
  const auto draw = [&random] { return static_cast<double>(random.Next64() >> 11) * 0x1p-53; };
  SearchLog log;
  std::vector<uint32_t> order(kHits);
  std::iota(order.begin(), order.end(), 0u);
  for (int i = 0; i < pages; ++i) {
    std::swap(order[random.Next64() % kHits], order[random.Next64() % kHits]);
    SearchPage page{Id(static_cast<uint64_t>(i)), ShopperHandle(static_cast<uint64_t>(i) + 1), kNowMs, 7, {}};
    for (uint32_t k = 0; k < kHits; ++k) {
      const bool is_clicked = draw() < 1 / std::log2(k + 2.0) && draw() < chance_of(order[k]);
      page.lines.push_back({ProductIndex(order[k]), k, is_clicked ? uint8_t{kTurned} : uint8_t{kNothing}});
    }
    log.AddPage(std::move(page));
  }
  return log;
}

TEST(QueryClicks, WhatIsWantedRisesWhereverItStood) {
  const auto clicks = QueryClicks::Train(
      Searched(1, 2000, [](uint32_t product) { return product % 5 == 0 ? 0.4 : 0.05; }), kNowMs);
  ASSERT_EQ(clicks->query_count(), 1u);
  EXPECT_TRUE(clicks->Of(8).empty());
  for (uint32_t product = 0; product < kHits; ++product) {
    if (product % 5 == 0) {
      EXPECT_GT(LiftOf(*clicks, 7, product), 0.3) << product;
    } else {
      EXPECT_LT(LiftOf(*clicks, 7, product), 0) << product;
    }
  }
}

TEST(QueryClicks, ChanceAndPlaceMoveNothing) {
  const auto clicks = QueryClicks::Train(Searched(2, 3000, [](uint32_t) { return 0.1; }), kNowMs);
  for (uint32_t product = 0; product < kHits; ++product) {
    EXPECT_LT(std::abs(LiftOf(*clicks, 7, product)), 0.05) << product;
  }
}

TEST(QueryClicks, AFewClicksMoveALittleAndOldOnesFade) {
  const auto with = [](int count, int64_t at_ms) {
    SearchLog log;
    for (int i = 0; i < count; ++i) {
      log.AddPage({Id(static_cast<uint64_t>(i)),
                   ShopperHandle(static_cast<uint64_t>(i) + 1),
                   at_ms,
                   7,
                   {{ProductIndex(1), 0, 0}, {ProductIndex(2), 1, kTurned | kCarted}}});
    }
    return QueryClicks::Train(log, kNowMs);
  };
  EXPECT_EQ(with(0, kNowMs)->query_count(), 0u);
  const double few = LiftOf(*with(2, kNowMs), 7, 2);
  const double many = LiftOf(*with(50, kNowMs), 7, 2);
  EXPECT_GT(few, 0);
  EXPECT_GT(many, few);
  const double faded = LiftOf(*with(50, kNowMs - 4 * QueryClicks::kFadeMs), 7, 2);
  EXPECT_LT(faded, many);
  EXPECT_GT(faded, 0);
}

TEST(QueryClicks, OnePersonHasOneOpinion) {
  SearchLog log;
  for (uint64_t i = 0; i < 200; ++i) {
    log.AddPage(
        {Id(i), ShopperHandle(5), kNowMs, 7, {{ProductIndex(1), 0, 0}, {ProductIndex(2), 1, kTurned}}});
  }
  EXPECT_EQ(QueryClicks::Train(log, kNowMs)->query_count(), 0u) << "one click is chance";
}

TEST(QueryClicks, SavedAndLoadedItIsTheSame) {
  const auto clicks =
      QueryClicks::Train(Searched(3, 500, [](uint32_t product) { return product < 3 ? 0.5 : 0.02; }), kNowMs);
  ModelFileWriter file(ModelFileHeader{});
  clicks->Save(file.Section(QueryClicks::kName));
  const auto parsed = ModelFile::Parse(file.Finish());
  ASSERT_TRUE(parsed.ok());
  auto section = parsed->Section(QueryClicks::kName);
  ASSERT_TRUE(section.ok());
  const auto loaded = QueryClicks::Load(*section);
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  for (uint32_t product = 0; product < kHits; ++product) {
    EXPECT_EQ(LiftOf(**loaded, 7, product), LiftOf(*clicks, 7, product));
  }
}

TEST(SearchLog, OutcomesMeetTheirPagesInEitherOrder) {
  SearchLog log;
  events::Event event;
  event.type = events::EventType::kProductAdded;
  event.occurred_at_ms = kNowMs;
  event.lines.resize(1);
  event.lines[0].product = ProductIndex(1);
  event.lines[0].decision = Id(0);
  log.AddEvent(event);  // Before its page is known.
  log.AddPage({Id(0), ShopperHandle(1), kNowMs, 7, {{ProductIndex(1), 0, 0}, {ProductIndex(2), 1, 0}}});
  log.Join(kNowMs);
  EXPECT_EQ(log.pages()[0].lines[0].outcome, kTurned | kCarted);
  event.type = events::EventType::kProductClicked;
  event.lines[0].product = ProductIndex(2);
  log.AddEvent(event);
  EXPECT_EQ(log.pages()[0].lines[1].outcome, kTurned);
  log.AddPage({Id(0), ShopperHandle(1), kNowMs, 7, {}});
  EXPECT_EQ(log.pages().size(), 1u) << "read twice";
  log.ForgetShopper(ShopperHandle(1));
  EXPECT_EQ(log.pages()[0].shopper, ShopperHandle());
}

}  // namespace
}  // namespace attune::models
