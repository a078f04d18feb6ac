#include "server/random_request.h"

#include <array>
#include <string_view>
#include <utility>

namespace attune::server {
namespace {

constexpr size_t kLongTextBytes = 5'000;
constexpr size_t kManyMarks = 400;
constexpr uint64_t kCodePointsMax = 300;
// One body in so many is no JSON or no UTF-8.
constexpr uint64_t kBrokenOneIn = 20;

std::string Repeated(std::string_view text, size_t times) {
  std::string repeated;
  for (size_t i = 0; i < times; ++i) repeated += text;
  return repeated;
}

const std::vector<std::string>& KnownTexts() {
  static const std::vector<std::string> texts = {
      "",
      " ",
      "\t\n\r\v\f\x01\x1f\x7f",
      std::string("a\0b", 3),
      std::string(kLongTextBytes, 'a'),
      Repeated("ab ", kLongTextBytes / 3),
      Repeated("wireless ", kLongTextBytes / 9),
      Repeated("aa-", kLongTextBytes / 3),
      Repeated("1.", kLongTextBytes / 2),
      Repeated("l'", kLongTextBytes / 2),
      std::string(kLongTextBytes, '9'),
      "e" + Repeated("\u0301", kManyMarks),
      Repeated("\u200d\u200b\ufeff\u00ad", kManyMarks),
      std::string(200, '\'') + " OR 1=1; DROP TABLE products;--",
      "\" OR price > 0 OR title = \"",
      "price < 50 AND brand IN (\"Sony\") AND NOT category: \"Toys\"",
      "👩‍👩‍👧‍👦🏳️‍🌈💩",
      "مصباح مكتب",
      "‮desk lamp‬",
      "ｄｅｓｋ　ｌａｍｐ",
      "ﷺﷺﷺ",
      "冷蔵庫は大きいです ตู้เย็น 한국어",
      "<script>alert(1)</script>",
      "../../../../etc/passwd",
      "%00%ff%zz",
      "${jndi:ldap://x/a}",
      "{\"query\":{\"$ne\":null}}",
      "lamp\\\\\"",
      "\xEF\xBF\xBF\xEF\xBB\xBF",
      "99999999999999999999999999999999",
      "1e308 -1e308 NaN inf",
      "under 0 over 99999999999 between 5 and 1 cheap cheap cheap",
      "- -- --- ' '' \" \"\" / // \\ * ? ( ) [ ] { } ^ ~ : ! & | +",
  };
  return texts;
}

void AppendCodePoint(uint32_t point, std::string& text) {
  constexpr uint32_t kLowBits = 63;
  const auto byte = [&text](uint32_t bits) { text += static_cast<char>(static_cast<uint8_t>(bits)); };
  if (point < 0x80) return byte(point);
  if (point < 0x800) {
    byte(0xC0 | point >> 6);
  } else if (point < 0x10000) {
    byte(0xE0 | point >> 12);
    byte(0x80 | (point >> 6 & kLowBits));
  } else {
    byte(0xF0 | point >> 18);
    byte(0x80 | (point >> 12 & kLowBits));
    byte(0x80 | (point >> 6 & kLowBits));
  }
  byte(0x80 | (point & kLowBits));
}

}  // namespace

// Of all planes but the surrogates and NUL.
std::string RandomRequest::CodePoints(uint64_t count) {
  constexpr std::array<uint64_t, 4> kPlanes = {0x80, 0x800, 0x10000, 0x110000};
  std::string text;
  for (; count > 0; --count) {
    const uint64_t point = 1 + random_.NextBelow(kPlanes[random_.NextBelow(kPlanes.size())] - 1);
    if (point >= 0xD800 && point < 0xE000) continue;
    AppendCodePoint(static_cast<uint32_t>(point), text);
  }
  return text;
}

std::string RandomRequest::Text() {
  const std::vector<std::string>& known = KnownTexts();
  switch (random_.NextBelow(4)) {
    case 0:
      return known[random_.NextBelow(known.size())];
    case 1:
      return "wireless" + CodePoints(3) + " printer" + CodePoints(2);
    case 2:
      return CodePoints(random_.NextBelow(kCodePointsMax));
    default: {
      std::string text = known[random_.NextBelow(known.size())] + CodePoints(5);
      return text + known[random_.NextBelow(known.size())];
    }
  }
}

void RandomRequest::AddField(JsonWriter& json) {
  switch (random_.NextBelow(9)) {
    case 0:
      json.Key("filter").String(Text());
      return;
    case 1:
      json.Key("facets").BeginArray().String(Text()).EndArray();
      return;
    case 2:
      json.Key("facets").BeginArray().BeginObject().Key("field").String("brand");
      json.Key("containing").String(Text()).Key("below").String(Text()).EndObject().EndArray();
      return;
    case 3:
      json.Key("selected").BeginObject().Key("brand").BeginArray().String(Text()).EndArray().EndObject();
      return;
    case 4:
      json.Key("context").BeginObject().Key("locale").String(Text()).Key("market").String(Text());
      json.Key("category").BeginArray().String(Text()).EndArray().EndObject();
      return;
    case 5:
      json.Key("selected").BeginObject().Key("attributes." + Text()).BeginArray().String(Text()).EndArray();
      json.EndObject();
      return;
    case 6:
      json.Key("typing").Bool(true).Key("explain").Bool(true);
      json.Key("facets").BeginArray().String("brand").String("category").String("price").EndArray();
      return;
    case 7:
      json.Key("distinct").BeginObject().Key("field").String(Text()).Key("products").Uint(1).EndObject();
      json.Key("exclude").BeginArray().String(Text()).EndArray();
      return;
    default:
      return AddWrongField(json);
  }
}

void RandomRequest::AddWrongField(JsonWriter& json) {
  const std::array<std::string_view, 6> names = {"sort", "page", "limit", "personalize", "consent", "facets"};
  json.Key(names[random_.NextBelow(names.size())]);
  switch (random_.NextBelow(5)) {
    case 0:
      json.String(Text());
      return;
    case 1:
      json.Double(-1.5e300);
      return;
    case 2:
      json.Uint(random_.Next());
      return;
    case 3:
      json.BeginObject().Key(Text()).Bool(false).EndObject();
      return;
    default:
      json.BeginArray().BeginArray().EndArray().EndArray();
  }
}

// Cut off, or with a byte that no text has.
std::string RandomRequest::Broken(std::string body) {
  if (random_.NextBelow(2) == 0) {
    body.resize(random_.NextBelow(body.size()));
    return body;
  }
  constexpr std::array<char, 5> kBytes = {'\xFF', '\xC0', '\xED', '\x80', '\0'};
  body.insert(body.find(':') + 2, 1, kBytes[random_.NextBelow(kBytes.size())]);
  return body;
}

std::string RandomRequest::Body(bool& is_broken) {
  JsonWriter json;
  json.BeginObject().Key("query").String(Text());
  json.Key("highlight").BeginArray().String("title").String("description").EndArray();
  json.Key("shopper").BeginObject().Key("anonymous_id").String("a" + std::to_string(random_.NextBelow(9)));
  json.EndObject();
  if (random_.NextBelow(3) == 0) AddField(json);
  std::string body = json.EndObject().TakeText();
  is_broken = random_.NextBelow(kBrokenOneIn) == 0;
  return is_broken ? Broken(std::move(body)) : body;
}

}  // namespace attune::server
