// Every StorageEngine keeps the promises of storage/storage_engine.h: the same tests run against each of
// them.
//
// Method: one test per invariant; then long random sequences of commits, truncations, reopenings and reads
// against a model that is a std::map and a std::vector.

#include "storage/storage_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "storage/limits.h"
#include "storage/memory_storage.h"
#include "storage/rocks_storage.h"

namespace attune::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr int64_t kStartMs = 1'700'000'000'000;

// How the suite makes an engine of each implementation.
class EngineMaker {
 public:
  virtual ~EngineMaker() = default;
  virtual std::unique_ptr<StorageEngine> OpenCheckpoint(const std::string& directory, const Clock* clock) = 0;
  virtual std::unique_ptr<StorageEngine> OpenNew(const std::string& directory, const Clock* clock) = 0;
};

class MemoryMaker final : public EngineMaker {
 public:
  std::unique_ptr<StorageEngine> OpenNew(const std::string& /*directory*/, const Clock* clock) override {
    return std::make_unique<MemoryStorage>(clock);
  }
  std::unique_ptr<StorageEngine> OpenCheckpoint(const std::string& directory, const Clock* clock) override {
    Result<std::unique_ptr<MemoryStorage>> opened = MemoryStorage::Open(directory, clock);
    EXPECT_TRUE(opened.ok()) << opened.status().message();
    return opened.ok() ? std::move(opened).value() : nullptr;
  }
};

class RocksMaker final : public EngineMaker {
 public:
  std::unique_ptr<StorageEngine> OpenNew(const std::string& directory, const Clock* clock) override {
    RocksOptions options;
    options.clock = clock;
    options.resources = resources_;
    Result<std::unique_ptr<RocksStorage>> opened = RocksStorage::Open(directory, options);
    EXPECT_TRUE(opened.ok()) << opened.status().message();
    return opened.ok() ? std::move(opened).value() : nullptr;
  }
  std::unique_ptr<StorageEngine> OpenCheckpoint(const std::string& directory, const Clock* clock) override {
    return OpenNew(directory, clock);
  }

 private:
  std::shared_ptr<StorageResources> resources_ = StorageResources::Create({});
};

struct Implementation {
  std::string name;
  std::shared_ptr<EngineMaker> (*make)();
};

using KeyValue = std::pair<std::string, std::string>;

struct SeenRecord {
  uint64_t sequence;
  RecordKind kind;
  int64_t recorded_at_ms;
  std::string payload;
  friend bool operator==(const SeenRecord&, const SeenRecord&) = default;
};

class StorageEngineTest : public ::testing::TestWithParam<Implementation> {
 protected:
  StorageEngineTest()
      : root_(fs::path(::testing::TempDir()) /
              ("attune_engine_" + std::to_string(SecureRandomSource().Next64()))) {
    fs::create_directories(root_);
    maker_ = GetParam().make();
    engine_ = maker_->OpenNew(Folder("store"), &clock_);
  }
  ~StorageEngineTest() override {
    engine_.reset();
    std::error_code error;
    fs::remove_all(root_, error);
  }

  std::string Folder(const std::string& name) const { return (root_ / name).string(); }

  Sequence Commit(const WriteBatch& batch, Durability durability = Durability::kSynced) {
    const Result<Sequence> first = engine_->Commit(batch, durability);
    EXPECT_TRUE(first.ok()) << first.status().message();
    return first.ok() ? *first : Sequence{};
  }

  void Put(Column column, const std::string& key, const std::string& value) {
    WriteBatch batch;
    batch.Put(column, key, value);
    Commit(batch);
  }

  // Empty texts for what is not there.
  std::vector<std::string> GetMany(Column column, const std::vector<std::string>& keys) {
    const auto values = engine_->GetMany(column, keys);
    EXPECT_TRUE(values.ok()) << values.status().message();
    std::vector<std::string> texts;
    if (values.ok()) {
      for (const auto& value : *values) texts.push_back(value.value_or(""));
    }
    return texts;
  }

  Sequence Append(const std::string& payload) {
    WriteBatch batch;
    batch.AppendRecord(RecordKind::kEvent, kStartMs, payload);
    return Commit(batch);
  }

