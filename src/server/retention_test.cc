// Goal: a store of which retention has dropped the past is still whole: it rebuilds, replays what it can,
// says what it cannot, is backed up and restored, and holds its caps. Method: a store on disk under a virtual
// clock, some weeks of it, with bases every day.

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "decisions/decision_record.h"
#include "server/rebuild.h"
#include "server/replay_store.h"
#include "server/store_for_tests.h"
#include "storage/retention.h"

namespace attune::server {
namespace {

using storage::Column;

// The store of StoreTest, on disk.
class RetentionTest : public StoreTest {
 protected:
  RetentionTest() : resources_(storage::StorageResources::Create({})) {
    store_.reset();
    std::filesystem::remove_all(folder_);
    OpenOnDisk();
  }

  void OpenOnDisk() {
    store_.reset();
    StoreServices services;
    services.clock = &clock_;
    services.random = &random_;
    services.writers = &writers_;
    services.storage = resources_;
    services.trains = false;
    auto opened = Store::Open("shop", folder_.string(), services);
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    store_ = std::move(opened).value();
  }
  void Set(const std::string& settings) {
    ASSERT_TRUE(store_->PutSetting(kStoreSettingKind, kStoreSettingId, settings, "test").ok());
  }
  std::string IdOf(const std::string& answer) { return answer.substr(answer.find(':') + 2, 32); }
  // Views, an order, two decisions, a round of maintenance; returns the decisions' ids.
  std::vector<std::string> Day(int day) {
    std::vector<std::string> decided;
    const std::string shopper = "a" + std::to_string(day % 5);
    for (int i = 0; i < 5; ++i) Events(View(shopper, (day + i) % 8));
    Events(R"({"type":"order_completed","anonymous_id":")" + shopper + R"(","order_id":"o)" +
           std::to_string(day) + R"(","products":[{"product_id":"p3","quantity":1,"price":9}]})");
    for (const char* placement : {"home_for_you", "recently_viewed"}) {
      decided.push_back(IdOf(Recommend(R"({"placement":")" + std::string(placement) +
                                       R"(","shopper":{"anonymous_id":")" + shopper + R"("}})")));
    }
    if (day % 4 == 0) {
      EXPECT_TRUE(store_->TrainNow({}).ok());
    }
    clock_.Advance(kDayMs);
    store_->Maintain();
    return decided;
  }
  std::map<std::string, std::string> Columns() {
    std::map<std::string, std::string> all;
    for (const Column column : {Column::kMeta, Column::kProducts, Column::kProfiles, Column::kIdentity,
                                Column::kOrders, Column::kFeatures, Column::kSettings}) {
      EXPECT_TRUE(store_->engine()
                      .Scan(column, "", "",
                            [&](std::string_view key, std::string_view value) {
                              all[std::to_string(static_cast<int>(column)) + "/" + std::string(key)] = value;
                              return true;
                            })
                      .ok());
    }
    return all;
  }

  std::shared_ptr<storage::StorageResources> resources_;
};

TEST_F(RetentionTest, ACutLogStillRebuildsReplaysAndRestores) {
  Fill(8);
  Set(R"({"log_days_max":4,"decision_days_max":365})");
  std::vector<std::string> decided;
  for (int day = 0; day < 14; ++day) {
    for (std::string& id : Day(day)) decided.push_back(std::move(id));
  }
  const Sequence first = store_->engine().first_sequence();
  ASSERT_GT(first, Sequence(1)) << "retention has cut the log";
  ASSERT_TRUE(store_->SaveSnapshot().ok());
  const auto before = Columns();
  const std::string backup = folder_.string() + "-backup";
  std::filesystem::remove_all(backup);
  ASSERT_TRUE(store_->BackUp(backup, true).ok());
  store_.reset();

  const auto report = ReplayStore(folder_.string(), "", 1000);
  ASSERT_TRUE(report.ok()) << report.status().message();
  for (const auto& [id, difference] : report->differences) ADD_FAILURE() << id << ": " << difference;
  EXPECT_GE(report->same, 6u) << "those of the days that the log still holds";
  EXPECT_GE(report->too_old.size(), 6u) << "those of the first days";
  EXPECT_EQ(report->same + report->too_old.size() + report->not_replayable, decided.size());
  const auto young = ReplayStore(folder_.string(), decided.back(), 1);
  ASSERT_TRUE(young.ok()) << young.status().message();
  EXPECT_EQ(young->same, 1u);
  const auto old = ReplayStore(folder_.string(), decided.front(), 1);
  ASSERT_FALSE(old.ok());
  EXPECT_EQ(old.status().code(), StatusCode::kConflict);
  EXPECT_TRUE(old.status().message().starts_with(kDecisionTooOld)) << old.status().message();
  EXPECT_FALSE(std::filesystem::exists(folder_ / ".replay"));

  const auto rebuilt = RebuildStore(folder_.string(), clock_);
  ASSERT_TRUE(rebuilt.ok()) << rebuilt.status().message();
  EXPECT_GE(*rebuilt, 20u) << "records behind the oldest base were folded again";
  OpenOnDisk();
  EXPECT_EQ(Columns(), before);
  store_.reset();

  const std::string restored = folder_.string() + "-restored";
  std::filesystem::remove_all(restored);
  storage::RocksOptions options;
  options.clock = &clock_;
  options.resources = resources_;
  const auto summary = storage::RestoreBackup(backup, restored, {.rocks = options});
  ASSERT_TRUE(summary.ok()) << summary.status().message();
  const auto again = ReplayStore(restored, "", 1000);
  ASSERT_TRUE(again.ok()) << again.status().message();
  EXPECT_EQ(again->same, report->same) << "the backup holds the bases, too";
  ASSERT_TRUE(RebuildStore(restored, clock_).ok());
  std::filesystem::remove_all(restored);
  std::filesystem::remove_all(backup);
}

