// The bytes of an order's state (declared in order_state.h; docs/formats/events.md).

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "base/record_wire.h"
#include "events/limits.h"
#include "events/order_state.h"

namespace attune::events {
namespace {

// Numbers are on disk: never change one, never reuse one.
enum StateTag : protozero::pbf_tag_type {
  kOrderId = 1,
  kFlags = 2,
  kCompletedAt = 3,
  kUpdatedAt = 4,
  kShopper = 5,
  kShopperAt = 6,
  kVerified = 7,
  kVerifiedSum = 8,
  kUnverified = 9,
  kRefundedLine = 10,
  kRefundedMinor = 11,
  kRefundMark = 12,
};

enum DefinitionTag : protozero::pbf_tag_type {
  kOccurredAt = 1,
  kTie = 2,
  kLine = 3,
  kRevenue = 4,
  kHasValue = 5,
  kDefinitionShopper = 6,
};

enum LineTag : protozero::pbf_tag_type {
  kProduct = 1,
  kQuantity = 2,
  kLineRevenue = 3,
};

constexpr std::string_view kStateWires = "bvvvfvbbbbvf";
constexpr std::string_view kDefinitionWires = "vfbvvf";
constexpr std::string_view kLineWires = "vvv";

constexpr uint32_t kFlagConfirmed = 1;
constexpr uint32_t kFlagCancelled = 2;
constexpr uint32_t kFlagRefunded = 4;
constexpr uint32_t kFlagAnonymous = 8;
constexpr uint32_t kFlagUnknownCurrency = 16;

void AddLines(protozero::pbf_writer& writer, protozero::pbf_tag_type tag,
              const std::vector<OrderLine>& lines) {
  for (const OrderLine& line : lines) {
    protozero::pbf_writer line_writer(writer, tag);
    line_writer.add_uint32(kProduct, line.product.value());
    line_writer.add_sint64(kQuantity, line.quantity);
    if (line.revenue_minor != 0) line_writer.add_sint64(kLineRevenue, line.revenue_minor);
  }
}

void AddDefinition(protozero::pbf_writer& writer, protozero::pbf_tag_type tag,
                   const std::optional<OrderDefinition>& definition) {
  if (!definition) return;
  protozero::pbf_writer inner(writer, tag);
  inner.add_int64(kOccurredAt, definition->occurred_at_ms);
  inner.add_fixed64(kTie, definition->tie);
  AddLines(inner, kLine, definition->lines);
  inner.add_sint64(kRevenue, definition->revenue_minor);
  if (definition->has_value) inner.add_bool(kHasValue, true);
  if (definition->shopper != ShopperHandle())
    inner.add_fixed64(kDefinitionShopper, definition->shopper.value());
}

bool IsAmount(int64_t minor) { return minor >= 0 && minor <= kMoneyMaxMinor; }

// Lines are kept by product, each once: what StandingOf() relies on.
bool AddDecodedLine(protozero::pbf_reader reader, std::vector<OrderLine>& lines) {
  OrderLine line;
  while (reader.next()) {
    if (!HasKnownWire(reader, kLineWires)) return false;
    switch (reader.tag()) {
      case kProduct:
        line.product = ProductIndex(reader.get_uint32());
        break;
      case kQuantity:
        line.quantity = reader.get_sint64();
        break;
      case kLineRevenue:
        line.revenue_minor = reader.get_sint64();
        break;
      default:
        reader.skip();
    }
  }
  const bool is_next = lines.empty() || lines.back().product < line.product;
  const bool is_possible =
      line.quantity > 0 && line.quantity <= kOrderUnitsMax && IsAmount(line.revenue_minor);
  lines.push_back(line);
  return is_next && is_possible;
}

bool DecodeDefinition(protozero::pbf_reader reader, std::optional<OrderDefinition>& out) {
  OrderDefinition& definition = out.emplace();
  while (reader.next()) {
    if (!HasKnownWire(reader, kDefinitionWires)) return false;
    switch (reader.tag()) {
      case kOccurredAt:
        definition.occurred_at_ms = reader.get_int64();
        break;
      case kTie:
        definition.tie = reader.get_fixed64();
        break;
      case kLine:
        if (!AddDecodedLine(reader.get_message(), definition.lines)) return false;
        break;
      case kRevenue:
        definition.revenue_minor = reader.get_sint64();
        break;
      case kHasValue:
        definition.has_value = reader.get_uint32() != 0;
        break;
      case kDefinitionShopper:
        definition.shopper = ShopperHandle(reader.get_fixed64());
        break;
      default:
        reader.skip();
    }
  }
  return IsAmount(definition.revenue_minor);
}

bool DecodeStateFields(protozero::pbf_reader reader, OrderState& state) {
  while (reader.next()) {
    if (!HasKnownWire(reader, kStateWires)) return false;
    switch (reader.tag()) {
      case kOrderId: {
        const auto text = reader.get_view();
        state.order_id.assign(text.data(), text.size());
        break;
      }
      case kFlags: {
        const uint32_t flags = reader.get_uint32();
        state.is_confirmed = (flags & kFlagConfirmed) != 0;
        state.is_cancelled = (flags & kFlagCancelled) != 0;
        state.is_refunded = (flags & kFlagRefunded) != 0;
        state.is_anonymous = (flags & kFlagAnonymous) != 0;
        state.has_unknown_currency = (flags & kFlagUnknownCurrency) != 0;
        break;
      }
      case kCompletedAt:
        state.completed_at_ms = reader.get_int64();
        break;
      case kUpdatedAt:
        state.updated_at_ms = reader.get_int64();
        break;
      case kShopper:
        state.shopper = ShopperHandle(reader.get_fixed64());
        break;
      case kShopperAt:
        state.shopper_at_ms = reader.get_int64();
        break;
      case kVerified:
        if (!DecodeDefinition(reader.get_message(), state.verified)) return false;
        break;
      case kVerifiedSum:
        if (!DecodeDefinition(reader.get_message(), state.verified_sum)) return false;
        break;
      case kUnverified:
        if (!DecodeDefinition(reader.get_message(), state.unverified)) return false;
        break;
      case kRefundedLine:
        if (!AddDecodedLine(reader.get_message(), state.refunded)) return false;
        break;
      case kRefundedMinor:
        state.refunded_minor = reader.get_sint64();
        break;
      case kRefundMark: {
        const uint64_t mark = reader.get_fixed64();
        if (!state.refund_marks.empty() && state.refund_marks.back() >= mark) return false;
        state.refund_marks.push_back(mark);
        break;
      }
      default:
        reader.skip();
    }
  }
  return IsAmount(state.refunded_minor);
}

}  // namespace

std::string EncodeOrderState(const OrderState& state) {
  std::string value;
  protozero::pbf_writer writer(value);
  writer.add_bytes(kOrderId, state.order_id.data(), state.order_id.size());
  writer.add_uint32(kFlags,
                    (state.is_confirmed ? kFlagConfirmed : 0) | (state.is_cancelled ? kFlagCancelled : 0) |
                        (state.is_refunded ? kFlagRefunded : 0) | (state.is_anonymous ? kFlagAnonymous : 0) |
                        (state.has_unknown_currency ? kFlagUnknownCurrency : 0));
  if (state.completed_at_ms) writer.add_int64(kCompletedAt, *state.completed_at_ms);
  if (state.updated_at_ms) writer.add_int64(kUpdatedAt, *state.updated_at_ms);
  if (state.shopper != ShopperHandle()) {
    writer.add_fixed64(kShopper, state.shopper.value());
    writer.add_int64(kShopperAt, state.shopper_at_ms);
  }
  AddDefinition(writer, kVerified, state.verified);
  AddDefinition(writer, kVerifiedSum, state.verified_sum);
  AddDefinition(writer, kUnverified, state.unverified);
  AddLines(writer, kRefundedLine, state.refunded);
  if (state.refunded_minor != 0) writer.add_sint64(kRefundedMinor, state.refunded_minor);
  for (const uint64_t mark : state.refund_marks) writer.add_fixed64(kRefundMark, mark);
  return value;
}

Result<OrderState> DecodeOrderState(std::string_view value) {
  OrderState state;
  try {
    if (!DecodeStateFields(protozero::pbf_reader(value.data(), value.size()), state)) {
      return Corruption("order state: a field has an impossible value");
    }
  } catch (const std::exception& error) {
    return Corruption(std::string("order state: ") + error.what());
  }
  if (state.order_id.empty()) return Corruption("order state: no order id");
  return state;
}

}  // namespace attune::events
