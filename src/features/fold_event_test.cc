// Goal: the incremental fold equals a recount of the full list of events, in whatever order they arrive, and
// what was cancelled or refunded was never bought. Method: seeded random shoppers against a reference that
// sorts all events and counts from the definitions; the order book's differences against completions of the
// kept part alone; edges by hand.

#include "features/fold_event.h"

#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "features/affinities.h"
#include "features/event_weights.h"
#include "features/limits.h"
#include "features/price_band.h"
#include "features/sample_history.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune::features {
namespace {

using events::Event;
using events::EventType;
using ::testing::IsEmpty;

constexpr int64_t kAffinityHalfLifeMs = 30 * kDayMs;

Event EventAt(EventType type, int64_t at_ms, const std::vector<uint32_t>& products = {}) {
  Event event;
  event.type = type;
  event.occurred_at_ms = at_ms;
  event.received_at_ms = at_ms;
  event.shopper = ShopperHandle(7);
  for (const uint32_t product : products) {
    events::EventLine line;
    line.product = ProductIndex(product);
    event.lines.push_back(line);
  }
  return event;
}

ShopperProfile FoldAll(const std::vector<Event>& events, const FoldContext& context) {
  ShopperProfile profile;
  profile.shopper = ShopperHandle(7);
  uint64_t sequence = 0;
  for (const Event& event : events) FoldEvent(event, Sequence(++sequence), context, profile);
  return profile;
}

// All weights as of the newest, so that profiles with other as_of compare.
std::map<std::pair<int, std::string>, double> Weights(const ShopperProfile& profile, int64_t at_ms) {
  std::map<std::pair<int, std::string>, double> weights;
  for (const Affinity& affinity : profile.affinities) {
    const double age =
        static_cast<double>(at_ms - affinity.weight.as_of_ms) / static_cast<double>(kAffinityHalfLifeMs);
    weights[{static_cast<int>(affinity.kind), affinity.value}] = affinity.weight.value * std::exp2(-age);
  }
  return weights;
}

void ExpectSameWeights(const std::map<std::pair<int, std::string>, double>& actual,
                       const std::map<std::pair<int, std::string>, double>& expected) {
  std::set<std::pair<int, std::string>> names;
  for (const auto& [name, weight] : actual) names.insert(name);
  for (const auto& [name, weight] : expected) names.insert(name);
  for (const auto& name : names) {
    const double a = actual.contains(name) ? actual.at(name) : 0;
    const double b = expected.contains(name) ? expected.at(name) : 0;
    EXPECT_NEAR(a, b, 2e-3) << name.second;
  }
}

// The definition of each feature, written as directly as possible, over events sorted by time.
struct Reference {
  std::map<std::pair<int, std::string>, double> weights;
  std::map<uint32_t, std::pair<int64_t, uint32_t>> recent;  // product -> (last time, views)
  std::vector<std::pair<int64_t, int64_t>> sessions;
  std::vector<std::tuple<uint32_t, std::string, int64_t>> cart;
  std::array<int, 168> hours{};
  double band_weight = 0;
  double band_sum = 0;
  int64_t end_ms = 0;

  Reference(std::vector<Event> events, const SampleShop& shop) {
    std::erase_if(events, [](const Event& event) { return IsStoreAct(event.type); });
    if (events.empty()) return;
    end_ms = events.back().occurred_at_ms;
    for (const Event& event : events) Count(event, shop);
  }

  void Count(const Event& event, const SampleShop& shop) {
    const int64_t at_ms = event.occurred_at_ms;
    if (sessions.empty() || at_ms - sessions.back().second > 30 * kMinuteMs)
      sessions.emplace_back(at_ms, at_ms);
    sessions.back().second = at_ms;
    ++hours[static_cast<size_t>((at_ms / kHourMs + 1 + 72) % 168)];
    const double weight = LineWeight(event.type);
    const double faded =
        std::exp2(-static_cast<double>(end_ms - at_ms) / static_cast<double>(kAffinityHalfLifeMs));
    for (const auto& line : event.lines) {
      if (weight > 0) {
        auto& [last, views] = recent[line.product.value()];
        last = std::max(last, at_ms);
        if (event.type == EventType::kProductViewed) ++views;
      }
      const catalog::Product* product = shop.Find(line.product);
      if (product == nullptr || weight == 0) continue;
      for (const auto& name : NamesOf(*product)) weights[name] += weight * faded;
      if (weight > 0) {
        const double band = weight * std::exp2(-static_cast<double>(end_ms - at_ms) / (90.0 * kDayMs));
        const auto ratio = LogPriceRatio(*product, shop.prices(), *Currency::Parse("EUR"));
        band_weight += band;
        band_sum += band * *ratio;
      }
    }
    if (event.type == EventType::kProductListViewed) {
      weights[{1, "Home"}] += faded;
      weights[{1, "Home > Lighting"}] += faded;
    }
    CountCart(event);
  }

