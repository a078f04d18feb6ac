// What is written is read again; what is damaged is refused or left out, never believed half.

#include "server/training_status.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace attune::server {
namespace {

TrainingStatus Full() {
  TrainingStatus status;
  status.generation = Generation(4);
  status.watermark = Sequence(128'904);
  status.trained_at_ms = 1'790'000'000'123;
  status.file_bytes = 4'194'304;
  status.training.seconds = 1.5;
  status.training.counts.rows = 52'110;
  status.training.counts.visible_products = 870;
  status.training.trainers = {
      {"als", models::TrainingForm::kSkipped, "would take \"long\"", {912.5, 1 << 20}, 0},
      {"ease", models::TrainingForm::kDense, "", {1.25, 7}, 1.5, true, true},
      {"also_bought",
       models::TrainingForm::kDense,
       "",
       {1.25, 7},
       1.5,
       false,
       false,
       models::MethodChoice{
           812, "rp3beta", {{"cosine", true, 0.125}, {"rp3beta", true, 0.25}, {"ease", false, 0}}}}};
  status.asked = 256;
  status.sources = {{"also_bought", 65'536, 250, 612}};
  status.quality = {Generation(3), 88, {{"home_for_you", 0.25}}};
  status.trainings = 5;
  status.failures = 1;
  status.failure = "als threw";
  status.failed_at_ms = 1'789'000'000'000;
  status.drift = {"products fell"};
  status.drift_since_ms = 1'788'000'000'000;
  status.damage = "damaged generation file";
  return status;
}

TEST(TrainingStatusTest, WhatIsWrittenIsReadAgain) {
  const std::string json = TrainingStatusToJson(Full());
  const auto read = ParseTrainingStatus(json);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(TrainingStatusToJson(*read), json);
  EXPECT_EQ(read->generation, Generation(4));
  EXPECT_EQ(read->training.Find("als")->form, models::TrainingForm::kSkipped);
  EXPECT_EQ(read->training.Find("ease")->form, models::TrainingForm::kDense);
  EXPECT_TRUE(read->training.Find("ease")->uses_external_vectors);
  EXPECT_TRUE(read->training.Find("ease")->uses_supplied_vectors);
  EXPECT_FALSE(read->training.Find("als")->uses_external_vectors);
  EXPECT_FALSE(read->training.Find("als")->uses_supplied_vectors);
  EXPECT_EQ(read->training.Find("also_bought")->choice, Full().training.Find("also_bought")->choice);
  EXPECT_FALSE(read->training.Find("als")->choice);
  EXPECT_EQ(read->trained_at_ms, 1'790'000'000'123);
  EXPECT_TRUE(read->is_alert());
  const std::string nothing = TrainingStatusToJson(TrainingStatus());
  EXPECT_EQ(TrainingStatusToJson(*ParseTrainingStatus(nothing)), nothing);
}

TEST(TrainingStatusTest, EachTroubleIsAnAlert) {
  TrainingStatus status;
  EXPECT_FALSE(status.is_alert());
  status.failure = "x";
  EXPECT_TRUE(status.is_alert());
  status.failure.clear();
  status.drift = {"x"};
  EXPECT_TRUE(status.is_alert());
  status.drift.clear();
  status.damage = "x";
  EXPECT_TRUE(status.is_alert());
}

TEST(TrainingStatusTest, DamagedBytesNeverCrash) {
  EXPECT_FALSE(ParseTrainingStatus("").ok());
  EXPECT_FALSE(ParseTrainingStatus("[]").ok());
  EXPECT_TRUE(ParseTrainingStatus(R"({"generation":-1,"sources":{"a":1},"drift":[1,"x"],"quality":7})").ok());
  const std::string json = TrainingStatusToJson(Full());
  Random random(6);
  for (int i = 0; i < 500; ++i) {
    std::string damaged = json;
    damaged[random.NextBelow(damaged.size())] = static_cast<char>(random.NextBelow(256));
    (void)ParseTrainingStatus(damaged);
  }
}

TEST(TrainingStatusTest, TheTableSaysWhatIsWrongAndWhy) {
  const std::string table = FormatTrainingStatus(Full());
  for (const char* text :
       {"generation 4", "would take \"long\"", "250 of 256", "ALERT the last training failed: als threw",
        "ALERT drift: products fell", "ALERT damaged generation",
        "also_bought: rp3beta, chosen by ndcg@20 on a held-out tenth of 812 purchase lists",
        "over the budget"}) {
    EXPECT_NE(table.find(text), std::string::npos) << text << "\n" << table;
  }
  EXPECT_NE(FormatTrainingStatus({}).find("no generation"), std::string::npos);
}

}  // namespace
}  // namespace attune::server
