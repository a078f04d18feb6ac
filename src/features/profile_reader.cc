// DecodeProfile: the reading half of features/profile_record.h.
//
// The bytes may be anything: each list is read into columns first, and a profile is made of them only when
// the columns agree in length and in order.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/record_wire.h"
#include "features/cart_history.h"
#include "features/limits.h"
#include "features/profile_columns.h"
#include "features/profile_record.h"
#include "features/profile_record_fields.h"
#include "features/sessions.h"
#include "protozero/exception.hpp"
#include "protozero/pbf_reader.hpp"
#include "protozero/varint.hpp"

namespace attune::features {
namespace {

using protozero::pbf_reader;
using namespace record;  // NOLINT: the field numbers of this record and nothing else.

using Columns = ProfileColumns;

std::string_view View(protozero::data_view data) { return {data.data(), data.size()}; }

void Unsigned(pbf_reader& reader, std::vector<uint64_t>& column) {
  column.clear();
  for (const uint64_t number : reader.get_packed_uint64()) column.push_back(number);
}
void Signed(pbf_reader& reader, std::vector<int64_t>& column) {
  column.clear();
  for (const int64_t number : reader.get_packed_sint64()) column.push_back(number);
}
void Floats(pbf_reader& reader, std::vector<float>& column) {
  const auto range = reader.get_packed_float();
  column.assign(range.begin(), range.end());
}

bool FitsProduct(uint64_t product) { return product <= std::numeric_limits<uint32_t>::max(); }
bool FitsCount(uint64_t count) { return count <= std::numeric_limits<uint32_t>::max(); }

// Fields of one value.  False: not one of them.
bool ReadTotal(pbf_reader& reader, ShopperProfile& profile, Columns& columns) {
  switch (reader.tag()) {
    case kLastSequence:
      profile.last_sequence = Sequence(reader.get_uint64());
      return true;
    case kLastSeen:
      profile.last_seen_ms = reader.get_sint64();
      return true;
    case kFirstSeenAgo:
      columns.first_seen_ago_ms = reader.get_sint64();
      return true;
    case kLastReceived:
      columns.last_received = reader.get_sint64();
      return true;
    case kFlags:
      columns.flags = reader.get_uint32();
      return true;
    case kConsentAt:
      columns.consent_at = reader.get_sint64();
      return true;
    case kEventCount:
      profile.event_count = reader.get_uint64();
      return true;
    case kViewCount:
      profile.view_count = reader.get_uint64();
      return true;
    case kOrderCount:
      profile.order_count = reader.get_uint32();
      return true;
    case kRevenue:
      profile.revenue_minor = reader.get_sint64();
      return true;
    case kFirstOrderAt:
      columns.first_order_at = reader.get_sint64();
      return true;
    case kLastOrderAt:
      columns.last_order_at = reader.get_sint64();
      return true;
    case kSessionNumber:
      profile.session.session_number = reader.get_uint64();
      return true;
    case kCartSettledAt:
      columns.has_cart_settled = true;
      columns.cart_settled_at = reader.get_sint64();
      return true;
    default:
      return false;
  }
}

// What the shopper was shown, and what it said of itself.
void ReadSlatesAndWords(pbf_reader& reader, Columns& columns) {
  switch (reader.tag()) {
    case kShownProducts:
      Unsigned(reader, columns.shown_products);
      return;
    case kShownSlates: {
      const auto range = reader.get_packed_fixed64();
      columns.shown_slates.assign(range.begin(), range.end());
      return;
    }
    case kShownSlatePlaces:
      Unsigned(reader, columns.shown_slate_places);
      return;
    case kShownTimes:
      Signed(reader, columns.shown_times);
      return;
    case kPreference:
      columns.preferences.push_back(View(reader.get_view()));
      return;
    default:
      reader.skip();
  }
}

void ReadList(pbf_reader& reader, Columns& columns) {
  switch (reader.tag()) {
    case kSessionSpans:
      Signed(reader, columns.session_spans);
      return;
    case kAffinityValues:
      columns.affinity_values = View(reader.get_view());
      return;
    case kAffinityWeights:
      Floats(reader, columns.affinity_weights);
      return;
    case kAffinityAsOf:
      Signed(reader, columns.affinity_as_of);
      return;
    case kPriceBandSums:
      Floats(reader, columns.price_band_sums);
      return;
    case kPriceBandAsOf:
      Signed(reader, columns.price_band_as_of);
      return;
    case kRecentProducts:
      Unsigned(reader, columns.recent_products);
      return;
    case kRecentTypes:
      Unsigned(reader, columns.recent_types);
      return;
    case kRecentTimes:
      Signed(reader, columns.recent_times);
      return;
    case kRecentViews:
      Unsigned(reader, columns.recent_views);
      return;
    case kCartSettledLine:
      columns.cart_settled_lines.push_back(View(reader.get_view()));
      return;
    case kCartStep:
      columns.cart_steps.push_back(View(reader.get_view()));
      return;
    case kPurchaseProducts:
      Unsigned(reader, columns.purchase_products);
      return;
    case kPurchaseOrders:
      Unsigned(reader, columns.purchase_orders);
      return;
    case kPurchaseUnits:
      Signed(reader, columns.purchase_units);
      return;
    case kPurchaseFirstAt:
      Signed(reader, columns.purchase_first_at);
      return;
    case kPurchaseTimeCounts:
      Unsigned(reader, columns.purchase_time_counts);
      return;
    case kPurchaseTimes:
      Signed(reader, columns.purchase_times);
      return;
    case kOrder:
      columns.orders.push_back(View(reader.get_view()));
      return;
    case kHours:
      Unsigned(reader, columns.hours);
      return;
    default:
      ReadSlatesAndWords(reader, columns);
  }
}

void MakeTotals(const Columns& columns, ShopperProfile& profile) {
  const int64_t base_ms = profile.last_seen_ms;
  profile.first_seen_ms = FromDifference(Difference(0, columns.first_seen_ago_ms), base_ms);
  profile.last_received_ms = FromDifference(columns.last_received, base_ms);
  profile.is_customer = (columns.flags & kIsCustomer) != 0;
  profile.has_consent_record = (columns.flags & kHasConsentRecord) != 0;
  profile.consent.analytics = (columns.flags & kHasAnalyticsConsent) != 0;
  profile.consent.personalization = (columns.flags & kHasPersonalizationConsent) != 0;
  if (profile.has_consent_record) profile.consent_at_ms = FromDifference(columns.consent_at, base_ms);
  if (profile.order_count > 0) {
    profile.first_order_at_ms = FromDifference(columns.first_order_at, base_ms);
    profile.last_order_at_ms = FromDifference(columns.last_order_at, base_ms);
  }
}

bool MakeSessions(const Columns& columns, ShopperProfile& profile) {
  const auto& spans = columns.session_spans;
  if (spans.size() % 2 != 0 || spans.empty() != (profile.session.session_number == 0)) return false;
  int64_t base_ms = profile.last_seen_ms;
  for (size_t i = 0; i < spans.size(); i += 2) {
    SessionSpan span;
    span.last_event_at_ms = Difference(base_ms, spans[i]);
    span.started_at_ms = Difference(span.last_event_at_ms, spans[i + 1]);
    base_ms = span.started_at_ms;
    if (i == 0) {
      profile.session.started_at_ms = span.started_at_ms;
      profile.session.last_event_at_ms = span.last_event_at_ms;
    } else {
      profile.session.earlier.push_back(span);
    }
  }
  return true;
}

bool MakeAffinities(const Columns& columns, ShopperProfile& profile) {
  const char* at = columns.affinity_values.data();
  const char* const end = at + columns.affinity_values.size();
  const size_t count = columns.affinity_weights.size();
  if (columns.affinity_as_of.size() != count) return false;
  profile.affinities.reserve(count);
  std::string_view before;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t head = protozero::decode_varint(&at, end);
    const uint64_t shared = head / 4;
    const uint64_t kind = head % 4;
    const uint64_t length = protozero::decode_varint(&at, end);
    if (kind == 0 || shared > before.size() || length > static_cast<uint64_t>(end - at)) return false;
    std::string name;
    name.reserve(shared + length);
    name.append(before.substr(0, shared)).append(at, length);
    at += length;
    const DecayedValue weight = {static_cast<double>(columns.affinity_weights[i]),
                                 FromDifference(columns.affinity_as_of[i], profile.last_seen_ms)};
    if (!std::isfinite(weight.value)) return false;
    Affinity affinity(static_cast<Affinity::Kind>(kind), std::move(name), weight);
    if (!profile.affinities.empty()) {
      const Affinity& last = profile.affinities.back();
      const bool is_sorted =
          last.kind != affinity.kind ? last.kind < affinity.kind : last.value < affinity.value;
      if (!is_sorted) return false;
    }
    profile.affinities.push_back(std::move(affinity));
    before = profile.affinities.back().value;
  }
  return at == end;
}

bool MakePriceBand(const Columns& columns, ShopperProfile& profile) {
  const auto& sums = columns.price_band_sums;
  if (sums.size() != columns.price_band_as_of.size()) return false;
  if (sums.empty()) return true;
  if (sums.size() != 2 || !std::isfinite(sums[0]) || !std::isfinite(sums[1])) return false;
  const int64_t base_ms = profile.last_seen_ms;
  profile.price_band.weight = {static_cast<double>(sums[0]),
                               FromDifference(columns.price_band_as_of[0], base_ms)};
  profile.price_band.weighted_log_ratio = {static_cast<double>(sums[1]),
                                           FromDifference(columns.price_band_as_of[1], base_ms)};
  return true;
}

bool MakeRecent(const Columns& columns, ShopperProfile& profile) {
  const size_t count = columns.recent_products.size();
  if (columns.recent_types.size() != count || columns.recent_times.size() != count ||
      columns.recent_views.size() != count) {
    return false;
  }
  profile.recent.reserve(count);
  int64_t before_ms = profile.last_seen_ms;
  for (size_t i = 0; i < count; ++i) {
    const auto type = static_cast<events::EventType>(columns.recent_types[i]);
    if (!FitsProduct(columns.recent_products[i]) || !FitsCount(columns.recent_views[i])) return false;
    if (columns.recent_types[i] == 0 || columns.recent_types[i] > std::numeric_limits<uint8_t>::max())
      return false;
    before_ms = Difference(before_ms, columns.recent_times[i]);
    profile.recent.push_back({ProductIndex(static_cast<uint32_t>(columns.recent_products[i])), type,
                              before_ms, static_cast<uint32_t>(columns.recent_views[i])});
  }
  return true;
}

bool ReadCartLine(std::string_view bytes, int64_t base_ms, std::vector<CartLine>& lines) {
  CartLine line;
  pbf_reader reader(bytes.data(), bytes.size());
  while (reader.next()) {
    if (!HasKnownWire(reader, kCartLineWires)) return false;
    switch (reader.tag()) {
      case kLineProduct:
        line.product = ProductIndex(reader.get_uint32());
        break;
      case kLineVariant:
        line.variant_id = reader.get_string();
        break;
      case kLineQuantity:
        line.quantity = reader.get_sint64();
        break;
      case kLineAddedAt:
        line.added_at_ms = FromDifference(reader.get_sint64(), base_ms);
        break;
      default:
        reader.skip();
    }
  }
  // Anything else could overflow a sum when the cart is built.
  if (line.quantity < 0 || line.quantity > kCartQuantityMax) return false;
  lines.push_back(std::move(line));
  return true;
}

bool ReadCartStep(std::string_view bytes, int64_t base_ms, CartStep& step) {
  uint32_t kind = 0;
  pbf_reader reader(bytes.data(), bytes.size());
  while (reader.next()) {
    if (!HasKnownWire(reader, kCartStepWires)) return false;
    switch (reader.tag()) {
      case kStepKind:
        kind = reader.get_uint32();
        break;
      case kStepAt:
        step.at_ms = FromDifference(reader.get_sint64(), base_ms);
        break;
      case kStepLine:
        if (!ReadCartLine(View(reader.get_view()), base_ms, step.lines)) return false;
        break;
      default:
        reader.skip();
    }
  }
  if (kind < static_cast<uint32_t>(CartStep::Kind::kReplace) ||
      kind > static_cast<uint32_t>(CartStep::Kind::kBought)) {
    return false;
  }
  step.kind = static_cast<CartStep::Kind>(kind);
  return true;
}

bool MakeCart(const Columns& columns, const FeatureSettings& settings, ShopperProfile& profile) {
  CartHistory& history = profile.cart_history;
  const int64_t base_ms = profile.last_seen_ms;
  if (columns.has_cart_settled) history.settled_at_ms = FromDifference(columns.cart_settled_at, base_ms);
  for (const std::string_view line : columns.cart_settled_lines) {
    if (!ReadCartLine(line, base_ms, history.settled)) return false;
  }
  for (const std::string_view bytes : columns.cart_steps) {
    CartStep step;
    if (!ReadCartStep(bytes, base_ms, step)) return false;
    if (!history.steps.empty() && history.steps.back().at_ms > step.at_ms) return false;
    history.steps.push_back(std::move(step));
  }
  profile.cart = RebuildCart(history, settings.cart_expiry_ms);
  return true;
}

bool MakePurchases(const Columns& columns, ShopperProfile& profile) {
  const size_t count = columns.purchase_products.size();
  if (columns.purchase_orders.size() != count || columns.purchase_units.size() != count ||
      columns.purchase_first_at.size() != count || columns.purchase_time_counts.size() != count) {
    return false;
  }
  size_t next_time = 0;
  const auto& times = columns.purchase_times;
  int64_t before_ms = profile.last_seen_ms;
  for (size_t i = 0; i < count; ++i) {
    if (!FitsProduct(columns.purchase_products[i]) || !FitsCount(columns.purchase_orders[i])) return false;
    // The time of the last order is always there; the others follow it.
    const uint64_t time_count = columns.purchase_time_counts[i];
    if (next_time >= times.size() || time_count > times.size() - next_time) return false;
    Purchase purchase;
    purchase.product = ProductIndex(static_cast<uint32_t>(columns.purchase_products[i]));
    purchase.order_count = static_cast<uint32_t>(columns.purchase_orders[i]);
    purchase.unit_count = columns.purchase_units[i];
    purchase.last_at_ms = Difference(before_ms, times[next_time++]);
    purchase.first_at_ms = Difference(purchase.last_at_ms, columns.purchase_first_at[i]);
    before_ms = purchase.last_at_ms;
    int64_t earlier_ms = purchase.last_at_ms;
    if (time_count > 0) purchase.ordered_at_ms.push_back(earlier_ms);
    for (uint64_t t = 1; t < time_count; ++t) {
      earlier_ms = Difference(earlier_ms, times[next_time++]);
      purchase.ordered_at_ms.push_back(earlier_ms);
    }
    if (purchase.ordered_at_ms.size() > purchase.order_count) return false;
    profile.purchases.push_back(std::move(purchase));
  }
  return next_time == times.size();
}

bool ReadOrder(std::string_view bytes, int64_t base_ms, OrderSummary& order) {
  std::vector<uint64_t> steps;
  pbf_reader reader(bytes.data(), bytes.size());
  while (reader.next()) {
    if (!HasKnownWire(reader, kOrderWires)) return false;
    switch (reader.tag()) {
      case kOrderIdHash:
        order.order_id_hash = reader.get_fixed64();
        break;
      case kOrderedAt:
        order.ordered_at_ms = FromDifference(reader.get_sint64(), base_ms);
        break;
      case kOrderRevenue:
        order.revenue_minor = reader.get_sint64();
        break;
      case kOrderProducts:
        Unsigned(reader, steps);
        break;
      default:
        reader.skip();
    }
  }
  uint64_t product = 0;
  for (const uint64_t step : steps) {
    if (!FitsProduct(step) || !FitsProduct(product + step) || (step == 0 && !order.products.empty()))
      return false;
    product += step;
    order.products.push_back(ProductIndex(static_cast<uint32_t>(product)));
  }
  return true;
}

bool MakeOrders(const Columns& columns, ShopperProfile& profile) {
  for (const std::string_view bytes : columns.orders) {
    OrderSummary order;
    if (!ReadOrder(bytes, profile.last_seen_ms, order)) return false;
    profile.orders.push_back(std::move(order));
  }
  return profile.orders.size() <= profile.order_count;
}

bool MakeHours(const Columns& columns, ShopperProfile& profile) {
  if (columns.hours.size() % 2 != 0) return false;
  uint64_t hour = 0;
  for (size_t i = 0; i < columns.hours.size(); i += 2) {
    if (columns.hours[i] >= profile.hour_of_week.size() ||
        columns.hours[i + 1] > std::numeric_limits<uint16_t>::max()) {
      return false;
    }
    hour += columns.hours[i];
    if (hour >= profile.hour_of_week.size()) return false;
    profile.hour_of_week[hour++] = static_cast<uint16_t>(columns.hours[i + 1]);
  }
  return true;
}

bool MakeShown(const Columns& columns, ShopperProfile& profile) {
  const size_t count = columns.shown_products.size();
  if (columns.shown_slate_places.size() != count || columns.shown_times.size() != count) return false;
  profile.shown.reserve(count);
  int64_t before_ms = profile.last_seen_ms;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t place = columns.shown_slate_places[i];
    if (!FitsProduct(columns.shown_products[i]) || place >= columns.shown_slates.size()) return false;
    before_ms = Difference(before_ms, columns.shown_times[i]);
    profile.shown.push_back({ProductIndex(static_cast<uint32_t>(columns.shown_products[i])),
                             columns.shown_slates[place], before_ms});
  }
  return true;
}

