// Stores are opened once, whoever asks at the same time, and closed when more are open than are used.

#include "server/store_registry.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "storage/writer_strand.h"

namespace attune::server {
namespace {

class StoreRegistryTest : public ::testing::Test {
 protected:
  StoreRegistryTest()
      : clock_(1'790'000'000'000),
        random_(1),
        writers_(1),
        data_(std::filesystem::path(::testing::TempDir()) /
              ("attune-" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()))) {
    std::filesystem::remove_all(data_);
    services_.clock = &clock_;
    services_.random = &random_;
    services_.writers = &writers_;
    services_.storage = storage::StorageResources::Create({});
    services_.trains = false;
  }
  ~StoreRegistryTest() override { std::filesystem::remove_all(data_); }

  static std::string Name(size_t number) { return "s" + std::to_string(number); }

  // One that is made, and copied as often as is asked: making takes longer.
  void MakeStores(size_t count) {
    std::filesystem::create_directories(data_);
    ASSERT_TRUE(Store::Open(Name(0), StoreFolder(data_.string(), Name(0)), services_).ok());
    for (size_t i = 1; i < count; ++i) {
      std::filesystem::copy(data_ / Name(0), data_ / Name(i), std::filesystem::copy_options::recursive);
    }
  }

  VirtualClock clock_;
  SeededRandomSource random_;
  storage::WriterPool writers_;
  const std::filesystem::path data_;
  StoreServices services_;
};

TEST_F(StoreRegistryTest, WhoAsksAtTheSameTimeGetsTheSameStore) {
  MakeStores(1);
  StoreRegistry registry(data_.string(), services_, nullptr);
  ASSERT_TRUE(registry.Scan().ok());
  std::vector<std::shared_ptr<Store>> got(4);
  std::vector<std::thread> threads;
  for (auto& store : got) {
    threads.emplace_back([&registry, &store] {
      auto opened = registry.Open(Name(0));
      if (opened.ok()) store = std::move(opened).value();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& store : got) EXPECT_EQ(store, got.front());
  EXPECT_NE(got.front(), nullptr);
  got.clear();
  registry.Stop();
}

TEST_F(StoreRegistryTest, BeyondTheMostThoseIdleLongestAreClosedAndOpenAgain) {
  constexpr size_t kStores = kOpenStoresMax + 6;
  MakeStores(kStores);
  StoreRegistry registry(data_.string(), services_, nullptr);
  ASSERT_TRUE(registry.Scan().ok());
  registry.Start();
  for (size_t i = 0; i < kStores; ++i) {
    ASSERT_TRUE(registry.Open(Name(i)).ok());
    clock_.Advance(1);  // So that the first is idle longest.
  }
  EXPECT_EQ(registry.open_count(), kStores);  // None was idle for long enough.
  clock_.Advance(kIdleCloseSoonMs);
  while (registry.open_count() > kOpenStoresMax) std::this_thread::yield();
  EXPECT_EQ(registry.open_count(), kOpenStoresMax);
  for (const auto& store : registry.OpenStores()) EXPECT_GE(std::stoul(store->store_id().substr(1)), 6u);
  EXPECT_TRUE(registry.Open(Name(0)).ok());
  registry.Stop();
}

TEST_F(StoreRegistryTest, OneThatTrainsIsNotIdle) {
  MakeStores(1);
  StoreRegistry registry(data_.string(), services_, nullptr);
  ASSERT_TRUE(registry.Scan().ok());
  Store* const store = registry.Open(Name(0)).value().get();  // Not held: a training thread does not hold it.

  std::promise<void> has_begun;
  std::promise<void> may_end;
  std::once_flag once;
  models::TrainingControl control;
  control.progress = [&](std::string_view, double) {
    std::call_once(once, [&] {
      has_begun.set_value();
      may_end.get_future().wait();
    });
  };
  Status trained;
  std::thread trainer([&] { trained = store->TrainNow(control); });
  has_begun.get_future().wait();
  clock_.Advance(10 * kIdleCloseMs);
  registry.MaintainOnce();
  EXPECT_EQ(registry.open_count(), 1u);

  may_end.set_value();
  trainer.join();
  EXPECT_TRUE(trained.ok()) << trained.message();
  registry.MaintainOnce();
  EXPECT_EQ(registry.open_count(), 0u);
  registry.Stop();
}

}  // namespace
}  // namespace attune::server
