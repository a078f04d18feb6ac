// Session neighbours against a slow version that reads the formula, and the bounds of their index.

#include "models/session_knn.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/random.h"
#include "models/model_file.h"
#include "models/sequences_for_tests.h"

namespace attune::models {
namespace {

Lists RandomSessions(uint64_t seed, uint32_t product_count, int count) {
  Random random(seed);
  Lists lists(static_cast<size_t>(count));
  for (auto& list : lists) {
    for (uint64_t length = random.NextBelow(7); length > 0; --length) {
      list.push_back(static_cast<uint32_t>(random.NextBelow(random.NextBelow(product_count) + 1)));
    }
  }
  return lists;
}

bool Holds(const std::vector<uint32_t>& list, uint32_t product) {
  return std::find(list.begin(), list.end(), product) != list.end();
}

// `seeds` latest first, no product twice.  Every session is a neighbour: neighbours_max must be large.
std::vector<double> Reference(const Lists& sessions, const std::vector<uint32_t>& seeds,
                              uint32_t product_count, const SessionKnnOptions& options) {
  const auto rarity = [&](uint32_t product, double exponent) {
    const auto holds = [&](const auto& session) { return Holds(session, product); };
    const auto count = static_cast<double>(std::count_if(sessions.begin(), sessions.end(), holds));
    return count == 0 ? 0 : std::pow(std::log1p(static_cast<double>(sessions.size()) / count), exponent);
  };
  // Sessions without clicks are not kept, so they have no place among those that are.
  std::vector<size_t> kept;
  for (size_t i = 0; i < sessions.size(); ++i) {
    if (!sessions[i].empty()) kept.push_back(i);
  }
  std::vector<double> scores(product_count, 0);
  for (size_t rank = 0; rank < kept.size(); ++rank) {
    const auto& session = sessions[kept[rank]];
    double like = 0;
    int match = -1;
    for (size_t age = 0; age < seeds.size(); ++age) {
      if (!Holds(session, seeds[age])) continue;
      like +=
          std::exp(-static_cast<double>(age) / options.seed_tau) * rarity(seeds[age], options.match_exponent);
      if (match < 0) match = static_cast<int>(age);
    }
    if (match < 0) continue;
    const double newness =
        std::floor(static_cast<double>(rank + 1) * 1024 / static_cast<double>(kept.size())) / 1024;
    like *= std::exp(-options.ageing * (1 - newness)) *
            std::pow(static_cast<double>(session.size()), -options.length_exponent);
    int match_place = 0;
    for (int place = 0; place < static_cast<int>(session.size()); ++place) {
      if (session[static_cast<size_t>(place)] == seeds[static_cast<size_t>(match)]) match_place = place;
    }
    for (int place = 0; place < static_cast<int>(session.size()); ++place) {
      const int distance = place - match_place;
      double near =
          distance == 0 ? options.repeat : std::exp(-(std::abs(distance) - 1) / options.distance_tau);
      if (distance < 0) near *= options.before;
      const uint32_t product = session[static_cast<size_t>(place)];
      scores[product] +=
          std::pow(like, options.sharpness) * near * rarity(product, options.candidate_exponent);
    }
  }
  return scores;
}

std::vector<Seed> ToSeeds(const std::vector<uint32_t>& products) {
  std::vector<Seed> seeds;
  for (const uint32_t product : products) seeds.push_back({ProductIndex(product), 1, 0, 0});
  return seeds;
}

TEST(SessionKnn, ScoresAsTheFormulaSays) {
  constexpr uint32_t kProducts = 25;
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    const Lists sessions = RandomSessions(seed, kProducts, 120);
    SessionKnnOptions options;
    options.length_exponent = 0.3;
    const SessionKnn knn(SessionIndex(ToSequences(sessions), kProducts, options.sessions_per_product_max),
                         options);
    const std::vector<uint32_t> seeds = {static_cast<uint32_t>(seed), 0, 7 + static_cast<uint32_t>(seed)};
    SparseAccumulator accumulator;
    accumulator.Start(kProducts);
    knn.Score(ToSeeds(seeds), nullptr, accumulator);
    const std::vector<double> expected = Reference(sessions, seeds, kProducts, options);
    for (uint32_t product = 0; product < kProducts; ++product) {
      EXPECT_NEAR(static_cast<double>(accumulator.ScoreOf(product)), expected[product],
                  1e-4 * (1 + expected[product]))
          << product;
    }
  }
}

TEST(SessionKnn, ASeedNamedTwiceCountsOnceAtItsLatestPlace) {
  const Lists sessions = RandomSessions(3, 12, 60);
  const SessionKnn knn(SessionIndex(ToSequences(sessions), 12, 500), {});
  SparseAccumulator once;
  SparseAccumulator twice;
  once.Start(12);
  twice.Start(12);
  knn.Score(ToSeeds({4, 1}), nullptr, once);
  knn.Score(ToSeeds({4, 1, 4}), nullptr, twice);
  for (uint32_t product = 0; product < 12; ++product) {
    EXPECT_EQ(once.ScoreOf(product), twice.ScoreOf(product));
  }
}

TEST(SessionKnn, OnlyTheBestNeighboursCount) {
  // Two sessions hold both seeds, one holds the older seed alone.
  const Lists sessions = {{1, 5}, {1, 2, 6}, {2, 1, 7}};
  SessionKnnOptions options;
  options.neighbours_max = 2;
  const SessionKnn knn(SessionIndex(ToSequences(sessions), 8, 500), options);
  SparseAccumulator accumulator;
  accumulator.Start(8);
  knn.Score(ToSeeds({2, 1}), nullptr, accumulator);
  EXPECT_GT(accumulator.ScoreOf(6), 0);
  EXPECT_GT(accumulator.ScoreOf(7), 0);
  EXPECT_EQ(accumulator.ScoreOf(5), 0);
}

TEST(SessionKnn, KnowsNothingOfProductsThatAreNewerThanIt) {
  const SessionKnn knn(SessionIndex(ToSequences({{0, 1}}), 2, 500), {});
  SparseAccumulator accumulator;
  accumulator.Start(2);
  knn.Score(ToSeeds({9}), nullptr, accumulator);
  EXPECT_TRUE(accumulator.touched().empty());
}

TEST(SessionKnn, NamesAnOptionThatIsOutOfRange) {
  SessionKnnOptions options;
  options.neighbours_max = kSessionNeighboursMax + 1;
  EXPECT_EQ(CheckSessionKnnOptions(options).field(), "neighbours_max");
  options = {};
  options.seed_tau = 0;
  EXPECT_EQ(CheckSessionKnnOptions(options).field(), "seed_tau");
  options = {};
  options.repeat = -1;
  EXPECT_EQ(CheckSessionKnnOptions(options).field(), "repeat");
  EXPECT_TRUE(CheckSessionKnnOptions({}).ok());
}

TEST(SessionIndex, ListsTheNewestSessionsOfEachProduct) {
  constexpr uint32_t kProducts = 10;
  const Lists sessions = RandomSessions(11, kProducts, 200);
  const SessionIndex index(ToSequences(sessions), kProducts, 5);
  for (uint32_t product = 0; product < kProducts; ++product) {
    Lists expected;
    for (size_t i = sessions.size(); i-- > 0 && expected.size() < 5;) {
      if (Holds(sessions[i], product)) expected.push_back(sessions[i]);
    }
    Lists listed;
    for (const uint32_t session : index.SessionsOf(product)) {
      const auto products = index.ProductsOf(session);
      listed.emplace_back(products.begin(), products.end());
    }
    EXPECT_EQ(listed, expected) << product;
    const auto holds = [&](const auto& session) { return Holds(session, product); };
    EXPECT_EQ(index.CountOf(product), std::count_if(sessions.begin(), sessions.end(), holds));
  }
  EXPECT_LE(index.session_count(), kProducts * 5);
}

TEST(SessionIndex, KeepsTheLatestClicksOfAVeryLongSession) {
  std::vector<uint32_t> crawler(3 * kSessionProductsMax);
  for (uint32_t i = 0; i < crawler.size(); ++i) crawler[i] = i;
  const SessionIndex index(ToSequences({crawler}), static_cast<uint32_t>(crawler.size()), 5);
  EXPECT_EQ(index.ProductsOf(0).size(), kSessionProductsMax);
  EXPECT_EQ(index.ProductsOf(0).back(), crawler.back());
  EXPECT_TRUE(index.SessionsOf(0).empty());
}

TEST(SessionIndex, IsReadBackAndDamageIsSeen) {
  const SessionIndex index(ToSequences(RandomSessions(5, 9, 40)), 9, 6);
  SectionWriter out;
  index.Save(out);
  SectionReader in("index", out.bytes());
  const SessionIndex loaded = SessionIndex::Load(in);
  EXPECT_TRUE(in.Finish().ok());
  for (uint32_t product = 0; product < 9; ++product) {
    EXPECT_TRUE(std::ranges::equal(index.SessionsOf(product), loaded.SessionsOf(product)));
  }
  // Whatever byte is damaged, nothing is read outside: the index is sound, or the reader says it is not.
  for (size_t i = 0; i < out.bytes().size(); ++i) {
    std::string damaged = out.bytes();
    damaged[i] = static_cast<char>(damaged[i] ^ 0x40);
    SectionReader reader("index", damaged);
    const SessionIndex read = SessionIndex::Load(reader);
    if (!reader.Finish().ok()) continue;
    for (uint32_t product = 0; product < read.product_count(); ++product) {
      for (const uint32_t session : read.SessionsOf(product)) ASSERT_LT(session, read.session_count());
    }
  }
}

}  // namespace
}  // namespace attune::models
