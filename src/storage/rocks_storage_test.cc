// What only RocksStorage promises: the folder, the lock, entries of the log, format versions, and disks that
// fail.
//
// Method: a file system that fails on demand below the engine; and, when run as root, a tmpfs that really
// fills up.

#include "storage/rocks_storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/file_system.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "base/random.h"

namespace attune::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// What breaks.
struct Faults {
  std::atomic<bool> fail_append{false};  // After half of the bytes were written.
  std::atomic<bool> fail_sync{false};    // After all bytes were written.
  std::atomic<bool> fail_create{false};  // Of table files.
};

class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::shared_ptr<Faults> faults)
      : FSWritableFileOwnerWrapper(std::move(file)), faults_(std::move(faults)) {}

  using FSWritableFileOwnerWrapper::Append;
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    if (!faults_->fail_append) return FSWritableFileOwnerWrapper::Append(data, options, debug);
    const rocksdb::Slice half(data.data(), data.size() / 2);
    FSWritableFileOwnerWrapper::Append(half, options, debug).PermitUncheckedError();
    return rocksdb::IOStatus::IOError("injected: append");
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    if (!faults_->fail_sync) return FSWritableFileOwnerWrapper::Sync(options, debug);
    return rocksdb::IOStatus::IOError("injected: sync");
  }

 private:
  const std::shared_ptr<Faults> faults_;
};

class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyFileSystem(std::shared_ptr<Faults> faults)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), faults_(std::move(faults)) {}
  const char* Name() const override { return "FaultyFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override {
    if (faults_->fail_create && name.ends_with(".sst")) {
      return rocksdb::IOStatus::NoSpace("injected: create");
    }
    rocksdb::IOStatus status = FileSystemWrapper::NewWritableFile(name, options, result, debug);
    if (status.ok() && name.ends_with(".log")) {
      *result = std::make_unique<FaultyFile>(std::move(*result), faults_);
    }
    return status;
  }

 private:
  const std::shared_ptr<Faults> faults_;
};

// Itself, or for what is too long to print its hash.
std::string Short(std::string_view payload) {
  return payload.size() < 100 ? std::string(payload) : "#" + std::to_string(StableHash64(payload));
}

class RocksStorageTest : public ::testing::Test {
 protected:
  RocksStorageTest()
      : folder_((fs::path(::testing::TempDir()) /
                 ("attune_rocks_" + std::to_string(SecureRandomSource().Next64())))
                    .string()) {
    options_.clock = &clock_;
    options_.resources = StorageResources::Create({});
    options_.file_system = std::make_shared<FaultyFileSystem>(faults_);
  }
  ~RocksStorageTest() override {
    engine_.reset();
    std::error_code error;
    fs::remove_all(folder_, error);
  }

  Status Open() {
    engine_.reset();
    Result<std::unique_ptr<RocksStorage>> opened = RocksStorage::Open(folder_, options_);
    if (!opened.ok()) return opened.status();
    engine_ = std::move(opened).value();
    return Status();
  }

  Status Write(const std::string& name, Durability durability = Durability::kSynced) {
    WriteBatch batch;
    batch.AppendRecord(RecordKind::kEvent, 1, name);
    batch.Put(Column::kMeta, "last", name);
    return engine_->Commit(batch, durability).status();
  }

  std::vector<std::string> Payloads() const {
    std::vector<std::string> payloads;
    EXPECT_TRUE(engine_
                    ->ScanLog(Sequence{1},
                              [&](const Record& record) {
                                payloads.push_back(Short(record.payload));
                                return true;
                              })
                    .ok());
    return payloads;
  }
  std::optional<std::string> Last() const { return *engine_->Get(Column::kMeta, "last"); }

  const std::string folder_;
  VirtualClock clock_{1'700'000'000'000};
  std::shared_ptr<Faults> faults_ = std::make_shared<Faults>();
  RocksOptions options_;
  std::unique_ptr<RocksStorage> engine_;
};

using Payload = std::vector<std::string>;

