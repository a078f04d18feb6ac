// Goal: vectors of texts that come with the products decide what is similar, before those of a service, and
// are seen by nobody.
// Method: a real server on a virtual clock, asked over HTTP; a real HTTP service of embeddings.

#include <gtest/gtest.h>

#include <string>

#include "server/embedding_service_for_tests.h"
#include "server/shop_server_for_tests.h"

namespace attune::server {
namespace {

class SuppliedVectorsTest : public ShopServerTest {
 protected:
  SuppliedVectorsTest() { Start(); }

  // Of ten products whose titles say nothing: odd and even ones point in two directions.
  static std::string Product(int product, bool has_vector = true) {
    const std::string number = std::to_string(product);
    std::string json = R"({"product_id":"p)" + number + R"(","title":"Article )" + number + R"(","price":5)";
    if (has_vector) {
      json +=
          R"(,"vectors":{"text":[)" + std::string(product % 2 == 0 ? "1,0.0" : "0.0,1") + number + ",0.5]}";
    }
    return json + "}";
  }
  void Fill(int first_with_vector = 0) {
    std::string batch;
    for (int i = 0; i < 10; ++i) batch += (i == 0 ? "[" : ",") + Product(i, i >= first_with_vector);
    const auto answer = Ask("POST", "/v1/products", batch + "]");
    ASSERT_EQ(answer.status, 200) << answer.body;
    ASSERT_NE(answer.body.find("\"accepted\":10"), std::string::npos) << answer.body;
  }
  std::shared_ptr<Store> OpenStore() { return *server_->stores().Open("shop"); }
  void Train() { ASSERT_TRUE(OpenStore()->TrainNow({}).ok()); }
  std::string Similar(const std::string& product) {
    return Ask("POST", "/v1/recommendations",
               R"({"placement":"product_similar","limit":4,"context":{"product_ids":[")" + product + "\"]}}")
        .body;
  }
  // Content's part of what the models say of themselves.
  std::string Content() {
    const std::string models = Ask("GET", "/v1/models").body;
    const size_t at = models.find(R"("trainer":"content")");
    return at == std::string::npos ? "" : models.substr(at, models.find('}', at) - at);
  }
  void Serve() {
    const auto answer =
        Ask("PATCH", "/v1/settings", R"({"embeddings":{"model":"m","url":")" + service_.Url() + R"("}})");
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  void Run() {
    while (server_->embeddings().RunDue()) {
    }
  }

  EmbeddingService service_;
};

TEST_F(SuppliedVectorsTest, SimilarProductsFollowThem) {
  Fill();
  Train();
  EXPECT_NE(Content().find("\"supplied_vectors\":true"), std::string::npos) << Content();
  const std::string even = Similar("p0");
  for (const char* const product : {"\"p2\"", "\"p4\"", "\"p6\"", "\"p8\""}) {
    EXPECT_NE(even.find(product), std::string::npos) << even;
  }
  // Patched to the other direction, after a restart too.
  ASSERT_EQ(Ask("PATCH", "/v1/products/p0", R"({"vectors":{"text":[0.01,1,0.5]}})").status, 200);
  Start();
  Train();
  const std::string odd = Similar("p0");
  EXPECT_EQ(odd.find("\"p2\""), std::string::npos) << odd;
  EXPECT_NE(odd.find("\"p1\""), std::string::npos) << odd;
  EXPECT_FALSE(OpenStore()->serves_fetched_vectors());
}

TEST_F(SuppliedVectorsTest, NoAnswerShowsThem) {
  Fill();
  for (const char* const path : {"/v1/products/p1", "/v1/products"}) {
    const auto answer = Ask("GET", path);
    ASSERT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body.find("vector"), std::string::npos) << answer.body;
  }
}

TEST_F(SuppliedVectorsTest, OneOfAnotherLengthIsRefusedAndChangesNothing) {
  Fill();
  const std::string before = Ask("GET", "/v1/products/p1").body;
  const auto patched = Ask("PATCH", "/v1/products/p1", R"({"title":"Changed","vectors":{"text":[1,2]}})");
  EXPECT_EQ(patched.status, 400);
  EXPECT_NE(patched.body.find(R"("field":"vectors.text")"), std::string::npos) << patched.body;
  EXPECT_NE(patched.body.find("has 2 numbers, those of the store have 3"), std::string::npos);
  EXPECT_EQ(Ask("GET", "/v1/products/p1").body, before);
  const auto batch =
      Ask("POST", "/v1/products", R"([{"product_id":"p1","title":"Changed","vectors":{"text":[1,2,3,4]}}])");
  EXPECT_EQ(batch.status, 200);
  EXPECT_NE(batch.body.find(R"("field":"vectors.text")"), std::string::npos) << batch.body;
  EXPECT_EQ(Ask("GET", "/v1/products/p1").body, before);
  Train();
  EXPECT_NE(Similar("p0").find("\"p2\""), std::string::npos);
}

TEST_F(SuppliedVectorsTest, AFirstBatchOfTwoLengthsIsNotTakenWhole) {
  const auto batch = Ask("POST", "/v1/products",
                         R"([{"product_id":"a","vectors":{"text":[1,2]}},)"
                         R"({"product_id":"b","vectors":{"text":[1,2,3]}},)"
                         R"({"product_id":"c","vectors":{"text":[2,1]}}])");
  EXPECT_NE(batch.body.find("\"accepted\":2"), std::string::npos) << batch.body;
  EXPECT_EQ(Ask("GET", "/v1/products/b").status, 404);
}

TEST_F(SuppliedVectorsTest, NothingIsAskedOfAServiceWhileTheyAreEnough) {
  Fill(1);  // Nine of ten.
  Serve();
  Run();
  EXPECT_EQ(service_.request_count(), 0u) << "not for the tenth either: it could not be compared";
  Train();
  EXPECT_NE(Content().find("\"supplied_vectors\":true"), std::string::npos) << Content();
  EXPECT_FALSE(OpenStore()->serves_fetched_vectors());

  // One fewer, and those of the service are fetched, of all, and used.
  ASSERT_EQ(Ask("PATCH", "/v1/products/p1", R"({"vectors":null})").status, 200);
  clock_.Advance(kEmbeddingLookEveryMs);
  Run();
  EXPECT_EQ(service_.texts().size(), 10u);
  Train();
  EXPECT_TRUE(OpenStore()->serves_fetched_vectors());
  EXPECT_EQ(Content().find("supplied_vectors"), std::string::npos) << Content();
  EXPECT_NE(Content().find("8 of 10 visible products have a supplied vector: fetched vectors are used"),
            std::string::npos)
      << Content();

  // And back; what was fetched is kept meanwhile.
  ASSERT_EQ(Ask("PATCH", "/v1/products/p1", R"({"vectors":{"text":[0,1,0.5]}})").status, 200);
  Train();
  EXPECT_FALSE(OpenStore()->serves_fetched_vectors());
  EXPECT_NE(Content().find("\"supplied_vectors\":true"), std::string::npos) << Content();
}

}  // namespace
}  // namespace attune::server
