// The decision log: nothing twice, nothing lost while the sink works, bounded when it does not.

#include "decisions/decision_log.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>

namespace attune::decisions {
namespace {

DecisionRecord RecordAt(int64_t time_ms, uint64_t number) {
  DecisionRecord record;
  record.id = DecisionId::Make(time_ms, 1, number);
  record.now_ms = time_ms;
  record.request.placement = "home_for_you";
  return record;
}

// Keeps what was written; fails when told to.
struct Sink {
  std::map<std::string, std::string> written;
  int writes = 0;
  bool fails = false;
  DecisionLog::Sink function() {
    return [this](const storage::WriteBatch& batch) -> Status {
      if (fails) return Unavailable("disk full");
      ++writes;
      for (const auto& operation : batch.operations()) {
        EXPECT_EQ(operation.column, storage::Column::kDecisions);
        EXPECT_TRUE(written.emplace(operation.key, operation.value).second) << "written twice";
      }
      return {};
    };
  }
};

TEST(DecisionLogTest, WritesWhatWaitsInBatches) {
  Sink sink;
  DecisionLog log(sink.function());
  for (uint64_t i = 0; i < kDecisionLogBatchMax + 3; ++i) log.Add(RecordAt(1000, i));
  EXPECT_EQ(log.statistics().waiting, kDecisionLogBatchMax + 3);
  EXPECT_TRUE(log.FindWaiting(RecordAt(1000, 7).id).has_value());
  ASSERT_TRUE(log.FlushOnce().ok());
  EXPECT_EQ(sink.writes, 2);
  EXPECT_EQ(sink.written.size(), kDecisionLogBatchMax + 3);
  EXPECT_FALSE(log.FindWaiting(RecordAt(1000, 7).id).has_value());
  const DecisionLogStatistics statistics = log.statistics();
  EXPECT_EQ(statistics.written, kDecisionLogBatchMax + 3);
  EXPECT_EQ(statistics.waiting, 0u);
  uint64_t bytes = 0;
  for (const auto& [key, value] : sink.written) bytes += key.size() + value.size();
  EXPECT_EQ(statistics.recorded_bytes, bytes);
  ASSERT_TRUE(log.FlushOnce().ok());
  EXPECT_EQ(sink.writes, 2) << "nothing waits, nothing is written";
}

TEST(DecisionLogTest, KeepsRecordsWhileTheSinkFailsAndDropsTheOldestWhenFull) {
  Sink sink;
  DecisionLog log(sink.function(), 10);
  sink.fails = true;
  for (uint64_t i = 0; i < 12; ++i) log.Add(RecordAt(1000, i));
  EXPECT_EQ(log.FlushOnce().code(), StatusCode::kUnavailable);
  EXPECT_EQ(log.statistics().failed_flushes, 1u);
  EXPECT_EQ(log.statistics().dropped, 2u);
  sink.fails = false;
  ASSERT_TRUE(log.FlushOnce().ok());
  EXPECT_EQ(sink.written.size(), 10u);
  EXPECT_EQ(sink.written.count(DecisionKey(RecordAt(1000, 1).id)), 0u);
  EXPECT_EQ(sink.written.count(DecisionKey(RecordAt(1000, 2).id)), 1u);
}

TEST(DecisionLogTest, AddsDuringAFlushWaitForTheNext) {
  DecisionLog* into = nullptr;
  int writes = 0;
  DecisionLog log([&](const storage::WriteBatch&) -> Status {
    ++writes;
    into->Add(RecordAt(2000, static_cast<uint64_t>(writes)));
    return {};
  });
  into = &log;
  log.Add(RecordAt(1000, 1));
  ASSERT_TRUE(log.FlushOnce().ok());
  EXPECT_EQ(writes, 1);
  EXPECT_EQ(log.statistics().waiting, 1u);
}

TEST(DecisionLogTest, ManyThreadsLoseNothing) {
  Sink sink;
  DecisionLog log(sink.function());
  std::vector<std::thread> threads;
  for (uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&log, thread] {
      for (uint64_t i = 0; i < 500; ++i) log.Add(RecordAt(1000, thread * 1000 + i));
    });
  }
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(log.FlushOnce().ok());
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(log.FlushOnce().ok());
  EXPECT_EQ(sink.written.size(), 2000u);
}

TEST(DecisionLogTest, TheRecordedShareIsThatOfTheIds) {
  Placement placement;
  int recorded = 0;
  placement.record_share = 0.25;
  for (uint64_t i = 0; i < 10'000; ++i)
    recorded += IsRecorded(placement, DecisionId::Make(1000, 1, i)) ? 1 : 0;
  EXPECT_NEAR(recorded, 2500, 200);
  placement.record_share = 0;
  EXPECT_FALSE(IsRecorded(placement, DecisionId::Make(1000, 1, 1)));
  placement.record_share = 1;
  EXPECT_TRUE(IsRecorded(placement, DecisionId::Make(1000, 1, 1)));
}

}  // namespace
}  // namespace attune::decisions
