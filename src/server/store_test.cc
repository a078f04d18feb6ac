// Goal: a whole store keeps its promises: what was acknowledged is seen by the next request, nothing sold out
// or hidden is shown, cancelled orders leave no trace, and a store that is opened again is the same store.
// Method: a store over in-memory engines with a virtual clock and seeded randomness, driven as the HTTP room
// drives it.

#include "server/store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <set>

#include "base/json_writer.h"
#include "base/random.h"
#include "storage/memory_storage.h"

namespace attune::server {
namespace {

constexpr int64_t kNow = 1'790'000'000'000;

// A storage engine that outlives the store which thinks to own it.
class Borrowed final : public storage::StorageEngine {
 public:
  explicit Borrowed(storage::StorageEngine* engine) : engine_(engine) {}
  Result<Sequence> Commit(const storage::WriteBatch& batch, storage::Durability durability) override {
    return engine_->Commit(batch, durability);
  }
  Result<std::optional<std::string>> Get(storage::Column column, std::string_view key) const override {
    return engine_->Get(column, key);
  }
  Status Scan(storage::Column column, std::string_view begin, std::string_view end,
              const Visit& visit) const override {
    return engine_->Scan(column, begin, end, visit);
  }
  Status ScanLog(Sequence from, const VisitRecord& visit) const override {
    return engine_->ScanLog(from, visit);
  }
  Sequence first_sequence() const override { return engine_->first_sequence(); }
  Sequence last_sequence() const override { return engine_->last_sequence(); }
  uint64_t ApproximateBytes(storage::Column column, std::string_view begin,
                            std::string_view end) const override {
    return engine_->ApproximateBytes(column, begin, end);
  }
  Status TruncateLogBefore(Sequence keep_from) override { return engine_->TruncateLogBefore(keep_from); }
  Status Checkpoint(const std::string& directory) override { return engine_->Checkpoint(directory); }
  storage::StorageStatistics statistics() const override { return engine_->statistics(); }

 private:
  storage::StorageEngine* const engine_;
};

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() : clock_(kNow), random_(7), engine_(&clock_), vault_(&clock_), writers_(1) {
    folder_ =
        std::filesystem::path(::testing::TempDir()) /
        ("attune-store-" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    Open();
  }
  ~StoreTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Open() {
    store_.reset();
    StoreServices services;
    services.clock = &clock_;
    services.random = &random_;
    services.writers = &writers_;
    services.trains = false;
    auto opened = Store::OpenOn("shop", folder_.string(), std::make_unique<Borrowed>(&engine_),
                                std::make_unique<Borrowed>(&vault_), services);
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    store_ = std::move(opened).value();
  }

  http::Caller Secret() const {
    http::Caller caller;
    caller.key_id = "test";
    caller.may_explain = true;
    caller.received_at_ms = clock_.NowMs();
    return caller;
  }

  template <class Call>
  Result<http::Answer> Wait(Call call) {
    std::promise<Result<http::Answer>> promise;
    call([&promise](Result<http::Answer> answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }

  std::string Events(const std::string& body, const std::optional<http::Caller>& caller = {}) {
    const auto answer = Wait(
        [&](http::Done done) { store_->IngestEvents(body, caller.value_or(Secret()), std::move(done)); });
    return answer.ok() ? answer->body : answer.status().message();
  }
  std::string Recommend(const std::string& body) {
    const auto answer = Wait([&](http::Done done) { store_->Recommend(body, Secret(), std::move(done)); });
    return answer.ok() ? answer->body : answer.status().message();
  }
  void Put(int product, const std::string& category) {
    const std::string id = "p" + std::to_string(product);
    const std::string body = R"({"title":"Product )" + std::to_string(product) + R"(","price":)" +
                             std::to_string(10 + product) + R"(,"category":[")" + category + R"("]})";
    const auto answer =
        Wait([&](http::Done done) { store_->PutProduct(id, body, Secret(), std::move(done)); });
    ASSERT_TRUE(answer.ok()) << answer.status().message();
    EXPECT_EQ(answer->status, 201);
  }
  void Fill(int products) {
    for (int i = 0; i < products; ++i) Put(i, i % 2 == 0 ? "Lamps" : "Chairs");
  }
  std::string Shopper(const std::string& id) {
    const auto answer = Wait([&](http::Done done) {
      store_->GetShopper(id, http::ShopperKind::kEither, Secret(), std::move(done));
    });
    return answer.ok() ? answer->body : answer.status().message();
  }
  std::string Product(const std::string& id) {
    const auto answer = Wait([&](http::Done done) { store_->GetProduct(id, Secret(), std::move(done)); });
    return answer.ok() ? answer->body : answer.status().message();
  }

  VirtualClock clock_;
  SeededRandomSource random_;
  storage::MemoryStorage engine_;
  storage::MemoryStorage vault_;
  storage::WriterPool writers_;
  std::filesystem::path folder_;
  std::unique_ptr<Store> store_;
};

std::string View(const std::string& shopper, int product) {
  return R"({"type":"product_viewed","anonymous_id":")" + shopper + R"(","product_id":"p)" +
         std::to_string(product) + "\"}";
}

TEST_F(StoreTest, AnAcknowledgedViewIsInTheNextAnswer) {
  Fill(40);
  Random random(3);
  for (int i = 0; i < 1000; ++i) {
    const std::string shopper = "a" + std::to_string(random.NextBelow(200));
    const int product = static_cast<int>(random.NextBelow(40));
    clock_.Advance(1);  // Views of one millisecond have no order.
    ASSERT_EQ(Events(View(shopper, product)), R"({"accepted":1,"duplicates":0,"rejected":[]})");
    const std::string answer = Recommend(R"({"placement":"recently_viewed","shopper":{"anonymous_id":")" +
                                         shopper + R"("},"limit":1})");
    ASSERT_NE(answer.find("\"product_id\":\"p" + std::to_string(product) + "\""), std::string::npos)
        << "round " << i << ": " << answer;
  }
}

