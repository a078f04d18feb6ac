// The counts against their definition, written out as four loops; and what must not change them.

#include "models/transition_trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/clock.h"
#include "base/random.h"

namespace attune::models {
namespace {

using Sequence = std::vector<TransitionStep>;

std::vector<Sequence> RandomSequences(uint64_t seed, uint32_t product_count, int count) {
  Random random(seed);
  std::vector<Sequence> sequences;
  for (int i = 0; i < count; ++i) {
    Sequence sequence;
    uint32_t position = 0;
    int64_t at_ms = static_cast<int64_t>(random.NextBelow(100)) * kDayMs;
    for (uint64_t steps = random.NextBelow(12); steps > 0; --steps) {
      sequence.push_back(
          {ProductIndex(static_cast<uint32_t>(random.NextBelow(product_count))), position, at_ms});
      position += static_cast<uint32_t>(random.NextBelow(3));
      at_ms += static_cast<int64_t>(random.NextBelow(2)) * kDayMs;
    }
    sequences.push_back(sequence);
  }
  return sequences;
}

TransitionTrainer Trained(const std::vector<Sequence>& sequences, const TransitionOptions& options,
                          int64_t as_of_ms) {
  auto trainer = TransitionTrainer::Create(options);
  EXPECT_TRUE(trainer.ok()) << trainer.status().message();
  for (const Sequence& sequence : sequences) EXPECT_TRUE(trainer->Add(sequence).ok());
  trainer->Fold(as_of_ms);
  return std::move(trainer).value();
}

// The definition.
struct Reference {
  std::vector<std::vector<double>> counts;
  std::vector<double> product_counts;

