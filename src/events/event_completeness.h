// What an event of each type must hold to mean anything: a view its product, an order its order_id.
//
// Thread safety: pure function.

#ifndef ATTUNE_EVENTS_EVENT_COMPLETENESS_H_
#define ATTUNE_EVENTS_EVENT_COMPLETENESS_H_

#include <optional>
#include <string_view>

#include "events/incoming_event.h"

namespace attune::events {

struct MissingField {
  std::string_view field;
  std::string_view message;
};

// The first thing that is missing; nothing when the event is complete.
std::optional<MissingField> FindMissing(const IncomingEvent& event);

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_EVENT_COMPLETENESS_H_
