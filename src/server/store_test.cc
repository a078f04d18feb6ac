// Goal: a whole store keeps its promises: what was acknowledged is seen by the next request, nothing sold out
// or hidden is shown, cancelled orders leave no trace, and a store that is opened again is the same store.
// Method: a store over in-memory engines with a virtual clock and seeded randomness, driven as the HTTP room
// drives it.

#include "server/store.h"

#include <gtest/gtest.h>

#include <future>
#include <set>
#include <string>
#include <thread>

#include "base/random.h"
#include "server/store_for_tests.h"

namespace attune::server {
namespace {

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

// A shared device: what names a customer stays with that customer, what names only the browser goes with it.
TEST_F(StoreTest, ABrowserMovesToTheLastCustomerAndEachCustomerKeepsItsOwn) {
  Fill(6);
  const auto view_as = [this](const std::string& customer, int product) {
    Events(R"({"type":"product_viewed","anonymous_id":"shared","customer_id":")" + customer +
           R"(","product_id":"p)" + std::to_string(product) + "\"}");
  };
  const auto views = [this](const std::string& id, int count) {
    return Shopper(id).find("\"views\":" + std::to_string(count)) != std::string::npos;
  };
  Events(View("shared", 0));
  view_as("c1", 1);
  EXPECT_TRUE(views("c1", 2)) << Shopper("c1");
  view_as("c2", 2);
  view_as("c2", 3);
  EXPECT_TRUE(views("c1", 1)) << "what it did itself: " << Shopper("c1");
  EXPECT_TRUE(views("c2", 3)) << "with the browser's own: " << Shopper("c2");
  Events(View("shared", 4));
  EXPECT_TRUE(views("c2", 4)) << Shopper("c2");
  view_as("c1", 5);
  EXPECT_TRUE(views("c1", 4)) << "and back: " << Shopper("c1");
  EXPECT_TRUE(views("c2", 2)) << Shopper("c2");
  Open();
  EXPECT_TRUE(views("c1", 4));
  EXPECT_TRUE(views("c2", 2));
}

TEST_F(StoreTest, WhoBrowsesAndThenLogsInIsOnePersonToTheModels) {
  Fill(30);
  // Each looks at p1 before logging in and at p2 after: only a person has seen both.
  for (int i = 0; i < 40; ++i) {
    const std::string browser = "b" + std::to_string(i);
    const std::string customer = "c" + std::to_string(i);
    clock_.Advance(1000);
    Events(View(browser, 1));
    Events(R"({"type":"identify","anonymous_id":")" + browser + R"(","customer_id":")" + customer + "\"}");
    clock_.Advance(1000);
    Events(R"({"type":"product_viewed","customer_id":")" + customer + R"(","product_id":"p2"})");
  }
  ASSERT_TRUE(store_->TrainNow({}).ok());
  const std::string answer = Recommend(
      R"({"placement":"product_similar","context":{"product_ids":["p1"]},"limit":1,"explain":true})");
  EXPECT_NE(answer.find("\"product_id\":\"p2\""), std::string::npos) << answer;
  EXPECT_NE(answer.find("\"source\":\"also_viewed\""), std::string::npos) << answer;
}

TEST_F(StoreTest, ADecisionSaysWhetherItWasMadeAgainOrOnlyRecorded) {
  Fill(4);
  const auto decide = [this] {
    const std::string answer = Recommend(R"({"placement":"home_trending","limit":2})");
    return answer.substr(answer.find(':') + 2, 32);
  };
  const auto ask = [this](const std::string& id, const std::string& product) {
    const auto answer =
        Wait([&](http::Done done) { store_->GetDecision(id, product, Secret(), std::move(done)); });
    return answer.ok() ? answer->body : answer.status().message();
  };
  const std::string first = decide();
  const std::string fresh = ask(first, "p0");
  EXPECT_NE(fresh.find("\"explained_by\":\"replay\""), std::string::npos) << fresh;
  const size_t shown_at = fresh.find("\"product_id\":\"") + 14;
  const std::string shown = fresh.substr(shown_at, fresh.find('"', shown_at) - shown_at);
  for (size_t i = 0; i < kExplainedDecisionsMax; ++i) decide();
  const std::string old = ask(first, shown);
  EXPECT_NE(old.find("\"explained_by\":\"record\""), std::string::npos) << old;
  EXPECT_NE(old.find("\"replayable\":false"), std::string::npos) << old;
  EXPECT_NE(old.find("\"outcome\":\"shown\",\"position\":0"), std::string::npos) << old;
  EXPECT_NE(ask(first, "p-unknown").find("\"outcome\":\"not_recorded\""), std::string::npos);
}

// Two writers that read the same version, in one group of the strand: the second must not overwrite the
// first.
TEST_F(StoreTest, OfTwoWritesUponOneVersionOnlyOneHolds) {
  std::promise<void> begun;
  std::promise<void> release;
  std::thread holder([&] {
    (void)store_->OnStrand([&] {
      begun.set_value();
      release.get_future().wait();
      return Status();
    });
  });
  begun.get_future().wait();
  std::promise<Result<http::Answer>> first;
  std::promise<Result<http::Answer>> second;
  const http::Precondition absent{.kind = http::Precondition::Kind::kAbsent, .etags = {}};
  const auto keep = [](std::promise<Result<http::Answer>>& promise) {
    return [&promise](Result<http::Answer> answer) { promise.set_value(std::move(answer)); };
  };
  store_->WriteSetting(kPlacementKind, "home_trending", R"({"limit":4})", absent, Secret(), keep(first));
  store_->WriteSetting(kPlacementKind, "home_trending", R"({"limit":5})", absent, Secret(), keep(second));
  release.set_value();
  holder.join();
  EXPECT_EQ(first.get_future().get()->status, 201);
  EXPECT_EQ(second.get_future().get().status().code(), StatusCode::kConflict);
}

TEST_F(StoreTest, ABuiltInPlacementIsWrittenUponTheVersionThatWasRead) {
  const auto read = Wait([&](http::Done done) {
    store_->ReadSetting(kPlacementKind, "home_trending", Secret(), std::move(done));
  });
  ASSERT_TRUE(read.ok());
  const http::Precondition matches{.kind = http::Precondition::Kind::kMatches, .etags = {read->etag}};
  const auto write = [&] {
    return Wait([&](http::Done done) {
      store_->WriteSetting(kPlacementKind, "home_trending", R"({"limit":4})", matches, Secret(),
                           std::move(done));
    });
  };
  EXPECT_TRUE(write().ok());
  EXPECT_EQ(write().status().code(), StatusCode::kConflict);
}

}  // namespace
}  // namespace attune::server
