// Fuzzes the body of POST /v1/events: no bytes may crash the reader, and every event that it lets through
// keeps the limits.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/utf8.h"
#include "events/event_json.h"
#include "events/identity_traits.h"
#include "events/limits.h"
#include "fuzz_target.h"

std::vector<std::string> attune::fuzz::Seeds() {
  return {
      R"({"id":"e1","type":"product_added","occurred_at":1767225590000,"anonymous_id":"a1","customer_id":"c1",
      "products":[{"product_id":"p1","quantity":2,"price":19.90,"position":3,"discount":"1.5",
      "decision_id":"0123456789abcdef0123456789abcdef","variant_id":"p1-b"}],"currency":"EUR","order_id":null,
      "value":39.80,"query":null,"page":{"url":"https://s/x","referrer":"https://r"},
      "consent":{"analytics":true,"personalization":false}})",
      R"([{"type":"product_viewed","id":"e1","anonymous_id":"a1","products":[{"product_id":"p1"}]},
      {"type":"order_completed","id":"e2","customer_id":"c1","order_id":"o1","currency":"EUR","value":"49.80",
      "tax":1,"products":[{"product_id":"p1","quantity":2,"price":"24.90"}],
      "occurred_at":"2025-12-31T23:00:00Z"},
      {"type":"identify","id":"e3","customer_id":"c1","traits":{"name":"Ada"}}])"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace attune;
  events::EventBodyOptions options;
  options.received_at_ms = 1'767'225'600'000;
  options.default_currency = *Currency::Parse("EUR");
  const auto body = events::ParseEventBody({reinterpret_cast<const char*>(data), size}, options);
  if (!body.ok()) return 0;
  if (body->rejected.empty()) ++attune::fuzz::accepted_count;
  for (const events::IncomingEvent& event : body->events) {
    CHECK(event.occurred_at_ms <= event.received_at_ms);
    CHECK(event.occurred_at_ms >= events::kTimeMinMs);
    CHECK(IsCleanText(event.id) && event.id.size() <= events::kIdBytesMax);
    CHECK(IsCleanText(event.query) && event.query.size() <= events::kQueryBytesMax);
    CHECK(event.lines.size() <= events::kLinesPerEventMax);
    for (const events::IncomingLine& line : event.lines) {
      CHECK(!line.product_id.empty() && IsCleanText(line.product_id));
      CHECK(line.quantity >= 1 && line.quantity <= events::kQuantityMax);
    }
    if (!event.traits_json.empty()) (void)events::MergeTraits("{\"a\":1}", event.traits_json);
  }
  for (const events::RejectedEvent& rejected : body->rejected) CHECK(!rejected.message.empty());
  return 0;
}
