#include "http/api.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>

#include "http/identity_token.h"
#include "http/limits.h"
#include "http/listener.h"
#include "http/raw_client.h"

namespace attune::http {
namespace {

constexpr int64_t kNow = 1'770'000'000'000;

// Remembers what it was asked, and answers what it is told to.
class RecordingBackend final : public StoreBackend {
 public:
  void IngestEvents(std::string body, const Caller& c, Done done) override { Say("events " + body, c, done); }
  void PutProduct(std::string id, std::string body, const Caller& c, Done done) override {
    Say("put " + id + " " + body, c, done);
  }
  void PatchProduct(std::string id, std::string body, const Caller& c, Done done) override {
    Say("patch " + id + " " + body, c, done);
  }
  void DeleteProduct(std::string id, const Caller& c, Done done) override { Say("delete " + id, c, done); }
  void UpsertProducts(std::string body, BatchFormat format, BatchMode mode, const Caller& c,
                      Done done) override {
    static constexpr const char* kModes[] = {"", "merge ", "merge keep "};
    Say("upsert " + std::string(kModes[static_cast<int>(mode)]) +
            std::string(format == BatchFormat::kNdjson ? "ndjson " : "json ") + body,
        c, done);
  }
  void ReplaceProducts(std::string, BatchFormat, bool force, const Caller& c, Done done) override {
    Say(force ? "replace force" : "replace", c, done);
  }
  void ListProducts(uint32_t cursor, uint32_t limit, const Caller& c, Done done) override {
    Say("products " + std::to_string(cursor) + " " + std::to_string(limit), c, done);
  }
  void GetProduct(std::string id, const Caller& c, Done done) override { Say("product " + id, c, done); }
  void Recommend(std::string body, const Caller& c, Done done) override { Say("recommend " + body, c, done); }
  void Search(std::string body, const Caller& c, Done done) override { Say("search " + body, c, done); }
  void GetDecision(std::string id, std::string why_not, const Caller& c, Done done) override {
    Say("decision " + id + " " + why_not, c, done);
  }
  void GetShopper(std::string id, ShopperKind kind, const Caller& c, Done done) override {
    Say("shopper " + id + " " + std::to_string(static_cast<int>(kind)), c, done);
  }
  void EraseShopper(std::string id, ShopperKind, const Caller& c, Done done) override {
    Say("erase " + id, c, done);
  }
  void ExportShopper(std::string id, ShopperKind, const Caller& c, Done done) override {
    Say("export " + id, c, done);
  }
  void ListSettings(std::string kind, const Caller& c, Done done) override { Say("list " + kind, c, done); }
  void ReadSetting(std::string kind, std::string id, const Caller& c, Done done) override {
    Say("read " + kind + " " + id, c, done);
  }
  void WriteSetting(std::string kind, std::string id, std::string body, Precondition precondition,
                    const Caller& c, Done done) override {
    precondition_ = std::move(precondition);
    Say("write " + kind + " " + id + " " + body, c, done);
  }
  void DeleteSetting(std::string kind, std::string id, Precondition precondition, const Caller& c,
                     Done done) override {
    precondition_ = std::move(precondition);
    Say("unset " + kind + " " + id, c, done);
  }

  void ReadStoreSettings(const Caller& c, Done done) override { Say("read settings", c, done); }
  void PatchStoreSettings(std::string body, Precondition precondition, const Caller& c, Done done) override {
    precondition_ = std::move(precondition);
    Say("patch settings " + body, c, done);
  }
  void ListProspects(std::string id, uint32_t limit, const Caller& c, Done done) override {
    Say("prospects " + id + " " + std::to_string(limit), c, done);
  }
  void Suggest(std::string body, const Caller& c, Done done) override { Say("suggest " + body, c, done); }
  void GetSearchAnalytics(const SearchAnalyticsQuery& query, const Caller& c, Done done) override {
    Say("analytics " + std::to_string(query.from_ms.value_or(-1)) + " " +
            std::to_string(query.to_ms.value_or(-1)) + " " + query.market + " " + std::to_string(query.limit),
        c, done);
  }
  void GetTrending(TrendKind kind, uint32_t limit, const Caller& c, Done done) override {
    Say(std::string("trending ") + (kind == TrendKind::kBrand ? "brand " : "category ") +
            std::to_string(limit),
        c, done);
  }
  void GetFeed(const Caller& c, Done done) override { Say("feed", c, done); }
  void GetRuleConflicts(const Caller& c, Done done) override { Say("conflicts", c, done); }
  void DryRunRules(std::string body, const Caller& c, Done done) override { Say("dry run " + body, c, done); }
  void GetModels(const Caller& c, Done done) override { Say("models", c, done); }

