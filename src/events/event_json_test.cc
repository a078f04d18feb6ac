#include "events/event_json.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"
#include "base/time_text.h"
#include "events/limits.h"

namespace attune::events {
namespace {

constexpr int64_t kNow = 1'767'225'600'000;

EventBodyOptions Options() {
  EventBodyOptions options;
  options.received_at_ms = kNow;
  options.default_currency = *Currency::Parse("EUR");
  options.may_backfill = true;
  return options;
}

EventBody Parse(const std::string& json) {
  auto body = ParseEventBody(json, Options());
  EXPECT_TRUE(body.ok()) << body.status().message() << " in " << json;
  return body.ok() ? std::move(body).value() : EventBody();
}

IncomingEvent ParseOne(const std::string& json) {
  EventBody body = Parse(json);
  EXPECT_EQ(body.events.size(), 1u) << (body.rejected.empty()
                                            ? ""
                                            : body.rejected[0].field + body.rejected[0].message);
  return body.events.empty() ? IncomingEvent() : body.events[0];
}

RejectedEvent Rejected(const std::string& json) {
  EventBody body = Parse(json);
  EXPECT_EQ(body.rejected.size(), 1u) << json;
  return body.rejected.empty() ? RejectedEvent() : body.rejected[0];
}

TEST(EventJson, ReadsDeclaredPreferencesAndWritesThemBack) {
  const IncomingEvent event = ParseOne(
      R"({"type":"preferences_declared","anonymous_id":"a1","preferences":{"categories":["Home > Lighting",)"
      R"(["Home","Chairs"],{"value":["Garden"],"weight":0.25}],"brands":["Lumo",{"value":"Nord","weight":0}],)"
      R"("attributes":{"colour":"black","size":["M",{"value":"L","weight":0.5}]},"moods":["sunny"]}})");
  const std::vector<DeclaredPreference> expected = {{PreferenceKind::kCategory, "Home > Lighting", 1000},
                                                    {PreferenceKind::kCategory, "Home > Chairs", 1000},
                                                    {PreferenceKind::kCategory, "Garden", 250},
                                                    {PreferenceKind::kBrand, "Lumo", 1000},
                                                    {PreferenceKind::kBrand, "Nord", 0},
                                                    {PreferenceKind::kAttribute, "colour=black", 1000},
                                                    {PreferenceKind::kAttribute, "size=M", 1000},
                                                    {PreferenceKind::kAttribute, "size=L", 500}};
  EXPECT_EQ(event.preferences, expected);
  JsonWriter json;
  WriteEventJson(json, event);
  EXPECT_EQ(ParseOne(json.TakeText()).preferences, expected);
  EXPECT_TRUE(ParseOne(R"({"type":"page_viewed","anonymous_id":"a1","preferences":{"brands":["Lumo"]}})")
                  .preferences.empty())
      << "of this event only";
}

TEST(EventJson, WrongPreferencesAreNamed) {
  const auto field_of = [](const std::string& preferences) {
    return Rejected(R"({"type":"preferences_declared","anonymous_id":"a1","preferences":)" + preferences +
                    "}")
        .field;
  };
  EXPECT_EQ(field_of("5"), "preferences");
  EXPECT_EQ(field_of("{}"), "preferences");
  EXPECT_EQ(field_of(R"({"brands":"Lumo"})"), "preferences.brands");
  EXPECT_EQ(field_of(R"({"brands":["Lumo",7]})"), "preferences.brands[1]");
  EXPECT_EQ(field_of(R"({"brands":[{"weight":1}]})"), "preferences.brands[0]");
  EXPECT_EQ(field_of(R"({"brands":[{"value":"x","weight":1.5}]})"), "preferences.brands[0].weight");
  EXPECT_EQ(field_of(R"({"categories":[["Home",1]]})"), "preferences.categories[0]");
  EXPECT_EQ(field_of(R"({"attributes":{"colour":""}})"), "preferences.attributes.colour");
  EXPECT_EQ(field_of(R"({"brands":[")" + std::string(kNameBytesMax + 1, 'x') + "\"]}"),
            "preferences.brands[0]");
  std::string many = R"({"brands":["b")";
  for (size_t i = 0; i < kPreferencesPerEventMax; ++i) many += ",\"b\"";
  const RejectedEvent rejected =
      Rejected(R"({"type":"preferences_declared","anonymous_id":"a1","preferences":)" + many + "]}}");
  EXPECT_EQ(rejected.code, std::string("limit_exceeded"));
  EXPECT_EQ(Rejected(R"({"type":"preferences_declared","preferences":{"brands":["Lumo"]}})").field,
            "anonymous_id");
}

TEST(EventJson, ReadsTheDocumentedEvent) {
  const IncomingEvent event = ParseOne(
      R"({"id":"e1","type":"product_added","occurred_at":1767225590000,"anonymous_id":"a1","customer_id":"c1",)"
      R"("products":[{"product_id":"p1","quantity":2,"price":19.90,"position":3,"discount":"1.5",)"
      R"("decision_id":"0123456789abcdef0123456789abcdef","variant_id":"p1-b"}],"currency":"EUR","order_id":null,)"
      R"("value":39.80,"query":null,"page":{"url":"https://s/x","referrer":"https://r"},)"
      R"("consent":{"analytics":true,"personalization":false}})");
  EXPECT_EQ(event.id, "e1");
  EXPECT_EQ(event.type, EventType::kProductAdded);
  EXPECT_EQ(event.occurred_at_ms, 1767225590000);
  EXPECT_EQ(event.received_at_ms, kNow);
  EXPECT_EQ(event.anonymous_id, "a1");
  EXPECT_EQ(event.customer_id, "c1");
  ASSERT_EQ(event.lines.size(), 1u);
  EXPECT_EQ(event.lines[0].product_id, "p1");
  EXPECT_EQ(event.lines[0].variant_id, "p1-b");
  EXPECT_EQ(event.lines[0].quantity, 2);
  EXPECT_EQ(event.lines[0].price_minor, 1990);
  EXPECT_EQ(event.lines[0].discount_minor, 150);
  EXPECT_EQ(event.lines[0].position, 3u);
  EXPECT_EQ(event.lines[0].decision.high, 0x0123456789abcdefu);
  EXPECT_EQ(event.value_minor, 3980);
  EXPECT_EQ(event.order_id, "");
  EXPECT_EQ(event.page_url, "https://s/x");
  EXPECT_EQ(event.referrer, "https://r");
  EXPECT_EQ(event.consent.analytics, true);
  EXPECT_EQ(event.consent.personalization, false);
  EXPECT_FALSE(event.is_backfill);
}

TEST(EventJson, UnderstandsBothSpellingsOfEveryType) {
  for (uint64_t number = 1; IsEventType(number); ++number) {
    const auto type = static_cast<EventType>(number);
    const std::string name(EventTypeName(type));
    EXPECT_EQ(ParseEventType(name), type);
    std::string title = name;
    bool starts_word = true;
    for (char& c : title) {
      if (starts_word) c = static_cast<char>(c - 'a' + 'A');
      starts_word = c == '_';
      if (starts_word) c = ' ';
    }
    EXPECT_EQ(ParseEventType(title), type) << title;
  }
  EXPECT_EQ(ParseEventType("Viewed Product"), EventType::kProductViewed);
  EXPECT_EQ(ParseEventType("Completed Order"), EventType::kOrderCompleted);
  EXPECT_EQ(ParseEventType("Viewed Product Category"), EventType::kProductListViewed);
  EXPECT_EQ(ParseEventType(""), std::nullopt);
  EXPECT_EQ(ParseEventType("product-viewed"), std::nullopt);
  EXPECT_EQ(ParseEventType(std::string(10'000, 'a')), std::nullopt);
}

TEST(EventJson, SegmentsTrackNameIsTheType) {
  EXPECT_EQ(ParseOne(R"({"type":"track","event":"Product Viewed","product_id":7})").type,
            EventType::kProductViewed);
  EXPECT_EQ(ParseOne(R"({"type":"track","event":"Product Viewed","product_id":7})").lines[0].product_id, "7");
}

TEST(EventJson, AProductOnTheEventItselfIsALine) {
  const IncomingEvent event =
      ParseOne(R"({"type":"product_viewed","sku":"s1","price":"3.00","quantity":2,"position":0})");
  ASSERT_EQ(event.lines.size(), 1u);
  EXPECT_EQ(event.lines[0].product_id, "s1");
  EXPECT_EQ(event.lines[0].variant_id, "s1");
  EXPECT_EQ(event.lines[0].price_minor, 300);
  EXPECT_EQ(event.lines[0].quantity, 2);
  EXPECT_EQ(event.lines[0].position, 0u);
}

TEST(EventJson, NamesOnTheEventAreDefaultsOfItsLines) {
  const IncomingEvent event = ParseOne(
      R"({"type":"slate_viewed","decision_id":"0123456789abcdef0123456789abcdef","position":4,"discount":1,)"
      R"("products":[{"product_id":"a"},{"product_id":"b","position":5,"discount":2,)"
      R"("decision_id":"ffffffffffffffffffffffffffffffff"}]})");
  ASSERT_EQ(event.lines.size(), 2u);
  EXPECT_EQ(event.lines[0].decision, event.decision);
  EXPECT_EQ(event.lines[0].position, 4u);
  EXPECT_EQ(event.lines[0].discount_minor, 100);
  EXPECT_EQ(event.lines[1].decision.low, ~uint64_t{0});
  EXPECT_EQ(event.lines[1].position, 5u);
  EXPECT_EQ(event.lines[1].discount_minor, 200);
}

TEST(EventJson, TheDiscountOfAnOrderIsNotThatOfItsLines) {
  const IncomingEvent event =
      ParseOne(R"({"type":"order_completed","order_id":"o","discount":5,"products":["a","b"]})");
  EXPECT_EQ(event.discount_minor, 500);
  EXPECT_EQ(event.lines[0].discount_minor, std::nullopt);
}

TEST(EventJson, RevenueComesBeforeValueBeforeTotalWithoutTaxAndShipping) {
  const std::string head =
      R"({"type":"order_completed","order_id":"o","products":["a"],"tax":2,"shipping":3,"total":15)";
  EXPECT_EQ(ParseOne(head + "}").value_minor, 1000);
  EXPECT_EQ(ParseOne(head + R"(,"value":11})").value_minor, 1100);
  EXPECT_EQ(ParseOne(head + R"(,"value":11,"revenue":"12"})").value_minor, 1200);
}

TEST(EventJson, TheCurrencyMayComeAfterTheAmounts) {
  EXPECT_EQ(ParseOne(R"({"type":"cart_viewed","value":1200,"currency":"jpy"})").value_minor, 1200);
  EXPECT_EQ(ParseOne(R"({"type":"cart_viewed","value":"1.234","currency":"KWD"})").value_minor, 1234);
}

TEST(EventJson, CorrectsTheClockOfTheSender) {
  // The sender's clock is an hour slow; the event waited two seconds before it was sent.
  const IncomingEvent event = ParseOne(
      R"({"type":"page_viewed","occurred_at":"2025-12-31T22:59:58Z","sent_at":"2025-12-31T23:00:00Z"})");
  EXPECT_EQ(event.occurred_at_ms, kNow - 2'000);
  // Ten years in the future, by a wrong clock.
  EXPECT_EQ(
      ParseOne(
          R"({"type":"page_viewed","timestamp":"2036-01-01T00:00:00Z","sent_at":"2036-01-01T00:00:01Z"})")
          .occurred_at_ms,
      kNow - 1'000);
}

TEST(EventJson, TheFutureIsNow) {
  const std::string soon = std::to_string(kNow + kDayMs);
  EXPECT_EQ(ParseOne(R"({"type":"page_viewed","occurred_at":)" + soon + "}").occurred_at_ms, kNow);
  EXPECT_EQ(ParseOne(R"({"type":"page_viewed","occurred_at":)" + soon + R"(,"sent_at":)" +
                     std::to_string(kNow) + "}")
                .occurred_at_ms,
            kNow);
}

TEST(EventJson, ImpossibleTimesAreNamed) {
  for (const char* time : {"1700000000", "-5", "1e300", "\"yesterday\"", "true", "\"9999-01-01\"", "{}"}) {
    const RejectedEvent rejected =
        Rejected(std::string(R"({"type":"page_viewed","occurred_at":)") + time + "}");
    EXPECT_EQ(rejected.field, "occurred_at") << time;
    EXPECT_STREQ(rejected.code, kInvalidTime) << time;
  }
}

TEST(EventJson, ABadEventDoesNotStopTheOthers) {
  const EventBody body =
      Parse(R"([{"type":"product_viewed","product_id":"a"},{"type":"nonsense"},17,)"
            R"({"type":"product_viewed","products":[{"product_id":"b"},{"product_id":"c","quantity":0}]},)"
            R"({"type":"product_viewed","product_id":"d"}])");
  ASSERT_EQ(body.events.size(), 2u);
  EXPECT_EQ(body.indices, (std::vector<uint32_t>{0, 4}));
  ASSERT_EQ(body.rejected.size(), 3u);
  EXPECT_EQ(body.rejected[0].index, 1u);
  EXPECT_EQ(body.rejected[0].field, "[1].type");
  EXPECT_STREQ(body.rejected[0].code, kUnknownType);
  EXPECT_EQ(body.rejected[1].field, "[2]");
  EXPECT_EQ(body.rejected[2].field, "[3].products[1].quantity");
}

struct BadField {
  const char* json;
  const char* field;
  const char* code;
};

TEST(EventJson, EveryErrorNamesItsField) {
  const BadField cases[] = {
      {R"({})", "type", kMissingField},
      {R"({"type":null})", "type", kMissingField},
      {R"({"type":3})", "type", kUnknownType},
      {R"({"type":"product_viewed"})", "product_id", kMissingField},
      {R"({"type":"product_viewed","products":[]})", "product_id", kMissingField},
      {R"({"type":"product_viewed","products":{}})", "products", kInvalidField},
      {R"({"type":"product_viewed","products":[{}]})", "products[0].product_id", kMissingField},
      {R"({"type":"product_viewed","products":[[]]})", "products[0].product_id", kInvalidField},
      {R"({"type":"product_viewed","product_id":1.5})", "product_id", kInvalidField},
      {R"({"type":"product_viewed","product_id":"a\u0000b"})", "product_id", kInvalidField},
      {R"({"type":"product_viewed","product_id":"a","quantity":100001})", "quantity", kInvalidField},
      {R"({"type":"product_viewed","product_id":"a","quantity":1.5})", "quantity", kInvalidField},
      {R"({"type":"product_viewed","product_id":"a","quantity":1e400})", "", ""},
      {R"({"type":"product_viewed","product_id":"a","quantity":18446744073709551615})", "quantity",
       kInvalidField},
      {R"({"type":"product_viewed","product_id":"a","position":-1})", "position", kInvalidField},
      {R"({"type":"product_viewed","product_id":"a","price":-1})", "price", kInvalidField},
      {R"({"type":"product_viewed","product_id":"a","price":"1,50"})", "price", kInvalidField},
      {R"({"type":"product_viewed","product_id":"a","price":1e300})", "price", kInvalidField},
      {R"({"type":"product_viewed","product_id":"a","price":true})", "price", kInvalidField},
      {R"({"type":"product_viewed","product_id":"a","decision_id":"x"})", "decision_id", kInvalidField},
      {R"({"type":"product_viewed","product_id":"a","currency":"EURO"})", "currency", kInvalidField},
      {R"({"type":"product_viewed","product_id":"a","consent":"yes"})", "consent", kInvalidField},
      {R"({"type":"product_viewed","product_id":"a","consent":{"analytics":1}})", "consent.analytics",
       kInvalidField},
      {R"({"type":"product_viewed","product_id":"a","page":5})", "page", kInvalidField},
      {R"({"type":"product_viewed","product_id":"a","page":{"url":5}})", "page.url", kInvalidField},
      {R"({"type":"product_viewed","product_id":"a","category":[1]})", "category", kInvalidField},
      {R"({"type":"product_viewed","product_id":"a","backfill":"no"})", "backfill", kInvalidField},
      {R"({"type":"order_completed","products":["a"]})", "order_id", kMissingField},
      {R"({"type":"order_completed","order_id":"o"})", "products", kMissingField},
      {R"({"type":"order_cancelled"})", "order_id", kMissingField},
      {R"({"type":"products_searched"})", "query", kMissingField},
      {R"({"type":"slate_viewed"})", "products", kMissingField},
      {R"({"type":"identify"})", "customer_id", kMissingField},
      {R"({"type":"identify","customer_id":"c","traits":[]})", "traits", kInvalidField},
      {R"({"type":"consent_changed","customer_id":"c"})", "consent", kMissingField},
      {R"({"type":"consent_changed","consent":false})", "anonymous_id", kMissingField},
  };
  for (const BadField& bad : cases) {
    const auto body = ParseEventBody(bad.json, Options());
    if (*bad.code == '\0') {
      EXPECT_FALSE(body.ok()) << bad.json;
      continue;
    }
    ASSERT_TRUE(body.ok()) << bad.json << body.status().message();
    ASSERT_EQ(body->rejected.size(), 1u) << bad.json;
    EXPECT_EQ(body->rejected[0].field, bad.field) << bad.json;
    EXPECT_STREQ(body->rejected[0].code, bad.code) << bad.json;
    EXPECT_FALSE(body->rejected[0].message.empty());
  }
}

TEST(EventJson, LimitsHoldAtTheirEdge) {
  const auto with_id = [](size_t size) {
    return R"({"type":"product_viewed","product_id":")" + std::string(size, 'x') + "\"}";
  };
  EXPECT_EQ(ParseOne(with_id(kIdBytesMax)).lines[0].product_id.size(), kIdBytesMax);
  EXPECT_STREQ(Rejected(with_id(kIdBytesMax + 1)).code, kLimitExceeded);

  const auto with_lines = [](size_t count) {
    std::string json = R"({"type":"cart_viewed","products":[)";
    for (size_t i = 0; i < count; ++i) json += i == 0 ? "\"a\"" : ",\"a\"";
    return json + "]}";
  };
  EXPECT_EQ(ParseOne(with_lines(kLinesPerEventMax)).lines.size(), kLinesPerEventMax);
  EXPECT_EQ(Rejected(with_lines(kLinesPerEventMax + 1)).field, "products");

  const auto with_events = [](size_t count) {
    std::string json = "[";
    for (size_t i = 0; i < count; ++i) json += std::string(i == 0 ? "" : ",") + R"({"type":"page_viewed"})";
    return json + "]";
  };
  EXPECT_EQ(Parse(with_events(kEventsPerRequestMax)).events.size(), kEventsPerRequestMax);
  EXPECT_FALSE(ParseEventBody(with_events(kEventsPerRequestMax + 1), Options()).ok());
  EXPECT_FALSE(ParseEventBody(with_events(100'000), Options()).ok());
}

TEST(EventJson, ABodyThatIsNoEventFailsAsAWhole) {
  std::string deep(200, '[');
  deep += std::string(200, ']');
  for (const std::string& body :
       {std::string(), std::string(" "), std::string("nonsense"), std::string("[]"), std::string("7"),
        std::string("\"text\""), std::string("{\"type\":"), std::string("{} {}"), std::string("[{},]"), deep,
        std::string("{\"type\":\"\xff\"}"), std::string("{\"a\":\"\xed\xa0\x80\"}"), std::string(1, '\0')}) {
    const auto result = ParseEventBody(body, Options());
    ASSERT_FALSE(result.ok()) << body;
    EXPECT_EQ(result.status().code(), StatusCode::kInvalidArgument);
    EXPECT_FALSE(result.status().message().empty());
  }
  const auto utf8 = ParseEventBody("{\"type\":\"\xff\"}", Options());
  EXPECT_NE(utf8.status().message().find("UTF-8 at byte 9"), std::string::npos) << utf8.status().message();
}

TEST(EventJson, BackfillNeedsTheRight) {
  EventBodyOptions options = Options();
  options.may_backfill = false;
  const auto body = ParseEventBody(R"({"type":"page_viewed","backfill":true})", options);
  ASSERT_TRUE(body.ok());
  ASSERT_EQ(body->rejected.size(), 1u);
  EXPECT_EQ(body->rejected[0].field, "backfill");
  EXPECT_TRUE(ParseOne(R"({"type":"page_viewed","backfill":true})").is_backfill);
}

TEST(EventJson, CategoryIsAPathEitherWay) {
  const std::vector<std::string> path = {"Home", "Lighting"};
  EXPECT_EQ(ParseOne(R"({"type":"product_list_viewed","category":["Home","Lighting"]})").category, path);
  EXPECT_EQ(ParseOne(R"({"type":"product_list_viewed","category":"Home > Lighting"})").category, path);
}

TEST(EventJson, UnknownFieldsAreIgnoredAndTraitsKeptForIdentifyOnly) {
  EXPECT_EQ(ParseOne(R"({"type":"identify","customer_id":"c","traits":{"a": [1, {"b":2}]},"zzz":{"x":[]}})")
                .traits_json,
            R"({"a":[1,{"b":2}]})");
  EXPECT_EQ(ParseOne(R"({"type":"page_viewed","traits":{"a":1}})").traits_json, "");
}

// Whatever is done to a good body, the answer is a Status or events within the limits.
TEST(EventJson, MutatedBodiesNeverBreakTheParser) {
  const std::string good =
      R"([{"id":"e1","type":"Order Completed","occurred_at":"2025-12-31T22:00:00Z","sent_at":1767222000000,)"
      R"("anonymous_id":"a1","order_id":"o1","products":[{"product_id":"p1","quantity":2,"price":"19.90"},"p2"],)"
      R"("currency":"EUR","tax":1.5,"page":{"url":"https://x"},"consent":{"analytics":true},"category":["A","B"]}])";
  Random random(7);
  size_t accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string body = good;
    const uint64_t edits = 1 + random.NextBelow(4);
    for (uint64_t i = 0; i < edits && !body.empty(); ++i) {
      const size_t at = random.NextBelow(body.size());
      switch (random.NextBelow(4)) {
        case 0:
          body[at] = static_cast<char>(random.NextBelow(256));
          break;
        case 1:
          body.erase(at, 1 + random.NextBelow(10));
          break;
        case 2:
          body.insert(at, body.substr(random.NextBelow(body.size()), random.NextBelow(20)));
          break;
        default:
          body[at] = "0123456789-.eE{}[]\":,"[random.NextBelow(21)];
      }
    }
    const auto result = ParseEventBody(body, Options());
    if (!result.ok()) continue;
    for (const IncomingEvent& event : result->events) {
      ++accepted;
      EXPECT_LE(event.occurred_at_ms, event.received_at_ms);
      EXPECT_GE(event.occurred_at_ms, kTimeMinMs);
      for (const IncomingLine& line : event.lines) {
        EXPECT_FALSE(line.product_id.empty());
        EXPECT_TRUE(line.quantity >= 1 && line.quantity <= kQuantityMax);
      }
    }
  }
  EXPECT_GT(accepted, 100u);
}

// A discount of an event that is no order stands on its lines; a line without one would take the event's.
TEST(EventJson, WhatIsWrittenReadsBackAsTheSameEvent) {
  const char* bodies[] = {
      R"({"id":"e1","type":"product_viewed","anonymous_id":"a1","customer_id":"c1","product_id":"p1",)"
      R"("identity_token":"t","position":3,"decision_id":"00112233445566778899aabbccddeeff",)"
      R"("page":{"url":"https://a.example/","referrer":"https://b.example/"},"market":"DE","locale":"de",)"
      R"("category":["Home","Lamps"],"occurred_at":"2026-01-01T10:00:00.123Z"})",
      R"({"type":"order_completed","customer_id":"c1","order_id":"o1","currency":"JPY","revenue":1200,"tax":10,)"
      R"("shipping":5,"discount":7,"coupon":"SAVE","products":[{"product_id":"p1","variant_id":"v1",)"
      R"("quantity":2,"price":600,"discount":1},{"product_id":"p2"}]})",
      R"({"type":"identify","customer_id":"c1","traits":{"plan":"pro","n":[1,2]}})",
      R"({"type":"consent_changed","anonymous_id":"a1","consent":{"analytics":true,"personalization":false}})",
      R"({"type":"products_searched","anonymous_id":"a\"1","query":"desk\nlamp","backfill":true})",
  };
  EventBodyOptions options;
  options.received_at_ms = 1'770'000'000'000;
  options.default_currency = *Currency::Parse("EUR");
  options.may_backfill = true;
  for (const char* body : bodies) {
    const auto read = ParseEventBody(body, options);
    ASSERT_TRUE(read.ok() && read->events.size() == 1) << body;
    JsonWriter json;
    WriteEventJson(json, read->events.front());
    EventBodyOptions other = options;
    other.default_currency = *Currency::Parse("USD");
    const auto again = ParseEventBody(json.text(), other);
    ASSERT_TRUE(again.ok() && again->events.size() == 1) << json.text();
    EXPECT_EQ(again->events.front(), read->events.front()) << json.text();
  }
}

}  // namespace
}  // namespace attune::events
