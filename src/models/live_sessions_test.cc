// Live sessions against what they stand for: one index over all sessions, and the trainers' rule of visits.

#include "models/live_sessions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "events/event_record.h"
#include "models/interaction_log.h"
#include "models/limits.h"
#include "models/live_window.h"
#include "models/sequences_for_tests.h"
#include "models/session_knn.h"
#include "models/session_next.h"
#include "models/visits.h"

namespace attune::models {
namespace {

constexpr uint32_t kOld = 20;  // Products of the training; later ones are new.
constexpr uint32_t kProducts = 26;
constexpr int64_t kStartMs = 1'790'000'000'000;

Lists RandomVisits(Random& random, uint32_t product_count, int count) {
  Lists lists(static_cast<size_t>(count));
  for (auto& list : lists) {
    for (uint64_t length = 2 + random.NextBelow(6); length > 0; --length) {
      list.push_back(static_cast<uint32_t>(random.NextBelow(random.NextBelow(product_count) + 1)));
    }
  }
  return lists;
}

std::vector<Seed> ToSeeds(const std::vector<uint32_t>& products) {
  std::vector<Seed> seeds;
  for (const uint32_t product : products) seeds.push_back({ProductIndex(product), 1, 0, 0});
  return seeds;
}

std::vector<float> ScoresOf(const SessionKnn& knn, const std::vector<Seed>& seeds, const LiveSessions* live) {
  SparseAccumulator accumulator;
  accumulator.Start(kProducts);
  knn.Score(seeds, live, accumulator);
  std::vector<float> scores;
  for (uint32_t product = 0; product < kProducts; ++product) scores.push_back(accumulator.ScoreOf(product));
  return scores;
}

// Bit by bit: an index of `trained` with `live` beside it, and one of both.
void ExpectAsOneIndex(const SessionKnnOptions& options, uint64_t seed) {
  Random random(seed);
  const Lists trained = RandomVisits(random, kOld, 150);
  const Lists live = RandomVisits(random, kProducts, 40);
  Lists all = trained;
  all.insert(all.end(), live.begin(), live.end());
  const SessionKnn base(SessionIndex(ToSequences(trained), kOld, options.sessions_per_product_max), options);
  const SessionKnn one(SessionIndex(ToSequences(all), kProducts, options.sessions_per_product_max), options);
  const auto delta = base.MakeLive(ToSequences(live), Sequence(7));
  EXPECT_EQ(delta->sequence(), Sequence(7));
  bool has_new = false;
  for (uint32_t first = 0; first < kProducts; ++first) {
    const auto seeds = ToSeeds({first, static_cast<uint32_t>(random.NextBelow(kProducts)), 1});
    const auto scores = ScoresOf(base, seeds, delta.get());
    EXPECT_EQ(scores, ScoresOf(one, seeds, nullptr)) << first;
    has_new = has_new || std::any_of(scores.begin() + kOld, scores.end(), [](float s) { return s > 0; });
  }
  EXPECT_TRUE(has_new);
}

TEST(LiveSessions, ScoreAsOneIndexOverAllSessions) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    ExpectAsOneIndex({}, seed);
    ExpectAsOneIndex({.neighbours_max = 15, .length_exponent = 0.3}, seed);
    ExpectAsOneIndex({.candidate_exponent = 1.7}, seed);
  }
}

// Without ageing, since the places by age are what the bound of live_sessions.h is about.
TEST(LiveSessions, PushTheOldestSessionsOutOfTheListsOfProducts) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    ExpectAsOneIndex({.sessions_per_product_max = 9, .ageing = 0}, seed);
    ExpectAsOneIndex({.sessions_per_product_max = 2, .neighbours_max = 4, .ageing = 0}, seed);
  }
}

TEST(LiveSessions, OfAnEmptyTrainingAreAllThereIs) {
  const SessionKnn base(SessionIndex(Sequences(), 0, 500), {});
  const auto live = base.MakeLive(ToSequences({{21, 22}, {21, 23}}), Sequence(3));
  const auto scores = ScoresOf(base, ToSeeds({21}), live.get());
  EXPECT_GT(scores[22], 0);
  EXPECT_GT(scores[23], scores[22]) << "the newer visit counts more";
}

