// Goal: what base promises to every room holds at its edges.
// Method: hand-picked cases from the header comments, round trips over seeded random values.

#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "base/ids.h"
#include "base/json_writer.h"
#include "base/money.h"
#include "base/published.h"
#include "base/random.h"
#include "base/time_text.h"
#include "base/utf8.h"

namespace attune {
namespace {

Currency Euro() { return *Currency::Parse("EUR"); }

TEST(Money, ReadsDecimalTextExactly) {
  EXPECT_EQ(ParseMinor("24.90", Euro()), 2490);
  EXPECT_EQ(ParseMinor("24.9", Euro()), 2490);
  EXPECT_EQ(ParseMinor("-0.01", Euro()), -1);
  EXPECT_EQ(ParseMinor("1200", *Currency::Parse("jpy")), 1200);
  EXPECT_EQ(ParseMinor("1.234", *Currency::Parse("KWD")), 1234);
  EXPECT_EQ(ParseMinor("1.2300", Euro()), 123) << "zeros beyond the currency's decimals say nothing";
}

TEST(Money, RefusesWhatIsNoAmount) {
  for (const char* text :
       {"", "-", ".", "1,5", "1e3", "abc", "1.2.3", "1.239", "10000000000000000000", " 1"}) {
    EXPECT_EQ(ParseMinor(text, Euro()), std::nullopt) << text;
  }
  EXPECT_EQ(MinorFromNumber(std::numeric_limits<double>::quiet_NaN(), Euro()), std::nullopt);
  EXPECT_EQ(MinorFromNumber(1e300, Euro()), std::nullopt);
  EXPECT_EQ(MinorFromNumber(19.90, Euro()), 1990);
}

TEST(Money, FormatIsTheInverseOfParse) {
  Random random(7);
  for (int i = 0; i < 1000; ++i) {
    const auto minor = static_cast<int64_t>(random.NextBelow(2'000'000'000)) - 1'000'000'000;
    EXPECT_EQ(ParseMinor(FormatMinor(minor, Euro()), Euro()), minor);
  }
  EXPECT_EQ(FormatMinor(5, Euro()), "0.05");
  EXPECT_EQ(FormatMinor(-5, Euro()), "-0.05");
}

TEST(Money, CurrencyIsThreeLetters) {
  EXPECT_EQ(Currency::Parse("EU"), std::nullopt);
  EXPECT_EQ(Currency::Parse("E1R"), std::nullopt);
  EXPECT_EQ(Currency::Parse("usd")->code(), "USD");
  EXPECT_TRUE(Currency().is_none());
}

TEST(Time, ReadsTheFormsOfTheHeader) {
  EXPECT_EQ(ParseTime("2026-01-31T09:30:00Z"), 1769851800000);
  EXPECT_EQ(ParseTime("2026-01-31T10:30:00.5+01:00"), 1769851800500);
  EXPECT_EQ(ParseTime("2026-01-31"), 1769817600000);
  EXPECT_EQ(ParseTime("2026-01-31 09:30:00"), 1769851800000);
  EXPECT_EQ(ParseTime("2024-02-29"), 1709164800000);
}

TEST(Time, RefusesImpossibleTimes) {
  for (const char* text :
       {"", "2026", "2026-02-29", "2026-13-01", "2026-01-31T25:00:00Z", "2026-01-31T10:00:00+", "1969-12-31",
        "2026-01-31T10:00:00Zjunk", "2026-01-31T10:00:00.Z"}) {
    EXPECT_EQ(ParseTime(text), std::nullopt) << text;
  }
}

TEST(Time, FormatIsTheInverseOfParse) {
  Random random(11);
  for (int i = 0; i < 1000; ++i) {
    const auto time_ms = static_cast<int64_t>(random.NextBelow(static_cast<uint64_t>(kTimeMaxMs)));
    EXPECT_EQ(ParseTime(FormatTime(time_ms)), time_ms);
  }
}

TEST(Utf8, IsStrict) {
  EXPECT_TRUE(IsValidUtf8("Lámpara 灯 😀"));
  EXPECT_FALSE(IsValidUtf8("\xC0\x80")) << "overlong";
  EXPECT_FALSE(IsValidUtf8("\xED\xA0\x80")) << "surrogate";
  EXPECT_FALSE(IsValidUtf8("\xF4\x90\x80\x80")) << "beyond U+10FFFF";
  EXPECT_FALSE(IsValidUtf8("abc\xE2\x82")) << "cut short";
  EXPECT_FALSE(IsCleanText(std::string_view("a\0b", 3)));
  EXPECT_EQ(Utf8Prefix("aé", 2), "a");
  EXPECT_EQ(Utf8Prefix("aé", 3), "aé");
}

TEST(JsonWriter, WritesValidJsonWhateverComesIn) {
  JsonWriter json;
  json.BeginObject().Key("a\"b").String("x\n\x01\xFFy").Key("n").Double(0.1).Key("inf");
  json.Double(std::numeric_limits<double>::infinity()).Key("list").BeginArray().Int(-3).Bool(true).Null();
  json.BeginObject().EndObject().EndArray().EndObject();
  EXPECT_EQ(json.TakeText(),
            "{\"a\\\"b\":\"x\\n\\u0001\xEF\xBF\xBDy\",\"n\":0.1,\"inf\":null,\"list\":[-3,true,null,{}]}");
}

TEST(JsonWriter, WhatNeedsEscapingIsFoundAtEveryPlace) {
  const std::pair<std::string, std::string> special[] = {
      {"\"", "\\\""},      {"\\", "\\\\"},   {"\n", "\\n"}, {std::string(1, '\0'), "\\u0000"},
      {"\x1f", "\\u001f"}, {"\x7f", "\x7f"}, {"é", "é"},    {"\xff", "\xEF\xBF\xBD"},
      {" ", " "},          {"!", "!"},       {"#", "#"},    {"[", "["}};
  for (size_t length = 0; length < 20; ++length) {
    for (size_t place = 0; place <= length; ++place) {
      for (const auto& [raw, escaped] : special) {
        const std::string before(place, 'a');
        const std::string after(length - place, '~');
        std::string out;
        AppendJsonString(before + raw + after, out);
        EXPECT_EQ(out, '"' + before + escaped + after + '"');
      }
    }
  }
}

TEST(JsonWriter, FixedDropsTrailingZeros) {
  JsonWriter json;
  json.BeginArray().Fixed(0.5, 4).Fixed(2, 4).Fixed(-0.00001, 4).Fixed(1.23456, 4).EndArray();
  EXPECT_EQ(json.TakeText(), "[0.5,2,0,1.2346]");
}

TEST(DecisionId, PrintsAndParsesAndSortsByTime) {
  const DecisionId id = DecisionId::Make(1769851800000, 7, 0x0123456789abcdefULL);
  EXPECT_EQ(DecisionId::Parse(id.ToString()), id);
  EXPECT_EQ(id.time_ms(), 1769851800000);
  EXPECT_EQ(id.store_tag(), 7);
  EXPECT_LT(id, DecisionId::Make(1769851800001, 0, 0));
  EXPECT_EQ(DecisionId::Parse("0123"), std::nullopt);
  EXPECT_EQ(DecisionId::Parse(std::string(32, 'G')), std::nullopt);
}

TEST(Hash, IsTheSameInEveryBuild) {
  EXPECT_EQ(StableHash64("desk lamp"), StableHash64("desk lamp"));
  EXPECT_EQ(StableHash64(""), 0x2d06800538d394c2ULL) << "XXH3's published value for the empty input";
}

TEST(Random, RepeatsFromItsSeedAndStaysInRange) {
  Random first(3);
  Random second(3);
  std::set<uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const uint64_t drawn = first.NextBelow(10);
    EXPECT_EQ(drawn, second.NextBelow(10));
    EXPECT_LT(drawn, 10u);
    seen.insert(drawn);
  }
  EXPECT_EQ(seen.size(), 10u);
}

TEST(Published, ReadersSeeOneValueWhileTheWriterPublishes) {
  Published<std::vector<int>> live(std::make_shared<const std::vector<int>>(100, 0));
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int r = 0; r < 3; ++r) {
    readers.emplace_back([&] {
      Published<std::vector<int>>::Reader reader(live);
      while (!stop.load(std::memory_order_relaxed)) {
        const std::vector<int>& values = reader.Get();
        EXPECT_EQ(values.front(), values.back());
        EXPECT_EQ(live.Acquire()->size(), 100u);
      }
    });
  }
  for (int i = 1; i <= 200; ++i) live.Publish(std::make_shared<const std::vector<int>>(100, i));
  stop = true;
  for (std::thread& reader : readers) reader.join();
}

TEST(Result, CarriesTheFieldAtFault) {
  const Result<int> failed = InvalidArgument("must be positive", "limit");
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(failed.status().field(), "limit");
  EXPECT_EQ(*Result<int>(4), 4);
}

}  // namespace
}  // namespace attune
