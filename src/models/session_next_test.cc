// The blend of session models: what it learns, what it keeps, and that threads and files change nothing.

#include "models/session_next.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "models/model_file.h"
#include "models/session_weights.h"

namespace attune::models {
namespace {

constexpr uint32_t kProducts = 60;

// Walks along a ring, mostly one step on, sometimes back to where the visit began.
Sequences RingSessions(uint64_t seed, int count) {
  Random random(seed);
  Sequences sessions;
  std::vector<uint32_t> products;
  for (int i = 0; i < count; ++i) {
    products.clear();
    auto product = static_cast<uint32_t>(random.NextBelow(kProducts));
    for (uint64_t length = 2 + random.NextBelow(5); length > 0; --length) {
      products.push_back(product);
      product = random.NextBelow(5) == 0
                    ? products.front()
                    : (product + 1 + static_cast<uint32_t>(random.NextBelow(2))) % kProducts;
    }
    sessions.Add(products);
  }
  return sessions;
}

std::shared_ptr<const SessionNextModel> TrainOrDie(const Sequences& sessions, int threads = 1) {
  TrainingControl control;
  control.thread_count = threads;
  auto model =
      SessionNextModel::Train(kSessionNext, sessions, kProducts, ProductTies::Make(nullptr), {}, control);
  CHECK(model.ok());
  return *model;
}

std::vector<Candidate> Ask(const SessionNextModel& model, const std::vector<uint32_t>& latest_first,
                           bool may_repeat, size_t limit) {
  std::vector<Seed> seeds;
  for (const uint32_t product : latest_first) seeds.push_back({ProductIndex(product), 1, 0, 0});
  SourceQuery query;
  query.seeds = seeds;
  query.may_repeat = may_repeat;
  std::vector<Candidate> out;
  model.Retrieve(query, limit, out);
  return out;
}

std::string Bytes(const SessionNextModel& model) {
  SectionWriter out;
  model.Save(out);
  return out.bytes();
}

TEST(SessionNext, AnswersWhatComesNext) {
  const auto model = TrainOrDie(RingSessions(1, 3000));
  const std::vector<Candidate> answer = Ask(*model, {11, 10}, false, 3);
  ASSERT_EQ(answer.size(), 3u);
  EXPECT_TRUE(answer[0].product == ProductIndex(12) || answer[0].product == ProductIndex(13));
  EXPECT_TRUE(answer[0].has_because);
  EXPECT_TRUE(answer[0].because == ProductIndex(11) || answer[0].because == ProductIndex(10));
}

TEST(SessionNext, SeedsStayCandidatesOnlyWhereTheyMayRepeat) {
  const auto model = TrainOrDie(RingSessions(1, 3000));
  const auto is_seed = [](const Candidate& c) {
    return c.product == ProductIndex(11) || c.product == ProductIndex(10);
  };
  const auto without = Ask(*model, {11, 10}, false, 100);
  EXPECT_TRUE(std::none_of(without.begin(), without.end(), is_seed));
  const auto with = Ask(*model, {11, 10}, true, 100);
  EXPECT_EQ(std::count_if(with.begin(), with.end(), is_seed), 2);
}

TEST(SessionNext, ThreadsChangeNoByte) {
  const Sequences sessions = RingSessions(2, 4000);  // Enough that the weights are chosen.
  EXPECT_EQ(Bytes(*TrainOrDie(sessions, 1)), Bytes(*TrainOrDie(sessions, 3)));
}

TEST(SessionNext, AnswersTheSameAfterItWasRead) {
  const auto model = TrainOrDie(RingSessions(3, 500));
  const std::string bytes = Bytes(*model);
  SectionReader in("session_next", bytes);
  const auto loaded = SessionNextModel::Load(kSessionNext, in, ProductTies::Make(nullptr));
  ASSERT_TRUE(loaded.ok());
  const auto before = Ask(*model, {5, 4, 9}, true, 50);
  const auto after = Ask(**loaded, {5, 4, 9}, true, 50);
  ASSERT_EQ(before.size(), after.size());
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before[i].product, after[i].product);
    EXPECT_EQ(before[i].score, after[i].score);
  }
  for (size_t cut = 0; cut < bytes.size(); cut += 97) {
    SectionReader damaged("session_next", std::string_view(bytes).substr(0, cut));
    EXPECT_FALSE(SessionNextModel::Load(kSessionNext, damaged, nullptr).ok()) << cut;
  }
}

TEST(SessionNext, LearnsNothingFromNothing) {
  const auto model = SessionNextModel::Train(kSessionNext, Sequences(), 0, nullptr, {}, {});
  ASSERT_TRUE(model.ok());
  EXPECT_TRUE(Ask(**model, {1, 2}, true, 10).empty());
}

TEST(SessionNext, NamesAnOptionThatIsOutOfRange) {
  SessionNextOptions options;
  options.weights.parts[0] = -1;
  const auto field_of = [](const SessionNextOptions& wrong) {
    return SessionNextModel::Train(kSessionNext, Sequences(), 0, nullptr, wrong, {}).status().field();
  };
  EXPECT_EQ(field_of(options), "weights");
  options = {};
  options.linear_tau = 0;
  EXPECT_EQ(field_of(options), "linear_tau");
  options = {};
  options.transitions.gap = 0;
  EXPECT_EQ(field_of(options), "gap");
}

TEST(SessionWeights, AreChosenOnTheNewestSessions) {
  EXPECT_FALSE(CutForWeights(RingSessions(1, 1999)).has_value());
  const Sequences sessions = RingSessions(1, 2000);
  const auto cut = CutForWeights(sessions);
  ASSERT_TRUE(cut.has_value());
  EXPECT_EQ(cut->training.size(), 1800u);
  EXPECT_EQ(cut->newest.size(), 200u);
  EXPECT_TRUE(std::ranges::equal(cut->newest.Of(199), sessions.Of(1999)));
}

TEST(SessionWeights, DefaultsStandWhenNothingCanBeAsked) {
  const auto model = TrainOrDie(RingSessions(1, 300));
  Sequences newest;
  newest.Add(std::vector<uint32_t>{3});
  const SessionWeights defaults = {{3, 2, 1}, 0.5f};
  const auto weights = ChooseWeights(*model, newest, defaults, {});
  ASSERT_TRUE(weights.ok());
  EXPECT_EQ(*weights, defaults);
}

}  // namespace
}  // namespace attune::models