TEST(LiveSessions, ReachSessionNextAndNotHistoryNext) {
  Random random(5);
  const Sequences trained = ToSequences(RandomVisits(random, kOld, 200));
  const auto train = [&](std::string_view name) {
    return SessionNextModel::Train(name, trained, kOld, ProductTies::Make(nullptr), {}, {}).value();
  };
  const auto next = train(kSessionNext);
  const auto live = next->MakeLive(ToSequences({{3, 24}, {3, 24}, {24, 25}}), Sequence(9));
  const auto seeds = ToSeeds({3});
  const auto answers = [&](const SessionNextModel& model, const LiveSessions* given) {
    SourceQuery query;
    query.seeds = seeds;
    query.live = given;
    std::vector<Candidate> out;
    model.Retrieve(query, 100, out);
    return out;
  };
  const auto holds = [](const std::vector<Candidate>& out, uint32_t product) {
    return std::any_of(out.begin(), out.end(),
                       [product](const Candidate& c) { return c.product == ProductIndex(product); });
  };
  EXPECT_FALSE(holds(answers(*next, nullptr), 24));
  EXPECT_TRUE(holds(answers(*next, live.get()), 24));
  EXPECT_FALSE(holds(answers(*train(kHistoryNext), live.get()), 24));
}

// ---- From the log ----

struct LoggedRecord {
  storage::RecordKind kind;
  std::string payload;
};

// A log of a small shop: views with and without consent, history, logins, and forgotten shoppers.
std::vector<LoggedRecord> RandomLog(uint64_t seed, int count) {
  Random random(seed);
  std::vector<LoggedRecord> log;
  int64_t now_ms = kStartMs;
  for (int i = 0; i < count; ++i) {
    now_ms += static_cast<int64_t>(random.NextBelow(4)) * kMinuteMs;
    const ShopperHandle shopper(1 + random.NextBelow(12));
    const uint64_t what = random.NextBelow(20);
    if (what < 2) {
      events::IdentityChange change;
      using Kind = events::IdentityChange::Kind;
      change.kind = what == 0 ? Kind::kLinked : random.NextBelow(2) == 0 ? Kind::kErased : Kind::kUnlinked;
      change.shopper = shopper;
      change.owner = ShopperHandle(100 + random.NextBelow(3));
      if (change.kind == Kind::kErased && random.NextBelow(2) == 0) change.shopper = change.owner;
      log.push_back({storage::RecordKind::kIdentity, events::EncodeIdentityChange(change)});
      continue;
    }
    events::Event event;
    event.type = what == 2 ? events::EventType::kProductAdded : events::EventType::kProductViewed;
    event.occurred_at_ms = now_ms - static_cast<int64_t>(random.NextBelow(3)) * kMinuteMs;
    event.received_at_ms = now_ms;
    event.shopper = what == 3 ? ShopperHandle() : shopper;
    event.consent.personalization = what != 4;
    for (uint64_t lines = 1 + random.NextBelow(2); lines > 0; --lines) {
      event.lines.emplace_back();
      event.lines.back().product = ProductIndex(static_cast<uint32_t>(random.NextBelow(kProducts)));
    }
    log.push_back({storage::RecordKind::kEvent, events::EncodeEvent(event)});
  }
  return log;
}

storage::Record RecordAt(const std::vector<LoggedRecord>& log, uint64_t sequence) {
  return {Sequence(sequence), 0, log[sequence - 1].kind, log[sequence - 1].payload};
}

Lists ToLists(const Sequences& sequences) {
  Lists lists;
  for (size_t i = 0; i < sequences.size(); ++i) {
    lists.emplace_back(sequences.Of(i).begin(), sequences.Of(i).end());
  }
  return lists;
}