TEST_F(RocksStorageTest, WhatWasWrittenIsThereAfterOpeningAgain) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Write("a").ok());
  ASSERT_TRUE(Write("b", Durability::kBuffered).ok());
  ASSERT_TRUE(engine_->TruncateLogBefore(Sequence{2}).ok());
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(Payloads(), Payload{"b"});
  EXPECT_EQ(Last(), "b");
  EXPECT_EQ(engine_->first_sequence(), Sequence{2});
  ASSERT_TRUE(engine_->TruncateLogBefore(Sequence{3}).ok());
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(engine_->last_sequence(), Sequence{2});
  EXPECT_EQ(engine_->first_sequence(), Sequence{3});
}

// Records of one batch share entries of the log (storage/log_entry.h), and cuts fall anywhere.
TEST_F(RocksStorageTest, TheLogIsReadAndCutAtAnyRecord) {
  uint64_t made = 0;
  const auto append = [&](int count, size_t bytes) {
    WriteBatch batch;
    for (int i = 0; i < count; ++i) {
      batch.AppendRecord(RecordKind::kEvent, 1, std::to_string(++made) + "." + std::string(bytes, '.'));
    }
    ASSERT_EQ(*engine_->Commit(batch, Durability::kSynced), Sequence{made - batch.records().size() + 1});
  };
  const auto expect_from = [&](uint64_t first) {
    uint64_t next = first;
    const Status scanned = engine_->ScanLog(Sequence{0}, [&](const Record& record) {
      EXPECT_EQ(record.sequence, Sequence{next});
      EXPECT_TRUE(record.payload.starts_with(std::to_string(next++) + "."));
      return true;
    });
    EXPECT_TRUE(scanned.ok()) << scanned.message();
    EXPECT_EQ(next, made + 1);
    EXPECT_EQ(engine_->first_sequence(), Sequence{first});
    EXPECT_EQ(engine_->last_sequence(), Sequence{made});
  };
  ASSERT_TRUE(Open().ok());
  append(5, 10);
  append(200, 1000);  // More than one entry.
  append(1, 10);
  append(1, 2 * kLogEntryBytesMax);
  append(7, 10);
  expect_from(1);
  for (uint64_t from = 1; from <= made; ++from) {
    uint64_t found = 0;
    ASSERT_TRUE(engine_
                    ->ScanLog(Sequence{from},
                              [&](const Record& record) {
                                found = record.sequence.value();
                                return false;
                              })
                    .ok());
    EXPECT_EQ(found, from);
  }
  for (const uint64_t keep_from :
       std::initializer_list<uint64_t>{2, 5, 6, 100, 101, 205, 206, 207, 208, 211}) {
    ASSERT_TRUE(engine_->TruncateLogBefore(Sequence{keep_from}).ok());
    expect_from(keep_from);
    ASSERT_TRUE(Open().ok());
    expect_from(keep_from);
  }
  append(3, 10);
  expect_from(211);
  ASSERT_TRUE(engine_->TruncateLogBefore(Sequence{made + 1}).ok());
  expect_from(made + 1);
  append(2, 10);
  expect_from(made - 1);
}

TEST_F(RocksStorageTest, AFolderIsOpenOnlyOnce) {
  ASSERT_TRUE(Open().ok());
  const Result<std::unique_ptr<RocksStorage>> second = RocksStorage::Open(folder_, options_);
  EXPECT_EQ(second.status().code(), StatusCode::kConflict);
  EXPECT_THAT(second.status().message(), HasSubstr("another process uses this folder"));
  ASSERT_TRUE(Open().ok());
}

TEST_F(RocksStorageTest, ANewerFolderIsRefusedWithASentence) {
  ASSERT_TRUE(Open().ok());
  engine_.reset();
  ASSERT_TRUE(WriteFormatVersion(folder_, kFormatVersion + 1).ok());
  const Status status = Open();
  EXPECT_EQ(status.code(), StatusCode::kConflict);
  EXPECT_THAT(status.message(), HasSubstr("written by a newer attune"));
}

