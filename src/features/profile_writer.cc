// EncodeProfile: the writing half of features/profile_record.h.

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "features/profile_record.h"
#include "features/profile_record_fields.h"
#include "protozero/pbf_writer.hpp"
#include "protozero/varint.hpp"

namespace attune::features {
namespace {

using protozero::pbf_writer;
using namespace record;  // NOLINT: the field numbers of this record and nothing else.

void AddUnsigned(pbf_writer& writer, protozero::pbf_tag_type field, uint64_t value) {
  if (value != 0) writer.add_uint64(field, value);
}
void AddSigned(pbf_writer& writer, protozero::pbf_tag_type field, int64_t value) {
  if (value != 0) writer.add_sint64(field, value);
}
void AddColumn(pbf_writer& writer, protozero::pbf_tag_type field, const std::vector<uint64_t>& column) {
  if (!column.empty()) writer.add_packed_uint64(field, column.begin(), column.end());
}
void AddColumn(pbf_writer& writer, protozero::pbf_tag_type field, const std::vector<int64_t>& column) {
  if (!column.empty()) writer.add_packed_sint64(field, column.begin(), column.end());
}

void WriteTotals(const ShopperProfile& profile, pbf_writer& writer) {
  const int64_t base_ms = profile.last_seen_ms;
  AddUnsigned(writer, kLastSequence, profile.last_sequence.value());
  AddSigned(writer, kLastSeen, base_ms);
  AddSigned(writer, kFirstSeenAgo, Difference(base_ms, profile.first_seen_ms));
  AddSigned(writer, kLastReceived, Difference(profile.last_received_ms, base_ms));
  uint32_t flags = profile.is_customer ? kIsCustomer : 0U;
  if (profile.has_consent_record) flags |= kHasConsentRecord;
  if (profile.consent.analytics) flags |= kHasAnalyticsConsent;
  if (profile.consent.personalization) flags |= kHasPersonalizationConsent;
  writer.add_uint32(kFlags, flags);
  if (profile.has_consent_record) AddSigned(writer, kConsentAt, Difference(profile.consent_at_ms, base_ms));
  AddUnsigned(writer, kEventCount, profile.event_count);
  AddUnsigned(writer, kViewCount, profile.view_count);
  AddUnsigned(writer, kOrderCount, profile.order_count);
  AddSigned(writer, kRevenue, profile.revenue_minor);
  if (profile.order_count > 0) {
    writer.add_sint64(kFirstOrderAt, Difference(profile.first_order_at_ms, base_ms));
    writer.add_sint64(kLastOrderAt, Difference(profile.last_order_at_ms, base_ms));
  }
}

void WriteSessions(const ShopperProfile& profile, pbf_writer& writer) {
  const SessionState& session = profile.session;
  if (session.session_number == 0) return;
  writer.add_uint64(kSessionNumber, session.session_number);
  std::vector<int64_t> spans;
  int64_t base_ms = profile.last_seen_ms;
  const auto add = [&](int64_t started_at_ms, int64_t last_event_at_ms) {
    spans.push_back(Difference(base_ms, last_event_at_ms));
    spans.push_back(Difference(last_event_at_ms, started_at_ms));
    base_ms = started_at_ms;
  };
  add(session.started_at_ms, session.last_event_at_ms);
  for (const SessionSpan& span : session.earlier) add(span.started_at_ms, span.last_event_at_ms);
  AddColumn(writer, kSessionSpans, spans);
}

// Each name as (bytes shared with the one before * 4 + kind, bytes that follow, those bytes).
void WriteAffinities(const ShopperProfile& profile, pbf_writer& writer) {
  if (profile.affinities.empty()) return;
  std::string names;
  std::vector<float> weights;
  std::vector<int64_t> as_of;
  std::string_view before;
  for (const Affinity& affinity : profile.affinities) {
    const std::string_view value = affinity.value;
    const auto shared = static_cast<uint64_t>(std::distance(
        value.begin(), std::mismatch(value.begin(), value.end(), before.begin(), before.end()).first));
    protozero::write_varint(std::back_inserter(names), shared * 4 + static_cast<uint64_t>(affinity.kind));
    protozero::write_varint(std::back_inserter(names), value.size() - shared);
    names.append(value.substr(shared));
    before = value;
    weights.push_back(static_cast<float>(affinity.weight.value));
    as_of.push_back(Difference(affinity.weight.as_of_ms, profile.last_seen_ms));
  }
  writer.add_bytes(kAffinityValues, names);
  writer.add_packed_float(kAffinityWeights, weights.begin(), weights.end());
  AddColumn(writer, kAffinityAsOf, as_of);
}

void WritePriceBand(const ShopperProfile& profile, pbf_writer& writer) {
  const PriceBand& band = profile.price_band;
  if (band == PriceBand{}) return;
  const std::vector<float> sums = {static_cast<float>(band.weight.value),
                                   static_cast<float>(band.weighted_log_ratio.value)};
  writer.add_packed_float(kPriceBandSums, sums.begin(), sums.end());
  AddColumn(writer, kPriceBandAsOf,
            std::vector<int64_t>{Difference(band.weight.as_of_ms, profile.last_seen_ms),
                                 Difference(band.weighted_log_ratio.as_of_ms, profile.last_seen_ms)});
}

void WriteRecent(const ShopperProfile& profile, pbf_writer& writer) {
  std::vector<uint64_t> products;
  std::vector<uint64_t> types;
  std::vector<int64_t> times;
  std::vector<uint64_t> views;
  int64_t before_ms = profile.last_seen_ms;
  for (const RecentProduct& recent : profile.recent) {
    products.push_back(recent.product.value());
    types.push_back(static_cast<uint64_t>(recent.last_type));
    times.push_back(Difference(before_ms, recent.last_at_ms));
    views.push_back(recent.view_count);
    before_ms = recent.last_at_ms;
  }
  AddColumn(writer, kRecentProducts, products);
  AddColumn(writer, kRecentTypes, types);
  AddColumn(writer, kRecentTimes, times);
  AddColumn(writer, kRecentViews, views);
}

// The slates once each, in the order of their latest product, and each product's place among them.
void WriteShown(const ShopperProfile& profile, pbf_writer& writer) {
  std::vector<uint64_t> products;
  std::vector<uint64_t> slates;
  std::vector<uint64_t> places;
  std::vector<int64_t> times;
  int64_t before_ms = profile.last_seen_ms;
  for (const ShownProduct& shown : profile.shown) {
    const auto slate = std::find(slates.begin(), slates.end(), shown.slate);
    places.push_back(static_cast<uint64_t>(slate - slates.begin()));
    if (slate == slates.end()) slates.push_back(shown.slate);
    products.push_back(shown.product.value());
    times.push_back(Difference(before_ms, shown.shown_at_ms));
    before_ms = shown.shown_at_ms;
  }
  AddColumn(writer, kShownProducts, products);
  if (!slates.empty()) writer.add_packed_fixed64(kShownSlates, slates.begin(), slates.end());
  AddColumn(writer, kShownSlatePlaces, places);
  AddColumn(writer, kShownTimes, times);
}

void WritePreferences(const ShopperProfile& profile, pbf_writer& writer) {
  for (const Preference& preference : profile.preferences) {
    pbf_writer entry(writer, kPreference);
    entry.add_uint32(kPreferenceKind, static_cast<uint32_t>(preference.kind));
    entry.add_string(kPreferenceValue, preference.value);
    AddUnsigned(entry, kPreferencePermille, preference.permille);
    entry.add_sint64(kPreferenceAt, Difference(preference.declared_at_ms, profile.last_seen_ms));
  }
}

void WriteCartLine(const CartLine& line, int64_t base_ms, pbf_writer writer) {
  writer.add_uint32(kLineProduct, line.product.value());
  if (!line.variant_id.empty()) writer.add_string(kLineVariant, line.variant_id);
  AddSigned(writer, kLineQuantity, line.quantity);
  if (line.added_at_ms != 0) writer.add_sint64(kLineAddedAt, Difference(line.added_at_ms, base_ms));
}

void WriteCart(const ShopperProfile& profile, pbf_writer& writer) {
  const CartHistory& history = profile.cart_history;
  if (history.settled_at_ms != 0) {
    writer.add_sint64(kCartSettledAt, Difference(history.settled_at_ms, profile.last_seen_ms));
  }
  for (const CartLine& line : history.settled) {
    WriteCartLine(line, profile.last_seen_ms, pbf_writer(writer, kCartSettledLine));
  }
  for (const CartStep& step : history.steps) {
    pbf_writer step_writer(writer, kCartStep);
    step_writer.add_uint32(kStepKind, static_cast<uint32_t>(step.kind));
    step_writer.add_sint64(kStepAt, Difference(step.at_ms, profile.last_seen_ms));
    for (const CartLine& line : step.lines) {
      WriteCartLine(line, profile.last_seen_ms, pbf_writer(step_writer, kStepLine));
    }
  }
}

void WritePurchases(const ShopperProfile& profile, pbf_writer& writer) {
  std::vector<uint64_t> products;
  std::vector<uint64_t> orders;
  std::vector<int64_t> units;
  std::vector<int64_t> first_at;
  std::vector<uint64_t> time_counts;
  std::vector<int64_t> times;
  int64_t before_ms = profile.last_seen_ms;
  for (const Purchase& purchase : profile.purchases) {
    products.push_back(purchase.product.value());
    orders.push_back(purchase.order_count);
    units.push_back(purchase.unit_count);
    first_at.push_back(Difference(purchase.last_at_ms, purchase.first_at_ms));
    time_counts.push_back(purchase.ordered_at_ms.size());
    times.push_back(Difference(before_ms, purchase.last_at_ms));
    before_ms = purchase.last_at_ms;
    int64_t earlier_ms = purchase.last_at_ms;
    for (size_t i = 1; i < purchase.ordered_at_ms.size(); ++i) {
      times.push_back(Difference(earlier_ms, purchase.ordered_at_ms[i]));
      earlier_ms = purchase.ordered_at_ms[i];
    }
  }
  AddColumn(writer, kPurchaseProducts, products);
  AddColumn(writer, kPurchaseOrders, orders);
  AddColumn(writer, kPurchaseUnits, units);
  AddColumn(writer, kPurchaseFirstAt, first_at);
  AddColumn(writer, kPurchaseTimeCounts, time_counts);
  AddColumn(writer, kPurchaseTimes, times);
}

void WriteOrders(const ShopperProfile& profile, pbf_writer& writer) {
  for (const OrderSummary& order : profile.orders) {
    pbf_writer order_writer(writer, kOrder);
    order_writer.add_fixed64(kOrderIdHash, order.order_id_hash);
    order_writer.add_sint64(kOrderedAt, Difference(order.ordered_at_ms, profile.last_seen_ms));
    AddSigned(order_writer, kOrderRevenue, order.revenue_minor);
    std::vector<uint64_t> steps;
    uint64_t before = 0;
    for (const ProductIndex product : order.products) {
      steps.push_back(product.value() - before);
      before = product.value();
    }
    AddColumn(order_writer, kOrderProducts, steps);
  }
}

// Pairs (hours without an event before it, events).
void WriteHours(const ShopperProfile& profile, pbf_writer& writer) {
  std::vector<uint64_t> pairs;
  uint64_t gap = 0;
  for (const uint16_t count : profile.hour_of_week) {
    if (count == 0) {
      ++gap;
      continue;
    }
    pairs.push_back(gap);
    pairs.push_back(count);
    gap = 0;
  }
  AddColumn(writer, kHours, pairs);
}

}  // namespace

std::string EncodeProfile(const ShopperProfile& profile) {
  std::string bytes;
  bytes.reserve(256);
  pbf_writer writer(bytes);
  WriteTotals(profile, writer);
  WriteSessions(profile, writer);
  WriteAffinities(profile, writer);
  WritePriceBand(profile, writer);
  WriteRecent(profile, writer);
  WriteCart(profile, writer);
  WritePurchases(profile, writer);
  WriteOrders(profile, writer);
  WriteHours(profile, writer);
  WriteShown(profile, writer);
  WritePreferences(profile, writer);
  return bytes;
}

}  // namespace attune::features
