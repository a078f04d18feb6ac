// Where a visit begins and ends, and in which order visits stand.

#include "models/visits.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/clock.h"
#include "models/sequence_limits.h"

namespace attune::models {
namespace {

constexpr int64_t kIdle = 30 * kMinuteMs;

void View(InteractionLog& log, uint64_t shopper, uint32_t product, int64_t at_ms) {
  log.Add({ShopperHandle(shopper), ProductIndex(product), InteractionKind::kView, 1, at_ms, 0});
}

std::vector<std::vector<uint32_t>> Visits(const InteractionLog& log) {
  const Sequences visits = VisitsByAge(log, *ProductTies::Make(nullptr), kIdle);
  std::vector<std::vector<uint32_t>> lists;
  for (size_t i = 0; i < visits.size(); ++i) lists.emplace_back(visits.Of(i).begin(), visits.Of(i).end());
  return lists;
}

using Lists = std::vector<std::vector<uint32_t>>;

TEST(Visits, EndAfterTheIdleTimeAndStandByTheirEnd) {
  InteractionLog log;
  View(log, 1, 10, 0);
  View(log, 1, 11, kIdle);          // Just in time.
  View(log, 1, 12, 2 * kIdle + 1);  // Too late: another visit.
  View(log, 1, 13, 2 * kIdle + 2);
  View(log, 2, 20, 5);
  View(log, 2, 21, kIdle + 1);
  EXPECT_EQ(Visits(log), (Lists{{10, 11}, {20, 21}, {12, 13}}));
}

TEST(Visits, CollapseRepeatsInARowButKeepReturns) {
  InteractionLog log;
  for (const uint32_t product : {1u, 1u, 2u, 2u, 1u})
    View(log, 1, product, static_cast<int64_t>(log.row_count()));
  EXPECT_EQ(Visits(log), (Lists{{1, 2, 1}}));
}

TEST(Histories, HoldEveryKindOfEventInPieces) {
  InteractionLog log;
  View(log, 2, 1, 1);
  log.Add({ShopperHandle(2), ProductIndex(1), InteractionKind::kCart, 1, 2, 0});
  log.Add({ShopperHandle(2), ProductIndex(5), InteractionKind::kPurchase, 1, 900 * kIdle, 9});
  for (uint32_t i = 0; i < kSessionProductsMax + 2; ++i) View(log, 1, i, 10 + i);
  const Sequences histories = HistoriesByAge(log, *ProductTies::Make(nullptr));
  ASSERT_EQ(histories.size(), 3u);
  EXPECT_EQ(histories.Of(0).size(), kSessionProductsMax);
  EXPECT_EQ(histories.Of(1).size(), 2u);
  EXPECT_EQ(std::vector<uint32_t>(histories.Of(2).begin(), histories.Of(2).end()),
            (std::vector<uint32_t>{1, 5}));
}

TEST(Visits, LeaveOutNobodyOtherKindsAndVisitsOfOneProduct) {
  InteractionLog log;
  View(log, 0, 1, 1);
  View(log, 0, 2, 2);
  View(log, 1, 1, 1);
  log.Add({ShopperHandle(1), ProductIndex(2), InteractionKind::kCart, 1, 2, 0});
  View(log, 2, 3, 3);
  View(log, 2, 3, 4);
  EXPECT_TRUE(Visits(log).empty());
}

}  // namespace
}  // namespace attune::models
