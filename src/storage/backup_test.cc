// A restored backup answers as the store did at the moment of Stage; a damaged one is refused by name.

#include "storage/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "storage/backup_list.h"
#include "storage/retention.h"

namespace attune::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

void WriteText(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

class BackupTest : public ::testing::Test {
 protected:
  BackupTest()
      : root_(fs::path(::testing::TempDir()) /
              ("attune_backup_" + std::to_string(SecureRandomSource().Next64()))) {
    fs::create_directories(root_);
    options_.clock = &clock_;
    options_.resources = StorageResources::Create({});
    store_ = Open("store");
    vault_ = Open("store/vault");
    WriteText(root_ / "store/models/als/1.bin", "the first generation");
    WriteText(root_ / "store/notes.txt", "beside");
    WriteText(root_ / "store/models/als/2.bin.partial", "half written");
    Write(*store_, "one");
    WriteBatch key;
    key.Put(Column::kVault, "shopper", "key");
    EXPECT_TRUE(vault_->Commit(key, Durability::kSynced).ok());
  }
  ~BackupTest() override {
    store_.reset();
    vault_.reset();
    std::error_code error;
    fs::remove_all(root_, error);
  }

  std::string Folder(const std::string& name) const { return (root_ / name).string(); }
  std::unique_ptr<RocksStorage> Open(const std::string& name) {
    Result<std::unique_ptr<RocksStorage>> opened = RocksStorage::Open(Folder(name), options_);
    EXPECT_TRUE(opened.ok()) << opened.status().message();
    return opened.ok() ? std::move(opened).value() : nullptr;
  }
  static void Write(RocksStorage& engine, const std::string& text) {
    WriteBatch batch;
    batch.AppendRecord(RecordKind::kEvent, 1, text);
    batch.Put(Column::kMeta, "last", text);
    ASSERT_TRUE(engine.Commit(batch, Durability::kSynced).ok());
  }
  Result<BackupSummary> Backup(const std::string& name, const BackupOptions& options = {}) {
    ASSIGN_OR_RETURN(const std::unique_ptr<StagedBackup> staged, StagedBackup::Stage(*store_, options));
    return staged->WriteTo(Folder(name));
  }
  Result<BackupSummary> Restore(const std::string& from, const std::string& to) {
    RestoreOptions options;
    options.rocks = options_;
    return RestoreBackup(Folder(from), Folder(to), options);
  }

  const fs::path root_;
  VirtualClock clock_{1'700'000'000'000};
  RocksOptions options_;
  std::unique_ptr<RocksStorage> store_;
  std::unique_ptr<RocksStorage> vault_;
};

TEST_F(BackupTest, ARestoredStoreIsTheStoreAtTheMomentOfStage) {
  Result<std::unique_ptr<StagedBackup>> staged = StagedBackup::Stage(*store_, {});
  ASSERT_TRUE(staged.ok()) << staged.status().message();
  Write(*store_, "two");  // The store goes on before the bytes are copied.
  fs::remove(root_ / "store/models/als/1.bin");
  const Result<BackupSummary> written = (*staged)->WriteTo(Folder("backup"));
  ASSERT_TRUE(written.ok()) << written.status().message();
  staged.value().reset();
  EXPECT_FALSE(fs::exists(root_ / "store/.backup"));
  EXPECT_EQ(written->last_sequence, Sequence{1});
  EXPECT_FALSE(written->has_vault);
  EXPECT_FALSE(fs::exists(root_ / "backup/vault"));

  const Result<BackupSummary> restored = Restore("backup", "again");
  ASSERT_TRUE(restored.ok()) << restored.status().message();
  EXPECT_EQ(*restored, *written);
  EXPECT_EQ(ReadText(root_ / "again/models/als/1.bin"), "the first generation");
  EXPECT_EQ(ReadText(root_ / "again/notes.txt"), "beside");
  EXPECT_FALSE(fs::exists(root_ / "again/models/als/2.bin.partial"));
  EXPECT_FALSE(fs::exists(root_ / "again/vault"));
  const std::unique_ptr<RocksStorage> again = Open("again");
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(**again->Get(Column::kMeta, "last"), "one");
  Write(*again, "another way");
  EXPECT_EQ(again->last_sequence(), Sequence{2});
  EXPECT_EQ(**store_->Get(Column::kMeta, "last"), "two");
}

TEST_F(BackupTest, TheVaultComesOnlyWhenAskedFor) {
  BackupOptions options;
  options.vault = vault_.get();
  const Result<BackupSummary> written = Backup("backup", options);
  ASSERT_TRUE(written.ok()) << written.status().message();
  EXPECT_TRUE(written->has_vault);
  ASSERT_TRUE(Restore("backup", "again").ok());
  {
    const std::unique_ptr<RocksStorage> vault = Open("again/vault");
    ASSERT_NE(vault, nullptr);
    EXPECT_EQ(**vault->Get(Column::kVault, "shopper"), "key");
  }
  RestoreOptions without;
  without.rocks = options_;
  without.with_vault = false;
  const Result<BackupSummary> restored = RestoreBackup(Folder("backup"), Folder("without"), without);
  ASSERT_TRUE(restored.ok()) << restored.status().message();
  EXPECT_FALSE(restored->has_vault);
  EXPECT_FALSE(fs::exists(root_ / "without/vault"));
}

TEST_F(BackupTest, BasesComeAlongUnlessLeftOut) {
  ASSERT_TRUE(MakeBase(*store_, Sequence{1}, options_).ok());
  ASSERT_TRUE(Backup("with").ok());
  BackupOptions options;
  options.with_bases = false;
  ASSERT_TRUE(Backup("without", options).ok());
  ASSERT_TRUE(Restore("with", "restored_with").ok());
  ASSERT_TRUE(Restore("without", "restored_without").ok());
  EXPECT_EQ(ListBases(Folder("restored_with"))->size(), 1u);
  EXPECT_EQ(ListBases(Folder("restored_without"))->size(), 0u);
  const Result<std::unique_ptr<RocksStorage>> base =
      RocksStorage::Open(BaseFolder(Folder("restored_with"), Sequence{1}), options_);
  ASSERT_TRUE(base.ok()) << base.status().message();
  EXPECT_EQ(**(*base)->Get(Column::kMeta, "last"), "one");
}

TEST_F(BackupTest, NothingIsOverwritten) {
  ASSERT_TRUE(Backup("backup").ok());
  EXPECT_EQ(Backup("backup").status().code(), StatusCode::kConflict);
  EXPECT_EQ(Restore("backup", "store").status().code(), StatusCode::kConflict);
  EXPECT_EQ(Restore("nowhere", "again").status().code(), StatusCode::kNotFound);
  fs::create_directories(root_ / "empty");
  EXPECT_TRUE(Restore("backup", "empty").ok());
  // What a killed backup left is in nobody's way.
  WriteText(root_ / "store/.backup/store/FORMAT", "left over");
  WriteText(root_ / "second.partial/left", "over");
  EXPECT_TRUE(Backup("second").ok());
}

TEST_F(BackupTest, ADamagedBackupIsRefusedAndLeavesNothing) {
  ASSERT_TRUE(Backup("backup").ok());
  const std::string path = Folder("backup/store/models/als/1.bin");
  const auto expect_refused = [&](const std::string& why) {
    const Status status = Restore("backup", "again").status();
    EXPECT_EQ(status.code(), StatusCode::kCorruption) << status.message();
    EXPECT_THAT(status.message(), HasSubstr(why));
    EXPECT_FALSE(fs::exists(root_ / "again"));
    EXPECT_FALSE(fs::exists(root_ / "again.partial"));
  };
  WriteText(path, "the f1rst generation");
  expect_refused("store/models/als/1.bin");
  WriteText(path, "the first generation, longer");
  expect_refused("store/models/als/1.bin");
  fs::remove(path);
  expect_refused("has lost a file: store/models/als/1.bin");
  WriteText(path, "the first generation");
  EXPECT_TRUE(Restore("backup", "again").ok());
  fs::remove_all(root_ / "again");
  const std::string list = ReadText(root_ / "backup/BACKUP");
  WriteText(root_ / "backup/BACKUP", list.substr(0, list.size() - 1));
  expect_refused("cut off");
  std::string other = list;
  other.replace(other.find("last_sequence 1"), 15, "last_sequence 7");
  WriteText(root_ / "backup/BACKUP", other);
  expect_refused("not whole");
}

TEST(BackupListTest, WhatIsWrittenIsReadAndWhatIsNotIsNamed) {
  BackupList list;
  list.last_sequence = Sequence{1042};
  list.has_vault = true;
  list.files = {{"store/FORMAT", 16, 0x9ae16a3b2f90404fULL}, {"store/with space", 0, 1}};
  const std::string text = FormatBackupList(list);
  EXPECT_EQ(text,
            "attune-backup 1\nlast_sequence 1042\nvault 1\nfile 9ae16a3b2f90404f 16 store/FORMAT\n"
            "file 0000000000000001 0 store/with space\n");
  const Result<BackupList> parsed = ParseBackupList(text);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(*parsed, list);
  EXPECT_TRUE(ParseBackupList("attune-backup 1\nnews from the future\n").ok());
  for (const std::string bad :
       {"", "attune-backup 1", "attune-backup 2\n", "attune-backup 1\nvault 2\n",
        "attune-backup 1\nlast_sequence\n", "attune-backup 1\nfile 1 2\n", "attune-backup 1\nfile x 2 a\n",
        "attune-backup 1\nfile 1 -2 a\n", "attune-backup 1\nfile 1 2 ../a\n",
        "attune-backup 1\nfile 1 2 /a\n", "attune-backup 1\nfile 1 2 a//b\n",
        "attune-backup 1\nfile 1 2 a/./b\n", "attune-backup 1\nfile 11111111111111111 2 a\n"}) {
    EXPECT_EQ(ParseBackupList(bad).status().code(), StatusCode::kCorruption) << bad;
  }
  EXPECT_THAT(ParseBackupList("attune-backup 1\nvault 0\nfile 1 2 ../a\n").status().message(),
              HasSubstr("line: 3"));
}

}  // namespace
}  // namespace attune::storage
