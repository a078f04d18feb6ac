// The self-attentive part is kept only where it helps, costs what was said before, and repeats from its seed.

#include "models/next_item_blend.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace attune::models {
namespace {

constexpr uint32_t kProducts = 30;

Sequences RingSequences(uint64_t seed, int count) {
  Random random(seed);
  Sequences sequences;
  std::vector<uint32_t> products;
  for (int i = 0; i < count; ++i) {
    products.clear();
    auto product = static_cast<uint32_t>(random.NextBelow(kProducts));
    for (uint64_t length = 1 + random.NextBelow(7); length > 0; --length) {
      products.push_back(product);
      product = (product + 1 + static_cast<uint32_t>(random.NextBelow(2))) % kProducts;
    }
    sequences.Add(products);
  }
  return sequences;
}

NextItemBlendOptions SmallOptions() {
  NextItemBlendOptions options;
  options.attention.dimensions = 16;
  options.attention.epochs = 12;
  options.attention.negatives = 16;
  options.attention.batch_sequences = 32;
  return options;
}

std::vector<float> TrainedNumbers(uint64_t seed, int threads, std::vector<double>& losses) {
  const Sequences sequences = RingSequences(4, 200);
  AttentionOptions options = SmallOptions().attention;
  options.seed = seed;
  options.learning_rate = 0.02;
  auto trainer = AttentionTrainer::Create(sequences, kProducts, options);
  CHECK(trainer.ok());
  TrainingControl control;
  control.thread_count = threads;
  for (int epoch = 0; epoch < 12; ++epoch) losses.push_back(*trainer->RunEpoch(control));
  return trainer->parameters().products;
}

TEST(AttentionTrainer, LearnsAndRepeatsFromItsSeedOnAnyNumberOfThreads) {
  std::vector<double> losses;
  const std::vector<float> one = TrainedNumbers(1, 1, losses);
  EXPECT_LT(losses[11], 0.7 * losses[0]);
  std::vector<double> unused;
  EXPECT_EQ(one, TrainedNumbers(1, 4, unused));
  EXPECT_NE(one, TrainedNumbers(2, 1, unused));
}

TEST(AttentionTrainer, SaysWhatItCostsAndCutsItsEpochsToTheBudget) {
  const Sequences sequences = RingSequences(4, 200);
  AttentionOptions options;
  options.epochs = 40;
  const AttentionCost cost = CostOfAttention(sequences, kProducts, options);
  EXPECT_EQ(cost.epochs, 40u);
  EXPECT_GT(cost.memory_bytes, 0u);
  options.operations_max = cost.operations_per_epoch * 10.5;
  EXPECT_EQ(CostOfAttention(sequences, kProducts, options).epochs, 10u);
  options.operations_max = cost.operations_per_epoch * 2;  // Too few to be worth it.
  EXPECT_EQ(CostOfAttention(sequences, kProducts, options).epochs, 0u);
  options = {};
  options.memory_bytes_max = cost.memory_bytes - 1;
  EXPECT_EQ(CostOfAttention(sequences, kProducts, options).epochs, 0u);
  EXPECT_EQ(CostOfAttention(Sequences(), 0, {}).epochs, 0u);
}

TEST(AttentionTrainer, NamesAnOptionThatIsOutOfRange) {
  const Sequences sequences;
  const auto field_of = [&](const AttentionOptions& options) {
    return AttentionTrainer::Create(sequences, 1, options).status().field();
  };
  EXPECT_EQ(field_of({.dimensions = 0}), "dimensions");
  EXPECT_EQ(field_of({.length_max = 0}), "length_max");
  EXPECT_EQ(field_of({.dropout = 1}), "dropout");
  EXPECT_EQ(field_of({.negatives = 0}), "negatives");
  EXPECT_EQ(field_of({.batch_sequences = 0}), "batch_sequences");
  EXPECT_EQ(field_of({.learning_rate = 0}), "learning_rate");
}

TEST(NextItemBlend, IsTheCountingAloneWithoutABudget) {
  const Sequences sequences = RingSequences(2, 300);
  NextItemBlendOptions options = SmallOptions();
  options.attention.epochs = 0;
  const auto blend = NextItemBlend::Train(sequences, kProducts, options, {});
  const auto counting = TrainNextItem(sequences, kProducts, options.counting);
  ASSERT_TRUE(blend.ok() && counting.ok());
  EXPECT_EQ((*blend)->attention_share(), 0);
  const std::vector<Seed> seeds = {{ProductIndex(3), 1, 0, 0}, {ProductIndex(2), 1, 0, 0}};
  SparseAccumulator a;
  SparseAccumulator b;
  (*blend)->Score(seeds, a);
  (*counting)->Score(seeds, b);
  for (uint32_t product = 0; product < kProducts; ++product)
    EXPECT_EQ(a.ScoreOf(product), b.ScoreOf(product));
}

TEST(NextItemBlend, AnswersWhatFollowsAndNeverASeed) {
  const auto blend = NextItemBlend::Train(RingSequences(2, 600), kProducts, SmallOptions(), {});
  ASSERT_TRUE(blend.ok());
  const std::vector<Seed> seeds = {{ProductIndex(11), 1, 0, 0}, {ProductIndex(10), 1, 0, 0}};
  SourceQuery query;
  query.seeds = seeds;
  std::vector<Candidate> out;
  (*blend)->Retrieve(query, kProducts, out);
  ASSERT_FALSE(out.empty());
  EXPECT_TRUE(out[0].product == ProductIndex(12) || out[0].product == ProductIndex(13));
  for (const Candidate& candidate : out) {
    EXPECT_NE(candidate.product, ProductIndex(10));
    EXPECT_NE(candidate.product, ProductIndex(11));
  }
  out.clear();
  (*blend)->Retrieve(SourceQuery(), 5, out);
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace attune::models