  static std::set<std::pair<int, std::string>> NamesOf(const catalog::Product& product) {
    std::set<std::pair<int, std::string>> names;
    for (const auto& path : product.categories) {
      std::string joined;
      for (const auto& level : path) {
        joined += (joined.empty() ? "" : " > ") + level;
        names.insert({1, joined});
      }
    }
    if (!product.brand.empty()) names.insert({2, product.brand});
    names.insert({3, "colour=" + (*product.attributes.begin()).text});
    return names;
  }

  size_t FindInCart(uint32_t product, const std::string& variant) const {
    for (size_t i = 0; i < cart.size(); ++i) {
      if (std::get<0>(cart[i]) == product && std::get<1>(cart[i]) == variant) return i;
    }
    for (size_t i = 0; i < cart.size(); ++i) {
      if (std::get<0>(cart[i]) == product && (variant.empty() || std::get<1>(cart[i]).empty())) return i;
    }
    return cart.size();
  }

  void AddToCart(const events::EventLine& line) {
    int64_t quantity = line.quantity;
    for (size_t i = 0; i < cart.size(); ++i) {
      if (std::get<0>(cart[i]) == line.product.value() && std::get<1>(cart[i]) == line.variant_id) {
        quantity += std::get<2>(cart[i]);
        cart.erase(cart.begin() + static_cast<ptrdiff_t>(i));
        break;
      }
    }
    cart.emplace_back(line.product.value(), line.variant_id, quantity);
  }

  void CountCart(const Event& event) {
    if (event.type == EventType::kCartViewed && !event.lines.empty()) cart.clear();
    for (const auto& line : event.lines) {
      if (event.type == EventType::kCartViewed || event.type == EventType::kProductAdded) AddToCart(line);
      if (event.type != EventType::kProductRemoved && event.type != EventType::kOrderCompleted) continue;
      const size_t at = FindInCart(line.product.value(), line.variant_id);
      if (at == cart.size()) continue;
      if (event.type == EventType::kProductRemoved && line.quantity < std::get<2>(cart[at])) {
        std::get<2>(cart[at]) -= line.quantity;
      } else {
        cart.erase(cart.begin() + static_cast<ptrdiff_t>(at));
      }
    }
  }
};

double BandAt(const DecayedValue& value, int64_t at_ms) {
  return value.value * std::exp2(-static_cast<double>(at_ms - value.as_of_ms) / (90.0 * kDayMs));
}

void ExpectEqualsReference(const ShopperProfile& profile, const Reference& reference) {
  ExpectSameWeights(Weights(profile, reference.end_ms), reference.weights);
  EXPECT_EQ(profile.recent.size(), reference.recent.size());
  int64_t before_ms = profile.last_seen_ms;
  for (const RecentProduct& recent : profile.recent) {
    EXPECT_LE(recent.last_at_ms, before_ms);
    before_ms = recent.last_at_ms;
    ASSERT_TRUE(reference.recent.contains(recent.product.value()));
    EXPECT_EQ(recent.last_at_ms, reference.recent.at(recent.product.value()).first);
    EXPECT_EQ(recent.view_count, reference.recent.at(recent.product.value()).second);
  }
  EXPECT_EQ(profile.session.session_number, reference.sessions.size());
  EXPECT_EQ(profile.session.started_at_ms, reference.sessions.back().first);
  EXPECT_EQ(profile.session.last_event_at_ms, reference.sessions.back().second);
  std::vector<std::tuple<uint32_t, std::string, int64_t>> cart;
  for (const CartLine& line : profile.cart)
    cart.emplace_back(line.product.value(), line.variant_id, line.quantity);
  EXPECT_EQ(cart, reference.cart);
  for (size_t hour = 0; hour < 168; ++hour)
    EXPECT_EQ(profile.hour_of_week[hour], reference.hours[hour]) << hour;
  EXPECT_NEAR(BandAt(profile.price_band.weight, reference.end_ms), reference.band_weight, 1e-3);
  EXPECT_NEAR(BandAt(profile.price_band.weighted_log_ratio, reference.end_ms), reference.band_sum, 1e-3);
}

TEST(FoldEvent, EqualsARecountWhenEventsArriveInOrder) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const SampleShop shop(seed);
    const auto events = SampleEvents(random, shop.product_count(), 150, 25, 20 * kDayMs);
    ExpectEqualsReference(FoldAll(events, shop.Context()), Reference(events, shop));
  }
}

