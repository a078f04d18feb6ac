#include "events/event_record.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace attune::events {
namespace {

std::string RandomText(Random& random, size_t bytes_max) {
  std::string text(random.NextBelow(bytes_max + 1), ' ');
  for (char& c : text) c = static_cast<char>('a' + random.NextBelow(26));
  return text;
}

std::optional<int64_t> RandomAmount(Random& random) {
  if (random.NextBelow(2) == 0) return std::nullopt;
  return static_cast<int64_t>(random.NextBelow(1'000'000));
}

std::string RandomUuid(Random& random) {
  std::string text;
  for (int i = 0; i < 36; ++i) {
    text += i == 8 || i == 13 || i == 18 || i == 23 ? '-' : "0123456789abcdef"[random.NextBelow(16)];
  }
  return text;
}

DecisionId RandomDecision(Random& random) {
  if (random.NextBelow(2) == 0) return {};
  return {random.Next(), random.Next()};
}

Event RandomEvent(Random& random) {
  Event event;
  event.id = random.NextBelow(2) == 0 ? RandomUuid(random) : RandomText(random, 40);
  event.type = static_cast<EventType>(1 + random.NextBelow(34));
  event.received_at_ms = 1'700'000'000'000 + static_cast<int64_t>(random.NextBelow(1u << 30));
  event.occurred_at_ms =
      event.received_at_ms - static_cast<int64_t>(random.NextBelow(3) * random.NextBelow(100'000));
  event.shopper = ShopperHandle(random.NextBelow(3) == 0 ? 0 : random.Next());
  event.consent = {random.NextBelow(2) == 0, random.NextBelow(2) == 0};
  event.is_backfill = random.NextBelow(2) == 0;
  event.is_verified = random.NextBelow(2) == 0;
  event.decision = RandomDecision(random);
  const uint64_t lines = random.NextBelow(4);
  for (uint64_t i = 0; i < lines; ++i) {
    EventLine& line = event.lines.emplace_back();
    line.product = ProductIndex(static_cast<uint32_t>(random.Next()));
    line.variant_id = RandomText(random, 8);
    line.quantity = static_cast<int64_t>(random.NextBelow(100)) - 10;
    line.price_minor = RandomAmount(random);
    line.discount_minor = RandomAmount(random);
    line.decision = random.NextBelow(2) == 0 ? event.decision : RandomDecision(random);
    if (random.NextBelow(2) == 0) line.position = static_cast<uint32_t>(random.NextBelow(50));
  }
  if (random.NextBelow(2) == 0) event.currency = *Currency::Parse("GBP");
  event.order_id = RandomText(random, 10);
  event.value_minor = RandomAmount(random);
  event.tax_minor = RandomAmount(random);
  event.shipping_minor = RandomAmount(random);
  event.discount_minor = RandomAmount(random);
  event.coupon = RandomText(random, 5);
  event.query = RandomText(random, 20);
  for (uint64_t i = random.NextBelow(3); i > 0; --i) event.category.push_back(RandomText(random, 6));
  for (uint64_t i = random.NextBelow(3); i > 0; --i) {
    event.preferences.push_back({static_cast<PreferenceKind>(1 + random.NextBelow(3)), RandomText(random, 8),
                                 static_cast<uint32_t>(random.NextBelow(1001))});
  }
  event.page_url = RandomText(random, 30);
  event.referrer = RandomText(random, 30);
  event.market = RandomText(random, 2);
  event.locale = RandomText(random, 5);
  return event;
}

TEST(EventRecord, WhatIsWrittenIsRead) {
  Random random(1);
  Event decoded;  // Reused, as the fold does: nothing of the last event may stay.
  for (int i = 0; i < 5'000; ++i) {
    const Event event = RandomEvent(random);
    const Status status = DecodeEvent(EncodeEvent(event), decoded);
    ASSERT_TRUE(status.ok()) << status.message();
    ASSERT_EQ(decoded, event) << "event " << i;
  }
}

TEST(EventRecord, AViewIsSmall) {
  Event event;
  event.id = "0192f3a4-5b6c-7d8e-9f00-112233445566";
  event.received_at_ms = 1'767'225'600'000;
  event.occurred_at_ms = event.received_at_ms - 350;
  event.shopper = ShopperHandle(0x1234567890abcdef);
  event.lines.resize(1);
  event.lines[0].product = ProductIndex(70'000);
  EXPECT_LE(EncodeEvent(event).size(), 60u);
}

TEST(EventRecord, OnlyLowerCaseUuidsArePacked) {
  for (const char* id : {"0192F3A4-5B6C-7D8E-9F00-112233445566", "0192f3a4-5b6c-7d8e-9f00-11223344556g",
                         "0192f3a4-5b6c-7d8e-9f00-1122334455660", "0192f3a45b6c-7d8e-9f00-112233-445566"}) {
    Event event;
    event.id = id;
    Event decoded;
    ASSERT_TRUE(DecodeEvent(EncodeEvent(event), decoded).ok());
    EXPECT_EQ(decoded.id, id);
  }
}

TEST(EventRecord, FieldsOfANewerBuildAreSkipped) {
  Event event;
  event.id = "e1";
  std::string payload = EncodeEvent(event);
  payload += std::string("\xfa\x07\x03", 3) + "new";  // Field 127, three bytes.
  payload += std::string("\xf8\x07\x05", 3);          // Field 127, a varint.
  Event decoded;
  ASSERT_TRUE(DecodeEvent(payload, decoded).ok());
  EXPECT_EQ(decoded, event);
}

TEST(EventRecord, BytesThatAreNoEventAreCorruption) {
  Event event;
  for (const std::string& bytes :
       {std::string(), std::string("\x08"), std::string("\x08\x7f"), std::string("\x08\x00", 2),
        std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")}) {
    EXPECT_EQ(DecodeEvent(bytes, event).code(), StatusCode::kCorruption);
  }
}

TEST(EventRecord, MutatedBytesNeverBreakTheDecoder) {
  Random random(2);
  Event decoded;
  size_t readable = 0;
  for (int i = 0; i < 30'000; ++i) {
    std::string payload = EncodeEvent(RandomEvent(random));
    for (uint64_t edits = 1 + random.NextBelow(3); edits > 0; --edits) {
      payload[random.NextBelow(payload.size())] = static_cast<char>(random.NextBelow(256));
    }
    if (random.NextBelow(4) == 0) payload.resize(random.NextBelow(payload.size() + 1));
    if (!DecodeEvent(payload, decoded).ok()) continue;
    ++readable;
    Event again;
    ASSERT_TRUE(DecodeEvent(EncodeEvent(decoded), again).ok());
  }
  EXPECT_GT(readable, 100u);
}

}  // namespace
}  // namespace attune::events
