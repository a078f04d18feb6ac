// The log must hold what happened and nothing that was taken back, in an order that is a function of the
// rows. Method: small stories by hand, and random orders, cancellations and refunds against a map that is
// edited in place.

#include "models/interaction_log.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <tuple>

#include "base/clock.h"
#include "base/random.h"

namespace attune::models {
namespace {

constexpr ShopperHandle kAnn{11};
constexpr ShopperHandle kBob{7};

events::Event MakeEvent(events::EventType type, ShopperHandle shopper, std::vector<uint32_t> products,
                        int64_t at_ms) {
  events::Event event;
  event.type = type;
  event.shopper = shopper;
  event.occurred_at_ms = at_ms;
  for (const uint32_t product : products) {
    events::EventLine line;
    line.product = ProductIndex(product);
    event.lines.push_back(line);
  }
  return event;
}

events::OrderChange MakeOrder(const std::string& id, ShopperHandle shopper, std::vector<uint32_t> products,
                              int64_t at_ms) {
  events::OrderChange change;
  change.order_id = id;
  change.shopper = shopper;
  change.ordered_at_ms = at_ms;
  change.order_count_delta = 1;
  for (const uint32_t product : products)
    change.lines.push_back({ProductIndex(product), 2, 100, true, false});
  return change;
}

events::OrderChange Cancelled(events::OrderChange change) {
  change.order_count_delta = -1;
  for (auto& line : change.lines) {
    line.quantity_delta = -line.quantity_delta;
    line.is_first = false;
    line.is_gone = true;
  }
  return change;
}

std::vector<Interaction> Rows(const InteractionLog& log) {
  std::vector<Interaction> rows;
  log.ForEachRow([&](const Interaction& row) { rows.push_back(row); });
  return rows;
}

std::vector<std::vector<Interaction>> ByShopper(const InteractionLog& log) {
  std::vector<std::vector<Interaction>> groups;
  log.ForEachShopper(
      [&](std::span<const Interaction> rows) { groups.emplace_back(rows.begin(), rows.end()); });
  return groups;
}

std::vector<std::vector<Interaction>> ByOrder(const InteractionLog& log) {
  std::vector<std::vector<Interaction>> groups;
  log.ForEachOrder([&](std::span<const Interaction> rows) { groups.emplace_back(rows.begin(), rows.end()); });
  return groups;
}

TEST(InteractionLogTest, ViewsAndCartsBecomeRowsAndOtherEventsDoNot) {
  InteractionLog log;
  log.AddEvent(MakeEvent(events::EventType::kProductViewed, kAnn, {3}, 10));
  log.AddEvent(MakeEvent(events::EventType::kProductAdded, kAnn, {4, 5}, 20));
  log.AddEvent(MakeEvent(events::EventType::kOrderCompleted, kAnn, {4}, 30));
  log.AddEvent(MakeEvent(events::EventType::kSlateViewed, kAnn, {9}, 40));
  EXPECT_EQ(log.count(InteractionKind::kView), 1u);
  EXPECT_EQ(log.count(InteractionKind::kCart), 2u);
  EXPECT_EQ(log.count(InteractionKind::kPurchase), 0u);
  EXPECT_EQ(log.product_index_count(), 6u);
  EXPECT_EQ(log.latest_at_ms(), 20);
}

TEST(InteractionLogTest, WithoutPersonalisationConsentTheRowBelongsToNobody) {
  InteractionLog log;
  events::Event event = MakeEvent(events::EventType::kProductViewed, kAnn, {3}, 10);
  event.consent.personalization = false;
  log.AddEvent(event);
  EXPECT_EQ(log.row_count(), 1u);
  EXPECT_TRUE(ByShopper(log).empty());
}

TEST(InteractionLogTest, ACancelledOrderLeavesTheVisitsAsIfItHadNeverBeen) {
  InteractionLog with;
  InteractionLog without;
  for (InteractionLog* log : {&with, &without}) log->ApplyOrderChange(MakeOrder("o1", kAnn, {1, 2}, 10));
  with.ApplyOrderChange(MakeOrder("o2", kAnn, {2, 3}, 20));
  with.ApplyOrderChange(Cancelled(MakeOrder("o2", kAnn, {2, 3}, 20)));
  EXPECT_EQ(ByShopper(with), ByShopper(without));
  EXPECT_EQ(ByOrder(with), ByOrder(without));
  EXPECT_EQ(with.row_count(), 2u);
  EXPECT_EQ(with.latest_at_ms(), 10);
}

TEST(InteractionLogTest, ARefundOfSomeUnitsKeepsTheRowAndOfAllTakesIt) {
  InteractionLog log;
  log.ApplyOrderChange(MakeOrder("o1", kAnn, {1, 2}, 10));
  events::OrderChange refund = MakeOrder("o1", kAnn, {1}, 10);
  refund.lines[0].quantity_delta = -1;
  refund.lines[0].is_first = false;
  log.ApplyOrderChange(refund);
  EXPECT_EQ(Rows(log)[0].quantity, 1);
  refund.lines[0].is_gone = true;
  log.ApplyOrderChange(refund);
  ASSERT_EQ(Rows(log).size(), 1u);
  EXPECT_EQ(Rows(log)[0].product, ProductIndex(2));
}

TEST(InteractionLogTest, AChangeOfAnOrderThatIsNotThereAddsNothing) {
  InteractionLog log;
  log.ApplyOrderChange(Cancelled(MakeOrder("o1", kAnn, {1}, 10)));
  events::OrderChange more = MakeOrder("o1", kAnn, {1}, 10);
  more.lines[0].is_first = false;
  log.ApplyOrderChange(more);
  EXPECT_EQ(log.row_count(), 0u);
}

TEST(InteractionLogTest, TheOldestRowsLeaveFirst) {
  InteractionLog log(100);
  for (int i = 0; i < 1000; ++i) {
    const int64_t at_ms = (i * 7919) % 1000;  // Every time once, in a scattered order.
    log.Add({kAnn, ProductIndex(static_cast<uint32_t>(at_ms)), InteractionKind::kView, 1, at_ms, 0});
  }
  EXPECT_LE(log.row_count(), 113u);
  std::vector<int64_t> times;
  for (const Interaction& row : Rows(log)) times.push_back(row.at_ms);
  // Rows that came after the last cut may be of any age; those that survived every cut are the newest.
  std::sort(times.rbegin(), times.rend());
  for (int64_t i = 0; i < 90; ++i) EXPECT_EQ(times[static_cast<size_t>(i)], 999 - i);
  EXPECT_EQ(log.product_index_count(), 1000u);
}

TEST(InteractionLogTest, VisitsDoNotDependOnTheOrderOfArrival) {
  std::vector<Interaction> rows;
  Random random(5);
  for (int i = 0; i < 300; ++i) {
    const bool is_purchase = random.NextBelow(2) == 0;
    rows.push_back({ShopperHandle(random.NextBelow(8)), ProductIndex(static_cast<uint32_t>(i)),
                    is_purchase ? InteractionKind::kPurchase : InteractionKind::kView, 1,
                    static_cast<int64_t>(random.NextBelow(50)), is_purchase ? 1 + random.NextBelow(40) : 0});
  }
  InteractionLog forwards;
  InteractionLog backwards;
  for (size_t i = 0; i < rows.size(); ++i) {
    forwards.Add(rows[i]);
    backwards.Add(rows[rows.size() - 1 - i]);
  }
  EXPECT_EQ(ByShopper(forwards), ByShopper(backwards));
  EXPECT_EQ(ByOrder(forwards), ByOrder(backwards));
  EXPECT_LE(ByShopper(forwards).size(), 7u);  // Nobody's rows are visited by no shopper.
}

TEST(InteractionLogTest, AForgottenShopperHasNoRowsAndTheStoreKeepsItsCounts) {
  InteractionLog log;
  log.ApplyOrderChange(MakeOrder("o1", kAnn, {1, 2}, 10));
  log.ApplyOrderChange(MakeOrder("o2", kBob, {1}, 20));
  log.ForgetShopper(kAnn);
  ASSERT_EQ(ByShopper(log).size(), 1u);
  EXPECT_EQ(ByShopper(log)[0][0].shopper, kBob);
  EXPECT_EQ(ByOrder(log).size(), 2u);
  log.ApplyOrderChange(MakeOrder("o3", kAnn, {5}, 30));
  EXPECT_EQ(ByShopper(log).size(), 2u);  // Whoever comes back starts anew.
}

TEST(InteractionLogTest, RandomOrdersAndCancellationsMatchAMapEditedInPlace) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    InteractionLog log;
    std::map<std::tuple<uint64_t, uint32_t>, int64_t> units;  // (order hash, product) -> units.
    std::map<std::string, events::OrderChange> standing;
    for (int step = 0; step < 500; ++step) {
      const std::string id = "o" + std::to_string(random.NextBelow(60));
      const auto found = standing.find(id);
      if (found == standing.end()) {
        const auto first = static_cast<uint32_t>(random.NextBelow(20));
        const auto order = MakeOrder(id, ShopperHandle(1 + random.NextBelow(5)), {first, first + 1}, step);
        log.ApplyOrderChange(order);
        for (const auto& line : order.lines)
          units[{OrderHash(id), line.product.value()}] = line.quantity_delta;
        standing[id] = order;
      } else {
        log.ApplyOrderChange(Cancelled(found->second));
        for (const auto& line : found->second.lines) units.erase({OrderHash(id), line.product.value()});
        standing.erase(found);
      }
    }
    std::map<std::tuple<uint64_t, uint32_t>, int64_t> seen;
    log.ForEachOrder([&](std::span<const Interaction> rows) {
      for (const Interaction& row : rows) {
        seen[{row.order_hash, row.product.value()}] = static_cast<int64_t>(row.quantity);
      }
    });
    EXPECT_EQ(seen, units);
    EXPECT_EQ(log.row_count(), units.size());
  }
}

