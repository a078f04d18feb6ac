#include "events/event_record.h"

#include <array>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "base/record_wire.h"

namespace attune::events {
namespace {

constexpr std::string_view kEventWires = "vvvfvbbbbbvvvvbbbbbbbbb";
constexpr std::string_view kLineWires = "vbvvvbv";
constexpr std::string_view kPreferenceWires = "vbv";

// Numbers are on disk: never change one, never reuse one (docs/formats/events.md).
enum EventTag : protozero::pbf_tag_type {
  kType = 1,
  kReceivedAt = 2,
  kAge = 3,  // received_at - occurred_at.
  kShopper = 4,
  kFlags = 5,
  kIdUuid = 6,
  kIdText = 7,
  kLine = 8,
  kCurrency = 9,
  kOrderId = 10,
  kValue = 11,
  kTax = 12,
  kShipping = 13,
  kDiscount = 14,
  kCoupon = 15,
  kQuery = 16,
  kCategory = 17,
  kPageUrl = 18,
  kReferrer = 19,
  kMarket = 20,
  kLocale = 21,
  kDecision = 22,
  kPreference = 23,
};

enum LineTag : protozero::pbf_tag_type {
  kLineProduct = 1,
  kLineVariant = 2,
  kLineQuantity = 3,
  kLinePrice = 4,
  kLineDiscount = 5,
  kLineDecision = 6,
  kLinePosition = 7,
};

enum PreferenceTag : protozero::pbf_tag_type {
  kPreferenceKind = 1,
  kPreferenceValue = 2,
  kPreferencePermille = 3,
};

// Set bits are the exceptions, so that an ordinary event needs no flags at all.
constexpr uint32_t kFlagNoAnalytics = 1;
constexpr uint32_t kFlagNoPersonalization = 2;
constexpr uint32_t kFlagBackfill = 4;
constexpr uint32_t kFlagUnverified = 8;

constexpr size_t kUuidTextBytes = 36;
constexpr char kHexDigits[] = "0123456789abcdef";

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool IsUuidDash(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

// A lower-case UUID is kept in 16 bytes; any other text stays text.
bool PackUuid(std::string_view text, std::array<char, 16>& bytes) {
  if (text.size() != kUuidTextBytes) return false;
  size_t nibble = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsUuidDash(i)) {
      if (text[i] != '-') return false;
      continue;
    }
    const int value = HexValue(text[i]);
    if (value < 0) return false;
    const size_t at = nibble / 2;
    bytes[at] =
        static_cast<char>(nibble % 2 == 0 ? value << 4 : (static_cast<unsigned char>(bytes[at]) | value));
    ++nibble;
  }
  return true;
}

std::string UnpackUuid(std::string_view bytes) {
  std::string text;
  text.reserve(kUuidTextBytes);
  for (const char c : bytes) {
    if (IsUuidDash(text.size())) text += '-';
    const auto byte = static_cast<unsigned char>(c);
    text += kHexDigits[byte >> 4];
    text += kHexDigits[byte & 15];
  }
  return text;
}

std::array<char, 16> DecisionBytes(DecisionId id) {
  std::array<char, 16> bytes;
  for (size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(id.high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<char>(id.low >> (56 - 8 * i));
  }
  return bytes;
}

bool ReadDecision(protozero::data_view bytes, DecisionId& id) {
  if (bytes.size() != 16) return false;
  id = {};
  for (size_t i = 0; i < 8; ++i) {
    id.high = id.high << 8 | static_cast<unsigned char>(bytes.data()[i]);
    id.low = id.low << 8 | static_cast<unsigned char>(bytes.data()[8 + i]);
  }
  return true;
}

std::string_view View(protozero::data_view bytes) { return {bytes.data(), bytes.size()}; }

void AddText(protozero::pbf_writer& writer, protozero::pbf_tag_type tag, std::string_view text) {
  if (!text.empty()) writer.add_bytes(tag, text.data(), text.size());
}

void AddAmount(protozero::pbf_writer& writer, protozero::pbf_tag_type tag,
               const std::optional<int64_t>& amount) {
  if (amount) writer.add_sint64(tag, *amount);
}

void AddDecision(protozero::pbf_writer& writer, protozero::pbf_tag_type tag, DecisionId id) {
  if (id.is_none()) return;
  const auto bytes = DecisionBytes(id);
  writer.add_bytes(tag, bytes.data(), bytes.size());
}

void EncodeLine(const EventLine& line, DecisionId event_decision, protozero::pbf_writer& writer) {
  writer.add_uint32(kLineProduct, line.product.value());
  AddText(writer, kLineVariant, line.variant_id);
  if (line.quantity != 1) writer.add_sint64(kLineQuantity, line.quantity);
  AddAmount(writer, kLinePrice, line.price_minor);
  AddAmount(writer, kLineDiscount, line.discount_minor);
  // A line repeats the event's decision in most impressions: written once, on the event.
  if (line.decision != event_decision) {
    if (line.decision.is_none()) {
      writer.add_bytes(kLineDecision, "", 0);
    } else {
      AddDecision(writer, kLineDecision, line.decision);
    }
  }
  if (line.position) writer.add_uint32(kLinePosition, *line.position);
}

struct DecodedLine {
  EventLine line;
  bool has_decision = false;
};

bool DecodeLine(protozero::pbf_reader reader, DecodedLine& out) {
  EventLine& line = out.line;
  while (reader.next()) {
    if (!HasKnownWire(reader, kLineWires)) return false;
    switch (reader.tag()) {
      case kLineProduct:
        line.product = ProductIndex(reader.get_uint32());
        break;
      case kLineVariant:
        line.variant_id = View(reader.get_view());
        break;
      case kLineQuantity:
        line.quantity = reader.get_sint64();
        break;
      case kLinePrice:
        line.price_minor = reader.get_sint64();
        break;
      case kLineDiscount:
        line.discount_minor = reader.get_sint64();
        break;
      case kLineDecision: {
        const auto bytes = reader.get_view();
        out.has_decision = true;
        if (!bytes.empty() && !ReadDecision(bytes, line.decision)) return false;
        break;
      }
      case kLinePosition:
        line.position = reader.get_uint32();
        break;
      default:
        reader.skip();
    }
  }
  return true;
}

bool DecodePreference(protozero::pbf_reader reader, DeclaredPreference& preference) {
  uint32_t kind = 0;
  preference.permille = 0;
  while (reader.next()) {
    if (!HasKnownWire(reader, kPreferenceWires)) return false;
    switch (reader.tag()) {
      case kPreferenceKind:
        kind = reader.get_uint32();
        break;
      case kPreferenceValue:
        preference.value = View(reader.get_view());
        break;
      case kPreferencePermille:
        preference.permille = reader.get_uint32();
        break;
      default:
        reader.skip();
    }
  }
  preference.kind = static_cast<PreferenceKind>(kind);
  return kind >= static_cast<uint32_t>(PreferenceKind::kCategory) &&
         kind <= static_cast<uint32_t>(PreferenceKind::kAttribute) && preference.permille <= 1000;
}

// What is read before it can be put together: lines may come before the decision of their event.
struct Parts {
  int64_t age_ms = 0;
  uint32_t flags = 0;
  std::vector<bool> line_has_decision;
};

bool DecodeText(protozero::pbf_reader& reader, Event& event) {
  switch (reader.tag()) {
    case kOrderId:
      event.order_id = View(reader.get_view());
      return true;
    case kCoupon:
      event.coupon = View(reader.get_view());
      return true;
    case kQuery:
      event.query = View(reader.get_view());
      return true;
    case kCategory:
      event.category.emplace_back(View(reader.get_view()));
      return true;
    case kPageUrl:
      event.page_url = View(reader.get_view());
      return true;
    case kReferrer:
      event.referrer = View(reader.get_view());
      return true;
    case kMarket:
      event.market = View(reader.get_view());
      return true;
    case kLocale:
      event.locale = View(reader.get_view());
      return true;
    default:
      reader.skip();
      return true;
  }
}

bool DecodeField(protozero::pbf_reader& reader, Event& event, Parts& parts) {
  switch (reader.tag()) {
    case kType: {
      const uint32_t type = reader.get_uint32();
      event.type = static_cast<EventType>(type);
      return IsEventType(type);
    }
    case kReceivedAt:
      event.received_at_ms = static_cast<int64_t>(reader.get_uint64());
      return event.received_at_ms >= 0;
    case kAge:
      parts.age_ms = static_cast<int64_t>(reader.get_uint64());
      return parts.age_ms >= 0;
    case kShopper:
      event.shopper = ShopperHandle(reader.get_fixed64());
      return true;
    case kFlags:
      parts.flags = reader.get_uint32();
      return true;
    case kIdUuid: {
      const auto bytes = reader.get_view();
      if (bytes.size() != 16) return false;
      event.id = UnpackUuid(View(bytes));
      return true;
    }
    case kIdText:
      event.id = View(reader.get_view());
      return true;
    case kLine: {
      DecodedLine decoded;
      if (!DecodeLine(reader.get_message(), decoded)) return false;
      event.lines.push_back(std::move(decoded.line));
      parts.line_has_decision.push_back(decoded.has_decision);
      return true;
    }
    case kCurrency: {
      const auto currency = Currency::Parse(View(reader.get_view()));
      if (currency) event.currency = *currency;
      return currency.has_value();
    }
    case kValue:
      event.value_minor = reader.get_sint64();
      return true;
    case kTax:
      event.tax_minor = reader.get_sint64();
      return true;
    case kShipping:
      event.shipping_minor = reader.get_sint64();
      return true;
    case kDiscount:
      event.discount_minor = reader.get_sint64();
      return true;
    case kDecision:
      return ReadDecision(reader.get_view(), event.decision);
    case kPreference:
      return DecodePreference(reader.get_message(), event.preferences.emplace_back());
    default:
      return DecodeText(reader, event);
  }
}

void Clear(Event& event) {
  event.id.clear();
  event.lines.clear();
  event.order_id.clear();
  event.coupon.clear();
  event.query.clear();
  event.category.clear();
  event.preferences.clear();
  event.page_url.clear();
  event.referrer.clear();
  event.market.clear();
  event.locale.clear();
  event.traits_json.clear();
  event.value_minor.reset();
  event.tax_minor.reset();
  event.shipping_minor.reset();
  event.discount_minor.reset();
  event.type = EventType::kProductViewed;
  event.received_at_ms = 0;
  event.shopper = ShopperHandle();
  event.decision = DecisionId();
  event.currency = Currency();
}

}  // namespace

std::string EncodeEvent(const Event& event) {
  std::string payload;
  payload.reserve(96);
  protozero::pbf_writer writer(payload);
  writer.add_uint32(kType, static_cast<uint32_t>(event.type));
  writer.add_uint64(kReceivedAt, static_cast<uint64_t>(event.received_at_ms));
  if (event.occurred_at_ms < event.received_at_ms) {
    writer.add_uint64(kAge, static_cast<uint64_t>(event.received_at_ms - event.occurred_at_ms));
  }
  if (event.shopper != ShopperHandle()) writer.add_fixed64(kShopper, event.shopper.value());
  uint32_t flags = 0;
  if (!event.consent.analytics) flags |= kFlagNoAnalytics;
  if (!event.consent.personalization) flags |= kFlagNoPersonalization;
  if (event.is_backfill) flags |= kFlagBackfill;
  if (!event.is_verified) flags |= kFlagUnverified;
  if (flags != 0) writer.add_uint32(kFlags, flags);
  std::array<char, 16> uuid{};
  if (PackUuid(event.id, uuid)) {
    writer.add_bytes(kIdUuid, uuid.data(), uuid.size());
  } else {
    AddText(writer, kIdText, event.id);
  }
  AddDecision(writer, kDecision, event.decision);
  for (const EventLine& line : event.lines) {
    protozero::pbf_writer line_writer(writer, kLine);
    EncodeLine(line, event.decision, line_writer);
  }
  AddText(writer, kCurrency, event.currency.code());
  AddText(writer, kOrderId, event.order_id);
  AddAmount(writer, kValue, event.value_minor);
  AddAmount(writer, kTax, event.tax_minor);
  AddAmount(writer, kShipping, event.shipping_minor);
  AddAmount(writer, kDiscount, event.discount_minor);
  AddText(writer, kCoupon, event.coupon);
  AddText(writer, kQuery, event.query);
  for (const std::string& level : event.category) writer.add_bytes(kCategory, level.data(), level.size());
  AddText(writer, kPageUrl, event.page_url);
  AddText(writer, kReferrer, event.referrer);
  AddText(writer, kMarket, event.market);
  AddText(writer, kLocale, event.locale);
  for (const DeclaredPreference& preference : event.preferences) {
    protozero::pbf_writer entry(writer, kPreference);
    entry.add_uint32(kPreferenceKind, static_cast<uint32_t>(preference.kind));
    AddText(entry, kPreferenceValue, preference.value);
    if (preference.permille != 0) entry.add_uint32(kPreferencePermille, preference.permille);
  }
  return payload;
}

Status DecodeEvent(std::string_view payload, Event& event) {
  Clear(event);
  Parts parts;
  bool has_type = false;
  try {
    protozero::pbf_reader reader(payload.data(), payload.size());
    while (reader.next()) {
      has_type = has_type || reader.tag() == kType;
      if (!HasKnownWire(reader, kEventWires) || !DecodeField(reader, event, parts))
        return Corruption("event record: a field has an impossible value");
    }
  } catch (const std::exception& error) {
    return Corruption(std::string("event record: ") + error.what());
  }
  if (!has_type) return Corruption("event record: no type");
  event.occurred_at_ms = event.received_at_ms - parts.age_ms;
  event.consent = {(parts.flags & kFlagNoAnalytics) == 0, (parts.flags & kFlagNoPersonalization) == 0};
  event.is_backfill = (parts.flags & kFlagBackfill) != 0;
  event.is_verified = (parts.flags & kFlagUnverified) == 0;
  for (size_t i = 0; i < event.lines.size(); ++i) {
    if (!parts.line_has_decision[i]) event.lines[i].decision = event.decision;
  }
  return {};
}

}  // namespace attune::events