TEST(FoldEvent, EqualsARecountWhateverTheOrderOfArrival) {
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const SampleShop shop(seed);
    // At most 16 changes of the cart within a day and five sessions: what the bounds of limits.h keep apart.
    const auto events = SampleEvents(random, shop.product_count(), 24, 5, 18 * kHourMs);
    const Reference reference(events, shop);
    auto arriving = events;
    Shuffle(random, arriving);
    const ShopperProfile profile = FoldAll(arriving, shop.Context());
    ExpectEqualsReference(profile, reference);
    const ShopperProfile in_order = FoldAll(events, shop.Context());
    EXPECT_EQ(profile.recent, in_order.recent);
    EXPECT_EQ(profile.session.products, in_order.session.products);
    EXPECT_EQ(profile.session.earlier, in_order.session.earlier);
    EXPECT_EQ(profile.first_seen_ms, in_order.first_seen_ms);
    EXPECT_EQ(profile.event_count, in_order.event_count);
    EXPECT_EQ(profile.view_count, in_order.view_count);
  }
}

TEST(FoldEvent, TheSameEventsInTheSameOrderGiveTheSameProfile) {
  Random random(3);
  const SampleShop shop(3);
  const auto events = SampleEvents(random, shop.product_count(), 400, 40, 200 * kDayMs);
  EXPECT_EQ(FoldAll(events, shop.Context()), FoldAll(events, shop.Context()));
}

void ExpectSamePurchases(const ShopperProfile& actual, const ShopperProfile& expected) {
  EXPECT_EQ(actual.order_count, expected.order_count);
  EXPECT_EQ(actual.revenue_minor, expected.revenue_minor);
  EXPECT_EQ(actual.first_order_at_ms, expected.first_order_at_ms);
  EXPECT_EQ(actual.last_order_at_ms, expected.last_order_at_ms);
  EXPECT_EQ(actual.purchases, expected.purchases);
  EXPECT_EQ(actual.orders, expected.orders);
  const int64_t end_ms = kSampleStartMs + 400 * kDayMs;
  ExpectSameWeights(Weights(actual, end_ms), Weights(expected, end_ms));
  EXPECT_NEAR(BandAt(actual.price_band.weight, end_ms), BandAt(expected.price_band.weight, end_ms), 1e-3);
  EXPECT_NEAR(BandAt(actual.price_band.weighted_log_ratio, end_ms),
              BandAt(expected.price_band.weighted_log_ratio, end_ms), 1e-3);
}

// Changes of one order stay in their order; those of different orders mix.
std::vector<events::OrderChange> Interleave(Random& random,
                                            std::vector<std::vector<events::OrderChange>> queues) {
  std::vector<events::OrderChange> mixed;
  for (;;) {
    std::erase_if(queues, [](const auto& queue) { return queue.empty(); });
    if (queues.empty()) return mixed;
    auto& queue = queues[random.NextBelow(queues.size())];
    mixed.push_back(queue.front());
    queue.erase(queue.begin());
  }
}

TEST(FoldOrderChange, WhatWasCancelledOrRefundedWasNeverBought) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const SampleShop shop(seed, 20);
    const FoldContext context = shop.Context();
    std::vector<std::vector<events::OrderChange>> real;
    std::vector<std::vector<events::OrderChange>> kept;
    // At most kPurchaseTimesMax orders, so that no time of a product is forgotten.
    for (int i = 0; i < static_cast<int>(kPurchaseTimesMax); ++i) {
      const SampleOrder order = MakeSampleOrder(random, shop.product_count(), i, 400 * kDayMs);
      real.push_back(order.Changes());
      kept.push_back(order.KeptPart());
    }
    const auto events = SampleEvents(random, shop.product_count(), 20, 5, kDayMs);
    ShopperProfile actual = FoldAll(events, context);
    ShopperProfile expected = actual;
    for (const auto& change : Interleave(random, real)) FoldOrderChange(change, Sequence(1), context, actual);
    for (const auto& change : Interleave(random, kept))
      FoldOrderChange(change, Sequence(1), context, expected);
    ExpectSamePurchases(actual, expected);
  }
}