bool ReadPreference(std::string_view bytes, int64_t base_ms, Preference& preference) {
  uint32_t kind = 0;
  preference.permille = 0;
  pbf_reader reader(bytes.data(), bytes.size());
  while (reader.next()) {
    if (!HasKnownWire(reader, kPreferenceWires)) return false;
    switch (reader.tag()) {
      case kPreferenceKind:
        kind = reader.get_uint32();
        break;
      case kPreferenceValue:
        preference.value = reader.get_string();
        break;
      case kPreferencePermille:
        preference.permille = reader.get_uint32();
        break;
      case kPreferenceAt:
        preference.declared_at_ms = FromDifference(reader.get_sint64(), base_ms);
        break;
      default:
        reader.skip();
    }
  }
  if (kind < static_cast<uint32_t>(Affinity::Kind::kCategory) ||
      kind > static_cast<uint32_t>(Affinity::Kind::kAttribute) || preference.permille > 1000) {
    return false;
  }
  preference.kind = static_cast<Affinity::Kind>(kind);
  return true;
}

bool MakePreferences(const Columns& columns, ShopperProfile& profile) {
  for (const std::string_view bytes : columns.preferences) {
    Preference preference;
    if (!ReadPreference(bytes, profile.last_seen_ms, preference)) return false;
    if (!profile.preferences.empty()) {
      const Preference& last = profile.preferences.back();
      if (std::tie(last.kind, last.value) >= std::tie(preference.kind, preference.value)) return false;
    }
    profile.preferences.push_back(std::move(preference));
  }
  return true;
}

}  // namespace

