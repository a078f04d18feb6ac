// What every trained item-to-item model must do on a shop so simple that the right answer is obvious.
//
// The checkerboard: 40 shoppers in two groups, 20 products.  Even shoppers choose even products, odd ones odd
// products. A shopper of a group must be shown the rest of the group's products and nothing else, by every
// model alike.

#include "models/next_item_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "base/random.h"
#include "models/top_n_model.h"

namespace attune::models {
namespace {

constexpr uint32_t kProducts = 20;
constexpr uint32_t kColdProduct = 20;  // In no basket.

using Baskets = std::vector<std::vector<uint32_t>>;

struct NamedModel {
  std::string name;
  std::function<std::shared_ptr<const TransitionSource>(const Sequences&, uint32_t threads)> train;
};

std::shared_ptr<const TransitionSource> Valid(Result<std::shared_ptr<const TransitionSource>> source) {
  EXPECT_TRUE(source.ok()) << source.status().message();
  return std::move(source).value();
}

std::vector<NamedModel> Models() {
  std::vector<NamedModel> models;
  const auto next_item = [](double ridge_share) {
    return [ridge_share](const Sequences& baskets, uint32_t threads) {
      NextItemOptions options;
      options.ridge_share = ridge_share;
      options.threads = threads;
      return Valid(TrainNextItem(baskets, kProducts + 1, options));
    };
  };
  models.push_back({"transitions", next_item(0)});
  models.push_back({"transitions and ridge", next_item(0.4)});
  const auto top_n = [](TopNOptions options) {
    return [options](const Sequences& baskets, uint32_t threads) {
      TopNOptions with_threads = options;
      with_threads.threads = threads;
      return Valid(TrainTopN(baskets, kProducts + 1, with_threads));
    };
  };
  models.push_back({"sparse ridge", top_n({})});
  models.push_back({"cosine", top_n({.method = TopNMethod::kItemKnn, .knn = CosineOptions()})});
  models.push_back({"RP3beta", top_n({.method = TopNMethod::kItemKnn, .knn = Rp3BetaOptions(0.6, 0.3)})});
  models.push_back({"graph filter", top_n({.method = TopNMethod::kItemKnn, .knn = GraphFilterOptions()})});
  return models;
}

Baskets Checkerboard() {
  Random random(41);
  Baskets baskets;
  for (uint32_t shopper = 0; shopper < 40; ++shopper) {
    std::vector<uint32_t> basket;
    for (uint32_t product = shopper % 2; product < kProducts; product += 2) {
      if (random.NextBelow(10) < 7) basket.push_back(product);
    }
    for (size_t i = basket.size(); i > 1; --i) std::swap(basket[i - 1], basket[random.NextBelow(i)]);
    baskets.push_back(basket);
  }
  return baskets;
}

Sequences ToSequences(const Baskets& baskets) {
  Sequences sequences;
  for (const auto& basket : baskets) sequences.Add(basket);
  return sequences;
}

std::vector<Candidate> Ask(const TransitionSource& source, const std::vector<uint32_t>& latest_first) {
  std::vector<Seed> seeds;
  for (const uint32_t product : latest_first) seeds.push_back({ProductIndex(product), 1, 0});
  SourceQuery query;
  query.seeds = seeds;
  std::vector<Candidate> candidates;
  source.Retrieve(query, 7, candidates);
  return candidates;
}

TEST(EveryItemModel, ShowsAGroupItsOwnProducts) {
  for (const NamedModel& model : Models()) {
    const auto source = model.train(ToSequences(Checkerboard()), 1);
    for (uint32_t group : {0u, 1u}) {
      const auto candidates = Ask(*source, {group, group + 4, group + 10});
      EXPECT_EQ(candidates.size(), 7u) << model.name;
      for (const Candidate& candidate : candidates) {
        EXPECT_EQ(candidate.product.value() % 2, group) << model.name;
        EXPECT_GT(candidate.score, 0) << model.name;
        EXPECT_EQ(candidate.because.value() % 2, group) << model.name;
      }
    }
  }
}

TEST(EveryItemModel, AColdProductSaysNothingAndIsNotShown) {
  for (const NamedModel& model : Models()) {
    const auto source = model.train(ToSequences(Checkerboard()), 1);
    EXPECT_TRUE(Ask(*source, {kColdProduct}).empty()) << model.name;
    for (const Candidate& candidate : Ask(*source, {0, 1, 2})) {
      EXPECT_NE(candidate.product.value(), kColdProduct) << model.name;
    }
  }
}

TEST(EveryItemModel, LearnsNothingFromNothing) {
  for (const NamedModel& model : Models()) {
    EXPECT_TRUE(Ask(*model.train(Sequences(), 1), {0, 1}).empty()) << model.name;
    EXPECT_TRUE(Ask(*model.train(ToSequences({{3}, {4}, {}}), 1), {3}).empty()) << model.name;
  }
}

TEST(EveryItemModel, OrderOfShoppersAndThreadsChangeNoBit) {
  for (const NamedModel& model : Models()) {
    Baskets baskets = Checkerboard();
    const auto source = model.train(ToSequences(baskets), 1);
    std::reverse(baskets.begin(), baskets.end());
    const auto other = model.train(ToSequences(baskets), 3);
    ASSERT_EQ(source->parts().size(), other->parts().size());
    for (size_t i = 0; i < source->parts().size(); ++i) {
      EXPECT_EQ(*source->parts()[i].rows, *other->parts()[i].rows) << model.name;
      EXPECT_EQ(source->parts()[i].factor, other->parts()[i].factor) << model.name;
    }
  }
}

TEST(EveryItemModel, TwiceTheSameShoppersRankAlike) {
  for (const NamedModel& model : Models()) {
    if (model.name == "sparse ridge" || model.name == "transitions and ridge")
      continue;  // Ridge fades with evidence.
    Baskets baskets = Checkerboard();
    const auto source = model.train(ToSequences(baskets), 1);
    const Baskets once = baskets;
    baskets.insert(baskets.end(), once.begin(), once.end());
    const auto twice = model.train(ToSequences(baskets), 1);
    if (model.name == "transitions") {  // The +1 of its counts fades too: the groups must stay apart.
      for (const Candidate& candidate : Ask(*twice, {0})) EXPECT_EQ(candidate.product.value() % 2, 0u);
      continue;
    }
    const auto expected = Ask(*source, {0, 4});
    const auto found = Ask(*twice, {0, 4});
    ASSERT_EQ(found.size(), expected.size()) << model.name;
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(found[i].score / found[0].score, expected[i].score / expected[0].score, 1e-4) << model.name;
    }
  }
}

TEST(NextItemModel, WrongOptionsAreNamed) {
  const auto field_of = [](NextItemOptions options) {
    return TrainNextItem(Sequences(), 1, options).status().field();
  };
  EXPECT_EQ(field_of({.ridge_share = -1}), "ridge_share");
  EXPECT_EQ(field_of({.transition_tau = -1}), "transition_tau");
  EXPECT_EQ(field_of({.ridge_tau = -1}), "ridge_tau");
  EXPECT_EQ(field_of({.transitions = {.gap = -1}}), "gap");
  EXPECT_EQ(field_of({.ridge = {.ridge = -1}}), "ridge");
}

}  // namespace
}  // namespace attune::models
