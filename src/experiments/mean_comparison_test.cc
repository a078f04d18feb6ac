// The tests of experiments against numbers worked out by hand, and the hash that makes the arms.

#include "experiments/mean_comparison.h"

#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <string>

#include "experiments/assignment.h"
#include "experiments/confidence_sequence.h"
#include "experiments/sample_ratio.h"

namespace attune::experiments {
namespace {

ArmOutcomes ArmOf(std::initializer_list<double> outcomes) {
  ArmOutcomes arm;
  for (const double outcome : outcomes) arm.Add(outcome);
  return arm;
}

TEST(MeanComparisonTest, AgreesWithTheFormulaByHand) {
  const ArmOutcomes control = ArmOf({1, 2, 3, 4});  // Mean 2.5, variance 5/3.
  const ArmOutcomes treatment = ArmOf({2, 4, 9});   // Mean 5, variance 13.
  EXPECT_DOUBLE_EQ(control.variance(), 5.0 / 3);
  EXPECT_DOUBLE_EQ(treatment.variance(), 13);
  const auto measured = CompareMeans(control, treatment);
  ASSERT_TRUE(measured);
  EXPECT_DOUBLE_EQ(measured->difference, 2.5);
  EXPECT_DOUBLE_EQ(measured->standard_error, std::sqrt(5.0 / 12 + 13.0 / 3));
  EXPECT_EQ(measured->shoppers, 7u);
}

TEST(MeanComparisonTest, IsExactForMeansFarFrom0) {
  const ArmOutcomes arm = ArmOf({1e9 + 1, 1e9 + 2, 1e9 + 3});
  EXPECT_DOUBLE_EQ(arm.variance(), 1);
}

TEST(MeanComparisonTest, TellsNothingBeforeThereIsSomething) {
  EXPECT_FALSE(CompareMeans(ArmOf({1}), ArmOf({1, 2})));
  EXPECT_FALSE(CompareMeans(ArmOf({1, 2}), ArmOf({})));
  EXPECT_FALSE(CompareMeans(ArmOf({0, 0}), ArmOf({0, 0, 0})));
  EXPECT_TRUE(CompareMeans(ArmOf({0, 0}), ArmOf({0, 1})));
}

TEST(MeanComparisonTest, PValuesAreTheNormalOnes) {
  EXPECT_NEAR(TwoSidedPValue({1.959963984540054, 1, 100}), 0.05, 1e-12);
  EXPECT_NEAR(TwoSidedPValue({-2.5758293035489004, 1, 100}), 0.01, 1e-12);
  EXPECT_EQ(TwoSidedPValue({0, 1, 100}), 1);
}

TEST(MeanComparisonTest, PowerIsAlphaAtNoEffectAnd80PercentAtTheTextbookEffect) {
  EXPECT_NEAR(FixedHorizonPower(0, 1, 0.05), 0.05, 1e-12);
  EXPECT_NEAR(FixedHorizonPower(1.959963984540054 + 0.8416212335729143, 1, 0.05), 0.8, 1e-5);
}

TEST(ConfidenceSequenceTest, IsThePublishedMarginAndNarrowestWhereItWasPlanned) {
  constexpr uint64_t kPlanned = 10'000;
  const auto sequence = ConfidenceSequence::Create(0.05, kPlanned);
  ASSERT_TRUE(sequence.ok());
  // y of the plan solves y = log(y + 1) - 2 log(alpha).
  double y = 1;
  for (int i = 0; i < 1000; ++i) y = std::log(y + 1) - 2 * std::log(0.05);
  const double rho_squared = y / kPlanned;
  for (const uint64_t shoppers : {100u, 5'000u, 10'000u, 200'000u}) {
    // Waudby-Smith et al. 2024, for outcomes of standard deviation sigma.
    const double sigma = 3;
    const auto t = static_cast<double>(shoppers);
    const double published = sigma * std::sqrt(2 * (t * rho_squared + 1) / (t * t * rho_squared) *
                                               std::log(std::sqrt(t * rho_squared + 1) / 0.05));
    EXPECT_NEAR(sequence->Margin({0, sigma / std::sqrt(t), shoppers}), published, 1e-12);
  }
  // In standard errors, no other plan is narrower at this number of shoppers.
  const MeanDifference measured{0, 1, kPlanned};
  const double margin = sequence->Margin(measured);
  EXPECT_GT(margin, 1.96);
  EXPECT_LT(margin, 1.6 * 1.96);
  for (const uint64_t other : {2'000u, 9'000u, 11'000u, 50'000u}) {
    EXPECT_GT(ConfidenceSequence::Create(0.05, other)->Margin(measured), margin);
  }
}

TEST(ConfidenceSequenceTest, ExcludesWhatIsFarAndRefusesBadOptions) {
  const auto sequence = ConfidenceSequence::Create(0.05, 1000);
  ASSERT_TRUE(sequence.ok());
  EXPECT_FALSE(sequence->Excludes0({2, 1, 1000}));
  EXPECT_TRUE(sequence->Excludes0({-4, 1, 1000}));
  EXPECT_EQ(ConfidenceSequence::Create(0, 1000).status().field(), "alpha");
  EXPECT_EQ(ConfidenceSequence::Create(1, 1000).status().field(), "alpha");
  EXPECT_EQ(ConfidenceSequence::Create(0.05, 0).status().field(), "planned_shoppers");
}

TEST(SampleRatioTest, AlarmsWhenSharesAreNotThoseAskedFor) {
  EXPECT_EQ(SampleRatioPValue(0, 0, 0.5), 1);
  EXPECT_EQ(SampleRatioPValue(500, 500, 0.5), 1);
  EXPECT_NEAR(SampleRatioPValue(60, 40, 0.5), 0.0455002639, 1e-9);  // chi^2 = 4
  EXPECT_NEAR(SampleRatioPValue(90, 10, 0.2), 0.0124193307, 1e-9);  // chi^2 = 6.25
  EXPECT_LT(SampleRatioPValue(505'000, 495'000, 0.5), kSampleRatioAlarm);
  EXPECT_GT(SampleRatioPValue(50'050, 49'950, 0.5), kSampleRatioAlarm);
}

TEST(AssignmentTest, IsEvenStableAndAnotherForEveryExperiment) {
  const Assignment first("summer banner", 0.3), again("summer banner", 0.3), second("free shipping", 0.3);
  int treated = 0, both = 0;
  constexpr int kShoppers = 40'000;
  for (int i = 0; i < kShoppers; ++i) {
    const std::string shopper = "shopper " + std::to_string(i);
    EXPECT_EQ(first.BucketOf(shopper), again.BucketOf(shopper));
    EXPECT_GE(first.BucketOf(shopper), 0);
    EXPECT_LT(first.BucketOf(shopper), 1);
    treated += first.IsTreated(shopper) ? 1 : 0;
    both += first.IsTreated(shopper) && second.IsTreated(shopper) ? 1 : 0;
  }
  // Four standard errors around the shares of independent draws.
  EXPECT_NEAR(treated, 0.3 * kShoppers, 4 * std::sqrt(0.3 * 0.7 * kShoppers));
  EXPECT_NEAR(both, 0.09 * kShoppers, 4 * std::sqrt(0.09 * 0.91 * kShoppers));
  EXPECT_FALSE(Assignment("x", 0).IsTreated("a"));
  EXPECT_TRUE(Assignment("x", 1).IsTreated("a"));
}

}  // namespace
}  // namespace attune::experiments
