// Goal: a store's texts become vectors in the background, each text once, and whatever the service does wrong
// costs nothing but the vectors.
// Method: a real server on a virtual clock, a real HTTP service, the public API.  The server's own thread may
// take a turn before ours does; what is due is due by the clock, so nothing depends on who does.

#include <gtest/gtest.h>

#include <cstdlib>

#include "server/embedding_service_for_tests.h"
#include "server/fetched_vectors.h"
#include "server/shop_server_for_tests.h"

namespace attune::server {
namespace {

constexpr const char* kKeyVariable = "ATTUNE_EMBEDDINGS_KEY_OF_TEST";

class EmbeddingServerTest : public ShopServerTest {
 protected:
  EmbeddingServerTest() { Restart(); }

  void Restart(bool private_feeds = true) {
    ServerOptions options = OptionsOfTest();
    options.private_feeds = private_feeds;
    Start(options);
    (void)Ask("GET", "/v1/settings");  // Opens the store.
  }
  void Configure(const std::string& more = "") {
    const auto answer =
        Ask("PATCH", "/v1/settings",
            R"({"embeddings":{"model":"m","batch_size":4,"url":")" + service_.Url() + "\"" + more + "}}");
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  // Ten products of two kinds that share no word but that of their kind, which is the first.
  void Fill() {
    for (int i = 0; i < 10; ++i) Put(i, std::string(i % 2 == 0 ? "Lamp" : "Sock") + " n" + std::to_string(i));
  }
  void Put(int product, const std::string& title) {
    const auto answer =
        Ask("PUT", "/v1/products/p" + std::to_string(product), R"({"title":")" + title + R"(","price":5})");
    ASSERT_LT(answer.status, 300) << answer.body;
  }
  // After this nothing more is due by the clock.
  void Run() {
    while (server_->embeddings().RunDue()) {
    }
  }
  EmbeddingStatistics Statistics() { return server_->embeddings().statistics()["shop"]; }
  std::string Metric(const std::string& name) {
    const std::string page = Ask("GET", "/metrics").body;
    const size_t at = page.find("\n" + name + "{store=\"shop\"} ");
    if (at == std::string::npos) return "none";
    const size_t value = page.find("} ", at) + 2;
    return page.substr(value, page.find('\n', value) - value);
  }
  std::shared_ptr<Store> OpenStore() { return *server_->stores().Open("shop"); }
  size_t KeptCount() {
    size_t count = 0;
    EXPECT_TRUE(ForEachFetchedVector(OpenStore()->engine(), [&](ProductIndex, const FetchedVector&) {
                  ++count;
                  return true;
                }).ok());
    return count;
  }

