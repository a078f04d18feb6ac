// Visits since the training on their way into the answers of others: what is fresh, what is the same after a
// restart, and what can be made again.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/limits.h"
#include "server/live_session_keeper.h"
#include "server/live_session_reader.h"
#include "server/store_for_tests.h"

namespace attune::server {
namespace {

constexpr int kProducts = 12;
constexpr int kNew = 30;  // The number of a product that comes after the training.

class LiveSessionTest : public StoreTest {
 protected:
  void SetUp() override {
    Fill(kProducts);
    const auto put =
        store_->PutSetting("placements", "mine",
                           R"({"title":"Mine","sources":[{"source":"session_next","weight":1,"depth":50}],)"
                           R"("seeds":{"page":1,"session":1},"fallback":[]})",
                           "test");
    ASSERT_TRUE(put.ok()) << put.message();
    for (int i = 0; i < 40; ++i) Visit("old" + std::to_string(i), {i % kProducts, (i + 1) % kProducts});
    ASSERT_TRUE(store_->TrainNow({}).ok());
  }

  void Visit(const std::string& shopper, const std::vector<int>& products) {
    for (const int product : products) {
      clock_.Advance(1000);
      EXPECT_EQ(Events(View(shopper, product)), R"({"accepted":1,"duplicates":0,"rejected":[]})");
    }
  }
  std::string Ask(int page) {
    return Recommend(R"({"placement":"mine","limit":5,"context":{"product_ids":["p)" + std::to_string(page) +
                     R"("]}})");
  }
  bool Shows(const std::string& answer, int product) const {
    return answer.find(R"({"product_id":"p)" + std::to_string(product) + R"(","position":)") !=
           std::string::npos;
  }
  const models::ModelSet& Models() const {
    return *static_cast<const ModelDirectory&>(*store_->view()->sources).set();
  }
};

// All that scores depend on.
void ExpectSame(const models::LiveSessions* a, const models::LiveSessions* b) {
  ASSERT_EQ(a == nullptr, b == nullptr);
  if (a == nullptr) return;
  EXPECT_EQ(a->sequence(), b->sequence());
  EXPECT_EQ(a->all_session_count(), b->all_session_count());
  ASSERT_TRUE(std::ranges::equal(a->products(), b->products()));
  ASSERT_EQ(a->session_count(), b->session_count());
  for (uint32_t i = 0; i < a->session_count(); ++i) {
    EXPECT_TRUE(std::ranges::equal(a->PlacesOf(i), b->PlacesOf(i))) << i;
  }
  for (const uint32_t product : a->products()) {
    EXPECT_TRUE(std::ranges::equal(a->SessionsOf(product), b->SessionsOf(product))) << product;
  }
}

TEST_F(LiveSessionTest, ANewProductReachesOthersWithoutATraining) {
  Put(kNew, "Lamps");
  EXPECT_FALSE(Shows(Ask(3), kNew));
  Visit("a", {3, kNew});
  Visit("b", {3, kNew});
  EXPECT_FALSE(Shows(Ask(3), kNew)) << "not on the way of an event";
  store_->Maintain();
  const std::string answer = Ask(3);
  EXPECT_TRUE(Shows(answer, kNew)) << answer;
  EXPECT_NE(answer.find(R"("source":"session_next")"), std::string::npos) << answer;
  EXPECT_TRUE(Shows(Ask(kNew), 3)) << "and it is a seed itself";
  const auto before = store_->view()->live;
  store_->Maintain();
  EXPECT_EQ(store_->view()->live, before) << "nothing was looked at";
}

TEST_F(LiveSessionTest, AGenerationTakesOverWhatItHasLearned) {
  Put(kNew, "Lamps");
  Visit("a", {3, kNew});
  store_->Maintain();
  EXPECT_EQ(store_->view()->live->session_count(), 1u);
  ASSERT_TRUE(store_->TrainNow({}).ok());
  EXPECT_EQ(store_->view()->live, nullptr);
  EXPECT_TRUE(Shows(Ask(3), kNew));
  Visit("b", {kNew, 5});
  store_->Maintain();
  ASSERT_NE(store_->view()->live, nullptr);
  EXPECT_EQ(store_->view()->live->session_count(), 1u);
  EXPECT_EQ(store_->view()->live->CountOf(3), 0u);
}

