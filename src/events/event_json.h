// Reads the body of POST /v1/events: one event, or an array of them.
//
//   [{"type":"product_viewed","anonymous_id":"a1","product_id":"p1"},
//   {"type":"order_completed","products":[]}]
//     => events [0], rejected [1] {missing_field, "[1].order_id", "an order event needs its order_id"}
//
// Every event is judged alone: a bad one is rejected with the field at fault and the others go on.  Only a
// body that is no event at all (no JSON, invalid UTF-8, neither object nor array, empty, too many) fails as a
// whole.  Unknown fields are ignored, null is the same as absent, and the last of two equal names wins.
//
// Time.  Both milliseconds and RFC 3339 are understood.  With `sent_at` beside it, the sender's clock is
// corrected:
//   occurred_at = received_at - (sent_at - occurred_at as sent)
// and a time in the future becomes received_at.
//
// Thread safety: any thread; each keeps one parser.

#ifndef ATTUNE_EVENTS_EVENT_JSON_H_
#define ATTUNE_EVENTS_EVENT_JSON_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/money.h"
#include "base/status.h"
#include "events/incoming_event.h"

namespace attune::events {

struct EventBodyOptions {
  int64_t received_at_ms = 0;
  Currency default_currency;  // Of events that name none.
  bool may_backfill = false;  // `"backfill": true` needs a secret key; without it the field is refused.
  bool is_backfill = false;   // Importers: every event is history.
};

// One of these words, for programs; the message is for people.
inline constexpr const char* kMissingField = "missing_field";
inline constexpr const char* kInvalidField = "invalid_field";
inline constexpr const char* kLimitExceeded = "limit_exceeded";
inline constexpr const char* kUnknownType = "unknown_type";
inline constexpr const char* kInvalidTime = "invalid_time";
inline constexpr const char* kUnavailable = "unavailable";

struct RejectedEvent {
  uint32_t index = 0;  // In the body, from 0.
  const char* code = kInvalidField;
  std::string field;  // "[3].products[0].quantity"; without "[3]." when the body is one event.
  std::string message;
};

struct EventBody {
  std::vector<IncomingEvent> events;
  std::vector<uint32_t> indices;  // Of `events`, in the body.
  std::vector<RejectedEvent> rejected;
  bool is_array = false;
};

// Fails with kInvalidArgument when the body as a whole is no event, or holds too many.
Result<EventBody> ParseEventBody(std::string_view json, const EventBodyOptions& options);

// The event as one JSON object that ParseEventBody() reads back as the same event, but for what the receiver
// decides itself: when it was received, and whether it is verified.
void WriteEventJson(JsonWriter& json, const IncomingEvent& event);

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_EVENT_JSON_H_
