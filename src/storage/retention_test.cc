// The plan of retention on hand-made states and in a long simulation; then the doing, on a real store.

#include "storage/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/random.h"

namespace attune::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kNow = 1'700'000'000'000;

RetentionLimits Limits() {
  RetentionLimits limits;
  limits.log_age_max_ms = 10 * kDayMs;
  limits.log_bytes_max = 1'000;
  limits.base_interval_ms = kDayMs;
  return limits;
}

LogState State(uint64_t first, uint64_t last, uint64_t bytes, std::vector<Base> bases) {
  LogState state;
  state.now_ms = kNow;
  state.first = Sequence{first};
  state.last = Sequence{last};
  state.watermark = Sequence{last};
  state.log_bytes = bytes;
  state.bases = std::move(bases);
  return state;
}

TEST(LogRetentionTest, AnEmptyStoreNeedsNothing) {
  EXPECT_EQ(PlanLogRetention(State(1, 0, 0, {}), Limits()), LogPlan{});
}

TEST(LogRetentionTest, TheFirstPlanMakesABaseAndCutsNothing) {
  const LogPlan plan = PlanLogRetention(State(1, 100, 500, {}), Limits());
  EXPECT_TRUE(plan.make_base);
  EXPECT_EQ(plan.keep_from, std::nullopt);
}

TEST(LogRetentionTest, ABaseIsMadeWhenTheNewestIsOldAndTheLogGrew) {
  const Base fresh{Sequence{50}, kNow - kDayMs + 1};
  const Base due{Sequence{50}, kNow - kDayMs};
  EXPECT_FALSE(PlanLogRetention(State(1, 100, 500, {fresh}), Limits()).make_base);
  EXPECT_TRUE(PlanLogRetention(State(1, 100, 500, {due}), Limits()).make_base);
  LogState nothing_new = State(1, 100, 500, {due});
  nothing_new.watermark = Sequence{50};
  EXPECT_FALSE(PlanLogRetention(nothing_new, Limits()).make_base);
}

TEST(LogRetentionTest, TheLogIsCutBehindTheNewestBaseThatIsOldEnough) {
  const std::vector<Base> bases = {{Sequence{10}, kNow - 12 * kDayMs},
                                   {Sequence{20}, kNow - 10 * kDayMs},
                                   {Sequence{30}, kNow - 10 * kDayMs + 1}};
  const LogPlan plan = PlanLogRetention(State(1, 100, 500, bases), Limits());
  EXPECT_EQ(plan.keep_from, Sequence{21});
  EXPECT_THAT(plan.delete_bases, ElementsAre(Sequence{10}));
  // Done before: nothing is asked twice.
  const LogPlan again = PlanLogRetention(State(21, 100, 400, {bases[1], bases[2]}), Limits());
  EXPECT_EQ(again.keep_from, std::nullopt);
  EXPECT_THAT(again.delete_bases, IsEmpty());
}