TEST_F(RocksStorageTest, AnOlderFolderIsUpgradedAfterACheckpoint) {
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(engine_->found_format_version(), kFormatVersion);
  ASSERT_TRUE(Write("old").ok());

  options_.format_version = kFormatVersion + 1;
  EXPECT_EQ(Open().code(), StatusCode::kInternal);  // No step leads there.
  int runs = 0;
  options_.format_steps.push_back({kFormatVersion + 1, [&](StorageEngine& engine) {
                                     if (++runs == 1) return Unavailable("killed half way");
                                     WriteBatch batch;
                                     batch.Put(Column::kMeta, "last", "upgraded");
                                     return engine.Commit(batch, Durability::kSynced).status();
                                   }});
  EXPECT_EQ(Open().code(), StatusCode::kUnavailable);
  EXPECT_EQ(**ReadFormatVersion(folder_), kFormatVersion);
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(engine_->found_format_version(), kFormatVersion);
  EXPECT_EQ(**ReadFormatVersion(folder_), kFormatVersion + 1);
  EXPECT_EQ(Last(), "upgraded");
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(runs, 2);

  // The checkpoint is the folder as it was, for the older binary.
  const std::string before = folder_ + "/before-format-" + std::to_string(kFormatVersion + 1);
  options_.format_version = kFormatVersion;
  const Result<std::unique_ptr<RocksStorage>> old = RocksStorage::Open(before, options_);
  ASSERT_TRUE(old.ok()) << old.status().message();
  EXPECT_EQ(**(*old)->Get(Column::kMeta, "last"), "old");
}

TEST_F(RocksStorageTest, WhatIsNotAStoreIsNotOpenedAsOne) {
  options_.create_if_missing = false;
  EXPECT_EQ(Open().code(), StatusCode::kNotFound);
  EXPECT_FALSE(fs::exists(folder_));
  options_.create_if_missing = true;
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Write("a").ok());
  engine_.reset();

  for (const std::string text : {"", "attune-storage", "attune-storage 0\n", "attune-storage 1",
                                 "attune-storage 1x\n", "attune-storage 99999999999\n"}) {
    std::ofstream(folder_ + "/FORMAT") << text;
    EXPECT_EQ(Open().code(), StatusCode::kCorruption) << text;
  }
  fs::remove(folder_ + "/FORMAT");
  EXPECT_THAT(Open().message(), HasSubstr("lost its FORMAT"));
  ASSERT_TRUE(WriteFormatVersion(folder_, kFormatVersion).ok());
  ASSERT_TRUE(Open().ok());
  engine_.reset();
  fs::remove_all(folder_ + "/db");
  EXPECT_THAT(Open().message(), HasSubstr("lost its database"));
}

TEST_F(RocksStorageTest, AFolderInTheWayOfAFileIsReportedAsUnavailable) {
  std::ofstream(folder_) << "a file";
  EXPECT_EQ(Open().code(), StatusCode::kUnavailable);
}

TEST_F(RocksStorageTest, AFailedWriteIsInvisibleNowAndAfterARestart) {
  for (const bool at_sync : {false, true}) {
    SCOPED_TRACE(at_sync ? "sync fails" : "append fails");
    std::atomic<bool>& fault = at_sync ? faults_->fail_sync : faults_->fail_append;
    ASSERT_TRUE(Open().ok());
    ASSERT_TRUE(Write("a").ok());
    ASSERT_TRUE(Write("b", Durability::kBuffered).ok());
    const Sequence last = engine_->last_sequence();
    const Payload before = Payloads();
    fault = true;
    const Status status = Write("lost");
    EXPECT_EQ(status.code(), StatusCode::kUnavailable);
    EXPECT_THAT(status.message(), HasSubstr("nothing was kept"));
    EXPECT_EQ(Payloads(), before);
    EXPECT_EQ(Last(), "b");
    EXPECT_EQ(Write("lost too").code(), StatusCode::kUnavailable);
    EXPECT_EQ(engine_->last_sequence(), last);
    // The process ends here, as far as the folder is concerned.
    fault = false;
    ASSERT_TRUE(Open().ok());
    EXPECT_EQ(Payloads(), before);
    EXPECT_EQ(Last(), "b");
  }
}