  static std::optional<std::string> Get(const StorageEngine& engine, Column column, const std::string& key) {
    Result<std::optional<std::string>> value = engine.Get(column, key);
    EXPECT_TRUE(value.ok()) << value.status().message();
    return value.ok() ? *value : std::nullopt;
  }
  std::optional<std::string> Get(Column column, const std::string& key) { return Get(*engine_, column, key); }

  static std::vector<KeyValue> Scan(const StorageEngine& engine, Column column, const std::string& begin = "",
                                    const std::string& end = "") {
    std::vector<KeyValue> seen;
    const Status status = engine.Scan(column, begin, end, [&](std::string_view key, std::string_view value) {
      seen.emplace_back(key, value);
      return true;
    });
    EXPECT_TRUE(status.ok()) << status.message();
    return seen;
  }

  static std::vector<SeenRecord> ScanLog(const StorageEngine& engine, uint64_t from = 0) {
    std::vector<SeenRecord> seen;
    const Status status = engine.ScanLog(Sequence{from}, [&](const Record& record) {
      seen.push_back(
          {record.sequence.value(), record.kind, record.recorded_at_ms, std::string(record.payload)});
      return true;
    });
    EXPECT_TRUE(status.ok()) << status.message();
    return seen;
  }

  const fs::path root_;
  VirtualClock clock_{kStartMs};
  std::shared_ptr<EngineMaker> maker_;
  std::unique_ptr<StorageEngine> engine_;
};

TEST_P(StorageEngineTest, ANewStoreIsEmpty) {
  EXPECT_EQ(engine_->first_sequence(), Sequence{1});
  EXPECT_EQ(engine_->last_sequence(), Sequence{0});
  for (int column = 0; column < kColumnCount; ++column) {
    EXPECT_EQ(Get(static_cast<Column>(column), "k"), std::nullopt);
    EXPECT_THAT(Scan(*engine_, static_cast<Column>(column)), IsEmpty());
    EXPECT_EQ(engine_->ApproximateBytes(static_cast<Column>(column), "", ""), 0u);
  }
  EXPECT_THAT(ScanLog(*engine_), IsEmpty());
}

TEST_P(StorageEngineTest, RecordsGetConsecutiveSequencesFromOne) {
  EXPECT_EQ(Append("a"), Sequence{1});
  WriteBatch batch;
  batch.AppendRecord(RecordKind::kProduct, kStartMs + 1, "b");
  batch.AppendRecord(RecordKind::kIdentity, kStartMs + 2, std::string("c\0d", 3));
  EXPECT_EQ(Commit(batch), Sequence{2});
  EXPECT_EQ(engine_->first_sequence(), Sequence{1});
  EXPECT_EQ(engine_->last_sequence(), Sequence{3});
  EXPECT_THAT(ScanLog(*engine_),
              ElementsAre(SeenRecord{1, RecordKind::kEvent, kStartMs, "a"},
                          SeenRecord{2, RecordKind::kProduct, kStartMs + 1, "b"},
                          SeenRecord{3, RecordKind::kIdentity, kStartMs + 2, std::string("c\0d", 3)}));
  EXPECT_THAT(ScanLog(*engine_, 3).size(), 1u);
  EXPECT_THAT(ScanLog(*engine_, 4), IsEmpty());
  EXPECT_THAT(ScanLog(*engine_, UINT64_MAX), IsEmpty());
}

TEST_P(StorageEngineTest, ABatchWithoutRecordsReturnsTheNextSequence) {
  Append("a");
  WriteBatch batch;
  EXPECT_EQ(Commit(batch), Sequence{2});
  batch.Put(Column::kMeta, "k", "v");
  EXPECT_EQ(Commit(batch), Sequence{2});
  EXPECT_EQ(engine_->last_sequence(), Sequence{1});
}

TEST_P(StorageEngineTest, AnEmptyPayloadAndTheLargestKindComeBack) {
  WriteBatch batch;
  batch.AppendRecord(static_cast<RecordKind>(255), 0, "");
  Commit(batch);
  EXPECT_THAT(ScanLog(*engine_), ElementsAre(SeenRecord{1, static_cast<RecordKind>(255), 0, ""}));
}