TEST_F(RetentionTest, WithoutItsBaseACutLogIsRefusedByName) {
  Fill(8);
  Set(R"({"log_days_max":2})");
  for (int day = 0; day < 7; ++day) Day(day);
  ASSERT_GT(store_->engine().first_sequence(), Sequence(1));
  store_.reset();
  std::filesystem::remove_all(folder_ / "bases");
  const auto rebuilt = RebuildStore(folder_.string(), clock_);
  EXPECT_TRUE(rebuilt.status().message().starts_with(kNoBase)) << rebuilt.status().message();
  const auto replayed = ReplayStore(folder_.string(), "", 10);
  EXPECT_TRUE(replayed.status().message().starts_with(kNoBase)) << replayed.status().message();
  OpenOnDisk();
  EXPECT_NE(Product("p3").find("\"orders\":"), std::string::npos) << "the refused rebuild touched nothing";
}

TEST_F(RetentionTest, AStateThatEndsBeforeTheLogBeginsIsRefusedByName) {
  storage::MemoryStorage engine(&clock_);
  storage::WriteBatch batch;
  for (int i = 0; i < 5; ++i) {
    batch.AppendRecord(storage::RecordKind::kSetting, 1, "");
  }
  ASSERT_TRUE(engine.Commit(batch, storage::Durability::kSynced).ok());
  ASSERT_TRUE(engine.TruncateLogBefore(Sequence(3)).ok());
  const auto state = StoreState::Open(&engine, &vault_, &random_, {});
  EXPECT_EQ(state.status().code(), StatusCode::kConflict);
  EXPECT_TRUE(state.status().message().starts_with(kStateBehindLog)) << state.status().message();
}

TEST_F(RetentionTest, DecisionRecordsHoldTheirCapUnderLoad) {
  Fill(8);
  Set(R"({"decision_bytes_max":1048576})");
  Random random(9);
  constexpr int kRounds = 60;
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < 250; ++i) {
      clock_.Advance(10);
      std::string query;  // Nothing that compresses.
      while (query.size() < 200) query += static_cast<char>('a' + random.NextBelow(26));
      Recommend(R"({"placement":"home_trending","context":{"query":")" + query + R"("}})");
    }
    store_->Maintain();
  }
  const uint64_t written = store_->decision_statistics().recorded_bytes;
  EXPECT_GT(written, uint64_t{3} << 20) << "three times the cap was written";
  uint64_t kept = 0;
  ASSERT_TRUE(store_->engine()
                  .Scan(Column::kDecisions, "", "",
                        [&](std::string_view key, std::string_view value) {
                          kept += key.size() + value.size();
                          return true;
                        })
                  .ok());
  // Measured on disk, where they take somewhat less than their bytes; a quarter covers both that and what one
  // round adds.
  EXPECT_LT(kept, (uint64_t{1} << 20) * 5 / 4 + 2 * written / kRounds);
  EXPECT_GT(kept, (uint64_t{1} << 20) / 4) << "and not more is dropped than the cap asks for";
}

}  // namespace
}  // namespace attune::server
