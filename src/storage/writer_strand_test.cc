// The promises of writer_strand.h: one sync for what waits, Done after Apply after Commit, order, bounds,
// fairness, failures, and Stop.
//
// Method: commands that note what happens to them; a gate command holds the strand so that a test decides
// what waits.

#include "storage/writer_strand.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "storage/faulty_storage.h"
#include "storage/memory_storage.h"

namespace attune::storage {
namespace {

using ::testing::ElementsAre;

// What happened, in order.
class Journal {
 public:
  void Note(std::string what) {
    MutexLock lock(mutex_);
    lines_.push_back(std::move(what));
  }
  std::vector<std::string> lines() const {
    MutexLock lock(mutex_);
    return lines_;
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::string> lines_ GUARDED_BY(mutex_);
};

class TestCommand final : public WriteCommand {
 public:
  std::function<Status(WriteBatch&)> prepare = [](WriteBatch&) { return Status(); };
  std::function<void(Sequence)> apply = [](Sequence) {};
  std::function<void(const Status&)> done = [](const Status&) {};

  Status Prepare(WriteBatch& batch) override { return prepare(batch); }
  void Apply(Sequence first) override { apply(first); }
  void Done(const Status& status) override { done(status); }
};

// Appends `records` records named after it and notes each step.
std::unique_ptr<TestCommand> Noted(Journal& journal, const std::string& name, int records) {
  auto command = std::make_unique<TestCommand>();
  command->prepare = [&journal, name, records](WriteBatch& batch) {
    journal.Note("prepare " + name);
    for (int i = 0; i < records; ++i) batch.AppendRecord(RecordKind::kEvent, 1, name);
    return Status();
  };
  command->apply = [&journal, name](Sequence first) {
    journal.Note("apply " + name + " " + std::to_string(first.value()));
  };
  command->done = [&journal, name](const Status& status) {
    journal.Note("done " + name + (status.ok() ? "" : ": " + status.message()));
  };
  return command;
}

// Holds its strand in Prepare until opened.
class Gate {
 public:
  std::unique_ptr<TestCommand> Command() {
    auto command = std::make_unique<TestCommand>();
    command->prepare = [this](WriteBatch&) {
      entered_.set_value();
      opened_.get_future().wait();
      return Status();
    };
    return command;
  }
  void WaitUntilEntered() { entered_.get_future().wait(); }
  void Open() { opened_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> opened_;
};

class NotingListener final : public WriterStrand::GroupListener {
 public:
  explicit NotingListener(Journal* journal) : journal_(journal) {}
  void OnGroupApplied() override { journal_->Note("group applied"); }
  void OnCommitFailed(const Status& status) override { journal_->Note("commit failed: " + status.message()); }