TEST(LogRetentionTest, BytesTakeANewerBaseThanAgeWould) {
  const std::vector<Base> bases = {
      {Sequence{25}, kNow - 3}, {Sequence{50}, kNow - 2}, {Sequence{75}, kNow - 1}};
  // 2000 bytes over 100 records: 1500 behind the first base, 1000 behind the second.
  const LogPlan plan = PlanLogRetention(State(1, 100, 2'000, bases), Limits());
  EXPECT_EQ(plan.keep_from, Sequence{51});
  EXPECT_THAT(plan.delete_bases, ElementsAre(Sequence{25}));
  EXPECT_FALSE(plan.make_base);
  // No base is new enough: one is made, although the newest is young.
  EXPECT_TRUE(PlanLogRetention(State(1, 100, 8'000, bases), Limits()).make_base);
  EXPECT_EQ(PlanLogRetention(State(1, 100, 8'000, bases), Limits()).keep_from, Sequence{76});
}

// A year of a store, hour by hour: at each step there is a base at or before what age keeps, and the bytes
// hold.
TEST(LogRetentionTest, AYearOfPlansKeepsThePromises) {
  for (const uint64_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    LogState state = State(1, 0, 0, {});
    RetentionLimits limits = Limits();
    limits.log_bytes_max = 40'000;
    constexpr uint64_t kRecordBytes = 10;
    std::vector<int64_t> written_at_ms = {0};  // By sequence.
    for (int hour = 0; hour < 365 * 24; ++hour) {
      state.now_ms = kNow + hour * kHourMs;
      for (uint64_t i = random.NextBelow(hour % 2000 < 300 ? 60 : 6); i > 0; --i) {
        written_at_ms.push_back(state.now_ms);
      }
      state.last = Sequence{written_at_ms.size() - 1};
      state.watermark = state.last;
      state.log_bytes = (state.last.value() + 1 - state.first.value()) * kRecordBytes;
      LogPlan plan = PlanLogRetention(state, limits);
      if (plan.make_base) {
        ASSERT_TRUE(state.bases.empty() || state.bases.back().sequence < state.watermark);
        state.bases.push_back({state.watermark, state.now_ms});
        plan = PlanLogRetention(state, limits);
        ASSERT_FALSE(plan.make_base) << "hour " << hour;
      }
      if (plan.keep_from) {
        const uint64_t kept_before = state.log_bytes;
        state.first = *plan.keep_from;
        state.log_bytes = (state.last.value() + 1 - state.first.value()) * kRecordBytes;
        // What age alone would keep is cut only when the bytes ask for it.
        const bool by_age = written_at_ms[state.first.value() - 1] <= state.now_ms - limits.log_age_max_ms;
        ASSERT_TRUE(by_age || kept_before > limits.log_bytes_max);
      }
      for (const Sequence sequence : plan.delete_bases) {
        std::erase_if(state.bases, [&](const Base& base) { return base.sequence == sequence; });
      }
      ASSERT_LE(state.log_bytes, limits.log_bytes_max) << "hour " << hour;
      if (state.last.value() > 0) {
        ASSERT_FALSE(state.bases.empty());
        // A rebuild can start from the oldest base, or from the first record.
        ASSERT_TRUE(state.first == Sequence{1} ||
                    state.bases.front().sequence.value() + 1 == state.first.value());
        ASSERT_LE(state.bases.size(), 14u);
      }
    }
  }
}

TEST(DecisionCutoffTest, AgeAloneCutsAtTheAge) {
  RetentionLimits limits;
  limits.decision_age_max_ms = kDayMs;
  EXPECT_EQ(DecisionCutoff(kNow, {}, limits), kNow - kDayMs);
  EXPECT_EQ(DecisionCutoff(kNow, {{kNow - 10, 5}}, limits), kNow - kDayMs);
  EXPECT_EQ(DecisionCutoff(100, {}, limits), 0);
}

TEST(DecisionCutoffTest, BytesDropWholeBucketsFromTheOldest) {
  RetentionLimits limits;
  limits.decision_bytes_max = 100;
  const std::vector<DecisionBucket> buckets = {
      {kNow - 40, 50}, {kNow - 30, 50}, {kNow - 20, 50}, {kNow - 10, 50}};
  EXPECT_EQ(DecisionCutoff(kNow, buckets, limits), kNow - 20);
  limits.decision_bytes_max = 99;
  EXPECT_EQ(DecisionCutoff(kNow, buckets, limits), kNow - 10);
  limits.decision_bytes_max = 200;
  EXPECT_EQ(DecisionCutoff(kNow, buckets, limits), kNow - limits.decision_age_max_ms);
  limits.decision_bytes_max = 10;
  EXPECT_EQ(DecisionCutoff(kNow, buckets, limits), kNow);
}

class RetentionTest : public ::testing::Test {
 protected:
  RetentionTest()
      : folder_((fs::path(::testing::TempDir()) /
                 ("attune_retention_" + std::to_string(SecureRandomSource().Next64())))
                    .string()) {
    options_.clock = &clock_;
    options_.resources = StorageResources::Create({});
    Result<std::unique_ptr<RocksStorage>> opened = RocksStorage::Open(folder_, options_);
    EXPECT_TRUE(opened.ok()) << opened.status().message();
    if (opened.ok()) engine_ = std::move(opened).value();
  }
  ~RetentionTest() override {
    engine_.reset();
    std::error_code error;
    fs::remove_all(folder_, error);
  }

  // A day: ten records, a state that counts them, and ten decisions of 10 kB that do not compress.
  void LiveOneDay() {
    WriteBatch batch;
    for (uint64_t i = 0; i < 10; ++i) {
      batch.AppendRecord(RecordKind::kEvent, clock_.NowMs(), "record");
      std::string value(10'000, '\0');
      for (char& c : value) c = static_cast<char>(random_.Next());
      const DecisionId id = DecisionId::Make(clock_.NowMs() + static_cast<int64_t>(i), 1, i);
      batch.Put(Column::kDecisions, OrderedKey(id.high) + OrderedKey(id.low), value);
    }
    batch.Put(Column::kMeta, "count", std::to_string(engine_->last_sequence().value() + 10));
    ASSERT_TRUE(engine_->Commit(batch, Durability::kSynced).ok());
    clock_.Advance(kDayMs);
  }

  int64_t OldestDecisionMs() const {
    int64_t oldest_ms = -1;
    EXPECT_TRUE(engine_
                    ->Scan(Column::kDecisions, "", "",
                           [&](std::string_view key, std::string_view) {
                             oldest_ms = static_cast<int64_t>(NumberFromOrderedKey(key) >> 16);
                             return false;
                           })
                    .ok());
    return oldest_ms;
  }

  const std::string folder_;
  VirtualClock clock_{kNow};
  Random random_{11};
  RocksOptions options_;
  std::unique_ptr<RocksStorage> engine_;
};

TEST_F(RetentionTest, AStoreCanBeRebuiltFromItsOldestBaseAtAnyDay) {
  RetentionLimits limits;
  limits.log_age_max_ms = 3 * kDayMs;
  limits.decision_age_max_ms = 5 * kDayMs;
  for (int day = 0; day < 12; ++day) {
    SCOPED_TRACE("day " + std::to_string(day));
    LiveOneDay();
    const Result<RetentionReport> report =
        ApplyRetention(*engine_, engine_->last_sequence(), options_, limits);
    ASSERT_TRUE(report.ok()) << report.status().message();
    const Result<std::vector<Base>> bases = ListBases(folder_);
    ASSERT_TRUE(bases.ok());
    ASSERT_FALSE(bases->empty());
    ASSERT_LE(bases->size(), 5u);

    const std::string oldest = BaseFolder(folder_, bases->front().sequence);
    const Result<std::unique_ptr<RocksStorage>> base = RocksStorage::Open(oldest, options_);
    ASSERT_TRUE(base.ok()) << base.status().message();
    uint64_t count = std::stoull(**(*base)->Get(Column::kMeta, "count"));
    EXPECT_EQ(count, bases->front().sequence.value());
    ASSERT_TRUE(engine_
                    ->ScanLog(Sequence{count + 1},
                              [&](const Record& record) {
                                EXPECT_EQ(record.sequence.value(), ++count);
                                return true;
                              })
                    .ok());
    EXPECT_EQ(std::to_string(count), **engine_->Get(Column::kMeta, "count"));
    EXPECT_GE(OldestDecisionMs(), clock_.NowMs() - limits.decision_age_max_ms);
  }
  EXPECT_GT(engine_->first_sequence(), Sequence{80});
}

TEST_F(RetentionTest, ABaseHoldsNoDecisionsAndNoOldLog) {
  LiveOneDay();
  LiveOneDay();
  ASSERT_TRUE(MakeBase(*engine_, Sequence{15}, options_).ok());
  ASSERT_TRUE(MakeBase(*engine_, Sequence{15}, options_).ok());
  const Result<std::unique_ptr<RocksStorage>> base =
      RocksStorage::Open(BaseFolder(folder_, Sequence{15}), options_);
  ASSERT_TRUE(base.ok()) << base.status().message();
  EXPECT_EQ((*base)->first_sequence(), Sequence{16});
  EXPECT_EQ((*base)->last_sequence(), Sequence{20});
  EXPECT_EQ((*base)->statistics().decision_bytes, 0u);
  EXPECT_LT((*base)->statistics().disk_bytes, 100'000u);
  EXPECT_EQ(MakeBase(*engine_, Sequence{21}, options_).code(), StatusCode::kInvalidArgument);
  ASSERT_TRUE(engine_->TruncateLogBefore(Sequence{11}).ok());
  EXPECT_EQ(MakeBase(*engine_, Sequence{9}, options_).code(), StatusCode::kInvalidArgument);
}

TEST_F(RetentionTest, WhatIsNoBaseIsPassedOver) {
  LiveOneDay();
  ASSERT_TRUE(MakeBase(*engine_, Sequence{10}, options_).ok());
  fs::create_directories(folder_ + "/bases/00000000000000000007");  // Without BASE: half removed.
  fs::create_directories(folder_ + "/bases/.making");
  fs::create_directories(folder_ + "/bases/notes");
  EXPECT_THAT(*ListBases(folder_), ElementsAre(Base{Sequence{10}, clock_.NowMs()}));
  LiveOneDay();
  EXPECT_TRUE(MakeBase(*engine_, Sequence{20}, options_).ok());
  EXPECT_EQ(ListBases(folder_)->size(), 2u);
}

TEST_F(RetentionTest, TheBytesOfDecisionsAreHeld) {
  RetentionLimits limits;
  limits.decision_age_max_ms = 1'000 * kDayMs;
  limits.decision_bytes_max = 2'000'000;
  for (int day = 0; day < 60; ++day) LiveOneDay();  // 100 kB a day.
  ASSERT_TRUE(engine_->Compact(Column::kDecisions).ok());
  ASSERT_GT(engine_->ApproximateBytes(Column::kDecisions, "", ""), 5'000'000u);
  const Result<RetentionReport> report = ApplyRetention(*engine_, engine_->last_sequence(), options_, limits);
  ASSERT_TRUE(report.ok()) << report.status().message();
  ASSERT_TRUE(engine_->Compact(Column::kDecisions).ok());
  const uint64_t kept = engine_->ApproximateBytes(Column::kDecisions, "", "");
  EXPECT_LE(kept, limits.decision_bytes_max + 100'000);
  EXPECT_GE(kept, limits.decision_bytes_max / 2);
}

}  // namespace
}  // namespace attune::storage
