// What becomes a sequence, and the generation file.

#include "models/transition_training.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/random.h"

namespace attune::models {
namespace {

Interaction Row(uint64_t shopper, uint32_t product, InteractionKind kind, int64_t at_ms, uint64_t order = 0) {
  Interaction row;
  row.shopper = ShopperHandle(shopper);
  row.product = ProductIndex(product);
  row.kind = kind;
  row.at_ms = at_ms;
  row.order_hash = order;
  return row;
}

Interaction View(uint64_t shopper, uint32_t product, int64_t at_ms) {
  return Row(shopper, product, InteractionKind::kView, at_ms);
}

Interaction Purchase(uint64_t shopper, uint32_t product, int64_t at_ms, uint64_t order) {
  return Row(shopper, product, InteractionKind::kPurchase, at_ms, order);
}

TransitionSources Trained(const std::vector<std::vector<Interaction>>& shoppers, uint32_t product_count,
                          const TransitionTrainingOptions& options = {}) {
  auto training = TransitionTraining::Create(options);
  EXPECT_TRUE(training.ok());
  for (const auto& rows : shoppers) EXPECT_TRUE(training->AddShopper(rows).ok());
  EXPECT_TRUE(training->TrainRidge(product_count).ok());
  return training->Train(product_count);
}

std::vector<uint32_t> Ask(const TransitionSource& source, uint32_t product) {
  const std::vector<Seed> seeds = {{ProductIndex(product), 1, 0}};
  SourceQuery query;
  query.seeds = seeds;
  std::vector<Candidate> candidates;
  source.Retrieve(query, 10, candidates);
  std::vector<uint32_t> products;
  for (const Candidate& candidate : candidates) products.push_back(candidate.product.value());
  return products;
}

using Products = std::vector<uint32_t>;

TEST(TransitionTraining, AVisitEndsAfterHalfAnHour) {
  const auto sources = Trained({{View(1, 0, 0), View(1, 1, 10 * kMinuteMs), View(1, 2, 41 * kMinuteMs)}}, 3);
  EXPECT_EQ(Ask(*sources.also_viewed, 0), Products{1});
  EXPECT_EQ(Ask(*sources.also_viewed, 1), Products{0});
  EXPECT_TRUE(Ask(*sources.also_viewed, 2).empty());
}

TEST(TransitionTraining, LookingAgainAtTheSameProductKeepsTheVisitOpen) {
  const auto sources = Trained({{View(1, 0, 0), View(1, 0, 25 * kMinuteMs), View(1, 1, 50 * kMinuteMs)}}, 2);
  EXPECT_EQ(Ask(*sources.also_viewed, 0), Products{1});
}

TEST(TransitionTraining, NextHasADirectionAndAlsoHasNone) {
  std::vector<std::vector<Interaction>> shoppers;
  for (uint64_t shopper = 1; shopper <= 10; ++shopper) {
    shoppers.push_back({View(shopper, 0, 0), View(shopper, 1, 1), View(shopper, 2, 2)});
  }
  const auto sources = Trained(shoppers, 3);
  EXPECT_EQ(Ask(*sources.viewed_next, 1).front(), 2u) << "2 comes after 1, 0 before";
  const auto weight = [&](uint32_t from, uint32_t to) {
    for (const Neighbour& n : sources.also_viewed->parts()[0].rows->Of(from)) {
      if (n.product == to) return n.weight;
    }
    return -1.0F;
  };
  EXPECT_GT(weight(0, 1), 0);
  EXPECT_FLOAT_EQ(weight(0, 1), weight(2, 1));
}

TEST(TransitionTraining, BoughtAfterKnowsOrdersAndNotLines) {
  const auto sources =
      Trained({{Purchase(1, 0, 0, 77), Purchase(1, 1, 0, 77), Purchase(1, 2, kDayMs, 78)}}, 3);
  EXPECT_EQ(Ask(*sources.bought_after, 0), Products{2});
  EXPECT_EQ(Ask(*sources.bought_after, 1), Products{2});
  EXPECT_TRUE(Ask(*sources.bought_after, 2).empty());
  EXPECT_TRUE(Ask(*sources.also_viewed, 0).empty()) << "purchases are not views";
}

TEST(TransitionTraining, NobodysRowsAreNoSequence) {
  const auto sources = Trained({{View(0, 0, 0), View(0, 1, 1)}}, 2);
  EXPECT_TRUE(Ask(*sources.also_viewed, 0).empty());
}

TEST(TransitionTraining, WrongRowsAreNamedAndAddNothing) {
  auto training = TransitionTraining::Create({});
  ASSERT_TRUE(training.ok());
  EXPECT_EQ(training->AddShopper(std::vector{View(1, 0, 5), View(1, 1, 4)}).field(), "rows[1]");
  EXPECT_EQ(training->AddShopper(std::vector{View(1, 0, 5), View(2, 1, 6)}).field(), "rows[1]");
  EXPECT_EQ(training->AddShopper(std::vector{View(1, 4'000'000'000u, 5)}).field(), "rows[0]");
  EXPECT_EQ(training->Train(2).also_viewed->parts()[0].rows->neighbour_count(), 0u);
  TransitionTrainingOptions options;
  options.visit_idle_ms = 0;
  EXPECT_EQ(TransitionTraining::Create(options).status().field(), "visit_idle_ms");
  options = {};
  options.bought_after.gap = -1;
  EXPECT_EQ(TransitionTraining::Create(options).status().field(), "gap");
}

TransitionSources Sample() {
  Random random(3);
  std::vector<std::vector<Interaction>> shoppers;
  for (uint64_t shopper = 1; shopper <= 50; ++shopper) {
    std::vector<Interaction> rows;
    for (int64_t at = 0; at < 8; ++at) {
      const auto product = static_cast<uint32_t>(random.NextBelow(12));
      rows.push_back(at % 3 == 2 ? Purchase(shopper, product, at, static_cast<uint64_t>(at) + 1)
                                 : View(shopper, product, at));
    }
    shoppers.push_back(rows);
  }
  return Trained(shoppers, 12);
}

TEST(TransitionTraining, TheFileReadsBackAndAnswersTheSame) {
  const TransitionSources sources = Sample();
  const std::string bytes = sources.Serialize();
  const auto read = ParseTransitionSources(bytes);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->Serialize(), bytes);
  EXPECT_EQ(read->viewed_next->parts().size(), 2u);
  EXPECT_EQ(read->bought_after->name(), "bought_after");
  for (uint32_t product = 0; product < 12; ++product) {
    EXPECT_EQ(Ask(*read->viewed_next, product), Ask(*sources.viewed_next, product));
    EXPECT_EQ(Ask(*read->also_viewed, product), Ask(*sources.also_viewed, product));
  }
}

TEST(TransitionTraining, MalformedFilesAreCorruptionAndNothingElse) {
  const std::string bytes = Sample().Serialize();
  for (size_t length = 0; length < bytes.size(); length += 7) {
    EXPECT_EQ(ParseTransitionSources(bytes.substr(0, length)).status().code(), StatusCode::kCorruption);
  }
  Random random(29);
  for (int round = 0; round < 3000; ++round) {
    std::string wrong = bytes;
    // Most rounds hit the heads of the parts, where the lengths are.
    const size_t place =
        random.NextBelow(4) == 0 ? random.NextBelow(wrong.size() - 8) : 8 + random.NextBelow(64);
    wrong[place] = static_cast<char>(random.NextBelow(256));
    if (wrong == bytes) continue;
    EXPECT_FALSE(ParseTransitionSources(wrong).ok());
    const uint64_t checksum = StableHash64(std::string_view(wrong).substr(0, wrong.size() - 8));
    for (size_t i = 0; i < 8; ++i) wrong[wrong.size() - 8 + i] = static_cast<char>(checksum >> (8 * i));
    const auto read = ParseTransitionSources(wrong);
    if (!read.ok()) {
      EXPECT_EQ(read.status().code(), StatusCode::kCorruption);
    }
  }
}

}  // namespace
}  // namespace attune::models
