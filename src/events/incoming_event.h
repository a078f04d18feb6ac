// An event as a sender described it: checked field by field, but with the names that the outside world uses.
//
//   body --(event_json.h)--> IncomingEvent --(event_intake.h, on the writer strand)--> Event in the log
//
// Ids are still text, consent is what was said and not yet what holds, and the time is already corrected for
// the sender's clock.
//
// Units: milliseconds since the epoch; money in minor units of `currency`.
// Thread safety: value type.

#ifndef ATTUNE_EVENTS_INCOMING_EVENT_H_
#define ATTUNE_EVENTS_INCOMING_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/money.h"
#include "events/event.h"

namespace attune::events {

struct IncomingLine {
  std::string product_id;               // A product id, variant id, sku or ean; never empty.
  std::optional<ProductIndex> product;  // Once it is known; the writer strand sees to it.
  std::string variant_id;
  int64_t quantity = 1;
  std::optional<int64_t> price_minor;     // Of one unit.
  std::optional<int64_t> discount_minor;  // Of the line.
  DecisionId decision;
  std::optional<uint32_t> position;

  friend bool operator==(const IncomingLine&, const IncomingLine&) = default;
};

// What the sender said about consent; nothing where it said nothing.
struct StatedConsent {
  std::optional<bool> analytics;
  std::optional<bool> personalization;

  bool is_stated() const { return analytics.has_value() || personalization.has_value(); }
  friend bool operator==(const StatedConsent&, const StatedConsent&) = default;
};

struct IncomingEvent {
  std::string id;
  EventType type = EventType::kProductViewed;
  int64_t occurred_at_ms = 0;  // Never later than received_at_ms.
  int64_t received_at_ms = 0;
  std::string anonymous_id;
  std::string customer_id;
  std::string identity_token;  // Proves customer_id when the key is public; http checks it.
  StatedConsent consent;
  bool is_backfill = false;
  bool is_verified = true;  // Set by http: false for an order that came with a public key.
  std::vector<IncomingLine> lines;
  Currency currency;
  std::string order_id;
  std::optional<int64_t> value_minor;
  std::optional<int64_t> tax_minor;
  std::optional<int64_t> shipping_minor;
  std::optional<int64_t> discount_minor;
  std::string coupon;
  std::string query;
  std::vector<std::string> category;
  std::vector<DeclaredPreference> preferences;  // kPreferencesDeclared only.
  std::string page_url;
  std::string referrer;
  std::string market;
  std::string locale;
  DecisionId decision;      // Named by the event as a whole: the default of its lines.
  std::string traits_json;  // kIdentify only: one JSON object.

  friend bool operator==(const IncomingEvent&, const IncomingEvent&) = default;
};

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_INCOMING_EVENT_H_