  EmbeddingService service_;
};

TEST_F(EmbeddingServerTest, EachTextIsAskedForOnce) {
  Fill();
  Run();
  EXPECT_EQ(service_.request_count(), 0u);  // No service is set.
  EXPECT_EQ(Metric("attune_embeddings_kept"), "none");
  Configure(R"(,"dimensions":24)");
  Run();
  EXPECT_EQ(service_.request_count(), 3u);  // 4, 4, 2.
  EXPECT_EQ(service_.texts().size(), 10u);
  EXPECT_EQ(service_.texts().front(), "Lamp n0");
  const std::string body = service_.requests().front().body;
  EXPECT_NE(body.find(R"("model":"m")"), std::string::npos) << body;
  EXPECT_NE(body.find(R"("dimensions":24)"), std::string::npos) << body;
  EXPECT_EQ(service_.requests().front().Header("authorization"), "");
  EXPECT_EQ(Statistics().counts.kept, 10u);
  EXPECT_EQ(KeptCount(), 10u);

  // Stock is not told, a title is; a product that is gone loses its vector.
  ASSERT_EQ(Ask("PATCH", "/v1/products/p1", R"({"stock":3})").status, 200);
  Put(2, "Lamp with a shade");
  ASSERT_LT(Ask("DELETE", "/v1/products/p3").status, 300);
  Run();
  EXPECT_EQ(service_.request_count(), 3u);  // Not yet: a catalogue is not looked at all the time.
  clock_.Advance(kEmbeddingLookEveryMs);
  Run();
  EXPECT_EQ(service_.request_count(), 4u);
  EXPECT_EQ(service_.texts().back(), "Lamp with a shade");
  EXPECT_EQ(KeptCount(), 9u);

  // A restart asks for nothing; another model for everything.
  Restart();
  Run();
  EXPECT_EQ(service_.request_count(), 4u);
  EXPECT_EQ(Metric("attune_embeddings_kept"), "9");
  ASSERT_EQ(Ask("PATCH", "/v1/settings", R"({"embeddings":{"model":"n"}})").status, 200);
  Run();
  EXPECT_EQ(service_.texts().size(), 20u);
  EXPECT_EQ(KeptCount(), 9u);
}

TEST_F(EmbeddingServerTest, SimilarProductsKnowTheVectorsWithTheNextTraining) {
  Fill();
  service_.Next({500, {}, "oops", false});
  Configure();
  Run();
  ASSERT_TRUE(OpenStore()->TrainNow({}).ok());
  EXPECT_EQ(Metric("attune_embeddings_serving"), "0");
  clock_.Advance(kServiceRetryMinMs);
  Run();
  ASSERT_TRUE(OpenStore()->TrainNow({}).ok());
  EXPECT_EQ(Metric("attune_embeddings_serving"), "1");
  const std::string similar =
      Ask("POST", "/v1/recommendations",
          R"({"placement":"product_similar","context":{"product_ids":["p0"]},"limit":4})")
          .body;
  for (const char* lamp : {"\"p2\"", "\"p4\"", "\"p6\"", "\"p8\""}) {
    EXPECT_NE(similar.find(lamp), std::string::npos) << similar;
  }
  // A product that comes later is like its kind as soon as its vector is there and a training was.
  Put(10, "Sock n10");
  clock_.Advance(kEmbeddingLookEveryMs);
  Run();
  ASSERT_TRUE(OpenStore()->TrainNow({}).ok());
  const std::string cold =
      Ask("POST", "/v1/recommendations",
          R"({"placement":"product_similar","context":{"product_ids":["p10"]},"limit":5})")
          .body;
  for (const char* sock : {"\"p1\"", "\"p3\"", "\"p5\"", "\"p7\"", "\"p9\""}) {
    EXPECT_NE(cold.find(sock), std::string::npos) << cold;
  }
  // Off again: the trained vectors.
  ASSERT_EQ(Ask("PATCH", "/v1/settings", R"({"embeddings":null})").status, 200);
  ASSERT_TRUE(OpenStore()->TrainNow({}).ok());
  EXPECT_FALSE(OpenStore()->serves_fetched_vectors());
}

TEST_F(EmbeddingServerTest, ABusyServiceIsAskedAgainLaterAndLater) {
  Fill();
  service_.Next({500, {}, "oops", false});
  service_.Next({503, {}, "oops", false});
  service_.Next({429, {{"retry-after", "30"}}, "slow down", false});
  Configure();
  Run();
  EXPECT_EQ(service_.request_count(), 1u);
  EXPECT_EQ(Metric("attune_embeddings_failing"), "1");
  EXPECT_EQ(Metric("attune_embeddings_waiting"), "10");
  clock_.Advance(kServiceRetryMinMs - 1);
  Run();
  EXPECT_EQ(service_.request_count(), 1u);
  clock_.Advance(1);
  Run();
  EXPECT_EQ(service_.request_count(), 2u);
  clock_.Advance(kServiceRetryMinMs);
  Run();
  EXPECT_EQ(service_.request_count(), 2u);  // Twice as long.
  clock_.Advance(kServiceRetryMinMs);
  Run();
  EXPECT_EQ(service_.request_count(), 3u);
  clock_.Advance(29'999);
  Run();
  EXPECT_EQ(service_.request_count(), 3u);  // As the service asked.
  // Serving and training go on meanwhile.
  EXPECT_TRUE(OpenStore()->TrainNow({}).ok());
  EXPECT_EQ(Ask("POST", "/v1/recommendations", R"({"placement":"home_trending"})").status, 200);
  clock_.Advance(1);
  Run();
  EXPECT_EQ(Statistics().counts.kept, 10u);
  EXPECT_EQ(Metric("attune_embeddings_failing"), "0");
  EXPECT_EQ(Metric("attune_embeddings_failures_total"), "3");
}

TEST_F(EmbeddingServerTest, NothingOfAWrongAnswerIsKept) {
  Fill();
  const std::string one = R"({"index":0,"embedding":[1,2]})";
  const std::string wrong[] = {"not JSON", R"({"data":[)" + one + "]}", std::string((size_t{25} << 20), ' '),
                               R"({"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1,2]},)"
                               R"({"index":2,"embedding":[1,2]},{"index":3,"embedding":[1]}]})"};
  for (const std::string& body : wrong) service_.Next({200, {}, body, false});
  service_.Next({302, {{"location", service_.Url()}}, "", false});
  Configure();
  for (size_t i = 1; i <= 5; ++i) {
    Run();
    EXPECT_EQ(service_.request_count(), i);
    EXPECT_TRUE(Statistics().is_failing);
    EXPECT_EQ(KeptCount(), 0u);
    clock_.Advance(kServiceRetryMaxMs - 1);
    Run();
    EXPECT_EQ(service_.request_count(), i);
    clock_.Advance(1);
  }
  Run();
  EXPECT_EQ(KeptCount(), 10u);
  // Vectors of another length are of another model, whatever its name says.
  service_.MakeLength(16);
  Put(11, "Lamp n11");
  clock_.Advance(kEmbeddingLookEveryMs);
  Run();
  EXPECT_TRUE(Statistics().is_failing);
  EXPECT_EQ(KeptCount(), 10u);
}