TEST_P(StorageEngineTest, ColumnsAreSeparateAndBytesAreKept) {
  const std::string odd_key("\0\xff k", 4);
  const std::string odd_value("\0\xfe\xff", 3);
  for (int column = 0; column < kColumnCount; ++column) {
    if (static_cast<Column>(column) == Column::kEventIds) continue;
    Put(static_cast<Column>(column), "who", std::to_string(column));
    Put(static_cast<Column>(column), odd_key, odd_value);
    Put(static_cast<Column>(column), "", "empty key");
    Put(static_cast<Column>(column), "empty value", "");
  }
  for (int column = 0; column < kColumnCount; ++column) {
    if (static_cast<Column>(column) == Column::kEventIds) continue;
    EXPECT_EQ(Get(static_cast<Column>(column), "who"), std::to_string(column));
    EXPECT_EQ(Get(static_cast<Column>(column), odd_key), odd_value);
    EXPECT_EQ(Get(static_cast<Column>(column), ""), "empty key");
    EXPECT_EQ(Get(static_cast<Column>(column), "empty value"), "");
    EXPECT_EQ(Get(static_cast<Column>(column), "absent"), std::nullopt);
  }
}

TEST_P(StorageEngineTest, ManyKeysAreReadAsOneByOne) {
  EXPECT_THAT(GetMany(Column::kOrders, {}), IsEmpty());
  EXPECT_THAT(GetMany(Column::kOrders, {"a"}), ElementsAre(""));
  WriteBatch batch;
  for (int i = 0; i < 100; i += 2) batch.Put(Column::kOrders, "key" + std::to_string(i), std::to_string(i));
  batch.Put(Column::kProfiles, "key1", "of another column");
  Commit(batch);
  std::vector<std::string> keys;
  std::vector<std::string> expected;
  for (int i = 99; i >= 0; --i) {  // Not in the order of the keys, and one twice.
    keys.push_back("key" + std::to_string(i));
    expected.push_back(i % 2 == 0 ? std::to_string(i) : "");
  }
  keys.push_back("key0");
  expected.push_back("0");
  EXPECT_EQ(GetMany(Column::kOrders, keys), expected);
}

TEST_P(StorageEngineTest, OperationsOfABatchTakeEffectInTheirOrder) {
  Put(Column::kOrders, "b", "old");
  WriteBatch batch;
  batch.Put(Column::kOrders, "a", "1");
  batch.DeleteRange(Column::kOrders, "a", "c");
  batch.Put(Column::kOrders, "a", "2");
  batch.Put(Column::kOrders, "d", "3");
  batch.Delete(Column::kOrders, "d");
  batch.Put(Column::kOrders, "e", "4");
  batch.Put(Column::kOrders, "e", "5");
  Commit(batch);
  EXPECT_THAT(Scan(*engine_, Column::kOrders), ElementsAre(Pair("a", "2"), Pair("e", "5")));
}

TEST_P(StorageEngineTest, ScansAreInByteOrderWithinTheirBounds) {
  for (const std::string key : {"b", "a", "\xff", "ab", "c", ""}) Put(Column::kProducts, key, "v" + key);
  EXPECT_THAT(Scan(*engine_, Column::kProducts),
              ElementsAre(Pair("", "v"), Pair("a", "va"), Pair("ab", "vab"), Pair("b", "vb"), Pair("c", "vc"),
                          Pair("\xff", "v\xff")));
  EXPECT_THAT(Scan(*engine_, Column::kProducts, "a", "b"), ElementsAre(Pair("a", "va"), Pair("ab", "vab")));
  EXPECT_THAT(Scan(*engine_, Column::kProducts, "b", "b"), IsEmpty());
  EXPECT_THAT(Scan(*engine_, Column::kProducts, "c", "b"), IsEmpty());
  int visits = 0;
  const Status status = engine_->Scan(Column::kProducts, "", "",
                                      [&](std::string_view, std::string_view) { return ++visits < 2; });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(visits, 2);
}

