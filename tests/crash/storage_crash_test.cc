// Killed with kill -9 at random moments, again and again in the same folder, a store holds every batch whose
// Commit returned, once and whole, and at most the one batch more that was being written.
//
// How often: ATTUNE_CRASH_KILLS (25).  The seed is printed; ATTUNE_CRASH_SEED repeats it.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "storage/rocks_storage.h"
#include "storage_crash_batch.h"

namespace attune::storage {
namespace {

namespace fs = std::filesystem;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread.
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Writer {
  pid_t process = -1;
  int output = -1;
};

Writer Start(const std::string& folder) {
  int ends[2] = {-1, -1};
  if (::pipe(ends) != 0) return {};
  const pid_t process = ::fork();
  if (process == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    ::execl(ATTUNE_CRASH_WRITER, ATTUNE_CRASH_WRITER, folder.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  return {process, ends[0]};
}

// Reads acknowledgements until `wanted` have come, spins a little, kills, and reads the rest.  The moment is
// random in the work of the writer, not in time, so that a slow machine kills as deep as a fast one.
uint64_t KillAfter(const Writer& writer, uint64_t wanted, uint64_t spins) {
  std::string text;
  char buffer[4096];
  uint64_t lines = 0;
  bool killed = false;
  if (wanted == 0) {
    ::kill(writer.process, SIGKILL);
    killed = true;
  }
  for (;;) {
    const ssize_t got = ::read(writer.output, buffer, sizeof(buffer));
    if (got <= 0) break;
    for (ssize_t i = 0; i < got; ++i) lines += buffer[i] == '\n' ? 1 : 0;
    text.append(buffer, static_cast<size_t>(got));
    if (!killed && lines >= wanted) {
      Random busy(spins);
      for (uint64_t i = 0; i < spins; ++i) busy.Next();
      ::kill(writer.process, SIGKILL);
      killed = true;
    }
  }
  ::close(writer.output);
  int status = 0;
  ::waitpid(writer.process, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself: " << status;
  // The last whole line.
  const size_t end = text.find_last_of('\n');
  if (end == std::string::npos) return 0;
  const size_t begin = text.find_last_of('\n', end - 1);
  return std::strtoull(text.c_str() + (begin == std::string::npos ? 0 : begin + 1), nullptr, 10);
}

// Returns the number of the last batch.
uint64_t VerifyFolder(const std::string& folder, const std::shared_ptr<StorageResources>& resources,
                      uint64_t acknowledged) {
  const SystemClock clock;
  RocksOptions options;
  options.clock = &clock;
  options.resources = resources;
  Result<std::unique_ptr<RocksStorage>> opened = RocksStorage::Open(folder, options);
  EXPECT_TRUE(opened.ok()) << opened.status().message();
  if (!opened.ok()) return 0;
  const RocksStorage& engine = **opened;
  const std::optional<std::string> last_text = *engine.Get(Column::kMeta, "last");
  const uint64_t last = last_text ? std::stoull(*last_text) : 0;
  EXPECT_GE(last, acknowledged);
  EXPECT_LE(last, acknowledged + 1);

  // The records that follow from `last`, and no others.
  std::vector<std::string> expected(1);
  for (uint64_t n = 1; n <= last; ++n) {
    for (uint64_t i = 0; i < CrashRecordCount(n); ++i) {
      expected.push_back(std::to_string(StableHash64(CrashText(n, i))));
    }
  }
  EXPECT_EQ(engine.last_sequence().value(), expected.size() - 1);
  uint64_t sequence = engine.first_sequence().value();
  Status status = engine.ScanLog(Sequence{0}, [&](const Record& record) {
    EXPECT_EQ(record.sequence.value(), sequence);
    EXPECT_EQ(std::to_string(StableHash64(record.payload)), expected[sequence]) << "sequence " << sequence;
    ++sequence;
    return sequence < expected.size();
  });
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(sequence, expected.size());

  uint64_t orders = 0;
  status = engine.Scan(Column::kOrders, "", "", [&](std::string_view key, std::string_view value) {
    ++orders;
    EXPECT_EQ(NumberFromOrderedKey(key), orders);
    EXPECT_EQ(StableHash64(value), StableHash64(CrashText(orders, 0)));
    return true;
  });
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(orders, last);
  uint64_t features = 0;
  status = engine.Scan(Column::kFeatures, "", "", [&](std::string_view key, std::string_view) {
    EXPECT_GT(NumberFromOrderedKey(key) + kCrashFeatureSpan, last);
    ++features;
    return true;
  });
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(features, std::min(last, kCrashFeatureSpan));
  return last;
}

TEST(StorageCrashTest, EveryAcknowledgedBatchIsThereOnceAndNoneIsTorn) {
  const uint64_t seed = FromEnvironment("ATTUNE_CRASH_SEED", SecureRandomSource().Next64());
  const uint64_t kills = FromEnvironment("ATTUNE_CRASH_KILLS", 25);
  std::printf("ATTUNE_CRASH_SEED=%llu ATTUNE_CRASH_KILLS=%llu\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(kills));
  Random random(seed);
  const fs::path folder =
      fs::path(::testing::TempDir()) / ("attune_crash_" + std::to_string(SecureRandomSource().Next64()));
  const std::shared_ptr<StorageResources> resources = StorageResources::Create({});
  uint64_t acknowledged = 0;
  for (uint64_t kill = 0; kill < kills && !::testing::Test::HasFailure(); ++kill) {
    SCOPED_TRACE("kill " + std::to_string(kill));
    const Writer writer = Start(folder.string());
    ASSERT_GT(writer.process, 0);
    const uint64_t wanted = random.NextBelow(10) == 0 ? 0 : random.NextBelow(80);
    const uint64_t printed = KillAfter(writer, wanted, random.NextBelow(3'000'000));
    acknowledged = std::max(acknowledged, printed);
    // A kill before the folder was made leaves nothing to open; Open makes it then.
    acknowledged = VerifyFolder(folder.string(), resources, acknowledged);
  }
  std::printf("batches: %llu\n", static_cast<unsigned long long>(acknowledged));
  std::error_code error;
  if (!::testing::Test::HasFailure()) fs::remove_all(folder, error);
}

}  // namespace
}  // namespace attune::storage
