// Fuzzes the decoders of what the events room keeps on disk: damaged bytes give kCorruption, never a crash,
// and what can be read is written and read again the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "events/event_record.h"
#include "events/identity_record.h"
#include "events/order_state.h"
#include "fuzz_target.h"

std::vector<std::string> attune::fuzz::Seeds() {
  using namespace attune::events;
  Event event;
  event.id = "01234567-89ab-cdef-0123-456789abcdef";
  event.type = EventType::kOrderCompleted;
  event.received_at_ms = 1'770'000'000'000;
  event.occurred_at_ms = event.received_at_ms - 5;
  event.shopper = ShopperHandle(7);
  event.decision = {1, 2};
  event.currency = *Currency::Parse("EUR");
  event.order_id = "o1";
  event.value_minor = 4980;
  EventLine& line = event.lines.emplace_back();
  line.product = ProductIndex(3);
  line.quantity = 2;
  line.price_minor = 2490;
  line.position = 1;
  OrderState order;
  order.order_id = "o1";
  FoldOrderEvent(event, OrderRules{}, order);
  IdentityChange change;
  change.kind = IdentityChange::Kind::kLinked;
  change.shopper = ShopperHandle(7);
  change.at_ms = 5;
  change.sealed = "sealed";
  change.owner = ShopperHandle(8);
  IdentityState state;
  state.made_at_ms = 5;
  state.sealed_id = "sealed";
  state.members = {ShopperHandle(7)};
  state.consent = {true, false};
  return {EncodeEvent(event), EncodeOrderState(order), EncodeIdentityChange(change),
          EncodeIdentityState(state)};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace attune::events;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Event event;
  if (DecodeEvent(bytes, event).ok()) {
    ++attune::fuzz::accepted_count;
    Event again;
    CHECK(DecodeEvent(EncodeEvent(event), again).ok());
    CHECK(EncodeEvent(again) == EncodeEvent(event));
  }
  if (const auto change = DecodeIdentityChange(bytes); change.ok()) {
    ++attune::fuzz::accepted_count;
    const auto again = DecodeIdentityChange(EncodeIdentityChange(*change));
    CHECK(again.ok());
  }
  if (const auto state = DecodeIdentityState(bytes); state.ok()) {
    ++attune::fuzz::accepted_count;
    const auto again = DecodeIdentityState(EncodeIdentityState(*state));
    CHECK(again.ok() && EncodeIdentityState(*again) == EncodeIdentityState(*state));
  }
  if (const auto order = DecodeOrderState(bytes); order.ok()) {
    ++attune::fuzz::accepted_count;
    const auto again = DecodeOrderState(EncodeOrderState(*order));
    CHECK(again.ok() && EncodeOrderState(*again) == EncodeOrderState(*order));
    (void)StandingOf(*order);
  }
  return 0;
}
