// Goal: with a public key alone, nothing of another customer can be read or changed.
// Method: every operation of docs/api/openapi.json is named here with what a public key may do there (a new
// one fails the test until somebody has decided), and each is tried with the ids of somebody else.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>
#include <string>

#include "http/openapi.h"
#include "server/test_server.h"

namespace attune::server {
namespace {

enum class Allowed {
  kNothing,   // 403.
  kSending,   // Answers, and shows and changes nothing of a customer.
  kEveryone,  // Needs no key: holds nothing of any store.
  kOperator,  // From this machine only, unless the key is secret.
};

const std::map<std::string, Allowed>& Decided() {
  static const auto* const decided = new std::map<std::string, Allowed>{
      {"post /v1/events", Allowed::kSending},
      {"post /v1/recommendations", Allowed::kSending},
      {"post /v1/search", Allowed::kSending},
      {"post /v1/search/suggest", Allowed::kSending},
      {"get /v1/search/analytics", Allowed::kNothing},
      {"get /v1/decisions/{id}", Allowed::kNothing},
      {"get /v1/products", Allowed::kNothing},
      {"post /v1/products", Allowed::kNothing},
      {"get /v1/products/{id}", Allowed::kNothing},
      {"put /v1/products/{id}", Allowed::kNothing},
      {"patch /v1/products/{id}", Allowed::kNothing},
      {"delete /v1/products/{id}", Allowed::kNothing},
      {"get /v1/shoppers/{id}", Allowed::kNothing},
      {"delete /v1/shoppers/{id}", Allowed::kNothing},
      {"get /v1/shoppers/{id}/export", Allowed::kNothing},
      {"get /v1/config/placements", Allowed::kNothing},
      {"get /v1/config/placements/{id}", Allowed::kNothing},
      {"put /v1/config/placements/{id}", Allowed::kNothing},
      {"delete /v1/config/placements/{id}", Allowed::kNothing},
      {"get /v1/config/rules", Allowed::kNothing},
      {"get /v1/config/rules/{id}", Allowed::kNothing},
      {"put /v1/config/rules/{id}", Allowed::kNothing},
      {"delete /v1/config/rules/{id}", Allowed::kNothing},
      {"get /v1/config/lists", Allowed::kNothing},
      {"get /v1/config/lists/{id}", Allowed::kNothing},
      {"put /v1/config/lists/{id}", Allowed::kNothing},
      {"delete /v1/config/lists/{id}", Allowed::kNothing},
      {"get /v1/config/synonyms", Allowed::kNothing},
      {"get /v1/config/synonyms/{id}", Allowed::kNothing},
      {"put /v1/config/synonyms/{id}", Allowed::kNothing},
      {"delete /v1/config/synonyms/{id}", Allowed::kNothing},
      {"get /v1/rules/conflicts", Allowed::kNothing},
      {"post /v1/rules/dry-run", Allowed::kNothing},
      {"get /v1/settings", Allowed::kNothing},
      {"patch /v1/settings", Allowed::kNothing},
      {"get /v1/feed", Allowed::kNothing},
      {"get /v1/models", Allowed::kNothing},
      {"get /v1/products/{id}/shoppers", Allowed::kNothing},
      {"get /v1/trending", Allowed::kNothing},
      {"get /metrics", Allowed::kOperator},
      {"get /healthz", Allowed::kEveryone},
      {"get /readyz", Allowed::kEveryone},
      {"get /openapi.json", Allowed::kEveryone},
      {"get /docs/errors", Allowed::kEveryone},
      {"get /demo", Allowed::kEveryone},
      {"get /demo/{file}", Allowed::kEveryone},
  };
  return *decided;
}

// "/v1/shoppers/{id}" with the id of the customer, product, placement or decision that the path is about.
std::string Filled(std::string path, const std::string& decision) {
  const size_t at = path.find('{');
  if (at == std::string::npos) return path;
  const size_t end = path.find('}');
  std::string id = "index.html";
  if (path.find("shoppers") != std::string::npos) id = "victim";
  if (path.find("products") != std::string::npos) id = "p1";
  if (path.find("placements") != std::string::npos) id = "home_trending";
  if (path.find("decisions") != std::string::npos) id = decision;
  return path.replace(at, end + 1 - at, id);
}

class PublicKeyTest : public ::testing::Test {
 protected:
  PublicKeyTest() {
    shop_.PutProducts(10);
    Accept(shop_.Event(R"({"type":"identify","customer_id":"victim","traits":{"name":"Vera"}})"));
    Accept(shop_.Event(R"({"type":"product_viewed","customer_id":"victim","product_id":"p3"})"));
    const std::string answer =
        shop_.Recommend(R"({"placement":"home_for_you","shopper":{"customer_id":"victim"}})");
    decision_ = answer.substr(answer.find(R"("decision_id":")") + 15, 32);
  }
  static void Accept(const std::string& answer) { EXPECT_EQ(answer, kOneAccepted); }
  std::string Victim() { return shop_.Get("/v1/shoppers/victim") + shop_.Get("/v1/shoppers/victim/export"); }

  // Without the id of the decision.
  std::string Bestsellers() {
    const std::string answer =
        shop_.Recommend(R"({"placement":"category_top","context":{"category":["Chairs"]},"limit":10})");
    return answer.substr(answer.find(R"("placement")"));
  }

  TestServer server_{"public"};
  HttpClient shop_{server_};
  HttpClient browser_{server_, server_.browser()};
  std::string decision_;
};

TEST_F(PublicKeyTest, EveryOperationIsDecidedAndHolds) {
  simdjson::dom::parser parser;
  const auto document = parser.parse(simdjson::padded_string(http::OpenApiDocument()));
  ASSERT_EQ(document.error(), simdjson::SUCCESS);
  const uint64_t state = server_.StateDigest();
  size_t operations = 0;
  for (const auto path : simdjson::dom::object(document["paths"])) {
    for (const auto method : simdjson::dom::object(path.value)) {
      if (method.key == "parameters") continue;
      ++operations;
      const std::string name = std::string(method.key) + " " + std::string(path.key);
      SCOPED_TRACE(name);
      const auto decided = Decided().find(name);
      ASSERT_NE(decided, Decided().end()) << "decide what a public key may do here, and add it to the list";
      std::string verb(method.key);
      for (char& letter : verb) letter = static_cast<char>(letter - 'a' + 'A');
      const std::string target = Filled(std::string(path.key), decision_);
      const bool has_body = verb == "POST" || verb == "PUT" || verb == "PATCH";
      const auto try_it = [&](std::string_view headers) {
        return browser_.Call(verb, target, has_body ? "{}" : "", headers);
      };
      if (decided->second == Allowed::kNothing) {
        EXPECT_EQ(try_it("").status, 403);
        EXPECT_EQ(HttpClient(server_, "").Call(verb, target, has_body ? "{}" : "").status, 401);
      } else if (decided->second == Allowed::kOperator) {
        EXPECT_EQ(try_it("x-forwarded-for: 203.0.113.7\r\n").status, 403);
      } else {
        const auto answer = try_it("");
        EXPECT_NE(answer.status, 0);
        EXPECT_FALSE(Contains(answer.body, "Vera") || Contains(answer.body, server_.secret()));
      }
    }
  }
  EXPECT_EQ(operations, Decided().size()) << "the list names operations that are gone";
  EXPECT_EQ(server_.StateDigest(), state);
}

TEST_F(PublicKeyTest, NamingACustomerWithoutProofShowsAndChangesNothingOfTheirs) {
  const std::string before = Victim();
  ASSERT_TRUE(Contains(before, "Vera"));
  const std::string slate = browser_.Recommend(
      R"({"placement":"recently_viewed","shopper":{"customer_id":"victim"},"limit":1,"explain":true})");
  EXPECT_TRUE(Contains(slate, R"("personalized":false)")) << slate;
  EXPECT_FALSE(Contains(slate, "explanation")) << slate;
  server_.clock().Advance(1000);
  for (const std::string event : {
           R"({"type":"product_viewed","customer_id":"victim","product_id":"p4"})",
           R"({"type":"identify","anonymous_id":"thief","customer_id":"victim","traits":{"name":"Mallory"}})",
           R"({"type":"consent_changed","customer_id":"victim","consent":false})",
           R"({"type":"product_added","anonymous_id":"thief","customer_id":"victim","product_id":"p5"})",
           R"({"type":"order_completed","customer_id":"victim","order_id":"x1","products":["p5"]})",
       }) {
    EXPECT_EQ(browser_.Call("POST", "/v1/events", event).status, 200) << event;
  }
  EXPECT_EQ(Victim(), before);
  EXPECT_TRUE(
      Contains(browser_.Recommend(R"({"placement":"recently_viewed","shopper":{"anonymous_id":"thief"}})"),
               "decision_id"));
  EXPECT_FALSE(Contains(shop_.Get("/v1/shoppers/thief"), "victim"));
}

TEST_F(PublicKeyTest, AnOrderCountsNowhereUntilTheShopConfirmsIt) {
  const std::string order =
      R"({"type":"order_completed","anonymous_id":"a1","order_id":"o1","products":[{"product_id":"p7","quantity":2,"price":17}]})";
  Accept(shop_.Event(R"({"type":"product_viewed","anonymous_id":"a1","product_id":"p7"})"));
  const std::string product = shop_.Get("/v1/products/p7");
  server_.Train();
  const std::string bestsellers = Bestsellers();
  Accept(browser_.Event(order));
  EXPECT_EQ(shop_.Get("/v1/products/p7"), product);
  EXPECT_TRUE(Contains(shop_.Get("/v1/shoppers/a1"), R"("orders":0,"revenue":0.00)"));
  server_.Train();
  EXPECT_EQ(Bestsellers(), bestsellers);
  Accept(browser_.Event(R"({"type":"order_cancelled","anonymous_id":"a1","order_id":"o1"})"));
  Accept(shop_.Event(
      R"({"type":"order_completed","customer_id":"c1","order_id":"o1","products":[{"product_id":"p7","quantity":2,"price":17}]})"));
  EXPECT_TRUE(Contains(shop_.Get("/v1/products/p7"), R"("orders":1,"units":2,"revenue":34.00)"))
      << shop_.Get("/v1/products/p7");
  EXPECT_TRUE(Contains(shop_.Get("/v1/shoppers/c1"), R"("orders":1,"revenue":34.00)"));
}

}  // namespace
}  // namespace attune::server
