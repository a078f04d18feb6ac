// A real server on a loopback port, over a folder of its own, for tests that speak HTTP to it.
//
//   TestServer server("freshness");
//   HttpClient client(server);
//   client.Call("PUT", "/v1/products/p1", R"({"title":"Lamp","price":5})").status  =>  201
//
// The process is server/server.h as `attune serve` starts it, with a virtual clock and seeded randomness, and
// without trainings of its own: see Train().  Its one store, "shop", has the secret key `secret()` with all
// scopes and the public key `browser()`.
//
// Thread safety: TestServer after its construction: any thread; an HttpClient: one thread at a time.

#ifndef ATTUNE_TESTS_SERVER_TEST_SERVER_H_
#define ATTUNE_TESTS_SERVER_TEST_SERVER_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "http/key_file.h"
#include "http/raw_client.h"
#include "server/empty_store_for_tests.h"
#include "server/server.h"

namespace attune::server {

class TestServer {
 public:
  static constexpr int64_t kNowMs = 1'790'000'000'000;
  static constexpr const char* kStore = "shop";

  // `data`: where the folder is made; empty: in the temporary folder.
  explicit TestServer(const std::string& name, const std::string& data = {})
      : data_((data.empty() ? std::filesystem::path(::testing::TempDir()) /
                                  ("attune-server-" + name + "-" + std::to_string(getpid()))
                            : std::filesystem::path(data) / name)
                  .string()) {
    std::filesystem::remove_all(data_);
    std::filesystem::create_directories(StoreFolder(data_, kStore));
    MakeKeys();
    CHECK(MakeEmptyStore(kStore, folder(), &clock_, &random_).ok());
    Start();
  }
  ~TestServer() {
    Stop();
    std::error_code ignored;  // The folder may be read-only by the test's doing.
    std::filesystem::remove_all(data_, ignored);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  void Start() {
    ServerOptions options;
    options.data = data_;
    options.port = 0;
    options.trains = false;
    options.log_level = http::LogLevel::kOff;
    auto started = Server::Start(options, &clock_, &random_);
    CHECK(started.ok());
    server_ = std::move(started).value();
  }
  void Stop() { server_.reset(); }

  uint16_t port() const { return server_->port(); }
  const std::string& secret() const { return secret_; }
  const std::string& browser() const { return browser_; }
  std::string folder() const { return StoreFolder(data_, kStore); }
  VirtualClock& clock() { return clock_; }
  // Let go of it before Stop().
  std::shared_ptr<Store> store() {
    auto opened = server_->stores().Open(kStore);
    CHECK(opened.ok());
    return std::move(opened).value();
  }
  void Train() { ASSERT_TRUE(store()->TrainNow({}).ok()); }

  // Of the whole log, and of every column but the decisions'.
  uint64_t StateDigest() {
    const auto shop = store();
    EXPECT_TRUE(shop->SaveSnapshot().ok());
    uint64_t digest = shop->engine().last_sequence().value();
    for (int column = 0; column < storage::kColumnCount; ++column) {
      const auto which = static_cast<storage::Column>(column);
      if (which == storage::Column::kDecisions || which == storage::Column::kVault) continue;
      const Status read =
          shop->engine().Scan(which, "", "", [&digest](std::string_view key, std::string_view value) {
            digest = MixHash64(digest, MixHash64(StableHash64(key), StableHash64(value)));
            return true;
          });
      EXPECT_TRUE(read.ok());
    }
    return digest;
  }

 private:
  void MakeKeys() {
    http::StoreKeys keys;
    keys.store_id = kStore;
    http::KeyRequest request;
    request.label = "tests";
    request.scopes = http::kAllScopes;
    auto secret = http::CreateKey(request, kNowMs, random_, keys);
    request = {};
    request.label = "pages";
    request.kind = http::KeyKind::kPublic;
    request.origins = {"*"};
    auto browser = http::CreateKey(request, kNowMs, random_, keys);
    CHECK(secret.ok() && browser.ok());
    secret_ = secret->text;
    browser_ = browser->text;
    CHECK(http::WriteKeyFile(KeyPath(data_, kStore), keys).ok());
  }

  const std::string data_;
  VirtualClock clock_{kNowMs};
  SeededRandomSource random_{1};
  std::string secret_;
  std::string browser_;
  std::unique_ptr<Server> server_;
};

// One connection that stays open between calls and is made again when the server closed it.
class HttpClient {
 public:
  explicit HttpClient(TestServer& server) : port_(server.port()), key_(server.secret()) {}
  HttpClient(TestServer& server, std::string key) : port_(server.port()), key_(std::move(key)) {}

  // `headers`: whole lines, each with its "\r\n".
  http::RawAnswer Call(std::string_view method, std::string_view path, std::string_view body = {},
                       std::string_view headers = {}) {
    if (!client_ || !client_->is_connected()) client_ = std::make_unique<http::RawClient>(port_);
    std::string request = std::string(method) + ' ' + std::string(path) + " HTTP/1.1\r\nhost: localhost\r\n";
    if (!key_.empty()) request += "authorization: Bearer " + key_ + "\r\n";
    if (!body.empty() || method != "GET")
      request += "content-length: " + std::to_string(body.size()) + "\r\n";
    request += headers;
    request += "\r\n";
    request += body;
    (void)client_->Send(request);  // A server that refuses a body may answer before it has all of it.
    http::RawAnswer answer = client_->ReadAnswer();
    if (answer.status == 0 || answer.Header("connection") == "close") client_.reset();
    return answer;
  }
  std::string Get(std::string_view path) { return Call("GET", path).body; }
  std::string Event(std::string_view body) { return Call("POST", "/v1/events", body).body; }
  std::string Recommend(std::string_view body) { return Call("POST", "/v1/recommendations", body).body; }
  void PutProduct(const std::string& id, int price, const std::string& category) {
    const auto answer =
        Call("PUT", "/v1/products/" + id,
             R"({"title":"Product )" + id + R"(","price":)" + std::to_string(price) + R"(,"brand":"B)" +
                 std::to_string(price % 3) + R"(","category":[")" + category + "\"]}");
    ASSERT_TRUE(answer.status == 201 || answer.status == 200) << answer.body;
  }
  void PutProducts(int count) {
    for (int i = 0; i < count; ++i)
      PutProduct("p" + std::to_string(i), 10 + i, i % 2 == 0 ? "Lamps" : "Chairs");
  }

 private:
  const uint16_t port_;
  const std::string key_;
  std::unique_ptr<http::RawClient> client_;
};

inline constexpr const char* kOneAccepted = R"({"accepted":1,"duplicates":0,"rejected":[]})";

inline bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Whether the slate of an answer holds the product.
inline bool Shows(std::string_view answer, const std::string& product_id) {
  return Contains(answer, R"({"product_id":")" + product_id + R"(","position":)");
}

}  // namespace attune::server

#endif  // ATTUNE_TESTS_SERVER_TEST_SERVER_H_
