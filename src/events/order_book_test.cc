#include "events/order_book.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "base/random.h"
#include "storage/memory_storage.h"

namespace attune::events {
namespace {

constexpr int64_t kDay0 = 1'700'000'000'000;
const Currency kEur = *Currency::Parse("EUR");
const Currency kGbp = *Currency::Parse("GBP");

OrderRules EuroRules() {
  OrderRules rules;
  rules.rates = ExchangeRates(kEur);
  return rules;
}

EventLine Line(uint32_t product, int64_t quantity, std::optional<int64_t> price) {
  EventLine line;
  line.product = ProductIndex(product);
  line.quantity = quantity;
  line.price_minor = price;
  return line;
}

Event OrderEvent(EventType type, int64_t at, std::vector<EventLine> lines, uint64_t shopper = 1) {
  Event event;
  event.type = type;
  event.order_id = "o1";
  event.occurred_at_ms = kDay0 + at;
  event.received_at_ms = kDay0 + 1'000'000;
  event.shopper = ShopperHandle(shopper);
  event.currency = kEur;
  event.lines = std::move(lines);
  return event;
}

// Adds up the differences as features and models do, and checks that each of them makes sense alone.
struct Counts {
  std::map<uint64_t, int> orders;                          // By shopper.
  std::map<uint64_t, int64_t> revenue;                     // By shopper.
  std::map<std::pair<uint64_t, uint32_t>, int64_t> units;  // By shopper and product.
  std::map<std::pair<uint64_t, uint32_t>, int64_t> line_revenue;
  std::set<std::pair<uint64_t, uint32_t>> held;
  int64_t ordered_at_ms = 0;

