// Goal: what was cancelled or refunded leaves nothing, as if it had never been bought.
// Method: two servers are told the same story, but one of them also of the purchases that are taken back: a
// page view stands in their place in the other.  Then both must answer the same bytes.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/test_server.h"

namespace attune::server {
namespace {

constexpr int kProducts = 12;
constexpr int kShoppers = 6;

std::string Line(const std::string& product, int quantity) {
  return R"({"product_id":")" + product + R"(","quantity":)" + std::to_string(quantity) + R"(,"price":12.5})";
}

std::string Order(const std::string& shopper, const std::string& order, const std::string& lines) {
  return R"({"type":"order_completed","customer_id":")" + shopper + R"(","order_id":")" + order +
         R"(","products":[)" + lines + "]}";
}

class UndoneOrdersTest : public ::testing::Test {
 protected:
  UndoneOrdersTest() {
    told_.PutProducts(kProducts);
    twin_.PutProducts(kProducts);
    for (int i = 0; i < kProducts; ++i) {  // Everything was seen once, so that first sights are the same.
      Both(R"({"type":"product_viewed","customer_id":"c)" + std::to_string(i % kShoppers) +
           R"(","product_id":"p)" + std::to_string(i) + "\"}");
    }
  }

  static void Send(HttpClient& client, const std::string& event) {
    EXPECT_EQ(client.Event(event), kOneAccepted) << event;
  }
  void Both(const std::string& event) { Each(event, event); }
  void Each(const std::string& told, const std::string& twin) {
    told_server_.clock().Advance(1000);
    twin_server_.clock().Advance(1000);
    Send(told_, told);
    Send(twin_, twin);
  }
  // What a shopper did who bought nothing.
  static std::string Visit(const std::string& shopper) {
    return R"({"type":"page_viewed","customer_id":")" + shopper + "\"}";
  }
  // Takes something back: it is told to one server only, while time passes in both.
  void Undo(const std::string& event) {
    told_server_.clock().Advance(1000);
    twin_server_.clock().Advance(1000);
    Send(told_, event);
  }

  static std::string Everything(HttpClient& client) {
    std::string all;
    for (int i = 0; i < kProducts; ++i) all += client.Get("/v1/products/p" + std::to_string(i)) + '\n';
    for (int i = 0; i < kShoppers; ++i) all += client.Get("/v1/shoppers/c" + std::to_string(i)) + '\n';
    for (const std::string placement : {"category_top", "home_trending", "home_for_you",
                                        "product_bought_together", "cart_cross_sell", "buy_again"}) {
      for (int i = 0; i < kShoppers; ++i) {
        const std::string answer = client.Recommend(
            R"({"placement":")" + placement + R"(","shopper":{"customer_id":"c)" + std::to_string(i) +
            R"("},"context":{"category":["Lamps"],"product_ids":["p2"],"cart":["p3"]}})");
        all += answer.substr(answer.find(R"("placement")")) + '\n';
      }
    }
    return all;
  }
  void ExpectTheSame() {
    EXPECT_EQ(Everything(told_), Everything(twin_)) << "before a training";
    told_server_.Train();
    twin_server_.Train();
    EXPECT_EQ(Everything(told_), Everything(twin_)) << "after a training";
  }

  TestServer told_server_{"told"};
  TestServer twin_server_{"twin"};
  HttpClient told_{told_server_};
  HttpClient twin_{twin_server_};
};

TEST_F(UndoneOrdersTest, ACancelledOrder) {
  Both(Order("c1", "kept", Line("p2", 1) + "," + Line("p4", 2)));
  Each(Order("c1", "gone", Line("p2", 3) + "," + Line("p6", 1)), Visit("c1"));
  Each(Order("c2", "gone2", Line("p8", 1)), Visit("c2"));
  Undo(R"({"type":"order_cancelled","order_id":"gone"})");
  Undo(R"({"type":"order_cancelled","order_id":"gone2"})");
  ExpectTheSame();
}

TEST_F(UndoneOrdersTest, APartlyRefundedOrder) {
  Each(Order("c1", "o1", Line("p2", 3) + "," + Line("p4", 2)), Order("c1", "o1", Line("p2", 1)));
  Undo(R"({"type":"order_refunded","order_id":"o1","products":[{"product_id":"p2","quantity":2},)"
       R"({"product_id":"p4","quantity":2}]})");
  ExpectTheSame();
}

TEST_F(UndoneOrdersTest, ARefundSentTwiceWithoutAnId) {
  const std::string refund =
      R"({"type":"order_refunded","order_id":"o1","products":[{"product_id":"p2","quantity":1}]})";
  Each(Order("c1", "o1", Line("p2", 3)), Order("c1", "o1", Line("p2", 2)));
  Undo(refund);
  Undo(refund);
  ExpectTheSame();
}

TEST_F(UndoneOrdersTest, TwoRefundsWithTheirOwnIdsAreTwo) {
  const std::string refund =
      R"(,"type":"order_refunded","order_id":"o1","products":[{"product_id":"p2","quantity":1}]})";
  Each(Order("c1", "o1", Line("p2", 3)), Order("c1", "o1", Line("p2", 1)));
  Undo(R"({"id":"r1")" + refund);
  Undo(R"({"id":"r2")" + refund);
  ExpectTheSame();
}

TEST_F(UndoneOrdersTest, ManyOrdersAtRandom) {
  Random random(31);
  std::vector<std::string> undone;
  for (int i = 0; i < 60; ++i) {
    const std::string shopper = "c" + std::to_string(random.NextBelow(kShoppers));
    const std::string order = "o" + std::to_string(i);
    const std::string first = "p" + std::to_string(random.NextBelow(kProducts / 2));
    const std::string second = "p" + std::to_string(kProducts / 2 + random.NextBelow(kProducts / 2));
    const std::string whole = Order(shopper, order, Line(first, 2) + "," + Line(second, 1));
    const uint64_t fate = random.NextBelow(3);
    if (fate == 0) {
      Both(whole);
    } else if (fate == 1) {
      Each(whole, Visit(shopper));
      undone.push_back(R"({"type":"order_cancelled","order_id":")" + order + "\"}");
    } else {
      Each(whole, Order(shopper, order, Line(first, 1)));
      undone.push_back(R"({"type":"order_refunded","order_id":")" + order +
                       R"(","products":[{"product_id":")" + first + R"("},{"product_id":")" + second +
                       R"("}]})");
    }
  }
  for (const std::string& event : undone) Undo(event);
  ExpectTheSame();
}

}  // namespace
}  // namespace attune::server
