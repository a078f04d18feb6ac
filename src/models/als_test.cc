// Factors find the tastes in checkerboards, fold-in solves its equations, and
// neither threads nor files change a bit.

#include "models/als.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/random.h"
#include "models/als_solver.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

TrainingControl Threads(int count) {
  TrainingControl control;
  control.thread_count = count;
  return control;
}

// Shoppers of even handle like even products, the others odd ones.
InteractionLog Checkerboard(int shopper_count, uint32_t product_count, uint64_t seed) {
  InteractionLog log;
  Random random(seed);
  for (int shopper = 1; shopper <= shopper_count; ++shopper) {
    for (int i = 0; i < 6; ++i) {
      const auto product =
          static_cast<uint32_t>(random.NextBelow(product_count / 2)) * 2 + static_cast<uint32_t>(shopper % 2);
      log.Add({ShopperHandle(static_cast<uint64_t>(shopper)), ProductIndex(product),
               InteractionKind::kPurchase, 1, i, static_cast<uint64_t>(shopper * 10 + i)});
    }
  }
  return log;
}

AlsOptions SmallOptions() {
  AlsOptions options;
  options.dimensions = 16;
  return options;
}

std::shared_ptr<const AlsModel> TrainOrDie(const InteractionLog& log, const AlsOptions& options,
                                           int threads = 1) {
  auto model = AlsModel::Train(log, ProductTies::Make(nullptr), options, Threads(threads));
  CHECK(model.ok());
  return *model;
}

std::vector<Candidate> Ask(const AlsModel& model, const std::vector<Seed>& seeds, size_t limit,
                           bool may_repeat = false) {
  SourceQuery query;
  query.seeds = seeds;
  query.may_repeat = may_repeat;
  std::vector<Candidate> out;
  model.Retrieve(query, limit, out);
  return out;
}

std::string Saved(const AlsModel& model) {
  SectionWriter out;
  model.Save(out);
  return out.bytes();
}

TEST(AlsTest, OnACheckerboardAnUnseenShopperGetsItsColour) {
  const auto model = TrainOrDie(Checkerboard(400, 40, 1), SmallOptions());
  for (const uint32_t colour : {0u, 1u}) {
    const std::vector<float> x = model->FoldIn(
        std::vector<Seed>{{ProductIndex(colour), 1, 0, 0}, {ProductIndex(colour + 2), 1, 0, 0}});
    double own = 0;
    double other = 0;
    for (uint32_t product = 4; product < 40; ++product) {
      (product % 2 == colour ? own : other) += static_cast<double>(model->Score(x, ProductIndex(product)));
    }
    EXPECT_GT(own / 18, 0.05);
    EXPECT_LT(std::abs(other), 0.3 * own);
  }
}

TEST(AlsTest, SeedsAreAnsweredOnlyWhenTheyMayRepeat) {
  const auto model = TrainOrDie(Checkerboard(400, 40, 1), SmallOptions());
  const std::vector<Seed> seeds = {{ProductIndex(4), 1, 0, 0}};
  const auto is_seed = [](const Candidate& candidate) { return candidate.product == ProductIndex(4); };
  const auto without = Ask(*model, seeds, 40);
  const auto with = Ask(*model, seeds, 40, true);
  EXPECT_EQ(std::count_if(without.begin(), without.end(), is_seed), 0);
  EXPECT_EQ(std::count_if(with.begin(), with.end(), is_seed), 1);
}

TEST(AlsTest, NothingKnownIsNothingAnswered) {
  const auto model = TrainOrDie(Checkerboard(100, 20, 1), SmallOptions());
  EXPECT_TRUE(Ask(*model, {}, 10).empty());
  EXPECT_TRUE(Ask(*model, {{ProductIndex(999), 1, 0, 0}}, 10).empty());
  EXPECT_TRUE(Ask(*model, {{ProductIndex(1), 0, 0, 0}}, 10).empty());
  EXPECT_TRUE(Ask(*TrainOrDie(InteractionLog(), SmallOptions()), {{ProductIndex(1), 1, 0, 0}}, 10).empty());
}

TEST(AlsTest, PurchasesFoldInWithoutBeingSeeds) {
  const auto model = TrainOrDie(Checkerboard(400, 40, 1), SmallOptions());
  const std::vector<Seed> purchases = {{ProductIndex(3), 2, 0, 0}};
  SourceQuery query;
  query.purchases = purchases;
  std::vector<Candidate> out;
  model->Retrieve(query, 5, out);
  ASSERT_EQ(out.size(), 5u);
  // Sixteen dimensions for forty products learn some chance too.
  EXPECT_GE(
      std::count_if(out.begin(), out.end(), [](const Candidate& c) { return c.product.value() % 2 == 1; }),
      4);
}