TEST_P(StorageEngineTest, DeletingARangeLeavesItsEnd) {
  for (const std::string key : {"a", "b", "c", "d"}) Put(Column::kDecisions, key, key);
  WriteBatch batch;
  batch.DeleteRange(Column::kDecisions, "b", "d");
  batch.DeleteRange(Column::kDecisions, "z", "a");  // Backwards: nothing.
  batch.DeleteRange(Column::kFeatures, "a", "z");   // Nothing was ever put there.
  Commit(batch);
  EXPECT_THAT(Scan(*engine_, Column::kDecisions), ElementsAre(Pair("a", "a"), Pair("d", "d")));
  Put(Column::kDecisions, "c", "again");
  EXPECT_EQ(Get(Column::kDecisions, "c"), "again");
}

TEST_P(StorageEngineTest, AScanSeesTheStateOfOneMomentAndMayRead) {
  for (int i = 0; i < 10; ++i) Put(Column::kProfiles, OrderedKey(static_cast<uint64_t>(i)), "old");
  Append("one");
  Append("two");
  std::vector<std::string> seen;
  Status status = engine_->Scan(Column::kProfiles, "", "", [&](std::string_view key, std::string_view value) {
    if (seen.empty()) {
      std::thread([&] {
        WriteBatch batch;
        batch.DeleteRange(Column::kProfiles, OrderedKey(3), OrderedKey(5));
        batch.Put(Column::kProfiles, OrderedKey(7), "new");
        batch.Put(Column::kProfiles, OrderedKey(20), "new");
        Commit(batch);
      }).join();
      EXPECT_EQ(Get(Column::kProfiles, OrderedKey(7)), "new");
    }
    seen.push_back(std::to_string(NumberFromOrderedKey(key)) + std::string(value));
    return true;
  });
  EXPECT_TRUE(status.ok());
  EXPECT_THAT(seen,
              ElementsAre("0old", "1old", "2old", "3old", "4old", "5old", "6old", "7old", "8old", "9old"));

  std::vector<std::string> payloads;
  status = engine_->ScanLog(Sequence{1}, [&](const Record& record) {
    if (payloads.empty()) std::thread([&] { Append("three"); }).join();
    payloads.emplace_back(record.payload);
    return true;
  });
  EXPECT_TRUE(status.ok());
  EXPECT_THAT(payloads, ElementsAre("one", "two"));
}

TEST_P(StorageEngineTest, ARefusedBatchLeavesNothing) {
  WriteBatch no_end;
  no_end.AppendRecord(RecordKind::kEvent, kStartMs, "x");
  no_end.Put(Column::kMeta, "k", "v");
  no_end.DeleteRange(Column::kMeta, "a", "");
  EXPECT_EQ(engine_->Commit(no_end, Durability::kSynced).status().code(), StatusCode::kInvalidArgument);

  WriteBatch long_key;
  long_key.AppendRecord(RecordKind::kEvent, kStartMs, "x");
  long_key.Put(Column::kMeta, std::string(kKeyBytesMax + 1, 'k'), "v");
  EXPECT_EQ(engine_->Commit(long_key, Durability::kSynced).status().code(), StatusCode::kInvalidArgument);

  WriteBatch early;
  early.AppendRecord(RecordKind::kEvent, -1, "x");
  EXPECT_EQ(engine_->Commit(early, Durability::kSynced).status().code(), StatusCode::kInvalidArgument);

  WriteBatch large;
  large.Put(Column::kMeta, "k", std::string(kValueBytesMax + 1, 'v'));
  EXPECT_EQ(engine_->Commit(large, Durability::kSynced).status().code(), StatusCode::kInvalidArgument);

  EXPECT_EQ(engine_->last_sequence(), Sequence{0});
  EXPECT_THAT(ScanLog(*engine_), IsEmpty());
  EXPECT_THAT(Scan(*engine_, Column::kMeta), IsEmpty());

  Put(Column::kMeta, std::string(kKeyBytesMax, 'k'), "at the limit");
  EXPECT_EQ(Get(Column::kMeta, std::string(kKeyBytesMax, 'k')), "at the limit");
}

