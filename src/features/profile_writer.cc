// EncodeProfile: the writing half of features/profile_record.h.

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "features/profile_record.h"
#include "features/profile_record_fields.h"
#include "protozero/buffer_string.hpp"
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
// The numbers of one column, written as they come.  One at a time in a thread: they share a buffer, which
// keeps its memory.
class Column {
 public:
  Column(protozero::pbf_tag_type field, pbf_writer& writer) : field_(field), writer_(writer) {
    Buffer().clear();
  }

  void AddUnsigned(uint64_t number) {
    std::array<char, protozero::max_varint_length> bytes;
    const int length = protozero::add_varint_to_buffer(bytes.data(), number);
    Buffer().append(bytes.data(), static_cast<size_t>(length));
  }
  void AddSigned(int64_t number) { AddUnsigned(protozero::encode_zigzag64(number)); }
  // An empty column writes nothing.
  void Write() {
    if (!Buffer().empty()) writer_.add_bytes(field_, Buffer());
  }

 private:
  static std::string& Buffer() {
    static thread_local std::string buffer;
    return buffer;
  }

  const protozero::pbf_tag_type field_;
  pbf_writer& writer_;
};

// A column with one number per element of `list`.
template <class List, class NumberOf>
void WriteUnsigned(protozero::pbf_tag_type field, const List& list, pbf_writer& writer, NumberOf number_of) {
  Column column(field, writer);
  for (const auto& element : list) column.AddUnsigned(number_of(element));
  column.Write();
}
template <class List, class NumberOf>
void WriteSigned(protozero::pbf_tag_type field, const List& list, pbf_writer& writer, NumberOf number_of) {
  Column column(field, writer);
  for (const auto& element : list) column.AddSigned(number_of(element));
  column.Write();
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
  Column spans(kSessionSpans, writer);
  int64_t base_ms = profile.last_seen_ms;
  const auto add = [&](int64_t started_at_ms, int64_t last_event_at_ms) {
    spans.AddSigned(Difference(base_ms, last_event_at_ms));
    spans.AddSigned(Difference(last_event_at_ms, started_at_ms));
    base_ms = started_at_ms;
  };
  add(session.started_at_ms, session.last_event_at_ms);
  for (const SessionSpan& span : session.earlier) add(span.started_at_ms, span.last_event_at_ms);
  spans.Write();
}

// Each name as (bytes shared with the one before * 4 + kind, bytes that follow, those bytes).
void WriteAffinities(const ShopperProfile& profile, pbf_writer& writer) {
  if (profile.affinities.empty()) return;
  static thread_local std::string names;
  names.clear();
  std::string_view before;
  const auto add_number = [](uint64_t number) { protozero::add_varint_to_buffer(&names, number); };
  for (const Affinity& affinity : profile.affinities) {
    const std::string_view value = affinity.value;
    const auto shared = static_cast<uint64_t>(std::distance(
        value.begin(), std::mismatch(value.begin(), value.end(), before.begin(), before.end()).first));
    add_number(shared * 4 + static_cast<uint64_t>(affinity.kind));
    add_number(value.size() - shared);
    names.append(value.substr(shared));
    before = value;
  }
  writer.add_bytes(kAffinityValues, names);
  // Not as protozero's packed_field with its size known: that leaves its parent open to assertions.
  static thread_local std::vector<float> weights;
  weights.clear();
  for (const Affinity& affinity : profile.affinities) {
    weights.push_back(static_cast<float>(affinity.weight.value));
  }
  writer.add_packed_float(kAffinityWeights, weights.begin(), weights.end());
  WriteSigned(kAffinityAsOf, profile.affinities, writer, [&profile](const Affinity& affinity) {
    return Difference(affinity.weight.as_of_ms, profile.last_seen_ms);
  });
}

void WritePriceBand(const ShopperProfile& profile, pbf_writer& writer) {
  const PriceBand& band = profile.price_band;
  if (band == PriceBand{}) return;
  const std::array<float, 2> sums = {static_cast<float>(band.weight.value),
                                     static_cast<float>(band.weighted_log_ratio.value)};
  writer.add_packed_float(kPriceBandSums, sums.begin(), sums.end());
  Column as_of(kPriceBandAsOf, writer);
  as_of.AddSigned(Difference(band.weight.as_of_ms, profile.last_seen_ms));
  as_of.AddSigned(Difference(band.weighted_log_ratio.as_of_ms, profile.last_seen_ms));
  as_of.Write();
}