TEST_F(RocksStorageTest, WritingResumesWithTheFirstCommitAfterTheDiskWorks) {
  for (const bool at_sync : {false, true}) {
    SCOPED_TRACE(at_sync ? "sync fails" : "append fails");
    std::atomic<bool>& fault = at_sync ? faults_->fail_sync : faults_->fail_append;
    ASSERT_TRUE(Open().ok());
    ASSERT_TRUE(Write("a").ok());
    const Payload before = Payloads();
    for (int i = 0; i < 5; ++i) {
      fault = true;
      EXPECT_EQ(Write("lost").code(), StatusCode::kUnavailable);
      fault = false;
    }
    ASSERT_TRUE(Write("b").ok());
    Payload after = before;
    after.push_back("b");
    EXPECT_EQ(Payloads(), after);
    ASSERT_TRUE(Open().ok());
    EXPECT_EQ(Payloads(), after);
    EXPECT_EQ(Last(), "b");
  }
}

TEST_F(RocksStorageTest, AFlushWithoutSpaceStopsWritingUntilThereIsSome) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Write("a").ok());
  faults_->fail_create = true;
  // The flush runs on another thread; a checkpoint waits for one.
  EXPECT_FALSE(engine_->Checkpoint(folder_ + "_copy").ok());
  EXPECT_FALSE(fs::exists(folder_ + "_copy"));
  EXPECT_EQ(Payloads(), Payload{"a"});
  faults_->fail_create = false;
  ASSERT_TRUE(Write("b").ok());
  ASSERT_TRUE(engine_->Checkpoint(folder_ + "_copy").ok());
  EXPECT_EQ(Payloads(), (Payload{"a", "b"}));
  fs::remove_all(folder_ + "_copy");
}

TEST_F(RocksStorageTest, ReadersGoOnWhileTheDiskFailsAndReturns) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Write("a").ok());
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const Result<std::optional<std::string>> value = engine_->Get(Column::kMeta, "last");
        if (!value.ok()) {
          ASSERT_EQ(value.status().code(), StatusCode::kUnavailable);
          continue;
        }
        ASSERT_TRUE(value->has_value());
        ASSERT_NE(**value, "lost");
        const Status status = engine_->ScanLog(Sequence{1}, [&](const Record& record) {
          EXPECT_NE(record.payload, "lost");
          return engine_->Get(Column::kMeta, "last").ok();
        });
        ASSERT_TRUE(status.ok() || status.code() == StatusCode::kUnavailable);
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    faults_->fail_sync = true;
    EXPECT_FALSE(Write("lost").ok());
    faults_->fail_sync = false;
    EXPECT_TRUE(Write("kept").ok());
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(engine_->last_sequence(), Sequence{21});
}

TEST_F(RocksStorageTest, BelowTheReserveOnlyDeletesAreWritten) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Write("a").ok());
  options_.free_bytes_min = UINT64_MAX;
  ASSERT_TRUE(Open().ok());
  const Status status = Write("b");
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("the disk is full"));
  WriteBatch deletes;
  deletes.Delete(Column::kMeta, "last");
  deletes.DeleteRange(Column::kMeta, "a", "b");
  EXPECT_TRUE(engine_->Commit(deletes, Durability::kSynced).ok());
  EXPECT_EQ(Last(), std::nullopt);
}

