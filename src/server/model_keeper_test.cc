// Whatever goes wrong in a training, the generation that serves goes on serving, and the status says what is
// wrong: a trainer that throws, a disk that does not take the file, a damaged file, drift, a process that
// died.

#include "server/model_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "server/store_for_tests.h"

namespace attune::server {
namespace {

namespace fs = std::filesystem;

class ModelKeeperTest : public StoreTest {
 protected:
  // A store with a generation.
  void FillAndTrain(int products = 12) {
    Fill(products);
    Look("a", 0);
    ASSERT_TRUE(store_->TrainNow({}).ok());
    ASSERT_EQ(Serving(), 1u);
  }
  // One shopper looks at a few products.
  void Look(const std::string& shopper, int product) {
    for (int i = 0; i < 3; ++i) {
      clock_.Advance(kMinuteMs);
      Events(View(shopper, product + i));
    }
  }
  uint64_t Serving() const {
    const auto generations = store_->view()->sources->generations();
    return generations.empty() ? 0 : generations.front().generation.value();
  }
  std::string Answer() {
    return Recommend(R"({"placement":"home_trending","shopper":{"anonymous_id":"a"},"limit":3})");
  }
  // A training control whose trainer `name` throws.
  static models::TrainingControl ThrowingAt(std::string name) {
    models::TrainingControl control;
    control.progress = [name = std::move(name)](std::string_view stage, double) {
      if (stage == name) throw std::out_of_range("asked to");
    };
    return control;
  }
  fs::path ModelsFolder() const { return folder_ / "models"; }
  void Damage(const fs::path& file) {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(200);
    bytes.put('?');
    bytes.put('!');
  }
  const TrainingStatus Told() const { return *store_->training_status(); }
};

TEST_F(ModelKeeperTest, ATrainerThatThrowsLeavesTheOldGenerationServingAndSaysSo) {
  FillAndTrain();
  EXPECT_FALSE(Told().is_alert());
  Look("b", 3);
  const Status trained = store_->TrainNow(ThrowingAt("als"));
  EXPECT_EQ(trained.code(), StatusCode::kInternal);
  EXPECT_EQ(Serving(), 1u);
  EXPECT_NE(Answer().find("\"product_id\""), std::string::npos);
  EXPECT_TRUE(Told().is_alert());
  EXPECT_NE(Told().failure.find("als threw"), std::string::npos) << Told().failure;
  EXPECT_EQ(Told().failures, 1u);
  EXPECT_EQ(Told().trainings, 2u);
  EXPECT_EQ(Told().generation, Generation(1));
  EXPECT_EQ(ModelKeeper::ReadTrainingStatus(ModelsFolder())->failure, Told().failure);

  ASSERT_TRUE(store_->TrainNow({}).ok());
  EXPECT_EQ(Serving(), 2u);
  EXPECT_FALSE(Told().is_alert());
  EXPECT_EQ(Told().failures, 1u);
}

TEST_F(ModelKeeperTest, ATrainingThatCannotWriteItsFileLeavesTheOldGenerationServing) {
  FillAndTrain();
  Look("b", 3);
  fs::rename(ModelsFolder(), folder_ / "gone");
  EXPECT_FALSE(store_->TrainNow({}).ok());
  EXPECT_EQ(Serving(), 1u);
  EXPECT_TRUE(Told().is_alert());
  EXPECT_EQ(Told().generation, Generation(1));
  fs::rename(folder_ / "gone", ModelsFolder());
  EXPECT_TRUE(store_->TrainNow({}).ok());
  EXPECT_FALSE(Told().is_alert());
}

TEST_F(ModelKeeperTest, ATrainingThatIsStoppedIsNoFailure) {
  FillAndTrain();
  Look("b", 3);
  std::atomic<bool> is_cancelled{true};
  models::TrainingControl control;
  control.is_cancelled = &is_cancelled;
  EXPECT_EQ(store_->TrainNow(control).code(), StatusCode::kUnavailable);
  EXPECT_EQ(Told().failures, 0u);
  EXPECT_FALSE(Told().is_alert());
}

TEST_F(ModelKeeperTest, WhenTheNewestFileIsDamagedTheOneBeforeServesAfterARestart) {
  FillAndTrain();
  Look("b", 3);
  ASSERT_TRUE(store_->TrainNow({}).ok());
  ASSERT_EQ(Serving(), 2u);
  Damage(ModelsFolder() / "generation-000002.models");
  EXPECT_EQ(Serving(), 2u);  // What is in memory is not the file.
  Open();
  EXPECT_EQ(Serving(), 1u);
  EXPECT_TRUE(Told().is_alert());
  EXPECT_NE(Told().damage.find("generation-000002"), std::string::npos) << Told().damage;
  EXPECT_EQ(Told().generation, Generation(1));
  // The log says so too: a replay finds the models that answered.
  EXPECT_EQ(store_->state().generation()->generation, Generation(1));
  EXPECT_NE(Answer().find("\"product_id\""), std::string::npos);

  ASSERT_TRUE(store_->TrainNow({}).ok());
  EXPECT_EQ(Serving(), 3u);  // The number of the damaged one is not given again.
  EXPECT_FALSE(Told().is_alert());
}

TEST_F(ModelKeeperTest, WithEveryFileDamagedTheStoreStillAnswersAndTrains) {
  FillAndTrain();
  Damage(ModelsFolder() / "generation-000001.models");
  Open();
  EXPECT_EQ(Serving(), 0u);
  EXPECT_TRUE(Told().is_alert());
  EXPECT_NE(Answer().find("\"product_id\""), std::string::npos);
  ASSERT_TRUE(store_->TrainNow({}).ok());
  EXPECT_EQ(Serving(), 2u);
  EXPECT_FALSE(Told().is_alert());
}

TEST_F(ModelKeeperTest, ADriftHoldsAScheduledGenerationBackForAsLongAsTheSettingSays) {
  FillAndTrain(60);
  for (int i = 0; i < 40; ++i) {
    const auto gone = Wait(
        [&](http::Done done) { store_->DeleteProduct("p" + std::to_string(i), Secret(), std::move(done)); });
    ASSERT_TRUE(gone.ok());
  }
  const auto scheduled = [this] { return store_->TrainNow({}, ModelKeeper::Asked::kBySchedule); };
  EXPECT_EQ(scheduled().code(), StatusCode::kConflict);
  EXPECT_EQ(Serving(), 1u);
  EXPECT_TRUE(Told().is_alert());
  EXPECT_THAT(Told().drift, ::testing::Contains("products that may be shown fell from 60 to 20"));
  EXPECT_EQ(Told().failures, 0u);
  clock_.Advance(kDayMs - kHourMs);
  Look("c", 45);
  EXPECT_EQ(scheduled().code(), StatusCode::kConflict);
  clock_.Advance(kDayMs);
  EXPECT_TRUE(scheduled().ok());  // Now it is how the store is.
  EXPECT_EQ(Serving(), 2u);
  Look("c", 45);
  EXPECT_TRUE(scheduled().ok());
  EXPECT_FALSE(Told().is_alert());
}

TEST_F(ModelKeeperTest, WhoAsksForATrainingGetsItDespiteDrift) {
  FillAndTrain(60);
  for (int i = 0; i < 40; ++i) {
    (void)Wait(
        [&](http::Done done) { store_->DeleteProduct("p" + std::to_string(i), Secret(), std::move(done)); });
  }
  EXPECT_TRUE(store_->TrainNow({}).ok());
  EXPECT_EQ(Serving(), 2u);
  EXPECT_TRUE(Told().is_alert());  // Until a training finds nothing smaller.
}

TEST_F(ModelKeeperTest, WhatADeadTrainingLeftIsRemoved) {
  FillAndTrain();
  std::ofstream(ModelsFolder() / "generation-000002.models") << "never published";
  std::ofstream(ModelsFolder() / "generation-000002.models.partial") << "never finished";
  std::ofstream(ModelsFolder() / "note.txt") << "not ours";
  Open();
  EXPECT_FALSE(fs::exists(ModelsFolder() / "generation-000002.models"));
  EXPECT_FALSE(fs::exists(ModelsFolder() / "generation-000002.models.partial"));
  EXPECT_TRUE(fs::exists(ModelsFolder() / "note.txt"));
  EXPECT_TRUE(fs::exists(ModelsFolder() / "generation-000001.models"));
  EXPECT_EQ(Serving(), 1u);
  EXPECT_FALSE(Told().is_alert());
  ASSERT_TRUE(store_->TrainNow({}).ok());
  EXPECT_EQ(Serving(), 2u);
}

TEST_F(ModelKeeperTest, ADamagedStatusBeginsAnew) {
  FillAndTrain();
  std::ofstream(ModelsFolder() / kTrainingStatusFile) << "{]";
  Open();
  EXPECT_EQ(Serving(), 1u);
  EXPECT_EQ(Told().generation, Generation(1));
  EXPECT_EQ(Told().trainings, 0u);
  EXPECT_FALSE(Told().is_alert());
}

TEST_F(ModelKeeperTest, TheQualityOfAGenerationIsThatOfWhatCameAfterIt) {
  FillAndTrain();
  EXPECT_EQ(Told().quality.asked, 0u);
  Look("a", 6);
  Look("new", 6);  // Was not there when generation 1 was trained: cannot be asked.
  ASSERT_TRUE(store_->TrainNow({}).ok());
  EXPECT_EQ(Told().quality.generation, Generation(1));
  EXPECT_EQ(Told().quality.asked, 1u);
  EXPECT_EQ(Told().quality.sources.front().source, "home_for_you");
}

TEST_F(ModelKeeperTest, TheApiTellsTheStatus) {
  FillAndTrain();
  const auto answer = Wait([&](http::Done done) { store_->GetModels(Secret(), std::move(done)); });
  ASSERT_TRUE(answer.ok());
  const auto parsed = ParseTrainingStatus(answer->body);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(TrainingStatusToJson(*parsed), answer->body);
  EXPECT_EQ(parsed->generation, Generation(1));
  EXPECT_EQ(parsed->training.Find("als")->form, models::TrainingForm::kSparse);
  EXPECT_EQ(parsed->training.counts.views, 3u);
  EXPECT_FALSE(parsed->sources.empty());
}

TEST_F(ModelKeeperTest, TheApiTellsWhichMethodWasChosenAndTheNextGenerationKeepsIt) {
  Fill(12);
  for (uint64_t i = 0; i < models::kMethodChoiceListsMin; ++i) {
    const std::string number = std::to_string(i);
    const std::string first = std::to_string(i % 6);
    const std::string second = std::to_string(6 + i % 5);
    Events(R"({"type":"order_completed","customer_id":"c)" + number + R"(","order_id":"o)" + number +
           R"(","products":[{"product_id":"p)" + first + R"(","quantity":1,"price":12},{"product_id":"p)" +
           second + R"(","quantity":1,"price":12}]})");
  }
  ASSERT_TRUE(store_->TrainNow({}).ok());
  const auto told = [this] {
    const auto answer = Wait([&](http::Done done) { store_->GetModels(Secret(), std::move(done)); });
    return ParseTrainingStatus(answer->body)->training.Find(models::kAlsoBought)->choice;
  };
  const auto choice = told();
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->lists, models::kMethodChoiceListsMin);
  EXPECT_EQ(choice->trials.size(), 6u);
  Look("a", 0);
  Open();  // The status is read from its file.
  ASSERT_TRUE(store_->TrainNow({}).ok());
  EXPECT_EQ(Serving(), 2u);
  EXPECT_EQ(told(), choice);
}

