// Goal: nothing that a client can send breaks the server, is half applied, or is answered with our fault.
// Method: every route that takes a body gets every sort of nonsense, and every route with an id strange ones.
// Each answer is a 4xx that says what is wrong (or a batch of which nothing was accepted), the state of the
// store is the same before and after, and the server goes on serving.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "server/test_server.h"

namespace attune::server {
namespace {

struct Nonsense {
  std::string name;
  std::string body;
};

std::string Repeated(std::string_view text, size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

// An object that is wrong for every route, by `value` in all of their fields.
std::string InEveryField(const std::string& value) {
  std::string body = "{";
  for (const char* name :
       {"title", "price", "stock", "category", "attributes", "type", "anonymous_id", "products", "placement",
        "limit", "shopper", "context", "sources", "based_on", "product_id"}) {
    body += (body.size() > 1 ? ",\"" : "\"") + std::string(name) + "\":" + value;
  }
  return body + "}";
}

std::vector<Nonsense> AllNonsense() {
  using std::string_literals::operator""s;
  return {
      {"nothing", ""},
      {"half an object", R"({"title":)"},
      {"half an array", R"([{"type":"product_viewed")"},
      {"no word of JSON", "nul"},
      {"a number", "7"},
      {"a text", R"("text")"},
      {"null", "null"},
      {"two documents", "{} {}"},
      {"numbers for everything", InEveryField("-7.5")},
      {"objects for everything", InEveryField(R"({"a":[]})")},
      {"true for everything", InEveryField("true")},
      {"a number out of range", InEveryField("1e999")},
      {"a huge number", InEveryField("1e308")},
      {"many digits", InEveryField(std::string(400, '9'))},
      {"an invalid byte", InEveryField("\"\xff\xfe\"")},
      {"half a character", InEveryField("\"\xe2\x82\"")},
      {"a NUL", InEveryField("\"a\0b\""s)},
      {"an escaped NUL", InEveryField(R"("a\u0000b")")},
      {"half a surrogate", InEveryField(R"("\ud800")")},
      {"a long text", InEveryField('"' + std::string(100'000, 'x') + '"')},
      {"deep arrays", std::string(100'000, '[')},
      {"deep objects", Repeated(R"({"a":)", 50'000)},
      {"deeper than the limit", InEveryField(std::string(40, '[') + std::string(40, ']'))},
      {"100 000 elements", "[" + Repeated("0,", 99'999) + "0]"},
      {"100 000 elements inside", InEveryField("[" + Repeated("0,", 99'999) + "0]")},
      {"10 MB", R"({"title":")" + Repeated("x", 10'000'000) + "\"}"},
  };
}

const std::vector<std::pair<std::string, std::string>>& BodyRoutes() {
  static const auto* const routes = new std::vector<std::pair<std::string, std::string>>{
      {"POST", "/v1/events"},           {"POST", "/v1/recommendations"},
      {"POST", "/v1/products"},         {"PUT", "/v1/products/p1"},
      {"PATCH", "/v1/products/p1"},     {"POST", "/v1/products?replace=true"},
      {"PUT", "/v1/products/new"},      {"PUT", "/v1/config/placements/mine"},
      {"PUT", "/v1/config/rules/mine"},
  };
  return *routes;
}

class MalformedTest : public ::testing::Test {
 protected:
  MalformedTest() {
    client_.PutProducts(5);
    before_ = server_.StateDigest();
  }
  ~MalformedTest() override {
    EXPECT_EQ(server_.StateDigest(), before_) << "something was changed";
    EXPECT_TRUE(
        Contains(client_.Recommend(R"({"placement":"home_trending","limit":5})"), R"("position":4,)"));
  }

  static void ExpectRefused(const http::RawAnswer& answer) {
    if (answer.status == 200) {
      EXPECT_TRUE(Contains(answer.body, R"("accepted":0,)")) << answer.body.substr(0, 300);
      EXPECT_TRUE(Contains(answer.body, R"("message":")")) << answer.body.substr(0, 300);
      return;
    }
    EXPECT_TRUE(answer.status >= 400 && answer.status < 500)
        << answer.status << ' ' << answer.body.substr(0, 300);
    EXPECT_TRUE(Contains(answer.body, R"({"error":{"code":")") && Contains(answer.body, R"("message":")"))
        << answer.body.substr(0, 300);
  }

  TestServer server_{"malformed"};
  HttpClient client_{server_};
  uint64_t before_ = 0;
};

TEST_F(MalformedTest, NonsenseIsRefusedOnEveryRoute) {
  const std::vector<Nonsense> all = AllNonsense();
  for (const auto& [method, path] : BodyRoutes()) {
    for (const Nonsense& nonsense : all) {
      SCOPED_TRACE(method + " " + path + ": " + nonsense.name);
      ExpectRefused(client_.Call(method, path, nonsense.body));
      ExpectRefused(client_.Call(method, path, nonsense.body, "content-type: application/x-ndjson\r\n"));
    }
    SCOPED_TRACE(method + " " + path);
    ExpectRefused(client_.Call(method, path, "no gzip", "content-encoding: gzip\r\n"));
    ExpectRefused(client_.Call(method, path, "{}", "content-encoding: brotli\r\n"));
  }
}

TEST_F(MalformedTest, StrangeIdsAreRefusedOnEveryRoute) {
  const std::vector<std::string> ids = {
      "%00",     "a%00b",      "%ff%fe", "%zz", "%",           std::string(600, 'x'),
      "..%2f..", "unknown-id", "%20",    "-1",  "%F0%9F%92%A9"};
  const std::vector<std::pair<std::string, std::string>> routes = {
      {"GET", "/v1/products/"},          {"DELETE", "/v1/products/"},          {"PATCH", "/v1/products/"},
      {"GET", "/v1/shoppers/"},          {"DELETE", "/v1/shoppers/"},          {"GET", "/v1/decisions/"},
      {"GET", "/v1/config/placements/"}, {"DELETE", "/v1/config/placements/"}, {"GET", "/v1/config/rules/"},
      {"DELETE", "/v1/config/rules/"},   {"DELETE", "/v1/config/lists/"},
  };
  for (const auto& [method, path] : routes) {
    for (const std::string& id : ids) {
      SCOPED_TRACE(method + " " + path + id.substr(0, 20));
      ExpectRefused(client_.Call(method, path + id, method == "PATCH" ? R"({"stock":1})" : ""));
    }
  }
}

TEST_F(MalformedTest, HalfRequestsAndSlowClientsHoldNothing) {
  const std::string head =
      "POST /v1/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer " + server_.secret();
  http::RawClient slow(server_.port());
  ASSERT_TRUE(slow.Send(head));  // And nothing more.
  http::RawClient half(server_.port());
  ASSERT_TRUE(half.Send(head + "\r\ncontent-length: 100\r\n\r\n{\"type\":\"product_viewed\","));
  half.FinishSending();
  http::RawClient gone(server_.port());
  ASSERT_TRUE(gone.Send(head + "\r\ncontent-length: 100\r\n\r\n{"));
  gone.Close();
  for (const std::string wrong :
       {"NONSENSE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /v1/products/p1 HTTP/1.1\r\nbad header\r\n\r\n",
        "POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n",
        "POST /v1/events HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"}) {
    SCOPED_TRACE(wrong);
    http::RawClient client(server_.port());
    ASSERT_TRUE(client.Send(wrong));
    const int status = client.ReadAnswer().status;
    EXPECT_TRUE(status >= 400 && status <= 505 && status != 500) << status;
  }
  EXPECT_EQ(client_.Call("GET", "/healthz").status, 200) << "others are served meanwhile";
  const int half_status = half.ReadAnswer().status;
  EXPECT_TRUE(half_status == 0 || half_status == 400) << half_status;
  EXPECT_EQ(slow.ReadAnswer().status, 408);
}

}  // namespace
}  // namespace attune::server
