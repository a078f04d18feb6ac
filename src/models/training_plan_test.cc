// Counts are those of the definition; a trainer takes the dense way when it fits, else the sparse one, else
// none, and says why.

#include "models/training_plan.h"

#include <gtest/gtest.h>

namespace attune::models {
namespace {

TEST(TrainingPlanTest, CountsFollowTheirDefinitions) {
  InteractionLog log;
  const auto add = [&](uint64_t shopper, uint32_t product, InteractionKind kind, uint64_t order) {
    log.Add({ShopperHandle(shopper), ProductIndex(product), kind, 1, 1000, order});
  };
  add(1, 0, InteractionKind::kView, 0);
  add(1, 0, InteractionKind::kPurchase, 7);
  add(1, 4, InteractionKind::kPurchase, 7);
  add(1, 5, InteractionKind::kPurchase, 8);
  add(2, 5, InteractionKind::kCart, 0);
  add(0, 9, InteractionKind::kPurchase, 9);  // Nobody's.
  const TrainingCounts counts = CountForTraining(log, nullptr);
  EXPECT_EQ(counts.rows, 6u);
  EXPECT_EQ(counts.views, 1u);
  EXPECT_EQ(counts.carts, 1u);
  EXPECT_EQ(counts.purchases, 4u);
  EXPECT_EQ(counts.shoppers, 2u);
  EXPECT_EQ(counts.products, 10u);
  EXPECT_EQ(counts.catalog_products, 0u);
  EXPECT_EQ(counts.cells, 4u);           // {0, 4, 5} and {5}.
  EXPECT_EQ(counts.purchase_pairs, 9u);  // 3 * 3.
  EXPECT_EQ(counts.purchase_lists, 1u);
  EXPECT_EQ(counts.orders, 3u);
  EXPECT_EQ(counts.order_pairs, 6u);  // 4 + 1 + 1.
}

TEST(TrainingPlanTest, DenseWhenItFitsElseSparseElseSkippedWithTheReason) {
  const TrainerCosts costs{.dense = TrainingCost{10, 1000}, .sparse = {4, 100}};
  EXPECT_EQ(ChooseForm(costs, {}, 1e9).form, TrainingForm::kDense);  // No budget, no limit.
  const TrainerReport exact = ChooseForm(costs, {.seconds = 10, .bytes = 1000}, 0);
  EXPECT_EQ(exact.form, TrainingForm::kDense);
  EXPECT_TRUE(exact.reason.empty());
  const TrainerReport sparse = ChooseForm(costs, {.seconds = 10, .bytes = 999}, 0);
  EXPECT_EQ(sparse.form, TrainingForm::kSparse);
  EXPECT_EQ(sparse.estimate.seconds, 4);
  EXPECT_TRUE(sparse.reason.starts_with("dense would take")) << sparse.reason;
  EXPECT_EQ(ChooseForm(costs, {.seconds = 10, .bytes = 0}, 6).form, TrainingForm::kSparse);
  const TrainerReport late = ChooseForm(costs, {.seconds = 10, .bytes = 0}, 7);
  EXPECT_EQ(late.form, TrainingForm::kSkipped);
  EXPECT_EQ(late.reason, "would take 4 s of processor time, 3 s are left");
  EXPECT_EQ(ChooseForm(costs, {.seconds = 0, .bytes = 99}, 0).form, TrainingForm::kSkipped);
}

TEST(TrainingPlanTest, FormsHaveNames) {
  EXPECT_EQ(TrainingFormName(TrainingForm::kDense), "dense");
  EXPECT_EQ(TrainingFormName(TrainingForm::kSparse), "sparse");
  EXPECT_EQ(TrainingFormName(TrainingForm::kSkipped), "skipped");
}

}  // namespace
}  // namespace attune::models