 private:
  Journal* const journal_;
};

class WriterStrandTest : public ::testing::Test {
 protected:
  VirtualClock clock_{1'000};
  MemoryStorage memory_{&clock_};
  FaultyStorage engine_{&memory_};
  Journal journal_;
  NotingListener listener_{&journal_};
  WriterPool pool_{2};
};

// A group of one in front, so that what a test submits while the gate is shut becomes the next group.
WriterLimits Limits(size_t group_commands_max = 512, size_t group_bytes_max = 8u << 20,
                    size_t queue_commands_max = 4096) {
  WriterLimits limits;
  limits.group_commands_max = group_commands_max;
  limits.group_bytes_max = group_bytes_max;
  limits.queue_commands_max = queue_commands_max;
  return limits;
}

TEST_F(WriterStrandTest, WhatWaitsBecomesOneCommitInOrder) {
  WriterStrand strand(&pool_, &engine_, &listener_, Limits());
  Gate gate;
  ASSERT_TRUE(strand.Submit(gate.Command()).ok());
  gate.WaitUntilEntered();
  ASSERT_TRUE(strand.Submit(Noted(journal_, "a", 2)).ok());
  ASSERT_TRUE(strand.Submit(Noted(journal_, "b", 0)).ok());
  ASSERT_TRUE(strand.Submit(Noted(journal_, "c", 1)).ok());
  gate.Open();
  strand.Stop();
  EXPECT_THAT(journal_.lines(), ElementsAre("prepare a", "prepare b", "prepare c", "apply a 1", "apply b 3",
                                            "apply c 3", "group applied", "done a", "done b", "done c"));
  EXPECT_EQ(engine_.commits(), 1u);
  EXPECT_EQ(engine_.last_sequence(), Sequence{3});
}

TEST_F(WriterStrandTest, AGroupThatWritesNothingIsAppliedWithoutACommit) {
  WriterStrand strand(&pool_, &engine_, &listener_, Limits());
  ASSERT_TRUE(strand.Submit(Noted(journal_, "a", 1)).ok());
  strand.Stop();
  WriterStrand second(&pool_, &engine_, &listener_, Limits());
  ASSERT_TRUE(second.Submit(Noted(journal_, "b", 0)).ok());
  second.Stop();
  EXPECT_THAT(journal_.lines(), ElementsAre("prepare a", "apply a 1", "group applied", "done a", "prepare b",
                                            "apply b 2", "group applied", "done b"));
  EXPECT_EQ(engine_.commits(), 1u);
}

TEST_F(WriterStrandTest, ACommandThatFailsToPrepareLeavesTheOthers) {
  WriterStrand strand(&pool_, &engine_, &listener_, Limits());
  Gate gate;
  ASSERT_TRUE(strand.Submit(gate.Command()).ok());
  gate.WaitUntilEntered();
  ASSERT_TRUE(strand.Submit(Noted(journal_, "a", 1)).ok());
  std::unique_ptr<TestCommand> bad = Noted(journal_, "bad", 0);
  bad->prepare = [](WriteBatch& batch) {
    batch.AppendRecord(RecordKind::kEvent, 1, "left behind");
    batch.Put(Column::kMeta, "left", "behind");
    return InvalidArgument("no");
  };
  ASSERT_TRUE(strand.Submit(std::move(bad)).ok());
  ASSERT_TRUE(strand.Submit(Noted(journal_, "c", 1)).ok());
  gate.Open();
  strand.Stop();
  EXPECT_THAT(journal_.lines(), ElementsAre("prepare a", "prepare c", "apply a 1", "apply c 2",
                                            "group applied", "done a", "done bad: no", "done c"));
  EXPECT_EQ(engine_.last_sequence(), Sequence{2});
  EXPECT_EQ(*engine_.Get(Column::kMeta, "left"), std::nullopt);
}

TEST_F(WriterStrandTest, AGroupInWhichNothingWasPreparedIsNotAnnounced) {
  WriterStrand strand(&pool_, &engine_, &listener_, Limits());
  std::unique_ptr<TestCommand> bad = Noted(journal_, "bad", 0);
  bad->prepare = [](WriteBatch&) { return Conflict("no"); };
  ASSERT_TRUE(strand.Submit(std::move(bad)).ok());
  strand.Stop();
  EXPECT_THAT(journal_.lines(), ElementsAre("done bad: no"));
  EXPECT_EQ(engine_.commits(), 0u);
}

TEST_F(WriterStrandTest, AFailedCommitAppliesNothingAndTheNextGroupIsFree) {
  WriterStrand strand(&pool_, &engine_, &listener_, Limits());
  engine_.FailCommits(Unavailable("disk full"), 1);
  Gate gate;
  ASSERT_TRUE(strand.Submit(gate.Command()).ok());
  gate.WaitUntilEntered();
  ASSERT_TRUE(strand.Submit(Noted(journal_, "a", 1)).ok());
  ASSERT_TRUE(strand.Submit(Noted(journal_, "b", 1)).ok());
  gate.Open();
  strand.Stop();
  EXPECT_THAT(journal_.lines(), ElementsAre("prepare a", "prepare b", "commit failed: disk full",
                                            "done a: disk full", "done b: disk full"));
  EXPECT_EQ(engine_.last_sequence(), Sequence{0});

  WriterStrand second(&pool_, &engine_, nullptr, Limits());
  ASSERT_TRUE(second.Submit(Noted(journal_, "c", 1)).ok());
  second.Stop();
  EXPECT_EQ(journal_.lines().back(), "done c");
  EXPECT_EQ(engine_.last_sequence(), Sequence{1});
}

TEST_F(WriterStrandTest, GroupsCloseAtTheirBounds) {
  Gate gate;
  WriterStrand by_count(&pool_, &engine_, &listener_, Limits(2));
  ASSERT_TRUE(by_count.Submit(gate.Command()).ok());
  gate.WaitUntilEntered();
  for (const std::string name : {"a", "b", "c"}) ASSERT_TRUE(by_count.Submit(Noted(journal_, name, 1)).ok());
  gate.Open();
  by_count.Stop();
  // The gate and a; b and c.
  EXPECT_EQ(engine_.commits(), 2u);

  Gate second_gate;
  WriterStrand by_bytes(&pool_, &engine_, &listener_, Limits(512, 10));
  ASSERT_TRUE(by_bytes.Submit(second_gate.Command()).ok());
  second_gate.WaitUntilEntered();
  // Four records of three bytes pass ten; the fifth is in the next group.
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(by_bytes.Submit(Noted(journal_, "xyz", 1)).ok());
  second_gate.Open();
  by_bytes.Stop();
  EXPECT_EQ(engine_.commits(), 4u);
}

TEST_F(WriterStrandTest, AFullQueueRefusesAndForgetsTheCommand) {
  WriterStrand strand(&pool_, &engine_, &listener_, Limits(1, 1, 2));
  Gate gate;
  ASSERT_TRUE(strand.Submit(gate.Command()).ok());
  gate.WaitUntilEntered();
  ASSERT_TRUE(strand.Submit(Noted(journal_, "a", 0)).ok());
  ASSERT_TRUE(strand.Submit(Noted(journal_, "b", 0)).ok());
  EXPECT_EQ(strand.Submit(Noted(journal_, "c", 0)).code(), StatusCode::kResourceExhausted);
  gate.Open();
  strand.Stop();
  for (const std::string& line : journal_.lines()) EXPECT_EQ(line.find(" c"), std::string::npos) << line;
  EXPECT_EQ(journal_.lines().back(), "done b");
}

TEST_F(WriterStrandTest, StopRunsWhatWaitsAndRefusesTheRest) {
  WriterStrand strand(&pool_, &engine_, &listener_, Limits());
  Gate gate;
  ASSERT_TRUE(strand.Submit(gate.Command()).ok());
  gate.WaitUntilEntered();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(strand.Submit(Noted(journal_, "x", 1)).ok());
  std::thread opener([&] { gate.Open(); });
  strand.Stop();
  opener.join();
  EXPECT_EQ(engine_.last_sequence(), Sequence{10});
  EXPECT_EQ(strand.Submit(Noted(journal_, "late", 1)).code(), StatusCode::kUnavailable);
  strand.Stop();
}

TEST_F(WriterStrandTest, ACommandMaySubmitTheNextOne) {
  WriterStrand strand(&pool_, &engine_, nullptr, Limits());
  std::promise<void> finished;
  std::atomic<int> left{5};
  std::function<void()> submit = [&] {
    auto command = std::make_unique<TestCommand>();
    command->prepare = [](WriteBatch& batch) {
      batch.AppendRecord(RecordKind::kEvent, 1, "again");
      return Status();
    };
    command->done = [&](const Status&) {
      if (left.fetch_sub(1) == 1) {
        finished.set_value();
      } else {
        submit();
      }
    };
    ASSERT_TRUE(strand.Submit(std::move(command)).ok());
  };
  submit();
  finished.get_future().wait();
  strand.Stop();
  EXPECT_EQ(engine_.last_sequence(), Sequence{5});
}

// One thread, two strands with much work: the second does not wait for the first to run dry.
TEST_F(WriterStrandTest, StrandsTakeTurns) {
  WriterPool one_thread(1);
  MemoryStorage other(&clock_);
  WriterStrand holder(&one_thread, &engine_, nullptr, Limits());
  WriterStrand a(&one_thread, &engine_, nullptr, Limits(1));
  WriterStrand b(&one_thread, &other, nullptr, Limits(1));
  Gate gate;
  ASSERT_TRUE(holder.Submit(gate.Command()).ok());
  gate.WaitUntilEntered();
  for (int i = 0; i < 3; ++i) {
    auto command = std::make_unique<TestCommand>();
    command->done = [this](const Status&) { journal_.Note("a"); };
    ASSERT_TRUE(a.Submit(std::move(command)).ok());
  }
  for (int i = 0; i < 3; ++i) {
    auto command = std::make_unique<TestCommand>();
    command->done = [this](const Status&) { journal_.Note("b"); };
    ASSERT_TRUE(b.Submit(std::move(command)).ok());
  }
  gate.Open();
  a.Stop();
  b.Stop();
  holder.Stop();
  EXPECT_THAT(journal_.lines(), ElementsAre("a", "b", "a", "b", "a", "b"));
}

// Many threads, several strands, commits that fail now and then: every accepted command is done exactly once,
// its records are there if and only if it was told so, and no strand runs on two threads.
TEST_F(WriterStrandTest, ManyThreadsAndFailuresLoseAndInventNothing) {
  constexpr int kStrands = 3;
  constexpr int kThreads = 4;
  constexpr int kCommands = 400;
  WriterPool pool(3);
  struct Store {
    explicit Store(const Clock* clock) : memory(clock), faulty(&memory) {}
    MemoryStorage memory;
    FaultyStorage faulty;
    std::atomic<int> running{0};
    int not_atomic = 0;  // A race here is a strand on two threads, and ThreadSanitizer says so.
    Mutex mutex;
    std::set<std::string> acknowledged GUARDED_BY(mutex);
    std::atomic<int> done{0};
    std::atomic<int> accepted{0};
  };
  std::vector<std::unique_ptr<Store>> stores;
  std::vector<std::unique_ptr<WriterStrand>> strands;
  for (int i = 0; i < kStrands; ++i) {
    stores.push_back(std::make_unique<Store>(&clock_));
    strands.push_back(std::make_unique<WriterStrand>(&pool, &stores.back()->faulty, nullptr, Limits(16)));
  }
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kCommands; ++i) {
        Store& store = *stores[static_cast<size_t>(i % kStrands)];
        const std::string name = std::to_string(thread) + "/" + std::to_string(i);
        if (i % 50 == 0) store.faulty.FailCommits(Unavailable("disk full"), 1);
        auto command = std::make_unique<TestCommand>();
        command->prepare = [&store, name](WriteBatch& batch) {
          EXPECT_EQ(store.running.fetch_add(1), 0);
          ++store.not_atomic;
          batch.AppendRecord(RecordKind::kEvent, 1, name);
          store.running.fetch_sub(1);
          return Status();
        };
        command->apply = [&store](Sequence) { ++store.not_atomic; };
        command->done = [&store, name](const Status& status) {
          store.done.fetch_add(1);
          if (!status.ok()) return;
          MutexLock lock(store.mutex);
          EXPECT_TRUE(store.acknowledged.insert(name).second);
        };
        if (strands[static_cast<size_t>(i % kStrands)]->Submit(std::move(command)).ok()) {
          store.accepted.fetch_add(1);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  strands.clear();
  int accepted = 0;
  for (const std::unique_ptr<Store>& store : stores) {
    std::set<std::string> written;
    ASSERT_TRUE(store->memory
                    .ScanLog(Sequence{1},
                             [&](const Record& record) {
                               EXPECT_TRUE(written.emplace(record.payload).second);
                               return true;
                             })
                    .ok());
    MutexLock lock(store->mutex);
    EXPECT_EQ(written, store->acknowledged);
    EXPECT_EQ(store->done.load(), store->accepted.load());
    accepted += store->accepted.load();
  }
  EXPECT_EQ(accepted, kThreads * kCommands);
}

}  // namespace
}  // namespace attune::storage