TEST_P(StorageEngineTest, EventIdsAreAbsentOnceTheWindowHasPassed) {
  Put(Column::kEventIds, "early", TimeValue(kStartMs));
  Put(Column::kEventIds, "late", TimeValue(kStartMs + 1));
  Put(Column::kEventIds, "odd", "short");
  Put(Column::kMeta, "not an event id", TimeValue(kStartMs));
  clock_.Set(kStartMs + kEventIdWindowMs - 1);
  EXPECT_NE(Get(Column::kEventIds, "early"), std::nullopt);
  clock_.Advance(1);
  EXPECT_EQ(Get(Column::kEventIds, "early"), std::nullopt);
  EXPECT_EQ(Get(Column::kEventIds, "late"), TimeValue(kStartMs + 1));
  EXPECT_THAT(Scan(*engine_, Column::kEventIds),
              ElementsAre(Pair("late", TimeValue(kStartMs + 1)), Pair("odd", "short")));
  clock_.Advance(100 * kDayMs);
  EXPECT_EQ(Get(Column::kEventIds, "odd"), "short");
  EXPECT_NE(Get(Column::kMeta, "not an event id"), std::nullopt);
  Put(Column::kEventIds, "early", TimeValue(clock_.NowMs()));
  EXPECT_NE(Get(Column::kEventIds, "early"), std::nullopt);
}

TEST_P(StorageEngineTest, ManyEventIdsAreAbsentOnceTheWindowHasPassed) {
  WriteBatch batch;
  batch.Put(Column::kEventIds, "old", TimeValue(kStartMs));
  batch.Put(Column::kEventIds, "new", TimeValue(kStartMs + kDayMs));
  Commit(batch);
  clock_.Set(kStartMs + kEventIdWindowMs + kDayMs / 2);
  EXPECT_THAT(GetMany(Column::kEventIds, {"old", "new"}), ElementsAre("", TimeValue(kStartMs + kDayMs)));
}

TEST_P(StorageEngineTest, TruncationKeepsTheSequencesOfTheRest) {
  for (int i = 1; i <= 10; ++i) Append("r" + std::to_string(i));
  EXPECT_TRUE(engine_->TruncateLogBefore(Sequence{0}).ok());
  EXPECT_TRUE(engine_->TruncateLogBefore(Sequence{1}).ok());
  EXPECT_EQ(engine_->first_sequence(), Sequence{1});
  EXPECT_TRUE(engine_->TruncateLogBefore(Sequence{8}).ok());
  EXPECT_EQ(engine_->first_sequence(), Sequence{8});
  EXPECT_EQ(engine_->last_sequence(), Sequence{10});
  const std::vector<SeenRecord> seen = ScanLog(*engine_, 1);
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].sequence, 8u);
  EXPECT_EQ(seen[0].payload, "r8");
  EXPECT_TRUE(engine_->TruncateLogBefore(Sequence{5}).ok());  // Already gone.
  EXPECT_EQ(engine_->first_sequence(), Sequence{8});
  EXPECT_EQ(engine_->TruncateLogBefore(Sequence{12}).code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(engine_->TruncateLogBefore(Sequence{11}).ok());
  EXPECT_EQ(engine_->first_sequence(), Sequence{11});
  EXPECT_EQ(engine_->last_sequence(), Sequence{10});
  EXPECT_THAT(ScanLog(*engine_), IsEmpty());
  EXPECT_EQ(Append("next"), Sequence{11});
}

TEST_P(StorageEngineTest, AnEmptiedLogRemembersItsEndInACheckpoint) {
  for (int i = 1; i <= 4; ++i) Append("r");
  ASSERT_TRUE(engine_->TruncateLogBefore(Sequence{5}).ok());
  ASSERT_TRUE(engine_->Checkpoint(Folder("copy")).ok());
  const std::unique_ptr<StorageEngine> copy = maker_->OpenCheckpoint(Folder("copy"), &clock_);
  ASSERT_NE(copy, nullptr);
  EXPECT_EQ(copy->first_sequence(), Sequence{5});
  EXPECT_EQ(copy->last_sequence(), Sequence{4});
}