Result<ShopperProfile> DecodeProfile(ShopperHandle shopper, std::string_view bytes,
                                     const FeatureSettings& settings) {
  ShopperProfile profile;
  profile.shopper = shopper;
  static thread_local Columns columns;  // A shop decodes thousands of profiles a second.
  columns.Clear();
  try {
    pbf_reader reader(bytes.data(), bytes.size());
    while (reader.next()) {
      if (!HasKnownWire(reader, kProfileWires)) return Corruption("profile record: a field has another type");
      if (!ReadTotal(reader, profile, columns)) ReadList(reader, columns);
    }
    MakeTotals(columns, profile);
    if (!MakeSessions(columns, profile)) return Corruption("profile record: sessions do not fit");
    if (!MakeAffinities(columns, profile)) return Corruption("profile record: affinities do not fit");
    if (!MakePriceBand(columns, profile)) return Corruption("profile record: price band does not fit");
    if (!MakeRecent(columns, profile)) return Corruption("profile record: recent products do not fit");
    if (!MakeCart(columns, settings, profile)) return Corruption("profile record: cart does not fit");
    if (!MakePurchases(columns, profile)) return Corruption("profile record: purchases do not fit");
    if (!MakeOrders(columns, profile)) return Corruption("profile record: orders do not fit");
    if (!MakeHours(columns, profile)) return Corruption("profile record: hours do not fit");
    if (!MakeShown(columns, profile)) return Corruption("profile record: shown products do not fit");
    if (!MakePreferences(columns, profile)) return Corruption("profile record: preferences do not fit");
  } catch (const protozero::exception& fault) {
    return Corruption(std::string("profile record: ") + fault.what());
  }
  RebuildSessionProducts(profile);
  return profile;
}

}  // namespace attune::features
