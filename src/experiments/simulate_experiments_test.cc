// Tests keep their promise where the truth is known, and peeking breaks it; the same seed gives the same.

#include "experiments/simulate_experiments.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attune::experiments {
namespace {

std::string JsonOf(const SimulationResult& result) {
  JsonWriter json;
  WriteSimulationJson(result, json);
  return json.TakeText();
}

TEST(SimulateExperimentsTest, KeepsAlphaUnlessTheFixedTestIsPeekedAt) {
  SimulationOptions options;
  options.experiments = 1000;
  options.shoppers = 4000;
  options.conversion = 0.1;
  options.threads = 2;
  const auto result = SimulateExperiments(options);
  ASSERT_TRUE(result.ok()) << result.status().message();
  const double luck = 3 * std::sqrt(0.05 * 0.95 / 1000);
  for (const OutcomeResult* outcome : {&result->conversion, &result->revenue}) {
    EXPECT_NEAR(outcome->false_positive.fixed, 0.05, luck);
    EXPECT_LE(outcome->false_positive.always_valid, 0.05);
    EXPECT_GT(outcome->false_positive.peeked, 0.2);
    EXPECT_NEAR(outcome->power.fixed, outcome->power_theory, 3 * std::sqrt(0.25 / 1000));
    EXPECT_LT(outcome->power.always_valid, outcome->power.fixed);
    EXPECT_GT(outcome->power.always_valid, outcome->false_positive.always_valid);
    EXPECT_LE(outcome->shoppers_always_valid, 4000);
  }
  EXPECT_LT(result->sample_ratio_alarms, 0.01);
}

TEST(SimulateExperimentsTest, IsTheSameForEveryNumberOfThreadsAndAnotherForAnotherSeed) {
  SimulationOptions options;
  options.experiments = 250;
  options.shoppers = 1050;
  const auto one = SimulateExperiments(options);
  options.threads = 3;
  const auto three = SimulateExperiments(options);
  options.seed = 2;
  const auto other = SimulateExperiments(options);
  ASSERT_TRUE(one.ok() && three.ok() && other.ok());
  EXPECT_EQ(JsonOf(*one), JsonOf(*three));
  EXPECT_NE(JsonOf(*one), JsonOf(*other));
}

TEST(SimulateExperimentsTest, RefusesOptionsThatMakeNoExperiment) {
  const auto field = [](const SimulationOptions& options) {
    return SimulateExperiments(options).status().field();
  };
  EXPECT_EQ(field({.experiments = 0}), "experiments");
  EXPECT_EQ(field({.shoppers = 3}), "shoppers");
  EXPECT_EQ(field({.look_every = 0}), "look_every");
  EXPECT_EQ(field({.alpha = 1}), "alpha");
  EXPECT_EQ(field({.conversion = 0}), "conversion");
  EXPECT_EQ(field({.effect = -1}), "effect");
  EXPECT_EQ(field({.conversion = 0.5, .effect = 1}), "effect");
}

}  // namespace
}  // namespace attune::experiments