TEST_F(StoreTest, ASoldOutProductIsInNoLaterAnswer) {
  Fill(20);
  std::set<int> sold_out;
  Random random(5);
  while (sold_out.size() < 19) {
    const int product = static_cast<int>(random.NextBelow(20));
    sold_out.insert(product);
    const auto patched = Wait([&](http::Done done) {
      store_->PatchProduct("p" + std::to_string(product), R"({"stock":0})", Secret(), std::move(done));
    });
    ASSERT_TRUE(patched.ok());
    const std::string answer = Recommend(R"({"placement":"home_trending","limit":20})");
    for (const int gone : sold_out) {
      ASSERT_EQ(answer.find("\"product_id\":\"p" + std::to_string(gone) + "\""), std::string::npos) << answer;
    }
    ASSERT_NE(answer.find("\"position\":" + std::to_string(20 - sold_out.size() - 1)), std::string::npos)
        << "the slate holds every product that is left: " << answer;
  }
}

TEST_F(StoreTest, DuplicatesCountOnceAlsoAfterReopening) {
  Fill(2);
  const std::string event = R"({"id":"e1","type":"product_viewed","anonymous_id":"a","product_id":"p1"})";
  EXPECT_EQ(Events(event), R"({"accepted":1,"duplicates":0,"rejected":[]})");
  EXPECT_EQ(Events(event), R"({"accepted":0,"duplicates":1,"rejected":[]})");
  Open();
  EXPECT_EQ(Events(event), R"({"accepted":0,"duplicates":1,"rejected":[]})");
  EXPECT_NE(Shopper("a").find("\"views\":1"), std::string::npos) << Shopper("a");
}

TEST_F(StoreTest, ACancelledOrderLeavesNoTrace) {
  Fill(4);
  Events(View("a", 1));
  Events(R"({"type":"identify","anonymous_id":"a","customer_id":"c"})");
  Events(
      R"({"type":"order_completed","customer_id":"c","order_id":"o1","products":[{"product_id":"p2","quantity":2,"price":12}]})");
  EXPECT_NE(Product("p2").find("\"orders\":1"), std::string::npos) << Product("p2");
  EXPECT_NE(Shopper("c").find("\"orders\":1"), std::string::npos);
  Events(R"({"type":"order_cancelled","customer_id":"c","order_id":"o1"})");
  EXPECT_NE(Product("p2").find("\"orders\":0,\"units\":0,\"revenue\":0"), std::string::npos) << Product("p2");
  EXPECT_NE(Shopper("c").find("\"orders\":0"), std::string::npos) << Shopper("c");
  EXPECT_NE(Shopper("c").find("\"purchases\":[]"), std::string::npos) << Shopper("c");
}

TEST_F(StoreTest, AStoreThatIsOpenedAgainAnswersTheSame) {
  Fill(30);
  Random random(11);
  for (int i = 0; i < 300; ++i) {
    Events(View("a" + std::to_string(random.NextBelow(10)), static_cast<int>(random.NextBelow(30))));
  }
  ASSERT_TRUE(store_->TrainNow({}).ok());
  const auto answers = [this] {
    std::string all;
    for (int i = 0; i < 10; ++i) {
      std::string answer = Recommend(R"({"placement":"home_for_you","shopper":{"anonymous_id":"a)" +
                                     std::to_string(i) + R"("}})");
      all += answer.substr(answer.find("\"placement\"")) + Shopper("a" + std::to_string(i));
    }
    return all;
  };
  const std::string before = answers();
  Open();
  EXPECT_EQ(answers(), before);
}

TEST_F(StoreTest, PublicKeysNameNobodyElseAndConfirmNoOrder) {
  Fill(2);
  http::Caller browser = Secret();
  browser.is_public = true;
  browser.may_explain = false;
  Events(
      R"({"type":"order_completed","anonymous_id":"x","customer_id":"c","order_id":"o9","products":[{"product_id":"p1","quantity":1,"price":5}]})",
      browser);
  EXPECT_NE(Product("p1").find("\"orders\":0"), std::string::npos) << "unverified: " << Product("p1");
  EXPECT_EQ(Shopper("c"), "no shopper is known under this id");
  Events(
      R"({"type":"order_completed","customer_id":"c","order_id":"o9","products":[{"product_id":"p1","quantity":1,"price":5}]})");
  EXPECT_NE(Product("p1").find("\"orders\":1"), std::string::npos) << "confirmed, once: " << Product("p1");
}

TEST_F(StoreTest, WithoutConsentNoProfileIsWritten) {
  Fill(4);
  Events(
      R"({"type":"product_viewed","anonymous_id":"n","product_id":"p1","consent":{"analytics":false,"personalization":false}})");
  EXPECT_EQ(Shopper("n"), "no shopper is known under this id");
  EXPECT_NE(Product("p1").find("\"views\":1"), std::string::npos) << "it counts in totals";
}

TEST_F(StoreTest, AnErasedShopperIsUnknown) {
  Fill(4);
  Events(View("a", 1));
  const auto erased = Wait([&](http::Done done) {
    store_->EraseShopper("a", http::ShopperKind::kEither, Secret(), std::move(done));
  });
  ASSERT_TRUE(erased.ok()) << erased.status().message();
  EXPECT_EQ(Shopper("a"), "no shopper is known under this id");
}

}  // namespace
}  // namespace attune::server
