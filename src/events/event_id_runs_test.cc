// Runs of event ids against a map, across saves, restarts and the window; and folders of format 1.

#include "events/event_id_runs.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "storage/limits.h"
#include "storage/memory_storage.h"

namespace attune::events {
namespace {

using storage::Column;
using storage::kEventIdWindowMs;

constexpr int64_t kStartMs = 1'767'225'600'000;

Hash128 RandomId(Random& random) {
  Hash128 id;
  for (size_t i = 0; i < id.size(); ++i) id[i] = static_cast<uint8_t>(random.NextBelow(256));
  return id;
}

class EventIdRunsTest : public ::testing::Test {
 protected:
  EventIdRunsTest() : clock_(kStartMs), engine_(&clock_) { Reopen(); }

  void Reopen() {
    auto opened = EventIdRuns::Open(&engine_);
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    runs_ = std::move(opened).value();
  }
  void Save(const std::vector<SeenEventId>& ids) {
    ASSERT_TRUE(runs_->Save(ids, Sequence(++sequence_)).ok());
    for (const SeenEventId& seen : ids) truth_[seen.id] = seen.received_at_ms;
  }
  bool Find(const Hash128& id, int64_t now_ms) const {
    const SeenEventId asked{id, now_ms};
    return runs_->FindAny({&asked, 1})->front();
  }
  void ExpectTruth(int64_t now_ms) const {
    for (const auto& [id, received_at_ms] : truth_) {
      ASSERT_EQ(Find(id, now_ms), received_at_ms + kEventIdWindowMs > now_ms);
    }
  }

  VirtualClock clock_;
  storage::MemoryStorage engine_;
  std::unique_ptr<EventIdRuns> runs_;
  std::map<Hash128, int64_t> truth_;
  uint64_t sequence_ = 0;
  Random random_{3};
};

TEST_F(EventIdRunsTest, AgreesWithAMapAcrossSavesRestartsAndTheWindow) {
  int64_t now_ms = kStartMs;
  for (int round = 0; round < 12; ++round) {
    std::vector<SeenEventId> ids(random_.NextBelow(3000));
    for (SeenEventId& seen : ids) {
      now_ms += static_cast<int64_t>(random_.NextBelow(kDayMs / 1000));
      seen = {RandomId(random_), now_ms};
    }
    clock_.Set(now_ms);
    Save(ids);
    if (round % 3 == 2) Reopen();
    EXPECT_EQ(runs_->saved_sequence(), Sequence(sequence_));
    ExpectTruth(now_ms);
    for (int i = 0; i < 1000; ++i) ASSERT_FALSE(Find(RandomId(random_), now_ms));
  }
  ASSERT_GT(now_ms, kStartMs + kEventIdWindowMs);
}

TEST_F(EventIdRunsTest, AnIdExpiresToTheMillisecond) {
  const Hash128 id = RandomId(random_);
  Save({{id, kStartMs}, {RandomId(random_), kStartMs + 5}});
  EXPECT_TRUE(Find(id, kStartMs + kEventIdWindowMs - 1));
  EXPECT_FALSE(Find(id, kStartMs + kEventIdWindowMs));
}

TEST_F(EventIdRunsTest, ALookThatBeganBeforeARunWasReplacedStillFindsItsChunks) {
  const Hash128 id = RandomId(random_);
  Save({{id, kStartMs}});
  const auto chunks = [this] {
    size_t count = 0;
    EXPECT_TRUE(engine_
                    .Scan(Column::kEventIds, "r", "s",
                          [&count](std::string_view, std::string_view) { return ++count > 0; })
                    .ok());
    return count;
  };
  EXPECT_EQ(chunks(), 1u);
  Save({{RandomId(random_), kStartMs}});
  EXPECT_EQ(chunks(), 2u);
  Save({});
  EXPECT_EQ(chunks(), 1u);
  ExpectTruth(kStartMs);
}

TEST_F(EventIdRunsTest, IdsOfFormat1AreAskedUntilTheyExpire) {
  storage::MemoryStorage engine(&clock_);
  const Hash128 old = RandomId(random_);
  storage::WriteBatch batch;
  batch.AppendRecord(storage::RecordKind::kEvent, kStartMs, "an event");
  batch.Put(Column::kEventIds, std::string(reinterpret_cast<const char*>(old.data()), old.size()),
            storage::TimeValue(kStartMs));
  ASSERT_TRUE(engine.Commit(batch, storage::Durability::kSynced).ok());
  const auto find = [&](const Hash128& id, int64_t now_ms) -> bool {
    const SeenEventId asked{id, now_ms};
    return runs_->FindAny({&asked, 1})->front();
  };
  for (int opening = 0; opening < 2; ++opening) {
    auto opened = EventIdRuns::Open(&engine);
    ASSERT_TRUE(opened.ok());
    runs_ = std::move(opened).value();
    EXPECT_EQ(runs_->saved_sequence(), Sequence(1));
    EXPECT_TRUE(find(old, kStartMs + kDayMs));
    EXPECT_FALSE(find(old, kStartMs + kEventIdWindowMs));
    EXPECT_FALSE(find(RandomId(random_), kStartMs));
  }
  runs_.reset();
}

TEST_F(EventIdRunsTest, DamageIsCorruption) {
  const Hash128 id = RandomId(random_);
  Save({{id, kStartMs}});
  storage::WriteBatch batch;
  ASSERT_TRUE(engine_
                  .Scan(Column::kEventIds, "", "",
                        [&batch](std::string_view key, std::string_view value) {
                          batch.Put(Column::kEventIds, std::string(key), std::string(value) + "?");
                          return true;
                        })
                  .ok());
  ASSERT_TRUE(engine_.Commit(batch, storage::Durability::kSynced).ok());
  const SeenEventId asked{id, kStartMs};
  EXPECT_EQ(runs_->FindAny({&asked, 1}).status().code(), StatusCode::kCorruption);
  EXPECT_EQ(EventIdRuns::Open(&engine_).status().code(), StatusCode::kCorruption);
}

TEST(EventIdFilterTest, HasNoFalseNegativesAndFewFalsePositives) {
  constexpr size_t kIds = 100'000;
  Random random(17);
  EventIdFilter filter(kIds);
  std::vector<Hash128> ids(kIds);
  for (Hash128& id : ids) filter.Add(id = RandomId(random));
  const auto read = EventIdFilter::FromBytes(filter.ToBytes());
  ASSERT_TRUE(read.has_value());
  for (const Hash128& id : ids) {
    ASSERT_TRUE(filter.MayContain(id));
    ASSERT_TRUE(read->MayContain(id));
  }
  size_t wrong = 0;
  for (size_t i = 0; i < kIds; ++i) wrong += filter.MayContain(RandomId(random)) ? 1 : 0;
  EXPECT_LT(wrong, kIds / 400);
  EXPECT_LE(filter.memory_bytes(), 2 * kIds + 64);
  EXPECT_FALSE(EventIdFilter::FromBytes("").has_value());
  EXPECT_FALSE(EventIdFilter::FromBytes("short").has_value());
}

}  // namespace
}  // namespace attune::events