TEST_F(RocksStorageTest, ADiskThatFillsUpIsSurvivedAndWritingResumes) {
  if (::geteuid() != 0) GTEST_SKIP() << "mounting a small tmpfs needs root";
  fs::create_directories(folder_);
  if (::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=24m") != 0) {
    GTEST_SKIP() << "this machine does not allow mounting a tmpfs";
  }
  options_.free_bytes_min = 0;  // So that the disk really is full.
  options_.file_system = nullptr;
  ASSERT_TRUE(Open().ok());
  const std::string ballast = folder_ + "/ballast";
  Payload kept;
  Random random(7);
  for (int round = 0; round < 3; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    std::ofstream(ballast) << std::string(4u << 20, 'b');
    Status status;
    for (int i = 0; i < 10'000 && status.ok(); ++i) {
      std::string payload(20'000, '\0');
      for (char& c : payload) c = static_cast<char>(random.Next());
      status = Write(payload);
      if (status.ok()) kept.push_back(Short(payload));
    }
    ASSERT_EQ(status.code(), StatusCode::kUnavailable) << status.message();
    if (Write("small").ok()) kept.push_back("small");  // There may be room for a little one.
    EXPECT_EQ(Payloads(), kept);
    fs::remove(ballast);
    const Status resumed = Write("resumed");
    ASSERT_TRUE(resumed.ok()) << resumed.message();
    kept.push_back("resumed");
    EXPECT_EQ(Payloads(), kept);
    ASSERT_TRUE(engine_->TruncateLogBefore(Sequence{engine_->last_sequence().value() + 1}).ok());
    kept.clear();
    ASSERT_TRUE(Open().ok());
    EXPECT_EQ(Payloads(), kept);
    EXPECT_EQ(Last(), "resumed");
    ASSERT_TRUE(engine_->Checkpoint(folder_ + "/flush").ok());  // Flushes, so that the log files go.
    fs::remove_all(folder_ + "/flush");
  }
  engine_.reset();
  EXPECT_EQ(::umount2(folder_.c_str(), MNT_DETACH), 0);
}

TEST_F(RocksStorageTest, ExpiredEventIdsLeaveTheDisk) {
  ASSERT_TRUE(Open().ok());
  for (int round = 0; round < 2; ++round) {
    WriteBatch batch;
    for (uint64_t i = 0; i < 5'000; ++i) {
      batch.Put(Column::kEventIds, OrderedKey(MixHash64(static_cast<uint64_t>(round), i)),
                TimeValue(clock_.NowMs()));
    }
    ASSERT_TRUE(engine_->Commit(batch, Durability::kBuffered).ok());
    ASSERT_TRUE(engine_->Checkpoint(folder_ + "_flush").ok());
    fs::remove_all(folder_ + "_flush");
    clock_.Advance(kEventIdWindowMs);
  }
  EXPECT_GT(engine_->ApproximateBytes(Column::kEventIds, "", ""), 50'000u);
  ASSERT_TRUE(engine_->Compact(Column::kEventIds).ok());
  EXPECT_LT(engine_->ApproximateBytes(Column::kEventIds, "", ""), 1'000u);
}

TEST_F(RocksStorageTest, RangesDeletedForRetentionGiveTheirDiskSpaceBack) {
  ASSERT_TRUE(Open().ok());
  Random random(3);
  for (uint64_t i = 0; i < 40; ++i) {
    WriteBatch batch;
    for (uint64_t j = 0; j < 100; ++j) {
      std::string value(10'000, '\0');
      for (char& c : value) c = static_cast<char>(random.Next());
      batch.Put(Column::kDecisions, OrderedKey(i * 100 + j), value);
    }
    ASSERT_TRUE(engine_->Commit(batch, Durability::kBuffered).ok());
  }
  ASSERT_TRUE(engine_->Compact(Column::kDecisions).ok());
  const uint64_t before = engine_->statistics().disk_bytes;
  ASSERT_GT(before, 30'000'000u);
  WriteBatch batch;
  batch.DeleteRange(Column::kDecisions, OrderedKey(0), OrderedKey(3'000));
  ASSERT_TRUE(engine_->Commit(batch, Durability::kSynced).ok());
  EXPECT_LT(engine_->statistics().disk_bytes, before * 2 / 3);
  EXPECT_EQ(*engine_->Get(Column::kDecisions, OrderedKey(2'999)), std::nullopt);
  EXPECT_NE(*engine_->Get(Column::kDecisions, OrderedKey(3'000)), std::nullopt);
}

TEST_F(RocksStorageTest, ReleasedMemoryAndDroppedColumnsKeepTheRest) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Write("a").ok());
  WriteBatch batch;
  batch.Put(Column::kDecisions, "d", "d");
  ASSERT_TRUE(engine_->Commit(batch, Durability::kSynced).ok());
  ASSERT_TRUE(engine_->ReleaseMemory().ok());
  ASSERT_TRUE(engine_->DropColumn(Column::kDecisions).ok());
  ASSERT_TRUE(engine_->DropColumn(Column::kVault).ok());  // Never made.
  EXPECT_EQ(*engine_->Get(Column::kDecisions, "d"), std::nullopt);
  ASSERT_TRUE(engine_->Commit(batch, Durability::kSynced).ok());
  EXPECT_EQ(*engine_->Get(Column::kDecisions, "d"), "d");
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(*engine_->Get(Column::kDecisions, "d"), "d");
  EXPECT_EQ(Last(), "a");
}

}  // namespace
}  // namespace attune::storage
