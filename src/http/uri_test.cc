#include "http/uri.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "http/limits.h"

namespace attune::http {
namespace {

TEST(UriTest, EncodingIsUndoneByDecodingForAnyBytes) {
  Random random(20261122);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random.NextBelow(40), '\0');
    for (char& c : bytes) c = static_cast<char>(random.NextBelow(256));
    const std::string encoded = EncodePercent(bytes);
    EXPECT_EQ(DecodePercent(encoded, PlusSign::kKeep), bytes);
    EXPECT_EQ(DecodePercent(encoded, PlusSign::kSpace), bytes);
  }
}

TEST(UriTest, BrokenPercentEncodingIsNothing) {
  for (const char* text : {"%", "a%", "%2", "%zz", "%2g", "%-1", "% 1", "%%41"}) {
    EXPECT_EQ(DecodePercent(text, PlusSign::kKeep), std::nullopt) << text;
  }
}

TEST(UriTest, PlusIsASpaceInQueriesOnly) {
  EXPECT_EQ(DecodePercent("a+b%2B", PlusSign::kSpace), "a b+");
  EXPECT_EQ(DecodePercent("a+b%2B", PlusSign::kKeep), "a+b+");
}

TEST(UriTest, PathIsSplitBeforeItIsDecoded) {
  EXPECT_EQ(*SplitPath("/v1/products/a%2Fb"), (std::vector<std::string>{"v1", "products", "a/b"}));
  EXPECT_EQ(*SplitPath("/"), (std::vector<std::string>{""}));
  EXPECT_EQ(*SplitPath("/v1//x/"), (std::vector<std::string>{"v1", "", "x", ""}));
}

TEST(UriTest, UncleanOrEndlessPathsAreRefused) {
  EXPECT_FALSE(SplitPath("/a%00b").ok());
  EXPECT_FALSE(SplitPath("/%ff").ok());
  EXPECT_FALSE(SplitPath("/%c0%80").ok());
  EXPECT_FALSE(SplitPath("/" + std::string(kPathSegmentBytesMax + 1, 'a')).ok());
  EXPECT_TRUE(SplitPath("/" + std::string(kPathSegmentBytesMax, 'a')).ok());
  std::string deep;
  for (size_t i = 0; i < kPathSegmentCountMax; ++i) deep += "/x";
  EXPECT_TRUE(SplitPath(deep).ok());
  EXPECT_FALSE(SplitPath(deep + "/x").ok());
}

TEST(UriTest, QueryParametersAreDecodedInOrder) {
  const auto fields = ParseQuery("kind=customer&q=desk+lamp&&empty=&bare&x=a%3Db=c");
  ASSERT_TRUE(fields.ok());
  EXPECT_EQ(*fields,
            (std::vector<Field>{
                {"kind", "customer"}, {"q", "desk lamp"}, {"empty", ""}, {"bare", ""}, {"x", "a=b=c"}}));
}

TEST(UriTest, BadQueriesNameTheParameter) {
  EXPECT_EQ(ParseQuery("limit=%zz").status().field(), "limit");
  EXPECT_EQ(ParseQuery("limit=%00").status().field(), "limit");
  EXPECT_FALSE(ParseQuery("%zz=1").ok());
  std::string many;
  for (size_t i = 0; i <= kQueryParameterCountMax; ++i) many += "a=1&";
  EXPECT_FALSE(ParseQuery(many).ok());
}

TEST(UriTest, TargetsOfAllFormsGiveTheirPath) {
  EXPECT_EQ(ParseTarget("/a?b=c?d")->path, "/a");
  EXPECT_EQ(ParseTarget("/a?b=c?d")->query, "b=c?d");
  EXPECT_EQ(ParseTarget("http://shop.example/a?b")->path, "/a");
  EXPECT_EQ(ParseTarget("*")->path, "*");
  for (const char* target :
       {"", "a", "http://host", "http://host?x/y", "ftp://host/", "/a#b", "/a b", "/a\tb", "/\x7f"}) {
    EXPECT_FALSE(ParseTarget(target).ok()) << target;
  }
}

}  // namespace
}  // namespace attune::http