TEST(FoldOrderChange, AllCancelledLeavesNothingAtAll) {
  Random random(9);
  const SampleShop shop(9);
  const FoldContext context = shop.Context();
  ShopperProfile profile;
  for (int i = 0; i < 5; ++i) {
    SampleOrder order = MakeSampleOrder(random, shop.product_count(), i, kDayMs);
    order.is_cancelled = true;
    for (const auto& change : order.Changes()) FoldOrderChange(change, Sequence(), context, profile);
  }
  EXPECT_EQ(profile, ShopperProfile{});
}

TEST(FoldOrderChange, ListsStayBoundedAndTotalsExact) {
  const SampleShop shop(2);
  const FoldContext context = shop.Context();
  ShopperProfile profile;
  constexpr int kOrderCount = 500;
  for (int i = 0; i < kOrderCount; ++i) {
    SampleOrder order{"o" + std::to_string(i), kSampleStartMs + i * kHourMs, false, {}};
    for (uint32_t p = 0; p < 50; ++p) {
      order.lines.push_back({ProductIndex((static_cast<uint32_t>(i) * 7 + p) % 900), 2, 100, 0});
    }
    for (const auto& change : order.Changes()) FoldOrderChange(change, Sequence(1), context, profile);
  }
  EXPECT_EQ(profile.order_count, kOrderCount);
  EXPECT_EQ(profile.revenue_minor, int64_t{kOrderCount} * 50 * 200);
  EXPECT_EQ(profile.first_order_at_ms, kSampleStartMs);
  EXPECT_EQ(profile.last_order_at_ms, kSampleStartMs + (kOrderCount - 1) * kHourMs);
  EXPECT_EQ(profile.orders.size(), kOrdersMax);
  EXPECT_EQ(profile.orders.front().ordered_at_ms, profile.last_order_at_ms);
  EXPECT_EQ(profile.orders.front().products.size(), kOrderProductsMax);
  EXPECT_EQ(profile.purchases.size(), kPurchasesMax);
  for (const Purchase& purchase : profile.purchases)
    EXPECT_LE(purchase.ordered_at_ms.size(), kPurchaseTimesMax);
}

TEST(FoldOrderChange, ChangesOfForgottenOrdersChangeTotalsOnly) {
  const FoldContext context;
  ShopperProfile profile;
  profile.order_count = 3;
  profile.revenue_minor = 900;
  events::OrderChange change{"old", ShopperHandle(7), 5, -1, -300, {}};
  change.lines.push_back({ProductIndex(4), -1, -300, false, true});
  FoldOrderChange(change, Sequence(8), context, profile);
  EXPECT_EQ(profile.order_count, 2U);
  EXPECT_EQ(profile.revenue_minor, 600);
  EXPECT_THAT(profile.purchases, IsEmpty());
  EXPECT_EQ(profile.last_sequence, Sequence(8));
}

TEST(FoldEvent, NothingIsLearntWithoutPersonalizationConsent) {
  const SampleShop shop(1);
  ShopperProfile profile;
  Event event = EventAt(EventType::kProductViewed, kSampleStartMs, {0});
  event.consent.personalization = false;
  FoldEvent(event, Sequence(5), shop.Context(), profile);
  EXPECT_EQ(profile, ShopperProfile{});
}

TEST(FoldEvent, TheLatestWordOnConsentCountsInAnyOrderOfArrival) {
  Event granted = EventAt(EventType::kConsentChanged, kSampleStartMs);
  Event withdrawn = EventAt(EventType::kConsentChanged, kSampleStartMs + 1);
  withdrawn.consent.personalization = false;
  for (const bool is_late : {false, true}) {
    const auto events =
        is_late ? std::vector<Event>{withdrawn, granted} : std::vector<Event>{granted, withdrawn};
    const ShopperProfile profile = FoldAll(events, FoldContext{});
    EXPECT_TRUE(profile.has_consent_record);
    EXPECT_FALSE(profile.consent.personalization);
    EXPECT_EQ(profile.consent_at_ms, kSampleStartMs + 1);
  }
  withdrawn.occurred_at_ms = kSampleStartMs;
  EXPECT_FALSE(FoldAll({withdrawn, granted}, FoldContext{}).consent.personalization);
  EXPECT_FALSE(FoldAll({granted, withdrawn}, FoldContext{}).consent.personalization);
}