  void Add(const std::vector<OrderChange>& changes) {
    for (const OrderChange& change : changes) {
      const uint64_t shopper = change.shopper.value();
      orders[shopper] += change.order_count_delta;
      revenue[shopper] += change.revenue_minor_delta;
      ordered_at_ms = change.ordered_at_ms;
      for (const OrderChange::Line& line : change.lines) {
        const std::pair key(shopper, line.product.value());
        units[key] += line.quantity_delta;
        line_revenue[key] += line.revenue_minor_delta;
        EXPECT_EQ(line.is_first, !held.contains(key));
        if (line.is_first) held.insert(key);
        if (line.is_gone) {
          EXPECT_EQ(units[key], 0);
          EXPECT_EQ(line_revenue[key], 0);
          EXPECT_EQ(held.erase(key), 1u);
        } else {
          EXPECT_GT(units[key], 0);
        }
      }
    }
  }
};

// What stands, read from the whole list of events at once.
StandingOrder ObviousModel(const std::vector<Event>& arrived) {
  bool confirmed = false, cancelled = false, refunded = false, anonymous = false;
  const Event* verified = nullptr;
  const Event* unverified = nullptr;
  const Event* names_shopper = nullptr;
  std::optional<int64_t> completed, updated;
  std::map<uint32_t, int64_t> returned;
  int64_t returned_minor = 0;
  for (const Event& event : arrived) {
    const bool defines = event.type == EventType::kOrderCompleted || event.type == EventType::kOrderUpdated;
    if (!event.is_verified) {
      if (defines && unverified == nullptr) unverified = &event;
      continue;
    }
    confirmed = true;
    if (defines) {
      if (!event.consent.analytics) anonymous = true;
      if (!event.lines.empty() && (!verified || event.occurred_at_ms > verified->occurred_at_ms))
        verified = &event;
      if (event.shopper.value() != 0 &&
          (!names_shopper || event.occurred_at_ms > names_shopper->occurred_at_ms)) {
        names_shopper = &event;
      }
      auto& earliest = event.type == EventType::kOrderCompleted ? completed : updated;
      earliest = std::min(earliest.value_or(INT64_MAX), event.occurred_at_ms);
    } else if (event.type == EventType::kOrderCancelled) {
      cancelled = true;
    } else if (!event.lines.empty()) {
      for (const EventLine& line : event.lines) returned[line.product.value()] += line.quantity;
    } else if (event.value_minor) {
      returned_minor += *event.value_minor;
    } else {
      refunded = true;
    }
  }
  StandingOrder order;
  const Event* definition = verified != nullptr ? verified : unverified;
  if (!confirmed || cancelled || refunded || definition == nullptr) return order;
  std::map<uint32_t, std::pair<int64_t, int64_t>> lines;  // Units, revenue.
  int64_t all_revenue = 0;
  for (const EventLine& line : definition->lines) {
    lines[line.product.value()].first += line.quantity;
    lines[line.product.value()].second += line.quantity * *line.price_minor;
    all_revenue += line.quantity * *line.price_minor;
  }
  if (returned_minor > 0 && returned_minor >= all_revenue) return order;
  for (const auto& [product, line] : lines) {
    const int64_t kept = std::max<int64_t>(0, line.first - returned[product]);
    if (kept == 0) continue;
    const int64_t revenue = line.second * kept / line.first;
    order.lines.push_back({ProductIndex(product), kept, revenue});
    order.revenue_minor += revenue;
  }
  if (order.lines.empty()) return StandingOrder();
  order.revenue_minor = std::max<int64_t>(0, order.revenue_minor - returned_minor);
  order.stands = true;
  order.ordered_at_ms = completed ? *completed : updated ? *updated : definition->occurred_at_ms;
  if (names_shopper != nullptr) {
    order.shopper = names_shopper->shopper;
  } else if (unverified != nullptr) {
    order.shopper = unverified->shopper;
  }
  if (anonymous) order.shopper = ShopperHandle();
  return order;
}

Event RandomOrderEvent(Random& random, int64_t at) {
  const uint64_t kind = random.NextBelow(10);
  EventType type = EventType::kOrderCompleted;
  if (kind == 3 || kind == 4) type = EventType::kOrderUpdated;
  if (kind >= 5 && kind <= 8) type = EventType::kOrderRefunded;
  if (kind == 9 && random.NextBelow(4) == 0) type = EventType::kOrderCancelled;
  Event event = OrderEvent(type, at, {}, random.NextBelow(4));
  event.is_verified = random.NextBelow(3) != 0;
  event.consent.analytics = random.NextBelow(20) != 0;
  if (!event.consent.analytics) event.shopper = ShopperHandle();
  if (type == EventType::kOrderRefunded && random.NextBelow(6) == 0) {
    if (random.NextBelow(2) == 0) event.value_minor = static_cast<int64_t>(1 + random.NextBelow(3'000));
    return event;
  }
  if (type == EventType::kOrderCancelled) return event;
  for (uint64_t i = 1 + random.NextBelow(3); i > 0; --i) {
    event.lines.push_back(Line(static_cast<uint32_t>(random.NextBelow(4)),
                               static_cast<int64_t>(1 + random.NextBelow(3)),
                               static_cast<int64_t>(random.NextBelow(1'000))));
  }
  return event;
}

TEST(OrderBook, AnyEventsInAnyOrderEndAsTheObviousModel) {
  for (uint64_t seed = 0; seed < 4'000; ++seed) {
    Random random(seed);
    std::vector<Event> events;
    for (uint64_t i = 1 + random.NextBelow(7); i > 0; --i) {
      events.push_back(RandomOrderEvent(random, static_cast<int64_t>(i) * 1'000));
    }
    for (size_t i = events.size(); i > 1; --i) std::swap(events[i - 1], events[random.NextBelow(i)]);

    VirtualClock clock(kDay0);
    storage::MemoryStorage engine(&clock);
    auto book = std::make_unique<OrderBook>(&engine, EuroRules(), 1);
    Counts counts;
    std::vector<Event> arrived;
    for (const Event& event : events) {
      auto changes = book->Apply(event);
      ASSERT_TRUE(changes.ok());
      counts.Add(*changes);
      arrived.push_back(event);
      const StandingOrder expected = ObviousModel(arrived);
      const StandingOrder stands = *book->Find("o1");
      ASSERT_EQ(stands.stands, expected.stands) << "seed " << seed;
      ASSERT_EQ(stands.shopper, expected.shopper) << "seed " << seed;
      ASSERT_EQ(stands.revenue_minor, expected.revenue_minor) << "seed " << seed;
      ASSERT_EQ(stands.ordered_at_ms, expected.ordered_at_ms) << "seed " << seed;
      ASSERT_EQ(stands.lines.size(), expected.lines.size()) << "seed " << seed;
      int64_t lines_sum = 0;
      for (size_t i = 0; i < stands.lines.size(); ++i) {
        ASSERT_EQ(stands.lines[i].product, expected.lines[i].product);
        ASSERT_EQ(stands.lines[i].quantity, expected.lines[i].quantity);
        lines_sum += stands.lines[i].revenue_minor;
      }
      ASSERT_EQ(lines_sum, stands.revenue_minor) << "seed " << seed;
      if (random.NextBelow(3) == 0) {  // A snapshot and a restart at any point change nothing.
        storage::WriteBatch batch;
        book->SaveChanged(batch);
        ASSERT_TRUE(engine.Commit(batch, storage::Durability::kSynced).ok());
        book->OnSaved();
        if (random.NextBelow(2) == 0) book = std::make_unique<OrderBook>(&engine, EuroRules(), 1);
      }
    }
    const StandingOrder last = *book->Find("o1");
    for (const auto& [shopper, count] : counts.orders) {
      EXPECT_EQ(count, last.stands && last.shopper.value() == shopper ? 1 : 0) << "seed " << seed;
    }
    for (const auto& [shopper, revenue] : counts.revenue) {
      EXPECT_EQ(revenue, last.stands && last.shopper.value() == shopper ? last.revenue_minor : 0);
    }
    for (const auto& [key, units] : counts.units) {
      int64_t expected = 0;
      for (const OrderLine& line : last.lines) {
        if (last.shopper.value() == key.first && line.product.value() == key.second) expected = line.quantity;
      }
      EXPECT_EQ(units, expected) << "seed " << seed;
    }
  }
}

TEST(OrderBook, TheOrderOfArrivalDoesNotMatterForVerifiedEvents) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    Random random(seed);
    std::vector<Event> events;
    for (int64_t i = 0; i < 5; ++i) {
      events.push_back(RandomOrderEvent(random, static_cast<int64_t>(random.NextBelow(3)) * 1'000));
      events.back().is_verified = true;
    }
    std::optional<OrderState> first;
    for (int round = 0; round < 10; ++round) {
      for (size_t i = events.size(); i > 1; --i) std::swap(events[i - 1], events[random.NextBelow(i)]);
      OrderState state;
      for (const Event& event : events) FoldOrderEvent(event, EuroRules(), state);
      if (!first) first = state;
      ASSERT_EQ(state, *first) << "seed " << seed;
    }
  }
}

TEST(OrderBook, RevenueIsLinesLessDiscountLessIncludedTax) {
  Event event = OrderEvent(EventType::kOrderCompleted, 0, {Line(1, 2, 1'000), Line(2, 1, 1'000)});
  event.lines[1].discount_minor = 100;
  event.discount_minor = 400;
  event.tax_minor = 500;
  event.value_minor = 99'999;  // All lines have prices: they decide.
  OrderRules rules = EuroRules();
  OrderState state;
  FoldOrderEvent(event, rules, state);
  EXPECT_EQ(StandingOf(state).revenue_minor, 2'900 - 400 - 500);
  EXPECT_EQ(StandingOf(state).lines[0].revenue_minor + StandingOf(state).lines[1].revenue_minor, 2'000);
  rules.prices_include_tax = false;
  OrderState net;
  FoldOrderEvent(event, rules, net);
  EXPECT_EQ(StandingOf(net).revenue_minor, 2'900 - 400);
}

TEST(OrderBook, WithoutPricesTheValueIsSharedAmongTheLines) {
  Event event =
      OrderEvent(EventType::kOrderCompleted, 0, {Line(1, 2, std::nullopt), Line(2, 1, std::nullopt)});
  event.value_minor = 100;
  OrderState state;
  FoldOrderEvent(event, EuroRules(), state);
  const StandingOrder order = StandingOf(state);
  EXPECT_EQ(order.revenue_minor, 100);
  EXPECT_EQ(order.lines[0].revenue_minor, 67);
  EXPECT_EQ(order.lines[1].revenue_minor, 33);
}

TEST(OrderBook, ForeignMoneyIsCountedAtTheRateOfItsDay) {
  OrderRules rules = EuroRules();
  ASSERT_TRUE(rules.rates.Add(kGbp, kDay0, 1.2).ok());
  ASSERT_TRUE(rules.rates.Add(kGbp, kDay0 + 10 * kDayMs, 1.5).ok());
  EXPECT_EQ(rules.rates.Convert(1'000, kGbp, kDay0 - kDayMs), 1'200);  // Before the first rate: the first.
  EXPECT_EQ(rules.rates.Convert(1'000, kGbp, kDay0 + 10 * kDayMs - 1), 1'200);
  EXPECT_EQ(rules.rates.Convert(1'000, kGbp, kDay0 + 10 * kDayMs), 1'500);
  EXPECT_EQ(rules.rates.Convert(1'000, *Currency::Parse("USD"), kDay0), std::nullopt);
  EXPECT_EQ(rules.rates.Convert(1'000, Currency(), kDay0), 1'000);
  EXPECT_FALSE(rules.rates.Add(kGbp, 0, 0).ok());

  OrderBook book(nullptr, rules, 10);
  Event event = OrderEvent(EventType::kOrderCompleted, 0, {Line(1, 1, 1'000)});
  event.currency = kGbp;
  EXPECT_EQ((*book.Apply(event))[0].revenue_minor_delta, 1'200);
  event.order_id = "o2";
  event.currency = *Currency::Parse("USD");
  EXPECT_EQ((*book.Apply(event))[0].revenue_minor_delta, 0);
  EXPECT_EQ(book.unknown_currency_count(), 1u);
}

TEST(OrderBook, AnUnverifiedOrderCountsOnceTheServerNamesIt) {
  OrderBook book(nullptr, EuroRules(), 10);
  Event browser = OrderEvent(EventType::kOrderCompleted, 0, {Line(1, 2, 500)}, 7);
  browser.is_verified = false;
  EXPECT_TRUE(book.Apply(browser)->empty());
  Event forged = OrderEvent(EventType::kOrderCancelled, 1, {});
  forged.is_verified = false;
  EXPECT_TRUE(book.Apply(forged)->empty());

  Event server = OrderEvent(EventType::kOrderUpdated, 2, {}, 0);
  server.value_minor = 900;
  const auto changes = *book.Apply(server);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].order_count_delta, 1);
  EXPECT_EQ(changes[0].shopper, ShopperHandle(7));
  EXPECT_EQ(changes[0].revenue_minor_delta, 900);  // The server's money, the browser's lines.
  EXPECT_EQ(changes[0].lines[0].quantity_delta, 2);
  EXPECT_TRUE(book.Apply(forged)->empty());
}

TEST(OrderBook, OneOrderFromBrowserAndServerCountsOnce) {
  for (const bool browser_first : {true, false}) {
    OrderBook book(nullptr, EuroRules(), 10);
    Event browser = OrderEvent(EventType::kOrderCompleted, 5, {Line(1, 9, 500)}, 7);
    browser.is_verified = false;
    const Event server = OrderEvent(EventType::kOrderCompleted, 0, {Line(1, 2, 500)}, 7);
    Counts counts;
    counts.Add(*book.Apply(browser_first ? browser : server));
    counts.Add(*book.Apply(browser_first ? server : browser));
    EXPECT_EQ(counts.orders[7], 1);
    EXPECT_EQ(counts.revenue[7], 1'000);
  }
}

TEST(OrderBook, ARefundOrCancellationSentTwiceCountsOnce) {
  const auto after = [](const std::vector<Event>& events) {
    OrderBook book(nullptr, EuroRules(), 10);
    Counts counts;
    counts.Add(*book.Apply(OrderEvent(EventType::kOrderCompleted, 0, {Line(1, 4, 500)}, 7)));
    for (const Event& event : events) counts.Add(*book.Apply(event));
    return std::pair(counts.orders[7], counts.revenue[7]);
  };
  // Without id and time: the time is that of arrival, and another one for the second copy.
  Event refund = OrderEvent(EventType::kOrderRefunded, 10, {Line(1, 1, std::nullopt)});
  refund.received_at_ms = refund.occurred_at_ms;
  Event again = refund;
  again.occurred_at_ms = again.received_at_ms = refund.occurred_at_ms + 60'000;
  EXPECT_EQ(after({refund, again}), std::pair(1, int64_t{1'500}));
  Event amount = refund;
  amount.lines.clear();
  amount.value_minor = 300;
  Event amount_again = amount;
  amount_again.occurred_at_ms = ++amount_again.received_at_ms;
  EXPECT_EQ(after({amount, amount_again}), std::pair(1, int64_t{1'700}));
  // Two refunds that say the same at two times, or under two ids, are two.
  Event later = again;
  later.received_at_ms += 5'000;
  EXPECT_EQ(after({refund, later}), std::pair(1, int64_t{1'000}));
  EXPECT_EQ(after({refund, later, later}), std::pair(1, int64_t{1'000}));
  refund.id = "r1";
  again.id = "r2";
  EXPECT_EQ(after({refund, again, again, refund}), std::pair(1, int64_t{1'000}));
  const Event cancelled = OrderEvent(EventType::kOrderCancelled, 20, {});
  EXPECT_EQ(after({cancelled, cancelled}), std::pair(0, int64_t{0}));
}

TEST(OrderBook, AnUpdateReplacesTheLinesByTheDifference) {
  OrderBook book(nullptr, EuroRules(), 10);
  ASSERT_TRUE(
      book.Apply(OrderEvent(EventType::kOrderCompleted, 0, {Line(1, 2, 500), Line(2, 1, 300)}, 7)).ok());
  const auto changes =
      *book.Apply(OrderEvent(EventType::kOrderUpdated, 5, {Line(1, 1, 500), Line(3, 2, 100)}, 7));
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].order_count_delta, 0);
  EXPECT_EQ(changes[0].revenue_minor_delta, 700 - 1'300);
  ASSERT_EQ(changes[0].lines.size(), 3u);
  EXPECT_EQ(changes[0].lines[0].quantity_delta, -1);
  EXPECT_TRUE(changes[0].lines[1].is_gone);
  EXPECT_TRUE(changes[0].lines[2].is_first);
  EXPECT_TRUE(book.Apply(OrderEvent(EventType::kOrderUpdated, 3, {Line(9, 9, 9)}, 7))->empty())
      << "an older update that comes late changes nothing";
}

TEST(EventType, KnowsTheWholeSegmentVocabulary) {
  for (const char* const name : {"Products Searched",
                                 "Product List Viewed",
                                 "Product List Filtered",
                                 "Promotion Viewed",
                                 "Promotion Clicked",
                                 "Product Clicked",
                                 "Product Viewed",
                                 "Product Added",
                                 "Product Removed",
                                 "Cart Viewed",
                                 "Checkout Started",
                                 "Checkout Step Viewed",
                                 "Checkout Step Completed",
                                 "Payment Info Entered",
                                 "Order Completed",
                                 "Order Updated",
                                 "Order Refunded",
                                 "Order Cancelled",
                                 "Coupon Entered",
                                 "Coupon Applied",
                                 "Coupon Denied",
                                 "Coupon Removed",
                                 "Product Added to Wishlist",
                                 "Product Removed from Wishlist",
                                 "Wishlist Product Added to Cart",
                                 "Product Shared",
                                 "Cart Shared",
                                 "Product Reviewed"}) {
    const auto type = ParseEventType(name);
    ASSERT_TRUE(type) << name;
    std::string snake(name);
    for (char& c : snake) c = c == ' ' ? '_' : static_cast<char>(std::tolower(c));
    EXPECT_EQ(EventTypeName(*type), snake);
  }
  for (const char* const name : {"slate_viewed", "slate_clicked"}) EXPECT_TRUE(ParseEventType(name)) << name;
}

TEST(OrderBook, EventsOfOtherKindsChangeNothing) {
  OrderBook book(nullptr, EuroRules(), 10);
  Event event = OrderEvent(EventType::kProductViewed, 0, {Line(1, 1, 1)});
  EXPECT_TRUE(book.Apply(event)->empty());
  EXPECT_EQ(book.changed_count(), 0u);
}

TEST(OrderState, BytesAreReadBackAndMutatedOnesNeverBreakTheDecoder) {
  for (uint64_t seed = 0; seed < 3'000; ++seed) {
    Random random(seed);
    OrderState state;
    for (int64_t i = 0; i < 4; ++i) FoldOrderEvent(RandomOrderEvent(random, i * 10), EuroRules(), state);
    std::string bytes = EncodeOrderState(state);
    const auto decoded = DecodeOrderState(bytes);
    ASSERT_TRUE(decoded.ok());
    ASSERT_EQ(*decoded, state) << "seed " << seed;
    bytes[random.NextBelow(bytes.size())] = static_cast<char>(random.NextBelow(256));
    bytes.resize(random.NextBelow(bytes.size() + 1));
    const auto damaged = DecodeOrderState(bytes);
    if (!damaged.ok()) {
      EXPECT_EQ(damaged.status().code(), StatusCode::kCorruption);
    }
  }
}

}  // namespace
}  // namespace attune::events
