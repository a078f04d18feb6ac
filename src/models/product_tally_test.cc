// What is counted per product: impressions, what came of them, popularity, and the bytes of a generation
// file.

#include "models/product_tally.h"

#include <gtest/gtest.h>

#include "models/interaction_log.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

constexpr int64_t kNowMs = 1'767'225'600'000;

events::Event Make(events::EventType type, std::vector<uint32_t> products, DecisionId decision = {1, 1},
                   int64_t at_ms = kNowMs) {
  events::Event event;
  event.type = type;
  event.shopper = ShopperHandle(5);
  event.occurred_at_ms = event.received_at_ms = at_ms;
  event.decision = decision;
  for (const uint32_t product : products) {
    events::EventLine line;
    line.product = ProductIndex(product);
    line.decision = decision;
    event.lines.push_back(line);
  }
  return event;
}

InteractionLog SampleLog() {
  using events::EventType;
  InteractionLog log;
  log.AddEvent(Make(EventType::kSlateViewed, {1, 2, 3}));
  log.AddEvent(Make(EventType::kSlateViewed, {2}));
  log.AddEvent(Make(EventType::kSlateClicked, {2}));
  log.AddEvent(Make(EventType::kProductAdded, {2}));
  log.AddEvent(Make(EventType::kProductAdded, {3}, {}));  // Not out of a slate.
  log.AddEvent(Make(EventType::kProductViewed, {2}, {}, kNowMs - kTallyHalfLifeMs));
  return log;
}

TEST(ProductTally, CountsImpressionsAndWhatCameOfThem) {
  const auto tally = ProductTally::Train(SampleLog(), kNowMs);
  EXPECT_EQ(tally->OutcomesOf(ProductIndex(1)), (SlateOutcomes{1, 0, 0}));
  EXPECT_EQ(tally->OutcomesOf(ProductIndex(2)), (SlateOutcomes{2, 1, 1}));
  EXPECT_EQ(tally->OutcomesOf(ProductIndex(3)), (SlateOutcomes{1, 0, 0}));
  EXPECT_EQ(tally->OutcomesOf(ProductIndex(99)), SlateOutcomes{});
  EXPECT_DOUBLE_EQ(tally->click_rate(), 0.25);
  EXPECT_DOUBLE_EQ(tally->cart_rate(), 0.25);
}

TEST(ProductTally, PopularityFades) {
  const auto tally = ProductTally::Train(SampleLog(), kNowMs);
  EXPECT_NEAR(tally->PopularityOf(ProductIndex(2)), 3 + 0.5, 1e-6);
  EXPECT_NEAR(tally->PopularityOf(ProductIndex(3)), 3, 1e-6);
  EXPECT_EQ(tally->PopularityOf(ProductIndex(1)), 0) << "an impression is no interest";
  EXPECT_EQ(tally->PopularityOf(ProductIndex(99)), 0);
}

TEST(ProductTally, ComesBackFromItsBytes) {
  const auto tally = ProductTally::Train(SampleLog(), kNowMs);
  SectionWriter out;
  tally->Save(out);
  SectionReader in("tally", out.bytes());
  const auto loaded = ProductTally::Load(in);
  ASSERT_TRUE(loaded.ok());
  SectionWriter again;
  (*loaded)->Save(again);
  EXPECT_EQ(again.bytes(), out.bytes());
  SectionReader cut("tally", std::string_view(out.bytes()).substr(0, out.bytes().size() - 1));
  EXPECT_FALSE(ProductTally::Load(cut).ok());
}

}  // namespace
}  // namespace attune::models