void WriteRecent(const ShopperProfile& profile, pbf_writer& writer) {
  const std::vector<RecentProduct>& list = profile.recent;
  WriteUnsigned(kRecentProducts, list, writer,
                [](const RecentProduct& recent) { return recent.product.value(); });
  WriteUnsigned(kRecentTypes, list, writer,
                [](const RecentProduct& recent) { return static_cast<uint64_t>(recent.last_type); });
  WriteSigned(kRecentTimes, list, writer,
              [before_ms = profile.last_seen_ms](const RecentProduct& recent) mutable {
                return Difference(std::exchange(before_ms, recent.last_at_ms), recent.last_at_ms);
              });
  WriteUnsigned(kRecentViews, list, writer, [](const RecentProduct& recent) { return recent.view_count; });
}

// The slates once each, in the order of their latest product, and each product's place among them.
void WriteShown(const ShopperProfile& profile, pbf_writer& writer) {
  std::vector<uint64_t> slates;
  std::vector<uint64_t> places;
  for (const ShownProduct& shown : profile.shown) {
    const auto slate = std::find(slates.begin(), slates.end(), shown.slate);
    places.push_back(static_cast<uint64_t>(slate - slates.begin()));
    if (slate == slates.end()) slates.push_back(shown.slate);
  }
  WriteUnsigned(kShownProducts, profile.shown, writer,
                [](const ShownProduct& shown) { return shown.product.value(); });
  if (!slates.empty()) writer.add_packed_fixed64(kShownSlates, slates.begin(), slates.end());
  WriteUnsigned(kShownSlatePlaces, places, writer, [](uint64_t place) { return place; });
  WriteSigned(kShownTimes, profile.shown, writer,
              [before_ms = profile.last_seen_ms](const ShownProduct& shown) mutable {
                return Difference(std::exchange(before_ms, shown.shown_at_ms), shown.shown_at_ms);
              });
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
  const std::vector<Purchase>& list = profile.purchases;
  WriteUnsigned(kPurchaseProducts, list, writer,
                [](const Purchase& purchase) { return purchase.product.value(); });
  WriteUnsigned(kPurchaseOrders, list, writer, [](const Purchase& purchase) { return purchase.order_count; });
  WriteSigned(kPurchaseUnits, list, writer, [](const Purchase& purchase) { return purchase.unit_count; });
  WriteSigned(kPurchaseFirstAt, list, writer,
              [](const Purchase& purchase) { return Difference(purchase.last_at_ms, purchase.first_at_ms); });
  WriteUnsigned(kPurchaseTimeCounts, list, writer,
                [](const Purchase& purchase) { return purchase.ordered_at_ms.size(); });
  Column times(kPurchaseTimes, writer);
  int64_t before_ms = profile.last_seen_ms;
  for (const Purchase& purchase : list) {
    times.AddSigned(Difference(before_ms, purchase.last_at_ms));
    before_ms = purchase.last_at_ms;
    int64_t earlier_ms = purchase.last_at_ms;
    for (size_t i = 1; i < purchase.ordered_at_ms.size(); ++i) {
      times.AddSigned(Difference(earlier_ms, purchase.ordered_at_ms[i]));
      earlier_ms = purchase.ordered_at_ms[i];
    }
  }
  times.Write();
}

void WriteOrders(const ShopperProfile& profile, pbf_writer& writer) {
  for (const OrderSummary& order : profile.orders) {
    pbf_writer order_writer(writer, kOrder);
    order_writer.add_fixed64(kOrderIdHash, order.order_id_hash);
    order_writer.add_sint64(kOrderedAt, Difference(order.ordered_at_ms, profile.last_seen_ms));
    AddSigned(order_writer, kOrderRevenue, order.revenue_minor);
    WriteUnsigned(kOrderProducts, order.products, order_writer,
                  [before = uint64_t{0}](ProductIndex product) mutable {
                    return product.value() - std::exchange(before, product.value());
                  });
  }
}

// Pairs (hours without an event before it, events).
void WriteHours(const ShopperProfile& profile, pbf_writer& writer) {
  Column pairs(kHours, writer);
  uint64_t gap = 0;
  for (const uint16_t count : profile.hour_of_week) {
    if (count == 0) {
      ++gap;
      continue;
    }
    pairs.AddUnsigned(gap);
    pairs.AddUnsigned(count);
    gap = 0;
  }
  pairs.Write();
}

}  // namespace

std::string EncodeProfile(const ShopperProfile& profile) {
  static thread_local std::string bytes;  // Grows once; what is returned is as large as it must be.
  bytes.clear();
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