// What a trainer would learn from records (from, to].
Lists TrainedVisits(const std::vector<LoggedRecord>& log, uint64_t from, uint64_t to) {
  InteractionLog rows;
  for (uint64_t sequence = from + 1; sequence <= to; ++sequence) {
    const LoggedRecord& record = log[sequence - 1];
    if (record.kind == storage::RecordKind::kEvent) {
      events::Event event;
      EXPECT_TRUE(events::DecodeEvent(record.payload, event).ok());
      rows.AddEvent(event);
      continue;
    }
    const events::IdentityChange change = events::DecodeIdentityChange(record.payload).value();
    using Kind = events::IdentityChange::Kind;
    if (change.kind == Kind::kLinked) rows.Link(change.shopper, change.owner);
    if (change.kind == Kind::kUnlinked) rows.Unlink(change.shopper);
    if (change.kind == Kind::kErased) rows.ForgetShopper(change.shopper);
  }
  return ToLists(VisitsByAge(rows, *ProductTies::Make(nullptr), 30 * kMinuteMs));
}

LiveWindow ReadWindow(const std::vector<LoggedRecord>& log, uint64_t from, uint64_t to, uint64_t step) {
  LiveWindow window;
  for (uint64_t begin = from; begin < to; begin += step) {
    std::vector<LiveRow> rows;
    const uint64_t end = std::min(to, begin + step);
    for (uint64_t sequence = begin + 1; sequence <= end; ++sequence) {
      EXPECT_TRUE(AppendLiveRows(RecordAt(log, sequence), rows).ok());
    }
    window.Append(rows, Sequence(end));
  }
  return window;
}

TEST(LiveWindow, HoldsTheVisitsThatATrainerWouldLearnFrom) {
  const auto ties = ProductTies::Make(nullptr);
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    const auto log = RandomLog(seed, 400);
    const LiveWindow window = ReadWindow(log, 0, 400, 37);
    for (const uint64_t watermark : {0u, 1u, 150u, 390u, 400u}) {
      const Lists expected = TrainedVisits(log, watermark, 400);
      EXPECT_EQ(ToLists(window.Visits(Sequence(watermark), *ties)), expected) << watermark;
      EXPECT_EQ(ToLists(ReadWindow(log, watermark, 400, 11).Visits(Sequence(watermark), *ties)), expected);
    }
    EXPECT_GT(TrainedVisits(log, 0, 400).size(), 5u);
  }
}

TEST(LiveWindow, ForgetsWhatATrainingHasLearned) {
  const auto log = RandomLog(3, 200);
  LiveWindow window = ReadWindow(log, 0, 200, 50);
  const auto ties = ProductTies::Make(nullptr);
  const Lists before = ToLists(window.Visits(Sequence(120), *ties));
  const size_t all = window.row_count();
  window.DropThrough(Sequence(120));
  EXPECT_LT(window.row_count(), all);
  EXPECT_EQ(ToLists(window.Visits(Sequence(120), *ties)), before);
}

TEST(LiveWindow, LeavesImportedHistoryToTheTraining) {
  events::Event event;
  event.shopper = ShopperHandle(1);
  event.lines.emplace_back();
  std::vector<LiveRow> rows;
  AppendLiveRows(Sequence(1), event, rows);
  EXPECT_EQ(rows.size(), 1u);
  event.is_backfill = true;
  AppendLiveRows(Sequence(2), event, rows);
  EXPECT_EQ(rows.size(), 1u);
  EXPECT_EQ(AppendLiveRows({Sequence(3), 0, storage::RecordKind::kEvent, "\xff"}, rows).code(),
            StatusCode::kCorruption);
}

TEST(LiveWindow, IsBoundedByRowsAndByRecords) {
  LiveWindow window;
  const LiveRow row{Sequence(1), ShopperHandle(1), kStartMs, ProductIndex(1), LiveRow::Kind::kView};
  window.Append(std::vector<LiveRow>(kLiveRowsMax + 10, row), Sequence(1));
  EXPECT_EQ(window.row_count(), kLiveRowsMax);
  window.Append({}, Sequence(kLiveRecordsMax));
  EXPECT_EQ(window.row_count(), kLiveRowsMax);
  window.Append({}, Sequence(kLiveRecordsMax + 1));
  EXPECT_EQ(window.row_count(), 0u);
  EXPECT_EQ(LiveWindowStart(Sequence(5), Sequence(9)), Sequence(5));
  EXPECT_EQ(LiveWindowStart(Sequence(5), Sequence(kLiveRecordsMax + 9)), Sequence(9));
}

}  // namespace
}  // namespace attune::models
