#include "features/fold_event.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "features/affinities.h"
#include "features/cart_history.h"
#include "features/event_weights.h"
#include "features/limits.h"
#include "features/preferences.h"
#include "features/price_band.h"
#include "features/purchases.h"
#include "features/sessions.h"
#include "features/shown_products.h"

namespace attune::features {
namespace {

constexpr int64_t kHoursPerWeek = 168;
constexpr int64_t kEpochHourOfWeek = 72;  // 1970-01-01 was a Thursday; weeks here begin on Monday.

// The latest word counts; of two in the same millisecond, the one that allows less.
void FoldConsent(const events::Event& event, ShopperProfile& profile) {
  if (profile.has_consent_record && event.occurred_at_ms < profile.consent_at_ms) return;
  if (profile.has_consent_record && event.occurred_at_ms == profile.consent_at_ms) {
    profile.consent.analytics = profile.consent.analytics && event.consent.analytics;
    profile.consent.personalization = profile.consent.personalization && event.consent.personalization;
    return;
  }
  profile.consent = event.consent;
  profile.consent_at_ms = event.occurred_at_ms;
  profile.has_consent_record = true;
}

void FoldVisit(const events::Event& event, const FoldContext& context, ShopperProfile& profile) {
  const int64_t at_ms = event.occurred_at_ms;
  profile.first_seen_ms = profile.event_count == 0 ? at_ms : std::min(profile.first_seen_ms, at_ms);
  profile.last_seen_ms = profile.event_count == 0 ? at_ms : std::max(profile.last_seen_ms, at_ms);
  ++profile.event_count;
  if (event.type == events::EventType::kProductViewed) ++profile.view_count;
  AddToSessions(at_ms, context.settings.session_idle_ms, profile.session);

  const int64_t local_ms = at_ms + (context.zone_offset_ms ? context.zone_offset_ms(at_ms) : 0);
  const int64_t hour = local_ms / kHourMs - (local_ms % kHourMs < 0 ? 1 : 0) + kEpochHourOfWeek;
  uint16_t& count =
      profile.hour_of_week[static_cast<size_t>((hour % kHoursPerWeek + kHoursPerWeek) % kHoursPerWeek)];
  if (count < std::numeric_limits<uint16_t>::max()) ++count;
}

bool IsLater(const RecentProduct& a, const RecentProduct& b) {
  if (a.last_at_ms != b.last_at_ms) return a.last_at_ms > b.last_at_ms;
  return a.product < b.product;
}

// Of two things done in the same millisecond the stronger is told, then the one with the larger number.
bool IsStronger(events::EventType a, events::EventType b) {
  if (LineWeight(a) != LineWeight(b)) return LineWeight(a) > LineWeight(b);
  return a > b;
}

void FoldRecent(ProductIndex product, events::EventType type, int64_t at_ms,
                std::vector<RecentProduct>& recent) {
  RecentProduct touched{product, type, at_ms, type == events::EventType::kProductViewed ? 1U : 0U};
  const auto found = std::find_if(recent.begin(), recent.end(),
                                  [product](const RecentProduct& entry) { return entry.product == product; });
  if (found != recent.end()) {
    if (found->last_at_ms > at_ms || (found->last_at_ms == at_ms && IsStronger(found->last_type, type))) {
      found->view_count += touched.view_count;
      return;
    }
    touched.view_count += found->view_count;
    // Moves forward to its new place; everything between shifts by one.
    const auto place = std::upper_bound(recent.begin(), found, touched, IsLater);
    std::rotate(place, found, found + 1);
    *place = touched;
    return;
  }
  const auto place = std::upper_bound(recent.begin(), recent.end(), touched, IsLater);
  if (place == recent.end() && recent.size() == kRecentProductsMax) return;
  if (recent.size() == kRecentProductsMax) {
    std::move_backward(place, recent.end() - 1, recent.end());
    *place = touched;
    return;
  }
  recent.insert(place, touched);
}

void FoldTaste(const catalog::Product& product, double weight, int64_t at_ms, bool with_price,
               const FoldContext& context, ShopperProfile& profile) {
  AddProductAffinities(product, weight, at_ms, context.settings.affinity_half_life_ms, profile.affinities);
  if (!with_price || context.prices == nullptr) return;
  const std::optional<double> log_ratio = LogPriceRatio(product, *context.prices, context.base_currency);
  if (!log_ratio) return;
  AddToPriceBand(*log_ratio, weight, at_ms, context.settings.price_band_half_life_ms, profile.price_band);
}

void FoldLines(const events::Event& event, const FoldContext& context, ShopperProfile& profile) {
  const double weight = LineWeight(event.type);
  if (weight == 0) return;
  const size_t line_count = std::min(event.lines.size(), kEventLinesFoldedMax);
  for (size_t i = 0; i < line_count; ++i) {
    const ProductIndex product = event.lines[i].product;
    if (IsTurningToProduct(event.type)) FoldRecent(product, event.type, event.occurred_at_ms, profile.recent);
    const catalog::Product* found = context.find_product ? context.find_product(product) : nullptr;
    // Taking a thing out of the cart says little about what one is ready to pay.
    if (found != nullptr) FoldTaste(*found, weight, event.occurred_at_ms, weight > 0, context, profile);
  }
}

void FoldCart(const events::Event& event, const FoldContext& context, ShopperProfile& profile) {
  const int64_t expiry_ms = context.settings.cart_expiry_ms;
  std::optional<CartStep> step = CartStepOf(event);
  if (step) {
    AddCartStep(std::move(*step), expiry_ms, profile.cart_history);
    profile.cart = RebuildCart(profile.cart_history, expiry_ms);
  } else if (!profile.cart_history.steps.empty()) {
    SettleCart(profile.last_seen_ms, expiry_ms, profile.cart_history);
  }
}

}  // namespace

bool FoldEvent(const events::Event& event, Sequence sequence, const FoldContext& context,
               ShopperProfile& profile) {
  if (IsStoreAct(event.type)) return false;
  const bool changes_consent = event.type == events::EventType::kConsentChanged;
  if (!event.consent.personalization && !changes_consent) return false;
  if (IsExpired(profile, event.received_at_ms, context.settings)) profile = AfterExpiry(profile);
  profile.last_sequence = std::max(profile.last_sequence, sequence);
  profile.last_received_ms = std::max(profile.last_received_ms, event.received_at_ms);
  if (context.is_customer && !profile.is_customer) profile.is_customer = context.is_customer(event.shopper);
  if (changes_consent) FoldConsent(event, profile);
  if (!event.consent.personalization) return true;

  FoldVisit(event, context, profile);
  FoldLines(event, context, profile);
  if (event.type == events::EventType::kProductListViewed) {
    AddCategoryAffinity(event.category, kCategoryListWeight, event.occurred_at_ms,
                        context.settings.affinity_half_life_ms, profile.affinities);
  }
  if (event.type == events::EventType::kSlateViewed) AddShown(event, profile.shown);
  if (event.type == events::EventType::kPreferencesDeclared) AddPreferences(event, profile.preferences);
  PruneAffinities(context.settings.affinity_half_life_ms, profile.affinities);
  FoldCart(event, context, profile);
  RebuildSessionProducts(profile);
  return true;
}

bool FoldOrderChange(const events::OrderChange& change, Sequence sequence, const FoldContext& context,
                     ShopperProfile& profile) {
  profile.last_sequence = std::max(profile.last_sequence, sequence);
  if (context.is_customer && !profile.is_customer) profile.is_customer = context.is_customer(change.shopper);
  AddOrderChange(change, profile);
  for (const events::OrderChange::Line& line : change.lines) {
    if (line.is_first == line.is_gone)
      continue;  // Only another quantity: the taste was counted with the first unit.
    const catalog::Product* found = context.find_product ? context.find_product(line.product) : nullptr;
    if (found == nullptr) continue;
    FoldTaste(*found, line.is_first ? kPurchaseWeight : -kPurchaseWeight, change.ordered_at_ms, true, context,
              profile);
  }
  PruneAffinities(context.settings.affinity_half_life_ms, profile.affinities);
  return true;
}

bool IsExpired(const ShopperProfile& profile, int64_t now_ms, const FeatureSettings& settings) {
  if (settings.anonymous_expiry_ms <= 0 || profile.is_customer || profile.order_count > 0) return false;
  if (profile.last_received_ms == 0) return false;  // Nothing was ever received: there is nothing to drop.
  return now_ms - profile.last_received_ms > settings.anonymous_expiry_ms;
}

ShopperProfile AfterExpiry(const ShopperProfile& profile) {
  ShopperProfile rest;
  rest.shopper = profile.shopper;
  if (!profile.has_consent_record) return rest;
  rest.last_sequence = profile.last_sequence;
  rest.has_consent_record = true;
  rest.consent = profile.consent;
  rest.consent_at_ms = profile.consent_at_ms;
  return rest;
}

std::span<const CartLine> ActiveCart(const ShopperProfile& profile, int64_t now_ms,
                                     const FeatureSettings& settings) {
  if (now_ms - CartChangedAt(profile.cart_history) > settings.cart_expiry_ms) return {};
  return profile.cart;
}

}  // namespace attune::features
