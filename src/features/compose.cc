#include "features/compose.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include "features/affinities.h"
#include "features/cart_history.h"
#include "features/decayed_value.h"
#include "features/limits.h"
#include "features/preferences.h"
#include "features/purchases.h"
#include "features/shown_products.h"

namespace attune::features {
namespace {

// The earlier of two times of which 0 means never.
int64_t Earlier(int64_t a_ms, int64_t b_ms) {
  if (a_ms == 0 || b_ms == 0) return std::max(a_ms, b_ms);
  return std::min(a_ms, b_ms);
}

void AddConsent(const ShopperProfile& from, ShopperProfile& person) {
  if (!from.has_consent_record) return;
  if (person.has_consent_record && from.consent_at_ms == person.consent_at_ms) {
    person.consent.analytics = person.consent.analytics && from.consent.analytics;
    person.consent.personalization = person.consent.personalization && from.consent.personalization;
    return;
  }
  if (person.has_consent_record && from.consent_at_ms < person.consent_at_ms) return;
  person.has_consent_record = true;
  person.consent = from.consent;
  person.consent_at_ms = from.consent_at_ms;
}

void AddTotals(const ShopperProfile& from, ShopperProfile& person) {
  person.last_sequence = std::max(person.last_sequence, from.last_sequence);
  if (from.event_count > 0) {
    person.first_seen_ms =
        person.event_count == 0 ? from.first_seen_ms : std::min(person.first_seen_ms, from.first_seen_ms);
    person.last_seen_ms =
        person.event_count == 0 ? from.last_seen_ms : std::max(person.last_seen_ms, from.last_seen_ms);
  }
  person.last_received_ms = std::max(person.last_received_ms, from.last_received_ms);
  person.is_customer = person.is_customer || from.is_customer;
  person.event_count += from.event_count;
  person.view_count += from.view_count;
  person.order_count += from.order_count;
  person.revenue_minor = SaturatingSum(person.revenue_minor, from.revenue_minor);
  person.first_order_at_ms = Earlier(person.first_order_at_ms, from.first_order_at_ms);
  person.last_order_at_ms = std::max(person.last_order_at_ms, from.last_order_at_ms);
  for (size_t hour = 0; hour < person.hour_of_week.size(); ++hour) {
    const uint32_t sum = uint32_t{person.hour_of_week[hour]} + from.hour_of_week[hour];
    person.hour_of_week[hour] =
        static_cast<uint16_t>(std::min<uint32_t>(sum, std::numeric_limits<uint16_t>::max()));
  }
}

void AddSum(const DecayedValue& from, int64_t half_life_ms, DecayedValue& sum) {
  AddDecayed(from.value, from.as_of_ms, half_life_ms, sum);
}

void AddTaste(const ShopperProfile& from, const FeatureSettings& settings, ShopperProfile& person) {
  for (const Affinity& affinity : from.affinities) {
    AddAffinity(affinity.kind, affinity.value, affinity.weight.value, affinity.weight.as_of_ms,
                settings.affinity_half_life_ms, person.affinities);
  }
  MergePreferences(from.preferences, person.preferences);
  if (from.price_band == PriceBand{}) return;
  AddSum(from.price_band.weight, settings.price_band_half_life_ms, person.price_band.weight);
  AddSum(from.price_band.weighted_log_ratio, settings.price_band_half_life_ms,
         person.price_band.weighted_log_ratio);
}

void AddRecent(const ShopperProfile& from, std::vector<RecentProduct>& recent) {
  for (const RecentProduct& touched : from.recent) {
    const auto found = std::find_if(recent.begin(), recent.end(), [&touched](const RecentProduct& entry) {
      return entry.product == touched.product;
    });
    if (found == recent.end()) {
      recent.push_back(touched);
      continue;
    }
    found->view_count += touched.view_count;
    const bool is_later = touched.last_at_ms > found->last_at_ms ||
                          (touched.last_at_ms == found->last_at_ms && touched.last_type > found->last_type);
    if (is_later) {
      found->last_at_ms = touched.last_at_ms;
      found->last_type = touched.last_type;
    }
  }
}

// The cart with the latest change comes last: its lines are the newest ones.
void AddCart(const std::vector<CartLine>& from, std::vector<CartLine>& cart) {
  for (const CartLine& line : from) {
    const auto found = std::find_if(cart.begin(), cart.end(), [&line](const CartLine& held) {
      return held.product == line.product && held.variant_id == line.variant_id;
    });
    if (found == cart.end()) {
      cart.push_back(line);
      continue;
    }
    found->quantity = std::max(found->quantity, line.quantity);
    found->added_at_ms = std::max(found->added_at_ms, line.added_at_ms);
  }
}

void AddPurchases(const ShopperProfile& from, std::vector<Purchase>& purchases) {
  for (const Purchase& bought : from.purchases) {
    const auto found = std::find_if(purchases.begin(), purchases.end(), [&bought](const Purchase& purchase) {
      return purchase.product == bought.product;
    });
    if (found == purchases.end()) {
      purchases.push_back(bought);
      continue;
    }
    found->order_count += bought.order_count;
    found->unit_count = SaturatingSum(found->unit_count, bought.unit_count);
    found->first_at_ms = std::min(found->first_at_ms, bought.first_at_ms);
    found->last_at_ms = std::max(found->last_at_ms, bought.last_at_ms);
    auto& times = found->ordered_at_ms;
    times.insert(times.end(), bought.ordered_at_ms.begin(), bought.ordered_at_ms.end());
    std::sort(times.begin(), times.end(), std::greater<>());
    if (times.size() > kPurchaseTimesMax) times.resize(kPurchaseTimesMax);
  }
}

void ComposeCarts(const std::vector<const ShopperProfile*>& by_handle, const FeatureSettings& settings,
                  ShopperProfile& person) {
  std::vector<const ShopperProfile*> by_change = by_handle;
  std::sort(by_change.begin(), by_change.end(), [](const ShopperProfile* a, const ShopperProfile* b) {
    const int64_t a_ms = CartChangedAt(a->cart_history);
    const int64_t b_ms = CartChangedAt(b->cart_history);
    return a_ms != b_ms ? a_ms < b_ms : a->shopper < b->shopper;
  });
  const int64_t changed_at_ms = CartChangedAt(by_change.back()->cart_history);
  for (const ShopperProfile* from : by_change) {
    if (changed_at_ms - CartChangedAt(from->cart_history) > settings.cart_expiry_ms) continue;
    AddCart(from->cart, person.cart);
  }
  std::sort(person.cart.begin(), person.cart.end(), [](const CartLine& a, const CartLine& b) {
    return std::tie(a.added_at_ms, a.product, a.variant_id) <
           std::tie(b.added_at_ms, b.product, b.variant_id);
  });
  if (person.cart.size() > kCartLinesMax) {
    person.cart.erase(person.cart.begin(), person.cart.end() - static_cast<ptrdiff_t>(kCartLinesMax));
  }
  // So that ActiveCart() knows how old the united cart is.
  person.cart_history.settled_at_ms = changed_at_ms;
}

}  // namespace

ShopperProfile Compose(std::span<const ShopperProfile> profiles, const FeatureSettings& settings) {
  if (profiles.empty()) return {};
  if (profiles.size() == 1) return profiles.front();
  // Sums of floating numbers depend on their order; the handles' order does not change.
  std::vector<const ShopperProfile*> by_handle;
  for (const ShopperProfile& profile : profiles) by_handle.push_back(&profile);
  std::sort(by_handle.begin(), by_handle.end(),
            [](const ShopperProfile* a, const ShopperProfile* b) { return a->shopper < b->shopper; });

  ShopperProfile person;
  person.shopper = profiles.front().shopper;
  const ShopperProfile* visiting = by_handle.front();
  for (const ShopperProfile* from : by_handle) {
    AddConsent(*from, person);
    AddTotals(*from, person);
    AddTaste(*from, settings, person);
    AddRecent(*from, person.recent);
    MergeShown(from->shown, person.shown);
    AddPurchases(*from, person.purchases);
    person.orders.insert(person.orders.end(), from->orders.begin(), from->orders.end());
    if (from->session.last_event_at_ms > visiting->session.last_event_at_ms) visiting = from;
  }
  PruneAffinities(settings.affinity_half_life_ms, person.affinities);
  std::sort(person.recent.begin(), person.recent.end(), [](const RecentProduct& a, const RecentProduct& b) {
    return a.last_at_ms != b.last_at_ms ? a.last_at_ms > b.last_at_ms : a.product < b.product;
  });
  if (person.recent.size() > kRecentProductsMax) person.recent.resize(kRecentProductsMax);
  SortPurchases(person);
  SortOrders(person);
  ComposeCarts(by_handle, settings, person);
  person.session = visiting->session;
  return person;
}

}  // namespace attune::features
