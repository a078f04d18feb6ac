// Goal: no text that a shopper can type, and no value that a page can send, breaks a search.
// Method: two thousand queries of random sorts, in every field that takes text; each answer is 200, or a 400
// that names a field.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "base/random.h"
#include "server/test_server.h"

namespace attune::server {
namespace {

class RandomText {
 public:
  explicit RandomText(uint64_t seed) : random_(seed) {}

  std::string Next() {
    static const std::vector<std::string> kFixed = {
        "",
        " ",
        "\t\n\r\v\f\x01\x1f\x7f",
        std::string(5000, 'a'),
        std::string(200, '\'') + " OR 1=1; DROP TABLE products;--",
        "\" OR price > 0 OR title = \"",
        "price < 50 AND brand IN (\"Sony\") AND NOT category: \"Toys\"",
        "👩‍👩‍👧‍👦🏳️‍🌈💩",
        "مصباح مكتب",
        "‮desk lamp‬",
        "ｄｅｓｋ　ｌａｍｐ",
        "ﷺﷺﷺ",
        "é́́́́́́",
        "<script>alert(1)</script>",
        "../../../../etc/passwd",
        "%00%ff%zz",
        "{\"query\":{\"$ne\":null}}",
        "lamp\\\\\"",
        "\xEF\xBF\xBF\xEF\xBB\xBF",
        "99999999999999999999999999999999",
        "1e308 -1e308 NaN inf",
        "- -- --- ' '' \" \"\" / // \\ * ? ( ) [ ] { } ^ ~ : ! & | +",
    };
    const uint64_t sort = random_.NextBelow(4);
    if (sort == 0) return kFixed[random_.NextBelow(kFixed.size())];
    if (sort == 1) return "desk" + CodePoints(3) + " lamp" + CodePoints(2);
    if (sort == 2) return CodePoints(random_.NextBelow(300));
    return kFixed[random_.NextBelow(kFixed.size())] + CodePoints(5) +
           kFixed[random_.NextBelow(kFixed.size())];
  }

  uint64_t Below(uint64_t bound) { return random_.NextBelow(bound); }

 private:
  // Of all planes but the surrogates and NUL.
  std::string CodePoints(uint64_t count) {
    std::string text;
    for (; count > 0; --count) {
      static constexpr uint64_t kPlanes[] = {0x80, 0x800, 0x10000, 0x110000};
      const uint64_t point = 1 + random_.NextBelow(kPlanes[random_.NextBelow(4)] - 1);
      if (point >= 0xD800 && point < 0xE000) continue;
      Append(static_cast<uint32_t>(point), text);
    }
    return text;
  }
  static void Append(uint32_t point, std::string& text) {
    const auto byte = [&text](uint32_t bits) { text += static_cast<char>(static_cast<uint8_t>(bits)); };
    if (point < 0x80) return byte(point);
    if (point < 0x800) {
      byte(0xC0 | point >> 6);
    } else if (point < 0x10000) {
      byte(0xE0 | point >> 12);
      byte(0x80 | (point >> 6 & 63));
    } else {
      byte(0xF0 | point >> 18);
      byte(0x80 | (point >> 12 & 63));
      byte(0x80 | (point >> 6 & 63));
    }
    byte(0x80 | (point & 63));
  }

  Random random_;
};

std::string BodyWith(RandomText& text) {
  JsonWriter json;
  json.BeginObject().Key("query").String(text.Next());
  json.Key("highlight").BeginArray().String("title").String("description").EndArray();
  switch (text.Below(8)) {
    case 0:
      json.Key("filter").String(text.Next());
      break;
    case 1:
      json.Key("facets").BeginArray().String(text.Next()).EndArray();
      break;
    case 2:
      json.Key("facets").BeginArray().BeginObject().Key("field").String("brand");
      json.Key("containing").String(text.Next()).EndObject().EndArray();
      break;
    case 3:
      json.Key("selected").BeginObject().Key("brand").BeginArray().String(text.Next()).EndArray().EndObject();
      break;
    case 4:
      json.Key("context").BeginObject().Key("locale").String(text.Next());
      json.Key("market").String(text.Next()).EndObject();
      break;
    case 5:
      json.Key("selected").BeginObject().Key("attributes." + text.Next()).BeginArray();
      json.String(text.Next()).EndArray().EndObject();
      break;
    case 6:
      json.Key("typing").Bool(true).Key("explain").Bool(true);
      break;
    default:
      break;
  }
  return json.EndObject().TakeText();
}

TEST(SearchServerTest, AnyTextIsAnsweredOrRefusedByName) {
  TestServer server("search");
  HttpClient client(server);
  client.PutProducts(30);
  RandomText text(11);
  int found = 0;
  int refused = 0;
  for (int i = 0; i < 2'000; ++i) {
    const std::string body = BodyWith(text);
    const auto answer = client.Call("POST", "/v1/search", body);
    if (answer.status == 200) {
      ++found;
      EXPECT_TRUE(Contains(answer.body, R"("total":)")) << body;
      continue;
    }
    ++refused;
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_TRUE(Contains(answer.body, R"("message":")")) << answer.body;
    EXPECT_TRUE(Contains(answer.body, R"("field":")")) << answer.body << body;
  }
  EXPECT_GT(found, 1'000);
  EXPECT_GT(refused, 100);
  EXPECT_TRUE(
      Contains(client.Call("POST", "/v1/search", R"({"query":"product p1"})").body, R"("product_id":"p1")"));
}

}  // namespace
}  // namespace attune::server