TEST_F(LiveSessionTest, AChangedSettingKeepsThem) {
  Visit("a", {3, 7});
  store_->Maintain();
  const auto live = store_->view()->live;
  ASSERT_NE(live, nullptr);
  ASSERT_TRUE(store_->PutSetting("placements", "other", R"({"based_on":"product_similar"})", "test").ok());
  EXPECT_EQ(store_->view()->live, live);
}

TEST_F(LiveSessionTest, WhoRefusesOrIsErasedIsNoNeighbour) {
  Put(kNew, "Lamps");
  Events(R"({"type":"product_viewed","anonymous_id":"a","product_id":"p3","consent":{"analytics":true,)"
         R"("personalization":false}})");
  Events(R"({"type":"product_viewed","anonymous_id":"a","product_id":"p30","consent":{"analytics":true,)"
         R"("personalization":false}})");
  store_->Maintain();
  EXPECT_EQ(store_->view()->live, nullptr);
  Visit("b", {3, kNew});
  store_->Maintain();
  EXPECT_TRUE(Shows(Ask(3), kNew));
  const auto erased = Wait([&](http::Done done) {
    store_->EraseShopper("b", http::ShopperKind::kAnonymous, Secret(), std::move(done));
  });
  ASSERT_TRUE(erased.ok());
  store_->Maintain();
  EXPECT_EQ(store_->view()->live, nullptr);
  EXPECT_FALSE(Shows(Ask(3), kNew));
}

// A browser that logs in in the middle of a visit is one visit, and identities stand between the events.
TEST_F(LiveSessionTest, AreTheSameFromTheStrandFromTheLogAndAfterARestart) {
  Visit("a", {3, 4});
  Events(R"([{"type":"product_viewed","anonymous_id":"b","product_id":"p1"},)"
         R"({"type":"product_viewed","anonymous_id":"c","product_id":"p2"},)"
         R"({"type":"product_viewed","anonymous_id":"b","customer_id":"B","product_id":"p5"},)"
         R"({"type":"product_viewed","anonymous_id":"c","customer_id":"C","product_id":"p6"}])");
  store_->Maintain();
  const auto live = store_->view()->live;
  ASSERT_NE(live, nullptr);
  EXPECT_EQ(live->session_count(), 3u);
  LiveSessionReader reader(&engine_);
  const auto read = reader.Read(Models(), live->sequence());
  ASSERT_TRUE(read.ok());
  ExpectSame(live.get(), read->get());
  // Opened anywhere in between: what comes before is read from the log.
  for (uint64_t opened = live->sequence().value(); opened > live->sequence().value() - 9; --opened) {
    SCOPED_TRACE(opened);
    LiveSessionKeeper keeper(&engine_, Sequence(opened));
    const auto part = keeper.Build(Models());
    ASSERT_TRUE(part.ok());
    const auto same = reader.Read(Models(), Sequence(opened));
    ASSERT_TRUE(same.ok());
    ExpectSame(part->get(), same->get());
  }
  Open();
  EXPECT_EQ(store_->view()->live, nullptr) << "the store serves at once";
  store_->Maintain();
  ExpectSame(live.get(), store_->view()->live.get());
}

TEST_F(LiveSessionTest, ARestartReadsTheLogInPieces) {
  LiveSessionKeeper keeper(&engine_, Sequence(engine_.last_sequence().value() + kLiveRecordsPerBuild));
  Visit("a", {3, 4});
  // As if the store had been opened far behind: the first piece ends before the end.
  const auto first = keeper.Build(Models());
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(*first, nullptr);
  const auto second = keeper.Build(Models());
  ASSERT_TRUE(second.ok());
  ASSERT_NE(*second, nullptr);
  EXPECT_EQ((*second)->session_count(), 1u);
}

TEST_F(LiveSessionTest, ALogThatWasCutIsTooShort) {
  Visit("a", {3, 4});
  const Sequence until = engine_.last_sequence();
  ASSERT_TRUE(engine_.TruncateLogBefore(until).ok());
  LiveSessionReader reader(&engine_);
  EXPECT_EQ(reader.Read(Models(), until).status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace attune::server
