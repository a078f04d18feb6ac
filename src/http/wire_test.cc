#include "http/wire.h"

#include <gtest/gtest.h>

#include <set>

namespace attune::http {
namespace {

TEST(WireTest, DatesAreThoseOfTheStandard) {
  EXPECT_EQ(FormatHttpDate(784111777000), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(FormatHttpDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(FormatHttpDate(1709164800000), "Thu, 29 Feb 2024 00:00:00 GMT");
}

TEST(WireTest, HeadHasLengthAndClosesWhenAsked) {
  Response response = JsonResponse(200, "{}");
  const std::string head = FormatHead(response, {"r1", 0, true, 1});
  EXPECT_EQ(head,
            "HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\nx-request-id: r1\r\n"
            "content-type: application/json\r\ncontent-length: 2\r\n\r\n");
  EXPECT_NE(FormatHead(response, {"r1", 0, false, 1}).find("connection: close\r\n"), std::string::npos);
  EXPECT_NE(FormatHead(response, {"r1", 0, true, 0}).find("connection: keep-alive\r\n"), std::string::npos);
  response.status = 204;
  EXPECT_EQ(FormatHead(response, {"r1", 0, true, 1}).find("content-length"), std::string::npos);
}

TEST(WireTest, NoValueCanEndItsLine) {
  Response response;
  response.SetHeader("x-evil", "a\r\nset-cookie: b");
  EXPECT_EQ(FormatHead(response, {}).find("\r\nset-cookie"), std::string::npos);
}

TEST(WireTest, OnlyCleanRequestIdsAreEchoed) {
  EXPECT_TRUE(IsCleanRequestId("9f-A_b.c:d/e+f="));
  EXPECT_FALSE(IsCleanRequestId(""));
  EXPECT_FALSE(IsCleanRequestId("a b"));
  EXPECT_FALSE(IsCleanRequestId("a\"b"));
  EXPECT_FALSE(IsCleanRequestId("caf\xc3\xa9"));
  EXPECT_FALSE(IsCleanRequestId(std::string(65, 'a')));
}

TEST(WireTest, RequestIdsDoNotRepeat) {
  SeededRandomSource random(1);
  RequestIds ids(random);
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(seen.insert(ids.Next()).second);
  EXPECT_TRUE(IsCleanRequestId(*seen.begin()));
}

TEST(WireTest, TokensAreFoundInLists) {
  EXPECT_TRUE(HasToken("keep-alive, Upgrade", "upgrade"));
  EXPECT_TRUE(HasToken(" gzip ", "gzip"));
  EXPECT_FALSE(HasToken("xgzip", "gzip"));
  EXPECT_FALSE(HasToken("", "gzip"));
}

}  // namespace
}  // namespace attune::http
