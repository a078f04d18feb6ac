// Fuzzes the decoders of what the events room keeps on disk: damaged bytes give kCorruption, never a crash,
// and what can be read is written and read again the same.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "events/event_record.h"
#include "events/identity_record.h"
#include "events/order_state.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace attune::events;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Event event;
  if (DecodeEvent(bytes, event).ok()) {
    Event again;
    CHECK(DecodeEvent(EncodeEvent(event), again).ok());
    CHECK(EncodeEvent(again) == EncodeEvent(event));
  }
  if (const auto change = DecodeIdentityChange(bytes); change.ok()) {
    const auto again = DecodeIdentityChange(EncodeIdentityChange(*change));
    CHECK(again.ok());
  }
  if (const auto state = DecodeIdentityState(bytes); state.ok()) {
    const auto again = DecodeIdentityState(EncodeIdentityState(*state));
    CHECK(again.ok() && EncodeIdentityState(*again) == EncodeIdentityState(*state));
  }
  if (const auto order = DecodeOrderState(bytes); order.ok()) {
    const auto again = DecodeOrderState(EncodeOrderState(*order));
    CHECK(again.ok() && EncodeOrderState(*again) == EncodeOrderState(*order));
    (void)StandingOf(*order);
  }
  return 0;
}
