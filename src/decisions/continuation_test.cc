// The next slate without repeats, over several steps, and what is refused.

#include "decisions/continuation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "decisions/limits.h"
#include "decisions/shop_for_tests.h"

namespace attune::decisions {
namespace {

using testing::ElementsAre;

class ContinuationTest : public testing::Test {
 protected:
  ContinuationTest() {
    for (int i = 0; i < 10; ++i) all.push_back(shop.Add("p" + std::to_string(i)));
    shop.Source("trending", {all.begin(), all.begin() + 6});
    request.placement = "home_trending";
    request.limit = 4;
  }

  ShopForTests shop;
  std::vector<ProductIndex> all;
  ResolvedRequest request;
};

TEST_F(ContinuationTest, ShowsEveryProductOnceUntilThereAreNoMore) {
  auto made = shop.Decide(request);
  std::set<std::string> seen;
  std::vector<size_t> sizes;
  for (int step = 0; step < 5; ++step) {
    sizes.push_back(made.decision.products.size());
    for (const DecidedProduct& product : made.decision.products) {
      EXPECT_TRUE(seen.insert(product.product_id).second) << product.product_id << " twice";
    }
    const auto replay = ReplayDecision(made.record, {shop.view, &shop.profile, *made.catalog}, nullptr);
    EXPECT_TRUE(replay.ok() && replay->is_same);
    ResolvedRequest next = request;
    ASSERT_EQ(Continue(made.record, next), Status());
    EXPECT_EQ(next.continues, made.record.id);
    made = shop.Decide(next);
  }
  EXPECT_THAT(sizes, ElementsAre(4u, 4u, 2u, 0u, 0u));
  EXPECT_EQ(seen.size(), 10u);
  EXPECT_EQ(shop.Why(made.record.request, all[0]).verdict, FilterVerdict::kShownBefore);
}

TEST_F(ContinuationTest, AnotherPlacementAndAnEndlessChainAreRefused) {
  const auto made = shop.Decide(request);
  ResolvedRequest next = request;
  next.placement = "category_top";
  EXPECT_EQ(Continue(made.record, next).field(), "continue");
  DecisionRecord long_record = made.record;
  long_record.request.already_shown.assign(kContinuedProductsMax - 3, all[0]);
  next = request;
  EXPECT_EQ(Continue(long_record, next).code(), StatusCode::kInvalidArgument);
  long_record.request.already_shown.resize(kContinuedProductsMax - 4);
  next = request;
  EXPECT_EQ(Continue(long_record, next), Status());
}

}  // namespace
}  // namespace attune::decisions