TEST(FoldEvent, ActsOfTheStoreAreNoVisit) {
  const SampleShop shop(1);
  for (const EventType type :
       {EventType::kOrderUpdated, EventType::kOrderRefunded, EventType::kOrderCancelled}) {
    EXPECT_EQ(FoldAll({EventAt(type, kSampleStartMs, {1})}, shop.Context()), FoldAll({}, shop.Context()));
  }
}

TEST(FoldEvent, ImpressionsSayNothingAboutTaste) {
  const SampleShop shop(1);
  const auto profile = FoldAll({EventAt(EventType::kSlateViewed, kSampleStartMs, {0, 1, 2})}, shop.Context());
  EXPECT_THAT(profile.affinities, IsEmpty());
  EXPECT_THAT(profile.recent, IsEmpty());
  EXPECT_EQ(profile.event_count, 1U);
}

TEST(FoldEvent, SilentAnonymousShoppersStartAnewAndOthersDoNot) {
  const SampleShop shop(1);
  FoldContext context = shop.Context();
  context.settings.anonymous_expiry_ms = 90 * kDayMs;
  const Event first = EventAt(EventType::kProductViewed, kSampleStartMs, {0});
  const Event later = EventAt(EventType::kProductViewed, kSampleStartMs + 90 * kDayMs + 1, {1});
  EXPECT_EQ(FoldAll({first, later}, context).event_count, 1U);
  EXPECT_EQ(FoldAll({first, later}, context).first_seen_ms, later.occurred_at_ms);

  context.is_customer = [](ShopperHandle) { return true; };
  EXPECT_EQ(FoldAll({first, later}, context).event_count, 2U);

  context.is_customer = nullptr;
  ShopperProfile buyer = FoldAll({first}, context);
  FoldOrderChange({"o1", ShopperHandle(7), kSampleStartMs, 1, 100, {}}, Sequence(2), context, buyer);
  FoldEvent(later, Sequence(3), context, buyer);
  EXPECT_EQ(buyer.event_count, 2U);

  // History that is imported in one go is not silent between its events.
  Event imported_first = first;
  Event imported_later = later;
  imported_first.received_at_ms = imported_later.received_at_ms = later.received_at_ms;
  EXPECT_EQ(FoldAll({imported_first, imported_later}, context).event_count, 2U);
}

TEST(FoldEvent, AWithdrawalOutlivesTheProfile) {
  FoldContext context;
  Event withdrawal = EventAt(EventType::kConsentChanged, kSampleStartMs);
  withdrawal.consent.personalization = false;
  ShopperProfile profile =
      FoldAll({EventAt(EventType::kPageViewed, kSampleStartMs - 1), withdrawal}, context);
  ASSERT_TRUE(IsExpired(profile, kSampleStartMs + 91 * kDayMs, context.settings));
  FoldEvent(EventAt(EventType::kPageViewed, kSampleStartMs + 91 * kDayMs), Sequence(9), context, profile);
  EXPECT_EQ(profile.event_count, 1U);
  EXPECT_TRUE(profile.has_consent_record);
  EXPECT_FALSE(profile.consent.personalization);
}

TEST(FoldEvent, HoursOfTheWeekAreLocalAndBeginOnMonday) {
  FoldContext context;
  context.zone_offset_ms = [](int64_t) { return -kHourMs; };
  // Thursday 2026-01-01 00:30 UTC is Wednesday 23:30 there: two days and 23 hours into the week.
  const auto profile = FoldAll({EventAt(EventType::kPageViewed, kSampleStartMs + 30 * kMinuteMs)}, context);
  EXPECT_EQ(profile.hour_of_week[2 * 24 + 23], 1);
  // Before the epoch counts too: a Wednesday.
  EXPECT_EQ(FoldAll({EventAt(EventType::kPageViewed, -1)}, FoldContext{}).hour_of_week[2 * 24 + 23], 1);
}

TEST(FoldEvent, ListsStayBoundedUnderManyDistinctThings) {
  catalog::Product product;
  FoldContext context;
  context.find_product = [&product](ProductIndex index) {
    const std::string n = std::to_string(index.value());
    product.brand = "brand" + n;
    product.categories = {{"Top" + n, "Sub" + n, "Leaf" + n}};
    product.attributes = {{"a", catalog::Attribute::Type::kText, n, 0}};
    return &product;
  };
  ShopperProfile profile;
  for (uint32_t i = 0; i < 2000; ++i) {
    FoldEvent(EventAt(EventType::kProductAdded, kSampleStartMs + i * kSecondMs, {i}), Sequence(i + 1),
              context, profile);
  }
  EXPECT_LE(profile.affinities.size(),
            kCategoryAffinitiesMax + kBrandAffinitiesMax + kAttributeAffinitiesMax);
  EXPECT_GE(profile.affinities.size(),
            kCategoryAffinitiesKept + kBrandAffinitiesKept + kAttributeAffinitiesKept);
  EXPECT_EQ(profile.recent.size(), kRecentProductsMax);
  EXPECT_EQ(profile.recent.front().product, ProductIndex(1999));
  EXPECT_EQ(profile.session.products.size(), kSessionProductsMax);
  EXPECT_EQ(profile.session.products.back(), ProductIndex(1999));
  EXPECT_EQ(profile.cart.size(), kCartLinesMax);
  EXPECT_LE(profile.cart_history.steps.size(), kCartStepsMax);
}