TEST(TrainingTurnTest, AScheduledTrainingWaitsForThatOfAnotherStore) {
  VirtualClock clock(kTestNowMs);
  storage::MemoryStorage engine(&clock);
  storage::WriteBatch batch;
  batch.AppendRecord(storage::RecordKind::kEvent, kTestNowMs, "something new");
  ASSERT_TRUE(engine.Commit(batch, storage::Durability::kSynced).ok());
  const std::string folder = ::testing::TempDir() + "attune-training-turn";
  TrainingTurn turn;
  std::atomic<int> looked = 0;
  std::atomic<int> trained = 0;
  ModelKeeper keeper(&engine, nullptr, folder, &clock, nullptr, 1000);
  ASSERT_TRUE(turn.TryTake());  // Another store trains.
  keeper.StartTraining(
      [&](const models::TrainingControl&) {
        ++trained;
        return Status();
      },
      [&] {
        ++looked;
        return TrainingSchedule{};
      },
      &turn);
  while (looked < 2) std::this_thread::yield();
  EXPECT_EQ(trained, 0);
  turn.Return();
  while (trained == 0) std::this_thread::yield();
  keeper.StopTraining();
  EXPECT_TRUE(turn.TryTake());  // It gave the turn back.
  std::filesystem::remove_all(folder);
}

