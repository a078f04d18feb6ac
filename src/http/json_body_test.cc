#include "http/json_body.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/random.h"
#include "http/limits.h"

namespace attune::http {
namespace {

std::string Nested(int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += i % 2 == 0 ? "[" : "{\"a\":";
  text += "1";
  for (int i = depth; i-- > 0;) text += i % 2 == 0 ? "]" : "}";
  return text;
}

int DepthOf(const simdjson::dom::element& element) {
  int deepest = 0;
  simdjson::dom::array array;
  simdjson::dom::object object;
  if (element.get(array) == simdjson::SUCCESS) {
    for (const auto child : array) deepest = std::max(deepest, DepthOf(child));
    return deepest + 1;
  }
  if (element.get(object) == simdjson::SUCCESS) {
    for (const auto field : object) deepest = std::max(deepest, DepthOf(field.value));
    return deepest + 1;
  }
  return 0;
}

// Any JSON value, with brackets, quotes and escapes in its strings.
std::string RandomJson(Random& random, int depth) {
  static constexpr const char* kStrings[] = {"\"\"",     "\"[\"",        "\"}]\"", "\"a\\\"[b\"",
                                             "\"\\\\\"", "\"\\u00e9{\"", "\"é\""};
  if (depth == 0 || random.NextBelow(3) == 0) {
    return random.NextBelow(2) == 0 ? "17" : kStrings[random.NextBelow(std::size(kStrings))];
  }
  const bool is_array = random.NextBelow(2) == 0;
  std::string text = is_array ? "[" : "{";
  for (uint64_t i = 0, count = random.NextBelow(4); i < count; ++i) {
    if (i > 0) text += ",";
    if (!is_array) text += std::string(kStrings[random.NextBelow(std::size(kStrings))]) + ":";
    text += RandomJson(random, depth - 1);
  }
  return text + (is_array ? "]" : "}");
}

TEST(JsonBodyTest, DepthAgreesWithAParser) {
  Random random(31);
  simdjson::dom::parser parser;
  for (int round = 0; round < 3000; ++round) {
    const std::string text = RandomJson(random, 6);
    simdjson::dom::element document;
    ASSERT_EQ(parser.parse(text).get(document), simdjson::SUCCESS) << text;
    const int depth = DepthOf(document);
    EXPECT_TRUE(CheckJsonBody(text, depth).ok()) << text;
    if (depth > 0) {
      EXPECT_FALSE(CheckJsonBody(text, depth - 1).ok()) << text;
    }
  }
}

TEST(JsonBodyTest, NestingIsBounded) {
  EXPECT_TRUE(CheckJsonBody(Nested(kJsonDepthMax), kJsonDepthMax).ok());
  EXPECT_FALSE(CheckJsonBody(Nested(kJsonDepthMax + 1), kJsonDepthMax).ok());
  EXPECT_FALSE(CheckJsonBody(std::string(3'000'000, '['), kJsonDepthMax).ok());
}

TEST(JsonBodyTest, NulIsRefusedRawAndEscaped) {
  EXPECT_FALSE(CheckJsonBody(std::string("{\"a\":\"b\0c\"}", 11), 32).ok());
  EXPECT_FALSE(CheckJsonBody("{\"a\":\"b\\u0000c\"}", 32).ok());
  EXPECT_FALSE(CheckJsonBody("{\"\\u0000\":1}", 32).ok());
  EXPECT_TRUE(CheckJsonBody("{\"a\":\"b\\\\u0000c\"}", 32).ok());  // A backslash, then text.
  EXPECT_TRUE(CheckJsonBody("{\"a\":\"\\u00001\"}", 32).ok() == false);
  EXPECT_TRUE(CheckJsonBody("{\"a\":\"\\u0001\"}", 32).ok());
}

TEST(JsonBodyTest, InvalidUtf8AndEmptyBodiesAreRefused) {
  EXPECT_FALSE(CheckJsonBody("{\"a\":\"\xff\"}", 32).ok());
  EXPECT_FALSE(CheckJsonBody("{\"a\":\"\xc0\x80\"}", 32).ok());
  EXPECT_FALSE(CheckJsonBody("{\"a\":\"\xed\xa0\x80\"}", 32).ok());
  EXPECT_FALSE(CheckJsonBody("", 32).ok());
  EXPECT_FALSE(CheckJsonBody(" \r\n\t ", 32).ok());
}

TEST(JsonBodyTest, UnfinishedStringsEndWithTheBody) {
  for (const char* text : {"\"", "\"\\", "\"\\u", "\"\\u000", "[\"a\\", "{\"a\":\"[[[["}) {
    EXPECT_TRUE(CheckJsonBody(text, 32).ok()) << text;  // Its codec says what is wrong with it.
  }
}

TEST(JsonBodyTest, IdentityTokenIsFoundInObjectsAndBatches) {
  EXPECT_EQ(FindIdentityToken("{\"identity_token\":\"t1\",\"x\":1}"), "t1");
  EXPECT_EQ(FindIdentityToken("[{\"a\":1},{\"identity_token\":\"t2\"}]"), "t2");
  EXPECT_EQ(FindIdentityToken("{\"a\":{\"identity_token\":\"inner\"}}"), std::nullopt);
  EXPECT_EQ(FindIdentityToken("{\"identity_token\":5}"), std::nullopt);
  EXPECT_EQ(FindIdentityToken("{\"identity_token\":"), std::nullopt);
  EXPECT_EQ(FindIdentityToken("[1,\"identity_token\"]"), std::nullopt);
}

}  // namespace
}  // namespace attune::http