TEST_P(StorageEngineTest, ACheckpointIsACopyThatLivesOnItsOwn) {
  Append("before");
  Put(Column::kSettings, "k", "before");
  ASSERT_TRUE(engine_->Checkpoint(Folder("deep/copy")).ok());
  Append("after");
  Put(Column::kSettings, "k", "after");
  {
    const std::unique_ptr<StorageEngine> copy = maker_->OpenCheckpoint(Folder("deep/copy"), &clock_);
    ASSERT_NE(copy, nullptr);
    EXPECT_EQ(copy->last_sequence(), Sequence{1});
    EXPECT_EQ(Get(*copy, Column::kSettings, "k"), "before");
    WriteBatch batch;
    batch.AppendRecord(RecordKind::kEvent, kStartMs, "another way");
    batch.Put(Column::kSettings, "k", "another way");
    EXPECT_EQ(*copy->Commit(batch, Durability::kSynced), Sequence{2});
    EXPECT_EQ(ScanLog(*copy).back().payload, "another way");
  }
  EXPECT_EQ(Get(Column::kSettings, "k"), "after");
  EXPECT_EQ(ScanLog(*engine_).back().payload, "after");
  EXPECT_EQ(engine_->Checkpoint(Folder("deep/copy")).code(), StatusCode::kConflict);
}

