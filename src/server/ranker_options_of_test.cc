// What a store's ranker learns on, and what a young store says of it.

#include "server/ranker_options_of.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "server/store_for_tests.h"

namespace attune::server {
namespace {

class RankerOptionsOfTest : public StoreTest {};

TEST_F(RankerOptionsOfTest, LearnsOnThePlacementsThatNameAnObjective) {
  const auto options = RankerOptionsOf(store_->state(), nullptr);
  ASSERT_TRUE(options.has_value());
  std::map<std::string, bool> is_page;
  for (const models::RankerSurface& surface : options->surfaces) is_page[surface.name] = surface.is_page;
  EXPECT_THAT(is_page, testing::ElementsAre(testing::Pair("home_for_you", false),
                                            testing::Pair("product_similar", true)));
}

TEST_F(RankerOptionsOfTest, AYoungStoreStaysWithTheBlendAndSaysSoAlsoAfterARestart) {
  Fill(12);
  for (int i = 0; i < 6; ++i) {
    clock_.Advance(kMinuteMs);
    Events(View("a", i));
  }
  EXPECT_EQ(store_->ranker(), nullptr) << "nothing is trained yet";
  ASSERT_TRUE(store_->TrainNow({}).ok());
  ASSERT_NE(store_->ranker(), nullptr);
  EXPECT_EQ(store_->ranker()->parts().outcome, models::RankerOutcome::kTooLittleData);
  Open();
  ASSERT_NE(store_->ranker(), nullptr);
  EXPECT_EQ(store_->ranker()->parts().outcome, models::RankerOutcome::kTooLittleData);
  EXPECT_FALSE(store_->ranker()->Serves("home_for_you", false, models::RankObjective::kConversion));
}

}  // namespace
}  // namespace attune::server
