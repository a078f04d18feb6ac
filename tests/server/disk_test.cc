// Goal: a full disk or a folder that cannot be written is said clearly, nothing acknowledged is lost, reads
// go on, and writing resumes when there is space again. Method: a server on a small file system in memory
// that the test fills, empties and makes read-only.  It needs the right to mount; without it the tests are
// skipped by name.

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "server/test_server.h"

namespace attune::server {
namespace {

namespace fs = std::filesystem;

// Far above storage::kFreeBytesMin, below which only deletions are written.
constexpr const char* kSize = "size=160m";

class DiskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(disk_);
    if (mount("tmpfs", disk_.c_str(), "tmpfs", 0, kSize) != 0) {
      GTEST_SKIP() << "no right to mount a file system: errno " << errno;
    }
    is_mounted_ = true;
  }
  void TearDown() override {
    if (is_mounted_) {
      EXPECT_EQ(umount(disk_.c_str()), 0) << "errno " << errno;
    }
    fs::remove_all(disk_);
  }

  void Fill() const {
    std::ofstream file(disk_ / "filler", std::ios::binary);
    const std::string block(1 << 20, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void Empty() const { fs::remove(disk_ / "filler"); }
  bool Remount(unsigned long flags) const {
    return mount("tmpfs", disk_.c_str(), "tmpfs", MS_REMOUNT | flags, kSize) == 0;
  }
  static std::string Event(int number) {
    return R"({"id":"e)" + std::to_string(number) +
           R"(","type":"product_viewed","anonymous_id":"a1","product_id":"p1"})";
  }

  const fs::path disk_ = fs::path(::testing::TempDir()) / ("attune-disk-" + std::to_string(getpid()));
  bool is_mounted_ = false;
};

TEST_F(DiskTest, AFullDiskIsA503ThatSaysSoAndServiceResumesWithSpace) {
  TestServer server("full", disk_.string());
  HttpClient client(server);
  client.PutProducts(3);
  ASSERT_EQ(client.Event(Event(1)), kOneAccepted);
  Fill();
  for (int i = 2; i < 5; ++i) {
    const auto refused = client.Call("POST", "/v1/events", Event(i));
    EXPECT_EQ(refused.status, 503) << refused.body;
    EXPECT_TRUE(Contains(refused.body, "space") || Contains(refused.body, "disk")) << refused.body;
    EXPECT_FALSE(refused.Header("retry-after").empty());
  }
  EXPECT_EQ(client.Call("PATCH", "/v1/products/p1", R"({"stock":0})").status, 503);
  EXPECT_TRUE(Contains(client.Recommend(R"({"placement":"home_trending","limit":3})"), R"("position":2,)"))
      << "reads go on, and what was refused did not happen";
  EXPECT_TRUE(Contains(client.Get("/v1/shoppers/a1"), R"("views":1,)"));
  Empty();
  EXPECT_EQ(client.Event(Event(2)), kOneAccepted) << "with the first try";
  EXPECT_EQ(client.Event(Event(1)), R"({"accepted":0,"duplicates":1,"rejected":[]})");
  server.Stop();
  server.Start();
  HttpClient again(server);
  EXPECT_TRUE(Contains(again.Get("/v1/shoppers/a1"), R"("views":2,)"));
}

TEST_F(DiskTest, AReadOnlyFolderIsA503ThatSaysSoAndOpensWhenItIsWritable) {
  TestServer server("readonly", disk_.string());
  {
    HttpClient client(server);
    client.PutProducts(3);
  }
  server.Stop();
  ASSERT_TRUE(Remount(MS_RDONLY)) << errno;
  server.Start();
  HttpClient client(server);
  const auto refused = client.Call("POST", "/v1/events", Event(1));
  EXPECT_EQ(refused.status, 503) << refused.body;
  const auto ready = client.Call("GET", "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_TRUE(Contains(ready.body, "ead-only") || Contains(ready.body, "written")) << ready.body;
  ASSERT_TRUE(Remount(0)) << errno;
  EXPECT_EQ(client.Event(Event(1)), kOneAccepted);
  EXPECT_EQ(client.Call("GET", "/readyz").status, 200);
}

TEST(DataFolderTest, AFolderThatCannotBeMadeIsNamed) {
  const fs::path file = fs::path(::testing::TempDir()) / "attune-no-folder";
  std::ofstream(file) << "a file";
  const VirtualClock clock(TestServer::kNowMs);
  SeededRandomSource random(1);
  ServerOptions options;
  options.data = (file / "data").string();
  options.port = 0;
  options.log_level = http::LogLevel::kOff;
  const auto started = Server::Start(options, &clock, &random);
  ASSERT_FALSE(started.ok());
  EXPECT_TRUE(Contains(started.status().message(), options.data)) << started.status().message();
  fs::remove(file);
}

}  // namespace
}  // namespace attune::server