TEST(AlsTest, AProductOfTooFewShoppersHasNoVector) {
  InteractionLog log = Checkerboard(100, 20, 1);
  for (uint64_t shopper = 1; shopper <= 2; ++shopper) {
    log.Add({ShopperHandle(shopper), ProductIndex(500), InteractionKind::kView, 1, 0, 0});
  }
  const auto model = TrainOrDie(log, SmallOptions());
  EXPECT_TRUE(model->VectorOf(ProductIndex(500)).empty());
  EXPECT_FALSE(model->VectorOf(ProductIndex(0)).empty());
}

TEST(AlsTest, ThreadsDoNotChangeABit) {
  const InteractionLog log = Checkerboard(900, 60, 2);
  const std::string one = Saved(*TrainOrDie(log, SmallOptions(), 1));
  EXPECT_EQ(one, Saved(*TrainOrDie(log, SmallOptions(), 2)));
  EXPECT_EQ(one, Saved(*TrainOrDie(log, SmallOptions(), 5)));
}

TEST(AlsTest, ALoadedModelAnswersTheSame) {
  const auto model = TrainOrDie(Checkerboard(400, 40, 3), SmallOptions());
  const std::string bytes = Saved(*model);
  SectionReader in("als", bytes);
  const auto loaded = AlsModel::Load(in, ProductTies::Make(nullptr));
  ASSERT_TRUE(loaded.ok());
  const std::vector<Seed> seeds = {{ProductIndex(1), 1, 0, 0}, {ProductIndex(7), 0.5, 0, 0}};
  const auto expected = Ask(*model, seeds, 15);
  const auto actual = Ask(**loaded, seeds, 15);
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_EQ(actual[i].product, expected[i].product);
    EXPECT_EQ(actual[i].score, expected[i].score);
  }
  for (size_t cut = 0; cut < bytes.size(); cut += 13) {
    SectionReader damaged("als", std::string_view(bytes).substr(0, cut));
    EXPECT_EQ(AlsModel::Load(damaged, ProductTies::Make(nullptr)).status().code(), StatusCode::kCorruption);
  }
  std::string unsound = bytes;  // Ends in a factor.
  unsound.replace(unsound.size() - sizeof(float), sizeof(float), std::string("\0\0\xc0\x7f", 4));
  SectionReader not_a_number("als", unsound);
  EXPECT_EQ(AlsModel::Load(not_a_number, ProductTies::Make(nullptr)).status().code(),
            StatusCode::kCorruption);
}

TEST(AlsTest, WrongOptionsAreRefusedByName) {
  const auto field_of = [](const AlsOptions& options) {
    return AlsModel::Train(InteractionLog(), ProductTies::Make(nullptr), options, {}).status().field();
  };
  AlsOptions options;
  options.dimensions = 12;
  EXPECT_EQ(field_of(options), "als.dimensions");
  options.dimensions = 256;
  EXPECT_EQ(field_of(options), "als.dimensions");
  options = {};
  options.block_dimensions = 12;
  EXPECT_EQ(field_of(options), "als.block_dimensions");
  options = {};
  options.regularization = 0;
  EXPECT_EQ(field_of(options), "als.regularization");
  options = {};
  options.unobserved_weight = std::nanf("");
  EXPECT_EQ(field_of(options), "als.unobserved_weight");
}

TEST(AlsTest, CancelledTrainingGivesNoModel) {
  std::atomic<bool> is_cancelled{true};
  TrainingControl control;
  control.is_cancelled = &is_cancelled;
  EXPECT_EQ(AlsModel::Train(Checkerboard(10, 10, 1), ProductTies::Make(nullptr), SmallOptions(), control)
                .status()
                .code(),
            StatusCode::kUnavailable);
}

// Solves A x = b by elimination with pivots, in double.
std::vector<double> Eliminate(std::vector<std::vector<double>> a, std::vector<double> b) {
  const size_t n = b.size();
  for (size_t i = 0; i < n; ++i) {
    size_t pivot = i;
    for (size_t row = i + 1; row < n; ++row) {
      if (std::abs(a[row][i]) > std::abs(a[pivot][i])) pivot = row;
    }
    std::swap(a[i], a[pivot]);
    std::swap(b[i], b[pivot]);
    for (size_t row = i + 1; row < n; ++row) {
      const double factor = a[row][i] / a[i][i];
      for (size_t k = i; k < n; ++k) a[row][k] -= factor * a[i][k];
      b[row] -= factor * b[i];
    }
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) b[i] -= a[i][k] * b[k];
    b[i] /= a[i][i];
  }
  return b;
}

