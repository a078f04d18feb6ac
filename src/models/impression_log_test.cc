// Slates, what became of them, and who saw them.

#include "models/impression_log.h"

#include <gtest/gtest.h>

#include "models/limits.h"
#include "models/ranking_cases.h"

namespace attune::models {
namespace {

events::Event EventOf(events::EventType type, uint64_t decision, const std::vector<uint32_t>& products,
                      ShopperHandle shopper = ShopperHandle(7)) {
  events::Event event;
  event.type = type;
  event.occurred_at_ms = 1000;
  event.shopper = shopper;
  for (const uint32_t product : products) {
    event.lines.emplace_back();
    event.lines.back().product = ProductIndex(product);
    event.lines.back().decision = DecisionId{1, decision};
    event.lines.back().position = static_cast<uint32_t>(event.lines.size() - 1);
  }
  return event;
}

TEST(ImpressionLogTest, KeepsWhatBecameOfAShownProduct) {
  ImpressionLog log;
  log.AddEvent(EventOf(events::EventType::kSlateViewed, 1, {4, 5, 6}));
  log.AddEvent(EventOf(events::EventType::kSlateViewed, 1, {4, 5, 6}));  // Shown again.
  log.AddEvent(EventOf(events::EventType::kSlateClicked, 1, {5}));
  log.AddEvent(EventOf(events::EventType::kOrderCompleted, 1, {5, 9}));
  log.AddEvent(EventOf(events::EventType::kSlateClicked, 2, {4}));  // Of a slate that nobody saw.
  ASSERT_EQ(log.slates().size(), 1u);
  const ShownSlate& slate = log.slates().front();
  EXPECT_TRUE(slate.has_outcome());
  EXPECT_EQ(slate.lines[0].outcome, kNothing);
  EXPECT_EQ(slate.lines[1].outcome, kTurned | kBought);
  EXPECT_EQ(slate.lines[1].position, 1u);
  EXPECT_TRUE(log.ShownProducts(slate.at_ms).empty());
  const auto shown = log.ShownProducts(slate.at_ms + 1);
  ASSERT_EQ(shown.size(), 3u);
  EXPECT_TRUE(shown[1].is_clicked);
  EXPECT_NE(shown[0].key, shown[1].key);
}

TEST(ImpressionLogTest, IsResolvedOnceAndForgetsNames) {
  ImpressionLog log;
  log.AddEvent(EventOf(events::EventType::kSlateViewed, 1, {4}));
  log.AddEvent(EventOf(events::EventType::kSlateViewed, 2, {4}, ShopperHandle(8)));
  int asked = 0;
  const auto find = [&](const DecisionId& decision) -> std::optional<SlateContext> {
    ++asked;
    if (decision.low == 2) return std::nullopt;
    return SlateContext{"home_for_you", ProductIndex(3)};
  };
  log.Resolve(find);
  log.Resolve(find);
  EXPECT_EQ(asked, 3);
  for (int i = 0; i < 5; ++i) log.Resolve(find);
  EXPECT_EQ(asked, 1 + ImpressionLog::kContextAsksMax) << "a record that never comes";
  EXPECT_EQ(log.slates()[0].context->placement, "home_for_you");
  log.ForgetShopper(ShopperHandle(7));
  EXPECT_EQ(log.slates()[0].shopper, ShopperHandle());
  EXPECT_EQ(log.slates()[1].shopper, ShopperHandle(8));
}

TEST(ImpressionLogTest, TheOldestSlatesLeave) {
  ImpressionLog log;
  for (uint64_t i = 0; i < kImpressionSlatesMax + 10; ++i) {
    log.AddEvent(EventOf(events::EventType::kSlateViewed, i + 1, {4}));
  }
  EXPECT_EQ(log.slates().size(), kImpressionSlatesMax);
  log.AddEvent(EventOf(events::EventType::kSlateClicked, 1, {4}));  // Gone.
  log.AddEvent(EventOf(events::EventType::kSlateClicked, kImpressionSlatesMax + 10, {4}));
  EXPECT_FALSE(log.slates().front().has_outcome());
  EXPECT_TRUE(log.slates().back().has_outcome());
}

}  // namespace
}  // namespace attune::models