TEST(InteractionLogTest, WhoBrowsesAndThenLogsInIsOnePerson) {
  constexpr ShopperHandle kPhone(900), kLaptop(901), kCustomer(7), kOther(8), kStranger(5);
  InteractionLog log(4);  // So small that rows are moved: links must survive it.
  const auto add = [&log](ShopperHandle shopper, uint32_t product, int64_t at_ms) {
    log.Add({shopper, ProductIndex(product), InteractionKind::kView, 1, at_ms, 0});
  };
  const auto persons = [&log] {
    std::vector<std::pair<uint64_t, std::vector<uint32_t>>> all;
    log.ForEachShopper([&all](std::span<const Interaction> rows) {
      auto& [person, products] = all.emplace_back(rows.front().shopper.value(), std::vector<uint32_t>());
      for (const Interaction& row : rows) {
        EXPECT_EQ(row.shopper.value(), person);
        products.push_back(row.product.value());
      }
    });
    return all;
  };
  using Persons = decltype(persons());
  add(kPhone, 1, 10);
  add(kCustomer, 2, 20);
  add(kLaptop, 3, 15);
  add(kStranger, 4, 12);
  EXPECT_EQ(persons(), (Persons{{5, {4}}, {7, {2}}, {900, {1}}, {901, {3}}})) << "before anybody logged in";
  log.Link(kPhone, kCustomer);
  log.Link(kLaptop, kCustomer);
  EXPECT_EQ(persons(), (Persons{{5, {4}}, {7, {1, 3, 2}}})) << "by time, whichever handle did it";
  log.Link(kLaptop, kOther);
  EXPECT_EQ(persons(), (Persons{{5, {4}}, {7, {1, 2}}, {8, {3}}}))
      << "a shared device follows the last login";
  log.Unlink(kLaptop);
  EXPECT_EQ(persons(), (Persons{{5, {4}}, {7, {1, 2}}, {901, {3}}}));
  for (int64_t at_ms = 30; at_ms < 32; ++at_ms) add(kPhone, static_cast<uint32_t>(at_ms), at_ms);
  EXPECT_EQ(persons().size(), 2u);
  EXPECT_EQ(persons()[0].first, 7u) << "the oldest rows left, the links stayed";
  log.ForgetShopper(kCustomer);
  add(kPhone, 9, 40);
  EXPECT_EQ(persons().back().first, kPhone.value()) << "an erased customer is nobody's person";
}

}  // namespace
}  // namespace attune::models
