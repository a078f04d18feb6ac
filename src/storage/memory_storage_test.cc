// The file of an in-memory store's checkpoint under damage.  What engines share is tests/conformance.

#include "storage/memory_storage.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <protozero/pbf_writer.hpp>
#include <string>

#include "base/clock.h"
#include "storage/storage_engine.h"

namespace attune::storage {
namespace {

class MemoryCheckpointTest : public ::testing::Test {
 protected:
  MemoryCheckpointTest()
      : folder_(std::filesystem::path(::testing::TempDir()) /
                (std::string("attune_memory_") +
                 ::testing::UnitTest::GetInstance()->current_test_info()->name())),
        clock_(1000) {
    std::filesystem::remove_all(folder_);
  }
  ~MemoryCheckpointTest() override { std::filesystem::remove_all(folder_); }

  std::string WriteCheckpoint() {
    MemoryStorage storage(&clock_);
    WriteBatch batch;
    batch.AppendRecord(RecordKind::kEvent, 1, "event");
    batch.AppendRecord(RecordKind::kProduct, 2, "product");
    batch.Put(Column::kProfiles, "key", "value");
    CHECK(storage.Commit(batch, Durability::kSynced).ok());
    CHECK(storage.Checkpoint(folder_.string()).ok());
    std::ifstream file(folder_ / "memory_storage.pb", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  Status OpenWith(const std::string& bytes) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "memory_storage.pb", std::ios::binary) << bytes;
    return MemoryStorage::Open(folder_.string(), &clock_).status();
  }

  const std::filesystem::path folder_;
  VirtualClock clock_;
};

TEST_F(MemoryCheckpointTest, EveryChangedAndEveryMissingByteIsAStoreOrCorruption) {
  const std::string bytes = WriteCheckpoint();
  ASSERT_TRUE(OpenWith(bytes).ok());
  for (size_t i = 0; i < bytes.size(); ++i) {
    const Status cut = OpenWith(bytes.substr(0, i));
    EXPECT_TRUE(cut.ok() || cut.code() == StatusCode::kCorruption) << i;
    std::string damaged = bytes;
    for (const int value : {0, 1, 2, 5, 8, 9, 10, 13, 16, 17, 18, 24, 26, 127, 128, 255}) {
      damaged[i] = static_cast<char>(value);
      const Status status = OpenWith(damaged);
      EXPECT_TRUE(status.ok() || status.code() == StatusCode::kCorruption) << i;
    }
  }
}

TEST_F(MemoryCheckpointTest, AFieldOfAnotherTypeIsCorruption) {
  const std::string good = WriteCheckpoint();
  const auto with = [&good](uint32_t field, bool is_number) {
    std::string bytes = good;
    protozero::pbf_writer writer(bytes);
    if (is_number) {
      writer.add_uint64(field, 1);
    } else {
      writer.add_bytes(field, "\x20\x01");  // Read as a number and what follows it: a sound file.
    }
    return bytes;
  };
  EXPECT_EQ(OpenWith(with(1, false)).code(), StatusCode::kCorruption);
  EXPECT_EQ(OpenWith(with(2, true)).code(), StatusCode::kCorruption);
  EXPECT_EQ(OpenWith(with(3, true)).code(), StatusCode::kCorruption);
  EXPECT_TRUE(OpenWith(with(4, true)).ok());  // A later build's.
  EXPECT_TRUE(OpenWith(with(4, false)).ok());
}

}  // namespace
}  // namespace attune::storage
