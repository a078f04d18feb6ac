// The bytes of an event in the log: the payload of RecordKind::kEvent.
//
// Protocol Buffers wire format, only what differs from the default; a product view takes 45 to 90 bytes.
// Fields and a worked example: docs/formats/events.md.  Unknown fields are skipped, so an older build reads
// what a newer one wrote. traits_json is not written: traits belong to the identity, encrypted.
//
// Thread safety: pure functions.

#ifndef ATTUNE_EVENTS_EVENT_RECORD_H_
#define ATTUNE_EVENTS_EVENT_RECORD_H_

#include <string>
#include <string_view>

#include "base/status.h"
#include "events/event.h"

namespace attune::events {

std::string EncodeEvent(const Event& event);

// Fails with kCorruption when the bytes are no event; then `event` is unspecified.  Reuses the memory of
// `event`.
Status DecodeEvent(std::string_view payload, Event& event);

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_EVENT_RECORD_H_
