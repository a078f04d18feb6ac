// A fixture with a real server on a virtual clock and one store, "shop", asked over HTTP.
//
// Thread safety: one thread.

#ifndef ATTUNE_SERVER_SHOP_SERVER_FOR_TESTS_H_
#define ATTUNE_SERVER_SHOP_SERVER_FOR_TESTS_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "http/raw_client.h"
#include "server/empty_store_for_tests.h"
#include "server/server.h"

namespace attune::server {

class ShopServerTest : public ::testing::Test {
 protected:
  static constexpr int64_t kNow = 1'790'000'000'000;

  ShopServerTest() : clock_(kNow), random_(7), data_(FolderOfTest()) {
    std::filesystem::remove_all(data_);
    EXPECT_TRUE(MakeEmptyStore("shop", (data_ / "shop").string(), &clock_, &random_).ok());
  }
  ~ShopServerTest() override { std::filesystem::remove_all(data_); }
  // Before the members of a test are gone: the server may be asking one of them.
  void TearDown() override { server_.reset(); }

  // What a test does not say otherwise: models change only when they are told to.
  static ServerOptions OptionsOfTest() {
    ServerOptions options;
    options.trains = false;
    options.private_feeds = true;
    return options;
  }
  // Ends the server that runs, and starts another one on the same folder.
  void Start(ServerOptions options = OptionsOfTest()) {
    server_.reset();
    options.data = data_.string();
    options.port = 0;
    options.is_open = true;
    options.log_level = http::LogLevel::kOff;
    auto started = Server::Start(options, &clock_, &random_);
    ASSERT_TRUE(started.ok()) << started.status().message();
    server_ = std::move(started).value();
  }

  http::RawAnswer Ask(const std::string& method, const std::string& path, const std::string& body = "",
                      const std::string& headers = "") {
    http::RawClient client(server_->port());
    client.Send(method + " " + path + " HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n" + headers +
                "content-type: application/json\r\ncontent-length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
    return client.ReadAnswer();
  }

  VirtualClock clock_;
  SeededRandomSource random_;
  const std::filesystem::path data_;
  std::unique_ptr<Server> server_;

 private:
  static std::filesystem::path FolderOfTest() {
    const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
    return std::filesystem::path(::testing::TempDir()) /
           ("attune-" + std::string(test.test_suite_name()) + "-" + test.name());
  }
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_SHOP_SERVER_FOR_TESTS_H_