  std::vector<std::string> calls_;
  Caller caller_;
  Precondition precondition_;
  Result<Answer> next_ = Answer{200, "{}", ""};

 private:
  void Say(std::string call, const Caller& caller, const Done& done) {
    calls_.push_back(std::move(call));
    caller_ = caller;
    done(next_);
  }
};

class TwoStores final : public StoreDirectory {
 public:
  std::shared_ptr<StoreBackend> Find(std::string_view store_id) override {
    if (store_id == "giftshop") return gift_;
    if (store_id == "electronics") return electronics_;
    return nullptr;
  }
  std::vector<std::string> StoreIds() const override { return {"giftshop", "electronics"}; }
  Readiness readiness() const override { return readiness_; }

  std::shared_ptr<RecordingBackend> gift_ = std::make_shared<RecordingBackend>();
  std::shared_ptr<RecordingBackend> electronics_ = std::make_shared<RecordingBackend>();
  Readiness readiness_{true, "", {{"giftshop", true, ""}}};
};

class ApiTest : public testing::Test {
 protected:
  void SetUp() override {
    KeyRequest request;
    request.scopes = kAllScopes;
    secret_ = CreateKey(request, kNow, random_, keys_)->text;
    request.scopes = ScopeBit(Scope::kRead);
    reader_ = CreateKey(request, kNow, random_, keys_)->text;
    request.expires_at_ms = kNow + 1;
    expiring_ = CreateKey(request, kNow, random_, keys_)->text;
    request = KeyRequest();
    request.kind = KeyKind::kPublic;
    request.origins = {"https://shop.example"};
    public_ = CreateKey(request, kNow, random_, keys_)->text;
    request.is_demo = true;
    demo_ = CreateKey(request, kNow, random_, keys_)->text;
    identity_secret_ = RotateIdentitySecret(random_, keys_);
    registry_.SetStore(keys_);
    Rebuild();
  }

  void Rebuild() {
    api_.reset();
    metrics_ = std::make_unique<Metrics>();
    ApiOptions options;
    options.is_open = is_open_;
    options.rates = rates_;
    options.demo = StaticFiles(std::map<std::string, std::string>{{"index.html", "<p>demo</p>"}});
    api_ = std::make_unique<Api>(std::move(options), &stores_, &registry_, metrics_.get(), &log_, &clock_);
  }

  Request Ask(std::string method, std::string path, const std::string& key = "", std::string body = "") {
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.body = std::move(body);
    request.peer_address = "192.0.2.1";
    request.request_id = "r1";
    request.received_at_ms = kNow;
    request.headers.push_back({"host", "localhost:8080"});
    if (!key.empty()) request.headers.push_back({"authorization", "Bearer " + key});
    return request;
  }

  Response Send(const Request& request) {
    Response answer;
    int answers = 0;
    api_->Handle(request, [&](Response response) {
      answer = std::move(response);
      ++answers;
    });
    EXPECT_EQ(answers, 1);
    return answer;
  }

  static std::string CodeOf(const Response& response) {
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    std::string_view code;
    if (parser.parse(response.body).get(document) != simdjson::SUCCESS) return "";
    return document["error"]["code"].get(code) == simdjson::SUCCESS ? std::string(code) : "";
  }

  // A path of the route's pattern with its captures filled in.
  static std::string PathOf(const Route& route) {
    std::string path = route.pattern;
    const size_t begin = path.find('{');
    if (begin != std::string::npos) path.replace(begin, path.find('}') - begin + 1, "x1");
    return path;
  }