TEST(FoldEvent, TheStrongestAffinitiesSurviveThePruning) {
  catalog::Product product;
  FoldContext context;
  context.find_product = [&product](ProductIndex index) {
    product.brand = index.value() == 0 ? "Favourite" : "brand" + std::to_string(index.value());
    return &product;
  };
  std::vector<Event> events;
  for (int i = 0; i < 5; ++i) events.push_back(EventAt(EventType::kProductViewed, kSampleStartMs + i, {0}));
  for (uint32_t i = 1; i < 500; ++i)
    events.push_back(EventAt(EventType::kProductViewed, kSampleStartMs + 10, {i}));
  const ShopperProfile profile = FoldAll(events, context);
  const auto strongest = StrongestAffinities(profile.affinities, Affinity::Kind::kBrand, kSampleStartMs + 10,
                                             kAffinityHalfLifeMs, 3);
  ASSERT_EQ(strongest.size(), 3U);
  EXPECT_EQ(strongest.front().value, "Favourite");
  EXPECT_NEAR(strongest.front().weight, 5, 1e-3);
}

TEST(FoldEvent, AbsurdTimesAndQuantitiesChangeNoInvariant) {
  const SampleShop shop(1);
  std::vector<Event> events;
  for (const int64_t at_ms : {int64_t{0}, int64_t{1}, int64_t{253402300799999}, kSampleStartMs, int64_t{0}}) {
    Event event = EventAt(EventType::kProductAdded, at_ms, {0, 1, 4000000000U});
    event.lines[0].quantity = std::numeric_limits<int64_t>::max();
    event.lines[1].quantity = std::numeric_limits<int64_t>::min();
    event.lines[2].variant_id = std::string(100000, 'x');
    events.push_back(event);
  }
  const ShopperProfile profile = FoldAll(events, shop.Context());
  for (const Affinity& affinity : profile.affinities) EXPECT_TRUE(std::isfinite(affinity.weight.value));
  for (const CartLine& line : profile.cart) {
    EXPECT_GE(line.quantity, 1);
    EXPECT_LE(line.quantity, kCartQuantityMax);
    EXPECT_LE(line.variant_id.size(), kVariantIdBytesMax);
  }
  EXPECT_EQ(profile.first_seen_ms, 0);
  EXPECT_EQ(profile.last_seen_ms, 253402300799999);
}

TEST(ActiveCart, ExpiresAfterThirtyDaysUntouched) {
  const FoldContext context;
  const auto profile = FoldAll({EventAt(EventType::kProductAdded, kSampleStartMs, {3})}, context);
  EXPECT_EQ(ActiveCart(profile, kSampleStartMs + 30 * kDayMs, context.settings).size(), 1U);
  EXPECT_TRUE(ActiveCart(profile, kSampleStartMs + 30 * kDayMs + 1, context.settings).empty());
  // And what is added then lies in a new cart.
  const auto later = FoldAll({EventAt(EventType::kProductAdded, kSampleStartMs, {3}),
                              EventAt(EventType::kProductAdded, kSampleStartMs + 31 * kDayMs, {4})},
                             context);
  ASSERT_EQ(later.cart.size(), 1U);
  EXPECT_EQ(later.cart.front().product, ProductIndex(4));
}

TEST(ActiveCart, AnOrderThatArrivesFirstStillEmptiesWhatWasAddedBefore) {
  const auto profile = FoldAll({EventAt(EventType::kOrderCompleted, kSampleStartMs + 10, {3}),
                                EventAt(EventType::kProductAdded, kSampleStartMs, {3, 4})},
                               FoldContext{});
  ASSERT_EQ(profile.cart.size(), 1U);
  EXPECT_EQ(profile.cart.front().product, ProductIndex(4));
}

}  // namespace
}  // namespace attune::features