TEST(AlsTest, OneWideBlockIsTheExactSolutionAndNarrowOnesConvergeToIt) {
  constexpr size_t kSize = 16;
  constexpr size_t kRows = 50;
  Random random(7);
  std::vector<float> factors(kRows * kSize);
  for (float& value : factors) value = static_cast<float>(random.NextNormal() * 0.3);
  const std::vector<float> gram = ScaledGram(factors, kSize, 0.2f, {});
  const std::vector<uint32_t> rows = {3, 8, 21};
  const std::vector<float> weights = {1, 0.5f, 2};
  const float ridge = 0.7f;
  std::vector<std::vector<double>> a(kSize, std::vector<double>(kSize, 0));
  std::vector<double> b(kSize, 0);
  for (size_t i = 0; i < kSize; ++i) {
    a[i][i] += static_cast<double>(ridge);
    for (size_t j = 0; j < kSize; ++j) {
      for (size_t row = 0; row < kRows; ++row) {
        a[i][j] += 0.2 * static_cast<double>(factors[row * kSize + i]) *
                   static_cast<double>(factors[row * kSize + j]);
      }
      for (size_t k = 0; k < rows.size(); ++k) {
        a[i][j] += static_cast<double>(weights[k]) * static_cast<double>(factors[rows[k] * kSize + i]) *
                   static_cast<double>(factors[rows[k] * kSize + j]);
      }
    }
    for (size_t k = 0; k < rows.size(); ++k) {
      b[i] += static_cast<double>(weights[k]) * static_cast<double>(factors[rows[k] * kSize + i]);
    }
  }
  const std::vector<double> exact = Eliminate(a, b);
  std::vector<float> wide(kSize, 0);
  SolveRow(gram, factors, {rows, weights}, ridge, kSize, wide);
  std::vector<float> narrow(kSize, 0.5f);
  for (int sweep = 0; sweep < 40; ++sweep) SolveRow(gram, factors, {rows, weights}, ridge, 8, narrow);
  for (size_t i = 0; i < kSize; ++i) {
    EXPECT_NEAR(static_cast<double>(wide[i]), exact[i], 1e-5);
    EXPECT_NEAR(static_cast<double>(narrow[i]), exact[i], 1e-5);
  }
}

TEST(AlsTest, RowsWithFewObservationsAreSolvedAsExactlyAsByOneWideBlock) {
  Random random(23);
  for (const size_t size : {size_t{8}, size_t{40}, size_t{128}}) {
    std::vector<float> factors(60 * size);
    for (float& value : factors) value = static_cast<float>(random.NextNormal() * 0.3);
    const std::vector<float> gram = ScaledGram(factors, size, 0.2f, {});
    const FewObservationsSolver few(gram, factors, size, {});
    for (const size_t count :
         {size_t{0}, size_t{1}, size_t{7}, size_t{8}, FewObservationsSolver::kObservationsMax}) {
      std::vector<uint32_t> rows;
      std::vector<float> weights;
      for (uint32_t k = 0; k < count; ++k) {
        rows.push_back(k * 2 + 1);
        weights.push_back(static_cast<float>(0.3 + random.NextUnit()));
      }
      std::vector<float> wide(size, 0);
      SolveRow(gram, factors, {rows, weights}, 0.4f, size, wide);
      std::vector<float> solved(size, 7);
      few.Solve({rows, weights}, 0.4f, solved);
      std::vector<float> plain(size, -7);
      few.SolvePlain({rows, weights}, 0.4f, plain);
      EXPECT_EQ(solved, plain) << "the same bits with wide and narrow registers";
      for (size_t i = 0; i < size; ++i) EXPECT_NEAR(solved[i], wide[i], 2e-5f) << count << " of " << size;
    }
  }
}

TEST(AlsTest, ASolvedRowHasTheSameBitsWithWideAndNarrowRegisters) {
  Random random(17);
  for (const size_t size : {size_t{8}, size_t{40}, size_t{128}}) {
    std::vector<float> factors(30 * size);
    for (float& value : factors) value = static_cast<float>(random.NextNormal());
    const std::vector<float> gram = ScaledGram(factors, size, 0.1f, {});
    const std::vector<uint32_t> rows = {1, 4, 5, 9, 22, 28, 29};  // Not a multiple of what is added at once.
    const std::vector<float> weights = {1, 0.5f, 2, 0.3f, 1, 1, 0.7f};
    for (const size_t block : {size_t{8}, size_t{32}, size_t{128}}) {
      std::vector<float> fast(size, 0.1f);
      std::vector<float> plain(size, 0.1f);
      SolveRow(gram, factors, {rows, weights}, 0.5f, block, fast);
      SolveRowPlain(gram, factors, {rows, weights}, 0.5f, block, plain);
      EXPECT_EQ(fast, plain);
    }
  }
}

TEST(AlsTest, RetrievalIsTheExactOrderOfInnerProducts) {
  const auto model = TrainOrDie(Checkerboard(900, 200, 4), SmallOptions());
  const std::vector<Seed> seeds = {{ProductIndex(5), 1, 0, 0}, {ProductIndex(9), 1, 0, 0}};
  const std::vector<float> x = model->FoldIn(seeds);
  std::vector<std::pair<float, uint32_t>> exact;
  for (uint32_t product = 0; product < 200; ++product) {
    if (product == 5 || product == 9) continue;
    exact.emplace_back(model->Score(x, ProductIndex(product)), product);
  }
  std::sort(exact.rbegin(), exact.rend());
  const auto out = Ask(*model, seeds, 10);
  ASSERT_EQ(out.size(), 10u);
  for (size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i].score, exact[i].first);
}

}  // namespace
}  // namespace attune::models
