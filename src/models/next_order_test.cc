// next_order: its parts against slow versions and worked examples, and a store whose habits it must find.

#include "models/next_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/clock.h"
#include "base/random.h"
#include "models/limits.h"
#include "models/model_file.h"
#include "models/next_order_walk.h"

namespace attune::models {
namespace {

constexpr uint64_t kSeed = 7'003;
constexpr int64_t kStartMs = 1'700'000'000'000;

Seed Bought(uint32_t product, float orders, int64_t first_ms, int64_t last_ms) {
  return {ProductIndex(product), orders, last_ms, first_ms};
}

TEST(PurchaseVector, NewerOrdersCountMore) {
  const std::vector<int64_t> times = {50, 40, 30, 20, 10};
  EXPECT_EQ(OrdersAfter(times, 50), 0u);
  EXPECT_EQ(OrdersAfter(times, 30), 2u);
  EXPECT_EQ(OrdersAfter(times, 5), 5u);
  const OrderDecay decay{.within_group = 0.5, .across_groups = 0.1, .group_size = 2};
  EXPECT_DOUBLE_EQ(decay.WeightOf(0), 1);
  EXPECT_DOUBLE_EQ(decay.WeightOf(1), 0.5);
  EXPECT_DOUBLE_EQ(decay.WeightOf(2), 0.1);
  EXPECT_DOUBLE_EQ(decay.WeightOf(3), 0.05);
  // Twice, in the latest order and the oldest; three times, the one between taken as halfway.
  EXPECT_DOUBLE_EQ(PurchaseWeight(Bought(1, 2, 10, 50), times, decay), 1 + 0.01);
  EXPECT_DOUBLE_EQ(PurchaseWeight(Bought(1, 3, 10, 50), times, decay), 1 + 0.1 + 0.01);
  EXPECT_DOUBLE_EQ(PurchaseWeight(Bought(1, 1, 0, 40), times, decay), 0.5);
}

TEST(ShopperNeighbours, AgreesWithComparingEveryone) {
  RecordProperty("seed", static_cast<int>(kSeed));
  Random random(kSeed);
  constexpr uint32_t kProducts = 40;
  ShopperNeighbours index(kProducts);
  std::vector<std::map<uint32_t, float>> vectors(60);
  const auto draw = [&] {
    std::map<uint32_t, float> drawn;
    while (drawn.size() < 6) {
      drawn[static_cast<uint32_t>(random.NextBelow(kProducts))] = static_cast<float>(1 + random.NextBelow(4));
    }
    return drawn;
  };
  const auto as_vector = [](const std::map<uint32_t, float>& entries) {
    std::vector<Neighbour> vector;
    for (const auto& [product, weight] : entries) vector.push_back({product, weight});
    return vector;
  };
  // Everybody twice: the second vector takes the place of the first.
  for (int round = 0; round < 2; ++round) {
    for (uint32_t shopper = 0; shopper < vectors.size(); ++shopper) {
      vectors[shopper] = draw();
      index.Put(shopper, as_vector(vectors[shopper]));
    }
  }
  const std::map<uint32_t, float> query = draw();
  const auto cosine = [&](const std::map<uint32_t, float>& other) {
    double shared = 0;
    double squares = 0;
    double query_squares = 0;
    for (const auto& [product, weight] : other) {
      squares += weight * weight;
      if (query.contains(product)) shared += weight * query.at(product);
    }
    for (const auto& [unused, weight] : query) query_squares += weight * weight;
    return shared / std::sqrt(squares * query_squares);
  };
  std::vector<std::pair<double, uint32_t>> expected;
  for (uint32_t shopper = 0; shopper < vectors.size(); ++shopper) {
    if (cosine(vectors[shopper]) > 0) expected.emplace_back(-cosine(vectors[shopper]), shopper);
  }
  std::sort(expected.begin(), expected.end());
  const auto nearest = index.Nearest(as_vector(query), 10);
  ASSERT_EQ(nearest.size(), 10u);
  std::map<uint32_t, double> bought;
  double sum = 0;
  for (size_t i = 0; i < nearest.size(); ++i) {
    EXPECT_NEAR(nearest[i].similarity, -expected[i].first, 1e-6) << i;
    sum += nearest[i].similarity;
  }
  for (const SimilarShopper& one : nearest) {
    for (const auto& [product, weight] : vectors[one.shopper])
      bought[product] += one.similarity * weight / sum;
  }
  SparseAccumulator scores;
  index.Score(nearest, scores);
  for (const auto& [product, score] : bought) EXPECT_NEAR(scores.ScoreOf(product), score, 1e-5);
  // Asked again, after other questions: the same.
  index.Nearest(as_vector(draw()), 5);
  const auto again = index.Nearest(as_vector(query), 10);
  for (size_t i = 0; i < nearest.size(); ++i) EXPECT_EQ(again[i].shopper, nearest[i].shopper);
}

TEST(ProductSales, LinesLeaveTheirWindows) {
  ProductSales sales(3);
  sales.Add(0, kStartMs);
  sales.Add(1, kStartMs + 10 * kDayMs);
  sales.Add(1, kStartMs + 10 * kDayMs);
  sales.AddBuyer(1);
  sales.AddRepeater(1);
  const auto ties = ProductTies::Make(nullptr);
  EXPECT_EQ(sales.Bestsellers(1, 0, *ties), (std::vector<uint32_t>{1}));
  EXPECT_EQ(sales.Bestsellers(2, 0, *ties), (std::vector<uint32_t>{1, 0}));
  EXPECT_NEAR(sales.LogShareOfWeek(0), std::log(0.3 / 3 * 1000), 1e-5);  // Its week is over.
  EXPECT_NEAR(sales.LogShareOfMonth(0), std::log(1.5 / 4 * 1000), 1e-5);
  EXPECT_NEAR(sales.DaysUnsold(0), 10, 1e-6);
  EXPECT_NEAR(sales.LogRepeatShare(1), std::log(3.0 / 16), 1e-6);
  sales.Advance(kStartMs + 60 * kDayMs);
  EXPECT_NEAR(sales.LogShareOfMonth(1), std::log(0.5 / 1 * 1000), 1e-5);
  EXPECT_NEAR(sales.LogShareOfQuarter(1), std::log(2.5 / 4 * 1000), 1e-5);
  sales.Advance(kStartMs + 95 * kDayMs);
  EXPECT_NEAR(sales.LogShareOfQuarter(0), std::log(0.5 / 3 * 1000), 1e-5);
  // All windows go on from where they are, also when several end at once.
  sales.Add(2, kStartMs + 95 * kDayMs);
  EXPECT_NEAR(sales.LogShareOfWeek(2), std::log(1.3 / 2 * 1000), 1e-5);
  sales.Advance(kStartMs + 200 * kDayMs);
  EXPECT_NEAR(sales.LogShareOfWeek(2), std::log(0.3 / 1 * 1000), 1e-5);
  EXPECT_NEAR(sales.LogShareOfQuarter(2), std::log(0.5 / 1 * 1000), 1e-5);
  EXPECT_TRUE(sales.Bestsellers(5, 5, *ties).empty());
  EXPECT_NEAR(sales.LogShareEver(1), std::log(2.5 / 5 * 1000), 1e-5);
  EXPECT_NEAR(sales.LogShareEver(99), std::log(0.5 / 5 * 1000),
              1e-5);  // Newer than the model: as if never sold.
}

TEST(ListwiseWeights, FindsWhatSpeaksForTheChosen) {
  Random random(kSeed + 1);
  // Two inputs per row; the first row with the larger first input is chosen, the second says nothing.
  std::vector<ChoiceList> lists(400);
  std::vector<std::vector<std::array<double, 2>>> inputs(lists.size());
  for (size_t i = 0; i < lists.size(); ++i) {
    lists[i].row_count = 8;
    uint32_t best = 0;
    for (uint32_t row = 0; row < 8; ++row) {
      inputs[i].push_back({random.NextNormal(), random.NextNormal()});
      if (inputs[i][row][0] > inputs[i][best][0]) best = row;
    }
    lists[i].chosen = {best};
  }
  const auto fill = [&](size_t list, uint32_t row, RowInputs& out) {
    out.first = 0;
    out.values.assign(inputs[list][row].begin(), inputs[list][row].end());
  };
  const auto weights = LearnListwiseWeights(lists, fill, {0, 0}, {.passes = 20}, {});
  ASSERT_TRUE(weights.ok());
  EXPECT_GT((*weights)[0], 1);
  EXPECT_LT(std::abs((*weights)[1]), 0.2 * (*weights)[0]);
  const auto prior = LearnListwiseWeights({}, fill, {3, 4}, {}, {});
  ASSERT_TRUE(prior.ok());
  EXPECT_EQ(*prior, (std::vector<double>{3, 4}));
  std::atomic<bool> cancelled{true};
  EXPECT_EQ(LearnListwiseWeights(lists, fill, {0, 0}, {}, {&cancelled, {}, 1}).status().code(),
            StatusCode::kUnavailable);
}

// Shoppers of two tastes (even and odd products).  With `repeats` each buys its own first products again and
// again; without, always something new of its taste.
InteractionLog ShopOf(bool repeats, uint64_t seed, int shoppers = 60, int orders = 8) {
  Random random(seed);
  InteractionLog log;
  for (int order = 0; order < orders; ++order) {
    for (int shopper = 1; shopper <= shoppers; ++shopper) {
      const int64_t at_ms = kStartMs + (order * 7 + shopper % 7) * kDayMs + shopper;
      for (uint32_t line = 0; line < 3; ++line) {
        const uint32_t pick = repeats ? (static_cast<uint32_t>(shopper) * 3 + line) % 30
                                      : static_cast<uint32_t>(random.NextBelow(30));
        const uint32_t product = pick * 2 + static_cast<uint32_t>(shopper % 2);
        log.Add({ShopperHandle(static_cast<uint64_t>(shopper)), ProductIndex(product),
                 InteractionKind::kPurchase, 1, at_ms, static_cast<uint64_t>(order * 1000 + shopper)});
      }
    }
  }
  return log;
}

std::shared_ptr<const NextOrderModel> TrainOn(const InteractionLog& log) {
  auto model = NextOrderModel::Train(log, log.latest_at_ms(), ProductTies::Make(nullptr), {}, {});
  EXPECT_TRUE(model.ok());
  return *model;
}

struct Asked {
  std::vector<Seed> purchases;
  std::vector<int64_t> order_times;