  VirtualClock clock_{kNow};
  SeededRandomSource random_{8};
  StoreKeys keys_{"giftshop", {}, {}};
  KeyRegistry registry_;
  TwoStores stores_;
  std::string log_lines_;
  AccessLog log_{LogLevel::kDebug, clock_, &log_lines_};
  std::unique_ptr<Metrics> metrics_;
  RateLimits rates_{{}, {}, {}, {}};
  bool is_open_ = false;
  std::string secret_, reader_, expiring_, public_, demo_, identity_secret_;
  std::unique_ptr<Api> api_;
};

TEST_F(ApiTest, EveryRouteReachesItsCallOfTheBackend) {
  struct Case {
    const char* method;
    const char* path;
    const char* body;
    const char* call;
  };
  const Case kCases[] = {
      {"POST", "/v1/events", "{}", "events {}"},
      {"POST", "/v1/recommendations", "{\"a\":1}", "recommend {\"a\":1}"},
      {"GET", "/v1/decisions/d1", "", "decision d1 "},
      {"POST", "/v1/products", "[{}]", "upsert json [{}]"},
      {"GET", "/v1/products/a%2Fb", "", "product a/b"},
      {"PUT", "/v1/products/p1", "{}", "put p1 {}"},
      {"PATCH", "/v1/products/p1", "{}", "patch p1 {}"},
      {"DELETE", "/v1/products/p1", "", "delete p1"},
      {"GET", "/v1/products/p1/shoppers", "", "prospects p1 100"},
      {"GET", "/v1/trending", "", "trending category 10"},
      {"GET", "/v1/search/analytics", "", "analytics -1 -1  20"},
      {"GET", "/v1/shoppers/s1", "", "shopper s1 0"},
      {"DELETE", "/v1/shoppers/s1", "", "erase s1"},
      {"GET", "/v1/shoppers/s1/export", "", "export s1"},
      {"GET", "/v1/config/placements", "", "list placements"},
      {"GET", "/v1/config/placements/home", "", "read placements home"},
      {"PUT", "/v1/config/placements/home", "{}", "write placements home {}"},
      {"DELETE", "/v1/config/placements/home", "", "unset placements home"},
      {"GET", "/v1/config/rules", "", "list rules"},
      {"PUT", "/v1/config/lists/top", "{}", "write lists top {}"},
      {"GET", "/v1/rules/conflicts", "", "conflicts"},
      {"POST", "/v1/rules/dry-run", "{\"last\":5}", "dry run {\"last\":5}"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(Send(Ask(c.method, c.path, secret_, c.body)).status, 200) << c.path;
    EXPECT_EQ(stores_.gift_->calls_.back(), c.call);
    EXPECT_FALSE(stores_.gift_->caller_.is_public);
    EXPECT_TRUE(stores_.gift_->caller_.may_explain);
    EXPECT_EQ(stores_.gift_->caller_.request_id, "r1");
  }
  EXPECT_EQ(stores_.gift_->calls_.size(), std::size(kCases));
  EXPECT_TRUE(stores_.electronics_->calls_.empty());
}

TEST_F(ApiTest, QueryParametersAreReadAndWrongOnesNamed) {
  Request request = Ask("GET", "/v1/shoppers/s1", secret_);
  request.query = {{"kind", "anonymous"}};
  Send(request);
  EXPECT_EQ(stores_.gift_->calls_.back(), "shopper s1 2");
  request.query = {{"kind", "robot"}};
  const Response refused = Send(request);
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("\"field\":\"kind\""), std::string::npos);
  request = Ask("GET", "/v1/trending", secret_);
  request.query = {{"kind", "brand"}, {"limit", "3"}};
  Send(request);
  EXPECT_EQ(stores_.gift_->calls_.back(), "trending brand 3");
  request.query = {{"kind", "colour"}};
  EXPECT_EQ(Send(request).status, 400);
  request.query = {{"limit", "51"}};
  EXPECT_EQ(Send(request).status, 400);
  request = Ask("GET", "/v1/search/analytics", secret_);
  request.query = {{"from", "1970-01-02"}, {"to", "172800000"}, {"market", "DE"}, {"limit", "3"}};
  Send(request);
  EXPECT_EQ(stores_.gift_->calls_.back(), "analytics 86400000 172800000 DE 3");
  for (const auto& [name, value] :
       {std::pair("from", "soon"), std::pair("limit", "0"), std::pair("to", "-1")}) {
    request.query = {{name, value}};
    const Response wrong = Send(request);
    EXPECT_EQ(wrong.status, 400) << name;
    EXPECT_NE(wrong.body.find("\"field\":\"" + std::string(name) + "\""), std::string::npos) << wrong.body;
  }
  request.query = {{"from", "1970-01-03"}, {"to", "1970-01-02"}};
  EXPECT_EQ(Send(request).status, 400);
  request = Ask("GET", "/v1/decisions/d1", secret_);
  request.query = {{"why_not", "p9"}};
  Send(request);
  EXPECT_EQ(stores_.gift_->calls_.back(), "decision d1 p9");
  request = Ask("POST", "/v1/products", secret_, "[]");
  request.query = {{"replace", "true"}, {"force", "true"}};
  Send(request);
  EXPECT_EQ(stores_.gift_->calls_.back(), "replace force");
  request.query = {{"replace", "yes"}};
  EXPECT_EQ(Send(request).status, 400);
}

TEST_F(ApiTest, NdjsonIsKnownByItsTypeOrItsLook) {
  const auto format = [this](const char* type, const char* body) {
    Request request = Ask("POST", "/v1/products", secret_, body);
    if (*type != '\0') request.headers.push_back({"content-type", type});
    Send(request);
    return stores_.gift_->calls_.back().substr(0, 9);
  };
  EXPECT_EQ(format("application/x-ndjson", "{}\n{}"), "upsert nd");
  EXPECT_EQ(format("", " {}\n{}"), "upsert nd");
  EXPECT_EQ(format("", " [{}]"), "upsert js");
  EXPECT_EQ(format("application/json; charset=utf-8", "{}"), "upsert js");
}

// "With only a public key nothing of another customer can be read or changed": tried on every route there is.
TEST_F(ApiTest, APublicKeyOpensEventsAndRecommendationsAndNothingElse) {
  for (const Route& route : api_->router().routes()) {
    stores_.gift_->calls_.clear();
    const Response answer = Send(Ask(route.method, PathOf(route), public_, "{\"customer_id\":\"c2\"}"));
    const bool is_for_browsers = route.pattern == "/v1/events" || route.pattern == "/v1/recommendations" ||
                                 route.pattern == "/v1/search" || route.pattern == "/v1/search/suggest";
    if (is_for_browsers) {
      EXPECT_EQ(answer.status, 200) << route.pattern;
      EXPECT_TRUE(stores_.gift_->caller_.is_public);
      EXPECT_FALSE(stores_.gift_->caller_.may_explain);
      EXPECT_FALSE(stores_.gift_->caller_.MayName("c2"));
    } else {
      EXPECT_TRUE(stores_.gift_->calls_.empty()) << route.method << " " << route.pattern;
      if (route.access != Access::kAnyone) {
        EXPECT_EQ(answer.status, 403) << route.method << " " << route.pattern;
        EXPECT_EQ(CodeOf(answer), "permission_denied");
      }
    }
  }
}

TEST_F(ApiTest, WithoutAKeyNoRouteReachesAStore) {
  for (const Route& route : api_->router().routes()) {
    const Response answer = Send(Ask(route.method, PathOf(route), "", "{}"));
    EXPECT_EQ(answer.status == 401, route.access != Access::kAnyone) << route.pattern;
  }
  EXPECT_TRUE(stores_.gift_->calls_.empty());
}

TEST_F(ApiTest, ScopesAreHeldOnEveryRoute) {
  for (const Route& route : api_->router().routes()) {
    if (route.access == Access::kAnyone) continue;
    const Response answer = Send(Ask(route.method, PathOf(route), reader_, "{}"));
    EXPECT_EQ(answer.status, route.scope == Scope::kRead ? 200 : 403) << route.method << " " << route.pattern;
  }
}

TEST_F(ApiTest, TheDemosKeySeesReasonsButNoCustomers) {
  EXPECT_EQ(Send(Ask("GET", "/v1/decisions/d1", demo_)).status, 200);
  EXPECT_TRUE(stores_.gift_->caller_.may_explain);
  EXPECT_EQ(Send(Ask("GET", "/v1/decisions/d1", public_)).status, 403);
  EXPECT_EQ(Send(Ask("GET", "/v1/shoppers/s1", demo_)).status, 403);
  EXPECT_EQ(Send(Ask("GET", "/v1/products/p1", demo_)).status, 403);
}

TEST_F(ApiTest, BadKeysAreToldApart) {
  EXPECT_EQ(CodeOf(Send(Ask("GET", "/v1/products/p1"))), "missing_key");
  EXPECT_EQ(CodeOf(Send(Ask("GET", "/v1/products/p1", "attune_sk_x"))), "invalid_key");
  EXPECT_EQ(CodeOf(Send(Ask("GET", "/v1/products/p1", std::string(100'000, 'x')))), "invalid_key");
  Request request = Ask("GET", "/v1/products/p1");
  request.headers.push_back({"authorization", "Basic " + secret_});
  EXPECT_EQ(CodeOf(Send(request)), "invalid_key");
  EXPECT_EQ(Send(Ask("GET", "/v1/products/p1", expiring_)).status, 200);
  clock_.Advance(1);
  const Response expired = Send(Ask("GET", "/v1/products/p1", expiring_));
  EXPECT_EQ(CodeOf(expired), "expired_key");
  EXPECT_EQ(expired.Header("www-authenticate"), "Bearer");
}

TEST_F(ApiTest, RevokingWorksOnTheNextRequest) {
  EXPECT_EQ(Send(Ask("GET", "/v1/products/p1", secret_)).status, 200);
  ASSERT_TRUE(RevokeKey(keys_.keys[0].id, kNow, keys_).ok());
  registry_.SetStore(keys_);
  EXPECT_EQ(Send(Ask("GET", "/v1/products/p1", secret_)).status, 401);
}

TEST_F(ApiTest, CrossOriginRequestsAreForTheKeysOriginsOnly) {
  Request request = Ask("POST", "/v1/events", public_, "{}");
  request.headers.push_back({"origin", "https://shop.example"});
  const Response good = Send(request);
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(good.Header("access-control-allow-origin"), "https://shop.example");
  EXPECT_EQ(good.Header("vary"), "Origin");
  request.headers.back().value = "https://evil.example";
  const Response bad = Send(request);
  EXPECT_EQ(CodeOf(bad), "origin_not_allowed");
  EXPECT_EQ(bad.Header("access-control-allow-origin"), "");
}

TEST_F(ApiTest, PreflightsNameTheMethodsForKnownOrigins) {
  Request request = Ask("OPTIONS", "/v1/events");
  request.headers.push_back({"origin", "https://shop.example"});
  request.headers.push_back({"access-control-request-method", "POST"});
  const Response good = Send(request);
  EXPECT_EQ(good.status, 204);
  EXPECT_EQ(good.Header("access-control-allow-origin"), "https://shop.example");
  EXPECT_NE(good.Header("access-control-allow-methods").find("POST"), std::string_view::npos);
  EXPECT_NE(good.Header("access-control-allow-headers").find("authorization"), std::string_view::npos);
  request.headers[1].value = "https://evil.example";
  EXPECT_EQ(Send(request).Header("access-control-allow-origin"), "");
}

TEST_F(ApiTest, AnIdentityTokenProvesOneCustomer) {
  const std::string token = SignIdentityToken(identity_secret_, "c1", kNow + kHourMs);
  Request request = Ask("POST", "/v1/recommendations", public_, "{\"identity_token\":\"" + token + "\"}");
  EXPECT_EQ(Send(request).status, 200);
  EXPECT_TRUE(stores_.gift_->caller_.MayName("c1"));
  EXPECT_FALSE(stores_.gift_->caller_.MayName("c2"));
  EXPECT_FALSE(stores_.gift_->caller_.MayName(""));
  request = Ask("POST", "/v1/events", public_, "[{}]");
  request.headers.push_back({"x-identity-token", token});
  EXPECT_EQ(Send(request).status, 200);
  EXPECT_EQ(stores_.gift_->caller_.proven_customer_id, "c1");
  request.headers.back().value = token + "x";
  EXPECT_EQ(CodeOf(Send(request)), "invalid_identity_token");
  clock_.Advance(kHourMs);
  request.headers.back().value = token;
  EXPECT_EQ(CodeOf(Send(request)), "invalid_identity_token");
}

TEST_F(ApiTest, UnknownPathsMethodsAndEncodingsAreNamed) {
  EXPECT_EQ(CodeOf(Send(Ask("GET", "/v2/x", secret_))), "unknown_route");
  const Response wrong_method = Send(Ask("DELETE", "/v1/events", secret_));
  EXPECT_EQ(CodeOf(wrong_method), "method_not_allowed");
  EXPECT_EQ(wrong_method.Header("allow"), "OPTIONS, POST");
  EXPECT_EQ(CodeOf(Send(Ask("GET", "/v1/products/%zz", secret_))), "malformed_request");
  EXPECT_EQ(CodeOf(Send(Ask("GET", "*", secret_))), "malformed_request");
}

TEST_F(ApiTest, BodiesAreCheckedBeforeTheStoreSeesThem) {
  for (const std::string& body : {std::string(), std::string("\xff"), std::string("{\"a\":\"\\u0000\"}"),
                                  std::string(100, '['), std::string("{\0}", 3)}) {
    EXPECT_EQ(CodeOf(Send(Ask("POST", "/v1/events", secret_, body))), "malformed_json") << body;
  }
  EXPECT_TRUE(stores_.gift_->calls_.empty());
  EXPECT_EQ(api_->BodyBytesMax("POST", "/v1/products"), kProductBatchBytesMax);
  EXPECT_EQ(api_->BodyBytesMax("PUT", "/v1/config/placements/x"), kSettingBytesMax);
  EXPECT_EQ(api_->BodyBytesMax("POST", "/nowhere"), kBodyBytesMax);
  EXPECT_EQ(api_->BodyBytesMax("POST", "*"), kBodyBytesMax);
}

TEST_F(ApiTest, StatusesOfTheStoreBecomeAnswers) {
  stores_.gift_->next_ = InvalidArgument("price is negative: -3", "price");
  Response answer = Send(Ask("PUT", "/v1/products/p1", secret_, "{}"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("\"field\":\"price\""), std::string::npos);
  stores_.gift_->next_ = ResourceExhausted("the queue is full");
  answer = Send(Ask("PUT", "/v1/products/p1", secret_, "{}"));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.Header("retry-after"), "1");
  stores_.gift_->next_ = Internal("at 0xdeadbeef");
  answer = Send(Ask("PUT", "/v1/products/p1", secret_, "{}"));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body.find("deadbeef"), std::string::npos);
  EXPECT_NE(log_lines_.find("at 0xdeadbeef"), std::string::npos);
}

TEST_F(ApiTest, PreconditionsAndEtagsGoBothWays) {
  stores_.gift_->next_ = Answer{200, "{\"limit\":4}", "v7"};
  Request get = Ask("GET", "/v1/config/placements/home", secret_);
  EXPECT_EQ(Send(get).Header("etag"), "\"v7\"");
  get.headers.push_back({"if-none-match", "\"v7\""});
  EXPECT_EQ(Send(get).status, 304);
  Request put = Ask("PUT", "/v1/config/placements/home", secret_, "{}");
  put.headers.push_back({"if-match", "\"v6\", \"v7\""});
  EXPECT_EQ(Send(put).status, 200);
  EXPECT_EQ(stores_.gift_->precondition_.etags, (std::vector<std::string>{"v6", "v7"}));
  stores_.gift_->next_ = Conflict("the document has another ETag");
  EXPECT_EQ(Send(put).status, 412);
  EXPECT_EQ(CodeOf(Send(put)), "precondition_failed");
  put.headers.back() = {"if-none-match", "*"};
  Send(put);
  EXPECT_EQ(stores_.gift_->precondition_.kind, Precondition::Kind::kAbsent);
  put.headers.pop_back();
  EXPECT_EQ(Send(put).status, 409);
  for (const char* bad : {"", "v7", "\"\"", ","}) {
    put.headers.push_back({"if-match", bad});
    EXPECT_EQ(Send(put).status, 400) << bad;
    put.headers.pop_back();
  }
}

TEST_F(ApiTest, IdempotencyKeysCarryAWriteOutOnce) {
  Request put = Ask("PUT", "/v1/products/p1", secret_, "{\"a\":1}");
  put.headers.push_back({"idempotency-key", "i1"});
  stores_.gift_->next_ = Answer{201, "{\"first\":true}", ""};
  EXPECT_EQ(Send(put).status, 201);
  stores_.gift_->next_ = Answer{200, "{}", ""};
  const Response again = Send(put);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, "{\"first\":true}");
  EXPECT_EQ(again.Header("idempotent-replayed"), "true");
  EXPECT_EQ(stores_.gift_->calls_.size(), 1u);
  put.body = "{\"a\":2}";
  EXPECT_EQ(CodeOf(Send(put)), "idempotency_key_reused");
  put.headers.back().value = "i2";
  stores_.gift_->next_ = Unavailable("the disk is full");
  EXPECT_EQ(Send(put).status, 503);
  stores_.gift_->next_ = Answer{200, "{}", ""};
  EXPECT_EQ(Send(put).status, 200);  // A failure is not remembered.
  put.headers.back().value = std::string(kIdempotencyKeyBytesMax + 1, 'x');
  EXPECT_EQ(Send(put).status, 400);
}

TEST_F(ApiTest, RatesAreHeldPerAddressKeyAndStore) {
  rates_.address = {1, 3};
  Rebuild();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Send(Ask("POST", "/v1/events", public_, "{}")).status, 200);
  const Response limited = Send(Ask("POST", "/v1/events", public_, "{}"));
  EXPECT_EQ(CodeOf(limited), "rate_limited");
  EXPECT_EQ(limited.Header("retry-after"), "1");
  EXPECT_EQ(Send(Ask("POST", "/v1/events", secret_, "{}")).status, 200);  // The shop's own server.
  EXPECT_EQ(CodeOf(Send(Ask("POST", "/v1/events", "attune_sk_guess", "{}"))), "rate_limited");
  rates_ = RateLimits{{}, {}, {1, 1}, {}};
  Rebuild();
  EXPECT_EQ(Send(Ask("GET", "/v1/products/p1", secret_)).status, 200);
  EXPECT_EQ(Send(Ask("GET", "/v1/products/p1", secret_)).status, 429);
  EXPECT_EQ(Send(Ask("GET", "/v1/products/p1", reader_)).status, 200);
  rates_ = RateLimits{{}, {}, {}, {1, 1}};
  Rebuild();
  EXPECT_EQ(Send(Ask("GET", "/v1/products/p1", secret_)).status, 200);
  EXPECT_EQ(Send(Ask("GET", "/v1/products/p1", reader_)).status, 429);
}

TEST_F(ApiTest, OpenModeServesThisMachineOnlyAndAnyStore) {
  is_open_ = true;
  Rebuild();
  Request request = Ask("GET", "/v1/products/p1");
  EXPECT_EQ(Send(request).status, 200);
  EXPECT_EQ(stores_.gift_->caller_.key_id, "open");
  request.headers.push_back({"x-attune-store", "electronics"});
  EXPECT_EQ(Send(request).status, 200);
  EXPECT_EQ(stores_.electronics_->calls_.size(), 1u);
  request.headers.back().value = "nowhere";
  EXPECT_EQ(CodeOf(Send(request)), "invalid_argument");
  request.headers.back() = {"origin", "http://localhost:8080"};
  EXPECT_EQ(Send(request).status, 200);
  request.headers.back() = {"origin", "https://evil.example"};
  EXPECT_EQ(CodeOf(Send(request)), "origin_not_allowed");
  request.headers.pop_back();
  for (const char* host : {"evil.example", "localhost.evil.example", "", "127.evil.example:80"}) {
    request.headers[0].value = host;
    EXPECT_EQ(Send(request).status, 403) << host;
  }
  for (const char* host : {"localhost", "127.0.0.1:80", "[::1]:80"}) {
    request.headers[0].value = host;
    EXPECT_EQ(Send(request).status, 200) << host;
  }
}

TEST_F(ApiTest, MetricsAreForTheMachineItselfOrAKey) {
  EXPECT_EQ(Send(Ask("GET", "/metrics")).status, 401);
  EXPECT_EQ(Send(Ask("GET", "/metrics", reader_)).status, 200);
  EXPECT_EQ(Send(Ask("GET", "/metrics", public_)).status, 403);
  Request local = Ask("GET", "/metrics");
  local.peer_address = "127.0.0.1";
  const Response page = Send(local);
  EXPECT_NE(page.body.find("attune_http_requests_total{"), std::string::npos);
  local.headers.push_back({"x-forwarded-for", "203.0.113.9"});
  EXPECT_EQ(Send(local).status, 401);
}

TEST_F(ApiTest, HealthReadinessAndPagesNeedNoKey) {
  EXPECT_EQ(Send(Ask("GET", "/healthz")).body, "{\"status\":\"ok\"}");
  EXPECT_EQ(Send(Ask("GET", "/readyz")).body, "{\"ready\":true,\"reason\":\"\"}");
  stores_.readiness_ = {false, "opening store giftshop", {}};
  EXPECT_EQ(Send(Ask("GET", "/readyz")).status, 503);
  EXPECT_EQ(Send(Ask("GET", "/demo")).Header("location"), "/demo/");
  EXPECT_EQ(Send(Ask("GET", "/demo/")).body, "<p>demo</p>");
  EXPECT_EQ(Send(Ask("GET", "/demo/..%2f..%2fetc%2fpasswd")).status, 404);
  EXPECT_NE(Send(Ask("GET", "/docs/errors")).body.find("invalid_argument"), std::string::npos);
}

TEST_F(ApiTest, TheLogHoldsRoutesAndNoIdsKeysOrAddresses) {
  Send(Ask("GET", "/v1/shoppers/anna%40example.com", secret_));
  Send(Ask("POST", "/v1/events", public_, "{\"customer_id\":\"anna\"}"));
  EXPECT_NE(log_lines_.find("\"route\":\"/v1/shoppers/{id}\""), std::string::npos);
  EXPECT_NE(log_lines_.find("\"key\":\"" + keys_.keys[0].id + "\""), std::string::npos);
  for (const std::string& secret : {std::string("anna"), secret_, public_, std::string("192.0.2.1")}) {
    EXPECT_EQ(log_lines_.find(secret), std::string::npos) << secret;
  }
}

TEST_F(ApiTest, WorksOverARealSocket) {
  SystemClock clock;
  auto listener = Listener::Start(
      {}, [this](const Request& request, Respond respond) { api_->Handle(request, std::move(respond)); },
      [this](std::string_view method, std::string_view path) { return api_->BodyBytesMax(method, path); },
      clock, random_);
  ASSERT_TRUE(listener.ok());
  RawClient client((*listener)->port());
  client.Send("PUT /v1/config/placements/x HTTP/1.1\r\nhost: x\r\nauthorization: bearer  " + secret_ +
              "\r\ncontent-length: 2\r\n\r\n{}");
  EXPECT_EQ(client.ReadAnswer().status, 200);
  client.Send("PUT /v1/config/placements/x HTTP/1.1\r\nhost: x\r\ncontent-length: 262145\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 413);
  (*listener)->Stop(1'000);
}

}  // namespace
}  // namespace attune::http