TEST_P(StorageEngineTest, SizesGrowWithWhatIsStored) {
  WriteBatch batch;
  for (uint64_t i = 0; i < 200; ++i) {
    batch.AppendRecord(RecordKind::kEvent, kStartMs, std::string(1000, 'r'));
    batch.Put(Column::kDecisions, OrderedKey(i), std::string(1000, static_cast<char>('a' + i % 26)));
  }
  Commit(batch);
  const StorageStatistics statistics = engine_->statistics();
  EXPECT_GT(statistics.log_bytes, 100'000u);
  EXPECT_GT(statistics.decision_bytes, 100'000u);
  EXPECT_GT(statistics.memory_bytes, 0u);
  // What is in memory is estimated coarsely; a checkpoint brings it to the disk.
  ASSERT_TRUE(engine_->Checkpoint(Folder("copy")).ok());
  const uint64_t all = engine_->ApproximateBytes(Column::kDecisions, "", "");
  const uint64_t half = engine_->ApproximateBytes(Column::kDecisions, "", OrderedKey(100));
  EXPECT_GT(all, 1'000u);
  EXPECT_GT(half, all / 4);
  EXPECT_LT(half, all * 3 / 4);
  EXPECT_EQ(engine_->ApproximateBytes(Column::kDecisions, OrderedKey(500), OrderedKey(600)), 0u);
}

TEST_P(StorageEngineTest, ReadersAndAWriterTogetherSeeOnlyWholeBatches) {
  constexpr int kBatches = 300;
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&] {
      while (!done.load()) {
        const std::vector<KeyValue> pair = Scan(*engine_, Column::kFeatures);
        ASSERT_TRUE(pair.empty() || pair.size() == 2);
        if (!pair.empty()) {
          ASSERT_EQ(pair[0].second, pair[1].second);
        }
        const uint64_t last = engine_->last_sequence().value();
        ASSERT_GE(ScanLog(*engine_).size(), last);
      }
    });
  }
  for (int i = 0; i < kBatches; ++i) {
    WriteBatch batch;
    batch.Put(Column::kFeatures, "left", std::to_string(i));
    batch.AppendRecord(RecordKind::kEvent, kStartMs, "r");
    batch.Put(Column::kFeatures, "right", std::to_string(i));
    Commit(batch, Durability::kBuffered);
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(engine_->last_sequence(), Sequence{kBatches});
}

// The obvious engine.
struct Model {
  std::map<std::pair<int, std::string>, std::string> columns;
  std::vector<SeenRecord> log;  // From sequence 1.
  uint64_t first = 1;
};

void ExpectEqual(const StorageEngine& engine, const Model& model) {
  ASSERT_EQ(engine.first_sequence().value(), model.first);
  ASSERT_EQ(engine.last_sequence().value(), model.log.size());
  std::vector<SeenRecord> seen;
  ASSERT_TRUE(engine
                  .ScanLog(Sequence{0},
                           [&](const Record& record) {
                             seen.push_back({record.sequence.value(), record.kind, record.recorded_at_ms,
                                             std::string(record.payload)});
                             return true;
                           })
                  .ok());
  ASSERT_EQ(seen, std::vector<SeenRecord>(model.log.begin() + static_cast<std::ptrdiff_t>(model.first - 1),
                                          model.log.end()));
  std::map<std::pair<int, std::string>, std::string> columns;
  for (int column = 0; column < kColumnCount; ++column) {
    ASSERT_TRUE(engine
                    .Scan(static_cast<Column>(column), "", "",
                          [&](std::string_view key, std::string_view value) {
                            columns[{column, std::string(key)}] = std::string(value);
                            return true;
                          })
                    .ok());
  }
  ASSERT_EQ(columns, model.columns);
}

WriteBatch RandomBatch(Random& random, Model& model) {
  WriteBatch batch;
  const uint64_t records = random.NextBelow(4);
  for (uint64_t i = 0; i < records; ++i) {
    const auto kind = static_cast<RecordKind>(1 + random.NextBelow(5));
    std::string payload(random.NextBelow(50), static_cast<char>(random.NextBelow(256)));
    const auto at_ms = static_cast<int64_t>(random.NextBelow(1u << 30));
    model.log.push_back({model.log.size() + 1, kind, at_ms, payload});
    batch.AppendRecord(kind, at_ms, std::move(payload));
  }
  const uint64_t operations = random.NextBelow(8);
  for (uint64_t i = 0; i < operations; ++i) {
    // All columns but the one that expires; keys from a small set, so that they meet.
    const int number = static_cast<int>(random.NextBelow(kColumnCount));
    const auto column = static_cast<Column>(number == static_cast<int>(Column::kEventIds) ? 0 : number);
    std::string key = std::to_string(random.NextBelow(30));
    const uint64_t what = random.NextBelow(10);
    if (what < 6) {
      std::string value = std::to_string(random.Next());
      model.columns[{static_cast<int>(column), key}] = value;
      batch.Put(column, std::move(key), std::move(value));
    } else if (what < 9) {
      model.columns.erase({static_cast<int>(column), key});
      batch.Delete(column, std::move(key));
    } else {
      std::string end = std::to_string(random.NextBelow(30));
      std::erase_if(model.columns, [&](const auto& entry) {
        return entry.first.first == static_cast<int>(column) && entry.first.second >= key &&
               entry.first.second < end;
      });
      batch.DeleteRange(column, std::move(key), std::move(end));
    }
  }
  return batch;
}

TEST_P(StorageEngineTest, RandomOperationsAgreeWithTheModel) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Model model;
    const std::string name = "random" + std::to_string(seed);
    std::unique_ptr<StorageEngine> engine = maker_->OpenNew(Folder(name), &clock_);
    int copies = 0;
    for (int step = 0; step < 300; ++step) {
      const uint64_t what = random.NextBelow(100);
      if (what < 90) {
        const uint64_t next = model.log.size() + 1;
        const WriteBatch batch = RandomBatch(random, model);
        const Result<Sequence> first =
            engine->Commit(batch, random.NextBelow(30) == 0 ? Durability::kSynced : Durability::kBuffered);
        ASSERT_TRUE(first.ok()) << first.status().message();
        ASSERT_EQ(first->value(), next);
      } else if (what < 94) {
        const uint64_t keep_from = model.first + random.NextBelow(model.log.size() + 2 - model.first);
        ASSERT_TRUE(engine->TruncateLogBefore(Sequence{keep_from}).ok());
        model.first = std::max(model.first, keep_from);
      } else if (what < 98) {
        ASSERT_NO_FATAL_FAILURE(ExpectEqual(*engine, model));
      } else {
        // Goes on in a copy.
        const std::string copy = Folder(name + "_" + std::to_string(++copies));
        ASSERT_TRUE(engine->Checkpoint(copy).ok());
        engine.reset();
        engine = maker_->OpenCheckpoint(copy, &clock_);
        ASSERT_NE(engine, nullptr);
      }
    }
    ASSERT_NO_FATAL_FAILURE(ExpectEqual(*engine, model));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Engines, StorageEngineTest,
    ::testing::Values(Implementation{"Memory", [] { return std::shared_ptr<EngineMaker>(new MemoryMaker); }},
                      Implementation{"Rocks", [] { return std::shared_ptr<EngineMaker>(new RocksMaker); }}),
    [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace attune::storage