  std::vector<Candidate> Of(const NextOrderModel& model, size_t limit, bool may_repeat) const {
    SourceQuery query;
    query.purchases = purchases;
    query.order_times = order_times;
    query.now_ms = kStartMs + 60 * kDayMs;
    query.may_repeat = may_repeat;
    std::vector<Candidate> out;
    model.Retrieve(query, limit, out);
    return out;
  }
};

Asked ShopperOfEvenTaste() {
  const int64_t last = kStartMs + 49 * kDayMs;
  return {{Bought(0, 6, kStartMs, last), Bought(2, 6, kStartMs, last), Bought(4, 1, last, last)},
          {last, last - 7 * kDayMs, last - 14 * kDayMs, last - 21 * kDayMs, last - 28 * kDayMs, kStartMs}};
}

TEST(NextOrder, LearnsHowMuchAStoreRepeats) {
  const auto loyal = TrainOn(ShopOf(true, kSeed));
  const auto curious = TrainOn(ShopOf(false, kSeed));
  ASSERT_TRUE(loyal->weights().is_learned());
  ASSERT_TRUE(curious->weights().is_learned());
  const auto own_among_first = [](const std::vector<Candidate>& answer) {
    return std::count_if(answer.begin(), answer.end(), [](const Candidate& one) { return one.has_because; });
  };
  const Asked shopper = ShopperOfEvenTaste();
  EXPECT_EQ(own_among_first(shopper.Of(*loyal, 3, true)), 3);
  EXPECT_LT(own_among_first(shopper.Of(*curious, 3, true)), 3);
}

TEST(NextOrder, NewProductsAreOfTheShoppersTaste) {
  const auto model = TrainOn(ShopOf(false, kSeed + 2));
  const auto answer = ShopperOfEvenTaste().Of(*model, 8, false);
  ASSERT_EQ(answer.size(), 8u);
  for (const Candidate& one : answer) {
    EXPECT_EQ(one.product.value() % 2, 0u);
    EXPECT_GT(one.product.value(), 4u);  // None of its own.
    EXPECT_FALSE(one.has_because);
  }
}

TEST(NextOrder, AnswersNobodyWithoutAPurchase) {
  const auto model = TrainOn(ShopOf(true, kSeed));
  EXPECT_TRUE(Asked{}.Of(*model, 10, true).empty());
  const InteractionLog nothing;
  EXPECT_TRUE(ShopperOfEvenTaste().Of(*TrainOn(nothing), 10, true).empty());
}

TEST(NextOrder, AFewOrdersAreAnsweredByThePrior) {
  const auto model = TrainOn(ShopOf(true, kSeed, 10, 2));
  EXPECT_FALSE(model->weights().is_learned());
  const auto answer = ShopperOfEvenTaste().Of(*model, 2, true);
  ASSERT_EQ(answer.size(), 2u);
  EXPECT_LE(std::max(answer[0].product.value(), answer[1].product.value()), 2u);  // Most often bought.
}

TEST(NextOrder, WithoutOrderTimesThePurchasesNameThem) {
  const auto model = TrainOn(ShopOf(true, kSeed));
  Asked shopper = ShopperOfEvenTaste();
  shopper.order_times.clear();
  EXPECT_FALSE(shopper.Of(*model, 5, true).empty());
}

// The rows of an order must come from before it: with the order itself added they would know the answer.
TEST(NextOrder, CasesDoNotSeeTheirOwnOrder) {
  InteractionLog log = ShopOf(true, kSeed, 20, 4);
  // A last order of a product that nobody ever bought.
  log.Add(
      {ShopperHandle(1), ProductIndex(500), InteractionKind::kPurchase, 1, kStartMs + 90 * kDayMs, 99'999});
  NextOrderWalk walk(log, ProductTies::Make(nullptr), {});
  const auto cases = walk.Run(1000, {});
  ASSERT_TRUE(cases.ok());
  EXPECT_EQ(cases->size(), 60u);  // Every order but the first of each, and the one that no row could hold.
  for (const NextOrderCase& one : *cases) {
    for (const NextOrderRow& row : one.rows) EXPECT_NE(row.product, 500u);
    for (const uint32_t chosen : one.chosen) {
      EXPECT_TRUE(one.rows[chosen].is_own);
      EXPECT_LE(one.rows[chosen].inputs[kOrderCount], std::log(3.0F) + 1e-6F);
    }
  }
  const auto taken = walk.TakeStore(kStartMs + 90 * kDayMs, {});
  ASSERT_TRUE(taken.ok());
  const NextOrderStore& store = *taken;
  EXPECT_EQ(store.sales.DaysUnsold(500), 0);
}

TEST(NextOrder, TheOrderInWhichRowsCameDoesNotMatter) {
  const InteractionLog log = ShopOf(false, kSeed + 3);
  std::vector<Interaction> rows;
  log.ForEachRow([&](const Interaction& row) { rows.push_back(row); });
  InteractionLog reversed;
  for (size_t i = rows.size(); i-- > 0;) reversed.Add(rows[i]);
  SectionWriter one;
  SectionWriter other;
  TrainOn(log)->Save(one);
  TrainOn(reversed)->Save(other);
  EXPECT_EQ(one.bytes(), other.bytes());
}

TEST(NextOrder, ASavedModelAnswersTheSame) {
  const auto model = TrainOn(ShopOf(false, kSeed + 4));
  SectionWriter out;
  model->Save(out);
  SectionReader in("next_order", out.bytes());
  const auto loaded = NextOrderModel::Load(in, ProductTies::Make(nullptr));
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  const auto before = ShopperOfEvenTaste().Of(*model, 20, true);
  const auto after = ShopperOfEvenTaste().Of(**loaded, 20, true);
  ASSERT_EQ(before.size(), after.size());
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before[i].product, after[i].product);
    EXPECT_EQ(before[i].score, after[i].score);
  }
}

// Files of builds that did not count the quarter: 5 counts of a product.
TEST(ProductSales, OpensWithoutTheQuarter) {
  SectionWriter out;
  out.PutU64(static_cast<uint64_t>(kStartMs));
  out.PutArray(std::vector<uint32_t>{9, 4, 1, 3, 2, 5, 2, 2, 1, 0});
  out.PutArray(std::vector<int64_t>{kStartMs, kStartMs - kDayMs});
  SectionReader in("sales", out.bytes());
  const auto sales = ProductSales::Load(in);
  ASSERT_TRUE(in.Finish().ok());
  EXPECT_NEAR(sales->LogShareEver(0), std::log(9.5 / 15 * 1000), 1e-5);
  EXPECT_NEAR(sales->LogShareOfMonth(1), std::log(2.5 / 7 * 1000), 1e-5);
  EXPECT_EQ(sales->LogShareOfQuarter(1), sales->LogShareOfMonth(1));
  EXPECT_NEAR(sales->LogRepeatShare(0), std::log(4.0 / 18), 1e-6);
  EXPECT_NEAR(sales->DaysUnsold(1), 1, 1e-6);
}

// Files of builds that had 15 inputs of own rows (without the quarter), and 16 (without patterns of orders).
class NextOrderWeightsOfOlderBuilds : public testing::TestWithParam<size_t> {};
INSTANTIATE_TEST_SUITE_P(Inputs, NextOrderWeightsOfOlderBuilds, testing::Values(15, 16));

TEST_P(NextOrderWeightsOfOlderBuilds, ScoreAsTheyDid) {
  const size_t inputs = GetParam();
  Random random(kSeed + 6);
  std::vector<double> terms;
  while (terms.size() < TermsOf(inputs) + TermsOf(inputs - kFirstSharedInput))
    terms.push_back(random.NextNormal());
  SectionWriter out;
  out.PutU32(1);
  out.PutArray(std::vector<float>(inputs, 0));
  out.PutArray(std::vector<float>(inputs, 1));
  out.PutArray(terms);
  SectionReader in("next_order", out.bytes());
  const auto weights = NextOrderWeights::Load(in);
  ASSERT_TRUE(in.Finish().ok());
  for (const bool is_own : {true, false}) {
    NextOrderRow row{7, is_own, {}};
    for (float& input : row.inputs) input = static_cast<float>(random.NextBelow(5)) - 2;
    const size_t begin = is_own ? 0 : size_t{kFirstSharedInput};
    size_t term = is_own ? 0 : TermsOf(inputs);
    double expected = terms[term++];
    for (size_t i = begin; i < inputs; ++i) expected += terms[term++] * static_cast<double>(row.inputs[i]);
    for (size_t i = begin; i < inputs; ++i) {
      for (size_t j = i; j < inputs; ++j)
        expected += terms[term++] * static_cast<double>(row.inputs[i] * row.inputs[j]) / 2;
    }
    EXPECT_NEAR(weights->Score(row), expected, 1e-4);
  }
}

TEST(NextOrder, DamagedBytesAreRefused) {
  const auto model = TrainOn(ShopOf(true, kSeed, 20, 3));
  SectionWriter out;
  model->Save(out);
  Random random(kSeed + 5);
  for (size_t cut = 0; cut < out.bytes().size(); cut += 97) {
    SectionReader in("next_order", std::string_view(out.bytes()).substr(0, cut));
    EXPECT_EQ(NextOrderModel::Load(in, ProductTies::Make(nullptr)).status().code(), StatusCode::kCorruption);
  }
  for (int i = 0; i < 300; ++i) {
    std::string bytes = out.bytes();
    bytes[random.NextBelow(bytes.size())] ^= static_cast<char>(1 + random.NextBelow(255));
    SectionReader in("next_order", bytes);
    const auto loaded = NextOrderModel::Load(in, ProductTies::Make(nullptr));
    if (loaded.ok()) ShopperOfEvenTaste().Of(**loaded, 20, true);  // Whatever it holds, it stays inside.
  }
}

}  // namespace
}  // namespace attune::models
