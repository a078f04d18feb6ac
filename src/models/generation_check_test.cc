// What is asked of two generations, and what of their answers is called a fault, drift and quality.

#include "models/generation_check.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace attune::models {
namespace {

constexpr int64_t kNow = 500 * kDayMs;
constexpr uint32_t kProducts = 60;

// `shoppers` of them buy three products of their own colour, the last one in the last day.
InteractionLog Activity(uint64_t shoppers, uint32_t products = kProducts) {
  InteractionLog log;
  Random random(3);
  for (uint64_t shopper = 1; shopper <= shoppers; ++shopper) {
    for (int day = 3; day >= 0; --day) {
      const auto product =
          static_cast<uint32_t>(random.NextBelow(products / 2) * 2 + static_cast<uint32_t>(shopper % 2));
      log.Add({ShopperHandle(shopper), ProductIndex(product), InteractionKind::kPurchase, 1,
               kNow - day * kDayMs - kHourMs, shopper * 10 + static_cast<uint64_t>(day) + 1});
    }
  }
  return log;
}

std::shared_ptr<const ModelSet> TrainOrDie(const InteractionLog& log, int64_t now_ms = kNow) {
  auto set = TrainModelSet(log, nullptr, {Generation(5), Sequence(1), now_ms}, {}, {});
  CHECK(set.ok());
  return *set;
}

TEST(GenerationCheckTest, ProbesKnowNothingOfWhatTheyAreAskedFor) {
  const int64_t split_ms = kNow - kDayMs;
  const ProbeSet probes = MakeProbes(Activity(300), split_ms, kNow);
  ASSERT_EQ(probes.present.size(), kProbesMax);
  ASSERT_EQ(probes.past.size(), kProbesMax);
  for (const Probe& probe : probes.present) {
    EXPECT_EQ(probe.now_ms, kNow);
    EXPECT_TRUE(probe.targets.empty());
    EXPECT_EQ(probe.seeds.front().at_ms, kNow - kHourMs);
  }
  for (const Probe& probe : probes.past) {
    EXPECT_EQ(probe.now_ms, split_ms);
    EXPECT_EQ(probe.targets.size(), 1u);
    for (const Seed& seed : probe.seeds) EXPECT_LE(seed.at_ms, split_ms);
    for (const Seed& seed : probe.purchases) EXPECT_LE(seed.at_ms, split_ms);
  }
}

TEST(GenerationCheckTest, TheSampleOfShoppersIsTheSameWhateverTheOrderOfTheirRows) {
  InteractionLog forward;
  InteractionLog backward;
  for (uint64_t i = 1; i <= 1000; ++i) {
    const auto row = [](uint64_t shopper) {
      return Interaction{ShopperHandle(shopper),
                         ProductIndex(static_cast<uint32_t>(shopper)),
                         InteractionKind::kView,
                         1,
                         kNow,
                         0};
    };
    forward.Add(row(i));
    backward.Add(row(1001 - i));
  }
  const auto a = MakeProbes(forward, kNow, kNow).present;
  const auto b = MakeProbes(backward, kNow, kNow).present;
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].seeds[0].product, b[i].seeds[0].product);
}

TEST(GenerationCheckTest, ACollapseIsDriftAndASmallChangeIsNot) {
  const InteractionLog log = Activity(300);
  const auto probes = MakeProbes(log, kNow, kNow).present;
  const GenerationCheck whole = CheckGeneration(*TrainOrDie(log), probes);
  EXPECT_EQ(whole.asked, kProbesMax);
  EXPECT_TRUE(FindFaults(whole).empty());
  EXPECT_TRUE(FindDrift(whole, whole).empty());
  EXPECT_TRUE(FindDrift(whole, CheckGeneration(*TrainOrDie(Activity(250)), probes)).empty());
  // Tracking broke: two products of sixty are left.
  const GenerationCheck broken = CheckGeneration(*TrainOrDie(Activity(300, 4)), probes);
  const auto drift = FindDrift(whole, broken);
  EXPECT_FALSE(drift.empty());
  EXPECT_TRUE(FindDrift(broken, whole).empty());  // More is no drift.
  for (const std::string& sentence : drift) EXPECT_EQ(sentence.find("trending"), std::string::npos);
}

TEST(GenerationCheckTest, ASourceThatWasSkippedIsNoDrift) {
  GenerationCheck before;
  before.sources = {{"als", 200, 500, true}};
  EXPECT_TRUE(FindDrift(before, GenerationCheck()).empty());
  GenerationCheck after;
  after.sources = {{"als", 99, 500, true}};
  EXPECT_EQ(FindDrift(before, after),
            std::vector<std::string>{"shoppers that als answers for fell from 200 to 99"});
  after.sources[0].answered = 100;
  EXPECT_TRUE(FindDrift(before, after).empty());
  after.sources[0].products = 249;
  EXPECT_EQ(FindDrift(before, after),
            std::vector<std::string>{"products that als shows fell from 500 to 249"});
}

TEST(GenerationCheckTest, ANumberThatIsNotFiniteIsAFault) {
  GenerationCheck check;
  check.sources = {{"als", 1, 1, true}, {"ease", 1, 1, false}};
  ASSERT_EQ(FindFaults(check).size(), 1u);
  EXPECT_TRUE(FindFaults(check)[0].starts_with("ease"));
}

TEST(GenerationCheckTest, ALogThatShrankIsDrift) {
  TrainingCounts before;
  before.rows = 10'000;
  before.purchases = 2'000;
  before.visible_products = 100;
  TrainingCounts after = before;
  EXPECT_TRUE(FindDrift(before, after).empty());
  after.rows = 5'000;
  after.purchases = 1'000;
  after.visible_products = 50;
  EXPECT_TRUE(FindDrift(before, after).empty());
  after.rows = 4'999;
  after.purchases = 999;
  after.visible_products = 49;
  EXPECT_EQ(FindDrift(before, after).size(), 3u);
  before.rows = before.purchases = 999;
  before.visible_products = 49;
  EXPECT_TRUE(FindDrift(before, TrainingCounts()).empty());  // Too small to say.
}

TEST(GenerationCheckTest, QualityIsRecallOfWhatCameAfter) {
  const int64_t split_ms = kNow - kDayMs;
  const InteractionLog log = Activity(300);
  InteractionLog past;
  log.ForEachRow([&](const Interaction& row) {
    if (row.at_ms <= split_ms) past.Add(row);
  });
  const auto set = TrainOrDie(past, split_ms);
  const ProbeSet probes = MakeProbes(log, split_ms, kNow);
  const GenerationQuality quality = MeasureGeneration(*set, probes.past);
  EXPECT_EQ(quality.generation, Generation(5));
  EXPECT_EQ(quality.asked, kProbesMax);
  ASSERT_EQ(quality.sources.size(), set->source_names().size() + 1);
  EXPECT_EQ(quality.sources[0].source, "home_for_you");
  // Thirty products of the right colour, twenty shown.
  EXPECT_GT(quality.sources[0].recall_at_20, 0.4);
  EXPECT_LE(quality.sources[0].recall_at_20, 1.0);
}

}  // namespace
}  // namespace attune::models
