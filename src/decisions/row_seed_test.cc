// Rows on one purchase: which one, its title, and the rows after it.

#include "decisions/row_seed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decisions/continuation.h"
#include "decisions/shop_for_tests.h"

namespace attune::decisions {
namespace {

// Names two products for each of its seeds.
class Companions final : public models::CandidateSource {
 public:
  explicit Companions(std::map<uint32_t, std::vector<ProductIndex>> of) : of_(std::move(of)) {}
  std::string_view name() const override { return "bought_after"; }
  void Retrieve(const models::SourceQuery& query, size_t limit,
                std::vector<models::Candidate>& out) const override {
    for (const models::Seed& seed : query.seeds) {
      const auto found = of_.find(seed.product.value());
      if (found == of_.end()) continue;
      for (const ProductIndex product : found->second) {
        if (out.size() < limit) out.push_back({product, 1, seed.product, true});
      }
    }
  }

 private:
  const std::map<uint32_t, std::vector<ProductIndex>> of_;
};

class RowSeedTest : public testing::Test {
 protected:
  RowSeedTest() {
    for (int i = 0; i < 12; ++i) all.push_back(shop.Add("p" + std::to_string(i)));
    // p0 was bought last, then p1, p2; nothing goes with p0.
    for (uint32_t i = 0; i < 3; ++i) {
      const int64_t at_ms = kTestNowMs - (i + 1) * kDayMs;
      shop.profile.purchases.push_back({all[i], 1, 1, at_ms, at_ms, {at_ms}});
    }
    shop.SetSource("bought_after",
                   std::make_shared<const Companions>(std::map<uint32_t, std::vector<ProductIndex>>{
                       {1, {all[4], all[5], all[6], all[7]}}, {2, {all[6], all[7], all[8], all[9]}}}));
    request.placement = "because_you_bought";
    request.limit = 3;
  }

  ShopForTests shop;
  std::vector<ProductIndex> all;
  ResolvedRequest request;
};

TEST_F(RowSeedTest, StandsOnTheLatestPurchaseThatHasCompanionsAndSaysSo) {
  const auto made = shop.Decide(request);
  EXPECT_THAT(IdsOf(made.decision), testing::UnorderedElementsAre("p4", "p5", "p6"));
  EXPECT_EQ(made.decision.title, "Because you bought Title of p1");
  EXPECT_EQ(made.decision.products[0].reason, "Often bought after Title of p1");
  EXPECT_EQ(made.record.row_seed, all[1]);
  EXPECT_EQ(made.decision.notice, "");
}

TEST_F(RowSeedTest, TheNextRowStandsOnAnotherPurchaseAndRepeatsNothing) {
  const auto first = shop.Decide(request);
  ResolvedRequest next = request;
  ASSERT_EQ(Continue(first.record, next), Status());
  const auto second = shop.Decide(next);
  EXPECT_EQ(second.decision.title, "Because you bought Title of p2");
  for (const std::string& id : IdsOf(second.decision)) {
    EXPECT_THAT(IdsOf(first.decision), testing::Not(testing::Contains(id)));
  }
  const auto replay = ReplayDecision(second.record, {shop.view, &shop.profile, *second.catalog}, nullptr);
  ASSERT_TRUE(replay.ok());
  EXPECT_TRUE(replay->is_same) << replay->difference;
  ResolvedRequest third = request;
  ASSERT_EQ(Continue(second.record, third), Status());
  EXPECT_EQ(shop.Decide(third).decision.title, "") << "no purchase is left that has companions";
}

TEST_F(RowSeedTest, WithoutPurchasesTheLadderFillsAndTheNoticeSaysWhy) {
  shop.profile.purchases.clear();
  const auto made = shop.Decide(request);
  EXPECT_EQ(made.decision.products.size(), 3u);
  EXPECT_EQ(made.decision.title, "");
  EXPECT_THAT(made.decision.notice, testing::HasSubstr("no purchase"));
  EXPECT_FALSE(shop.Decide(request, false).record.row_seed.has_value());
}

}  // namespace
}  // namespace attune::decisions