  Reference(const std::vector<Sequence>& sequences, uint32_t product_count, const TransitionOptions& options,
            int64_t as_of_ms)
      : counts(product_count, std::vector<double>(product_count, 0)), product_counts(product_count, 0) {
    const auto decay = [&](int64_t at_ms) {
      if (options.half_life_ms == 0) return 1.0;
      return std::pow(2.0,
                      -static_cast<double>(as_of_ms - at_ms) / static_cast<double>(options.half_life_ms));
    };
    for (const Sequence& s : sequences) {
      for (size_t i = 0; i < s.size(); ++i) {
        product_counts[s[i].product.value()] += decay(s[i].at_ms);
        for (size_t j = i + 1; j < s.size(); ++j) {
          const uint32_t distance = s[j].position - s[i].position;
          if (s[i].product == s[j].product || distance == 0 || distance > options.window_max) continue;
          const double weight = decay(s[j].at_ms) * std::exp(-(distance - 1.0) / options.gap);
          counts[s[i].product.value()][s[j].product.value()] += weight;
          counts[s[j].product.value()][s[i].product.value()] += options.reverse * weight;
        }
      }
    }
  }
};

TEST(TransitionTrainer, TheExampleOfTheHeader) {
  TransitionTrainer trainer =
      Trained({{{ProductIndex(0), 0, 0}, {ProductIndex(1), 1, 0}, {ProductIndex(2), 2, 0}}}, {}, 0);
  EXPECT_FLOAT_EQ(static_cast<float>(trainer.TransitionWeight(ProductIndex(0), ProductIndex(1))), 1);
  EXPECT_NEAR(trainer.TransitionWeight(ProductIndex(0), ProductIndex(2)), std::exp(-0.25), 1e-7);
  EXPECT_NEAR(trainer.TransitionWeight(ProductIndex(1), ProductIndex(0)), TransitionOptions().reverse, 1e-7);
  EXPECT_EQ(trainer.TransitionWeight(ProductIndex(0), ProductIndex(0)), 0);
  EXPECT_EQ(trainer.CountOf(ProductIndex(2)), 1);
}

TEST(TransitionTrainer, AgreesWithTheDefinition) {
  constexpr uint32_t kProducts = 15;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    TransitionOptions options;
    options.half_life_ms = seed % 2 == 0 ? 0 : 20 * kDayMs;
    options.window_max = seed % 3 == 0 ? 3 : 64;
    options.reverse = seed % 5 == 0 ? 0 : 0.3;
    const auto sequences = RandomSequences(seed, kProducts, 40);
    const int64_t as_of_ms = 150 * kDayMs;
    TransitionTrainer trainer = Trained(sequences, options, as_of_ms);
    const Reference reference(sequences, kProducts, options, as_of_ms);
    const SparseRows rows = trainer.Train(kProducts);
    for (uint32_t a = 0; a < kProducts; ++a) {
      EXPECT_NEAR(trainer.CountOf(ProductIndex(a)), reference.product_counts[a], 1e-6);
      size_t positive = 0;
      for (uint32_t b = 0; b < kProducts; ++b) {
        EXPECT_NEAR(trainer.TransitionWeight(ProductIndex(a), ProductIndex(b)), reference.counts[a][b], 1e-5);
        positive += reference.counts[a][b] > 1e-8;
      }
      EXPECT_EQ(rows.Of(a).size(), positive);
      for (const Neighbour& n : rows.Of(a)) {
        const double expected = reference.counts[a][n.product] /
                                (std::pow(reference.product_counts[a] + 1, options.row_exponent) *
                                 std::pow(reference.product_counts[n.product] + 1, options.column_exponent));
        EXPECT_NEAR(static_cast<double>(n.weight), expected, 1e-5);
      }
    }
  }
}

TEST(TransitionTrainer, OrderOfSequencesAndThreadsChangeNoBit) {
  auto sequences = RandomSequences(3, 40, 300);
  TransitionOptions options;
  options.half_life_ms = 20 * kDayMs;
  const SparseRows rows = Trained(sequences, options, 150 * kDayMs).Train(40);
  EXPECT_GT(rows.neighbour_count(), 100u);
  std::reverse(sequences.begin(), sequences.end());
  options.threads = 5;
  EXPECT_EQ(Trained(sequences, options, 150 * kDayMs).Train(40), rows);
}

TEST(TransitionTrainer, AddingLaterIsAddingAtOnce) {
  const auto sequences = RandomSequences(8, 20, 120);
  TransitionOptions options;
  options.half_life_ms = 20 * kDayMs;
  TransitionTrainer at_once = Trained(sequences, options, 200 * kDayMs);
  auto stepwise = TransitionTrainer::Create(options);
  ASSERT_TRUE(stepwise.ok());
  for (size_t i = 0; i < sequences.size(); ++i) {
    ASSERT_TRUE(stepwise->Add(sequences[i]).ok());
    if (i % 17 == 0) stepwise->Fold(static_cast<int64_t>(i) * kDayMs);
    if (i % 40 == 0) (void)stepwise->Train(20);
  }
  stepwise->Fold(200 * kDayMs);
  for (uint32_t a = 0; a < 20; ++a) {
    EXPECT_NEAR(stepwise->CountOf(ProductIndex(a)), at_once.CountOf(ProductIndex(a)), 1e-5);
    for (uint32_t b = 0; b < 20; ++b) {
      EXPECT_NEAR(stepwise->TransitionWeight(ProductIndex(a), ProductIndex(b)),
                  at_once.TransitionWeight(ProductIndex(a), ProductIndex(b)), 1e-5);
    }
  }
}

TEST(TransitionTrainer, CutRowsStayWithinTheStatedError) {
  constexpr uint32_t kProducts = 60;
  TransitionOptions exact_options;
  exact_options.neighbours_max = 8;
  TransitionOptions bounded_options = exact_options;
  bounded_options.cells_per_row_max = 20;
  auto exact = TransitionTrainer::Create(exact_options);
  auto bounded = TransitionTrainer::Create(bounded_options);
  ASSERT_TRUE(exact.ok() && bounded.ok());
  const auto sequences = RandomSequences(4, kProducts, 600);
  for (size_t i = 0; i < sequences.size(); ++i) {
    ASSERT_TRUE(exact->Add(sequences[i]).ok());
    ASSERT_TRUE(bounded->Add(sequences[i]).ok());
    if (i % 50 == 0) exact->Fold(0);
    if (i % 50 == 0) bounded->Fold(0);
  }
  exact->Fold(0);
  bounded->Fold(0);
  EXPECT_LE(bounded->cell_count(), size_t{kProducts} * 20);
  EXPECT_GT(exact->cell_count(), bounded->cell_count());
  bool some_loss = false;
  for (uint32_t a = 0; a < kProducts; ++a) {
    EXPECT_EQ(exact->LostWeight(ProductIndex(a)), 0);
    for (uint32_t b = 0; b < kProducts; ++b) {
      const double missing = exact->TransitionWeight(ProductIndex(a), ProductIndex(b)) -
                             bounded->TransitionWeight(ProductIndex(a), ProductIndex(b));
      EXPECT_GE(missing, -1e-5);
      EXPECT_LE(missing, bounded->LostWeight(ProductIndex(a)) + 1e-5);
      some_loss |= missing > 0.1;
    }
  }
  EXPECT_TRUE(some_loss) << "the bound was never put to use";
}

TEST(TransitionTrainer, OldEvidenceFadesByHalfLife) {
  TransitionOptions options;
  options.half_life_ms = 10 * kDayMs;
  TransitionTrainer trainer = Trained({{{ProductIndex(0), 0, 0}, {ProductIndex(1), 1, 0}}}, options, 0);
  EXPECT_NEAR(trainer.TransitionWeight(ProductIndex(0), ProductIndex(1)), 1, 1e-7);
  trainer.Fold(10 * kDayMs);
  EXPECT_NEAR(trainer.TransitionWeight(ProductIndex(0), ProductIndex(1)), 0.5, 1e-7);
  trainer.Fold(5 * kDayMs);  // Time never goes back.
  EXPECT_NEAR(trainer.TransitionWeight(ProductIndex(0), ProductIndex(1)), 0.5, 1e-7);
}

TEST(TransitionTrainer, ProductsOfOnePositionMakeNoPair) {
  TransitionTrainer trainer = Trained(
      {{{ProductIndex(0), 0, 0}, {ProductIndex(1), 0, 0}, {ProductIndex(2), 1, 5}, {ProductIndex(3), 1, 5}}},
      {}, 0);
  EXPECT_EQ(trainer.TransitionWeight(ProductIndex(0), ProductIndex(1)), 0);
  EXPECT_EQ(trainer.TransitionWeight(ProductIndex(2), ProductIndex(3)), 0);
  EXPECT_NEAR(trainer.TransitionWeight(ProductIndex(0), ProductIndex(3)), 1, 1e-7);
  EXPECT_NEAR(trainer.TransitionWeight(ProductIndex(1), ProductIndex(2)), 1, 1e-7);
}

TEST(TransitionTrainer, ColdAndNewerProductsHaveEmptyRows) {
  TransitionTrainer trainer = Trained({{{ProductIndex(0), 0, 0}, {ProductIndex(9), 1, 0}}}, {}, 0);
  const SparseRows larger = trainer.Train(12);
  EXPECT_EQ(larger.product_count(), 12u);
  EXPECT_EQ(larger.Of(0).size(), 1u);
  EXPECT_TRUE(larger.Of(5).empty());
  const SparseRows smaller = trainer.Train(5);
  EXPECT_EQ(smaller.neighbour_count(), 0u);
}

TEST(TransitionTrainer, WrongInputIsNamedAndAddsNothing) {
  auto trainer = TransitionTrainer::Create({});
  ASSERT_TRUE(trainer.ok());
  EXPECT_EQ(trainer->Add(Sequence{{ProductIndex(0), 1, 0}, {ProductIndex(1), 0, 0}}).field(), "steps[1]");
  EXPECT_EQ(trainer->Add(Sequence{{ProductIndex(0), 0, 9}, {ProductIndex(1), 1, 8}}).field(), "steps[1]");
  EXPECT_EQ(trainer->Add(Sequence{{ProductIndex(4'000'000'000u), 0, 0}}).field(), "steps[0]");
  EXPECT_EQ(trainer->Train(2).neighbour_count(), 0u);

  const auto field_of = [](TransitionOptions options) {
    return TransitionTrainer::Create(options).status().field();
  };
  EXPECT_EQ(field_of({.gap = 0}), "gap");
  EXPECT_EQ(field_of({.gap = std::nan("")}), "gap");
  EXPECT_EQ(field_of({.reverse = 1.1}), "reverse");
  EXPECT_EQ(field_of({.row_exponent = -1}), "row_exponent");
  EXPECT_EQ(field_of({.column_exponent = 2}), "column_exponent");
  EXPECT_EQ(field_of({.window_max = 0}), "window_max");
  EXPECT_EQ(field_of({.half_life_ms = -1}), "half_life_ms");
  EXPECT_EQ(field_of({.cells_per_row_max = 10}), "cells_per_row_max");
  EXPECT_EQ(field_of({.neighbours_max = 0}), "neighbours_max");
}

}  // namespace
}  // namespace attune::models