TEST_F(EmbeddingServerTest, OneTextThatIsRefusedHoldsUpNoOther) {
  Fill();
  service_.Refuse("n5");
  Configure();
  Run();
  EXPECT_EQ(Statistics().counts.kept, 9u);
  EXPECT_EQ(Statistics().counts.refused, 1u);
  EXPECT_EQ(Statistics().counts.waiting, 0u);
  const size_t requests = service_.request_count();
  Put(11, "Lamp n11");
  clock_.Advance(kEmbeddingLookEveryMs);
  Run();
  EXPECT_EQ(service_.request_count(), requests + 1);  // The refused one is not asked for again, ...
  Put(5, "Sock that changed");
  clock_.Advance(kEmbeddingLookEveryMs);
  Run();
  EXPECT_EQ(Statistics().counts.kept, 11u);  // ... until it says something else.
  EXPECT_EQ(Statistics().counts.refused, 0u);
}

TEST_F(EmbeddingServerTest, TheKeyComesFromTheEnvironmentAndGoesNowhereElse) {
  Fill();
  unsetenv(kKeyVariable);  // NOLINT(concurrency-mt-unsafe)
  Configure(std::string(R"(,"api_key_env":")") + kKeyVariable + "\"");
  Run();
  EXPECT_EQ(service_.request_count(), 0u);
  EXPECT_TRUE(Statistics().is_failing);
  setenv(kKeyVariable, "sk-hush", 1);  // NOLINT(concurrency-mt-unsafe)
  clock_.Advance(kServiceRetryMaxMs);
  Run();
  unsetenv(kKeyVariable);  // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(service_.requests().front().Header("authorization"), "Bearer sk-hush");
  for (const char* path : {"/v1/settings", "/metrics", "/v1/models"}) {
    EXPECT_EQ(Ask("GET", path).body.find("sk-hush"), std::string::npos) << path;
  }
}

TEST_F(EmbeddingServerTest, APrivateAddressIsAskedOnlyWhenTheOperatorAllowsIt) {
  Restart(false);
  Fill();
  Configure();
  Run();
  EXPECT_EQ(service_.request_count(), 0u);
  EXPECT_TRUE(Statistics().is_failing);
}

TEST_F(EmbeddingServerTest, AWrongSettingIsNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"embeddings":{"url":"ftp://a.example","model":"m"}})", "embeddings.url"},
      {R"({"embeddings":{"url":"http://a.example"}})", "embeddings.model"},
      {R"({"embeddings":{"dimensions":5000}})", "embeddings.dimensions"},
      {R"({"embeddings":{"batch_size":0}})", "embeddings.batch_size"},
      {R"({"embeddings":{"batch_size":257}})", "embeddings.batch_size"},
      {R"({"embeddings":{"api_key_env":"AWS_SECRET_ACCESS_KEY"}})", "embeddings.api_key_env"},
      {R"({"embeddings":{"api_key_env":"sk-hush"}})", "embeddings.api_key_env"},
      {R"({"embeddings":7})", "embeddings"},
  };
  for (const auto& [body, field] : cases) {
    const auto answer = Ask("PATCH", "/v1/settings", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_NE(answer.body.find("\"field\":\"" + std::string(field) + "\""), std::string::npos) << answer.body;
  }
}

}  // namespace
}  // namespace attune::server