TEST(TrainingScheduleTest, DueByShareOrByTimeButNeverTooSoon) {
  TrainingSchedule schedule;
  schedule.every_ms = 60'000;
  schedule.new_percent = 10;
  schedule.at_latest_ms = 3'600'000;
  const auto due = [&](int64_t since_ms, uint64_t new_records, int64_t rest_ms = 0, bool is_damaged = false) {
    return IsTrainingDue(schedule, {since_ms, rest_ms, new_records, 1000, is_damaged});
  };
  EXPECT_FALSE(due(59'999, 1'000'000));
  EXPECT_TRUE(due(60'000, 100));
  EXPECT_FALSE(due(60'000, 99));
  EXPECT_FALSE(due(60'000, 100, 60'001));  // It took long: it rests longer.
  EXPECT_TRUE(due(3'600'000, 1));
  EXPECT_FALSE(due(3'600'000, 0));  // Nothing new, nothing to learn.
  EXPECT_FALSE(due(3'599'999, 1));
  EXPECT_TRUE(due(60'000, 0, 0, true));
  EXPECT_FALSE(due(59'999, 0, 0, true));
  EXPECT_TRUE(due(-5, 1));
  EXPECT_TRUE(IsTrainingDue(schedule, {60'000, 0, 1, 0, false}));  // The first generation.
}

}  // namespace
}  // namespace attune::server
