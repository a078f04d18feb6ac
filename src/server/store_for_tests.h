// A store in memory that tests drive as the HTTP room does: a virtual clock, seeded randomness, no trainer.
//
// Engines outlive the store, so a test can close it, look at the bytes, and open it again.
//
// Thread safety: one thread.

#ifndef ATTUNE_SERVER_STORE_FOR_TESTS_H_
#define ATTUNE_SERVER_STORE_FOR_TESTS_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "server/store.h"
#include "storage/memory_storage.h"

namespace attune::server {

inline constexpr int64_t kTestNowMs = 1'790'000'000'000;

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
  StoreTest() : clock_(kTestNowMs), random_(7), engine_(&clock_), vault_(&clock_), writers_(1) {
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
  // Until everything that maintenance does was done.
  void Maintain() {
    for (int i = 0; i < kMaintenanceRounds; ++i) store_->Maintain();
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

  static constexpr int kMaintenanceRounds = 50;

  VirtualClock clock_;
  SeededRandomSource random_;
  storage::MemoryStorage engine_;
  storage::MemoryStorage vault_;
  storage::WriterPool writers_;
  std::filesystem::path folder_;
  std::unique_ptr<Store> store_;
};

inline std::string View(const std::string& shopper, int product) {
  return R"({"type":"product_viewed","anonymous_id":")" + shopper + R"(","product_id":"p)" +
         std::to_string(product) + "\"}";
}

}  // namespace attune::server

#endif  // ATTUNE_SERVER_STORE_FOR_TESTS_H_
