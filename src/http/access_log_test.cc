#include "http/access_log.h"

#include <gtest/gtest.h>
#include <simdjson.h>

namespace attune::http {
namespace {

TEST(AccessLogTest, LinesAreJsonWithWhatAnOperatorNeeds) {
  VirtualClock clock(1769851800000);
  std::string lines;
  AccessLog log(LogLevel::kDebug, clock, &lines);
  log.Request({.request_id = "r\"1",
               .method = "GET",
               .route = "/v1/shoppers/{id}",
               .status = 503,
               .duration_us = 412,
               .bytes_in = 0,
               .bytes_out = 9,
               .key_id = "k1",
               .store_id = "giftshop",
               .fault = "disk\nfull %s {}"});
  EXPECT_EQ(
      lines,
      "{\"time\":\"2026-01-31T09:30:00.000Z\",\"level\":\"error\",\"event\":\"request\",\"request_id\":"
      "\"r\\\"1\","
      "\"method\":\"GET\",\"route\":\"/v1/shoppers/{id}\",\"status\":503,\"duration_us\":412,\"bytes_in\":0,"
      "\"bytes_out\":9,\"key\":\"k1\",\"store\":\"giftshop\",\"fault\":\"disk\\nfull %s {}\"}\n");
}

TEST(AccessLogTest, LevelsAreKept) {
  VirtualClock clock(0);
  std::string lines;
  AccessLog log(LogLevel::kInfo, clock, &lines);
  log.Request({.status = 200});
  log.Write(LogLevel::kDebug, "detail");
  EXPECT_EQ(lines, "");
  log.Request({.status = 404});
  log.Write(LogLevel::kWarning, "slow", {{"store", "giftshop"}});
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
  simdjson::dom::parser parser;
  for (const auto document : parser.parse_many(lines)) EXPECT_EQ(document.error(), simdjson::SUCCESS);
}

TEST(AccessLogTest, LevelNamesAreThoseOfTheFlag) {
  EXPECT_EQ(ParseLogLevel("debug"), LogLevel::kDebug);
  EXPECT_EQ(ParseLogLevel("off"), LogLevel::kOff);
  EXPECT_EQ(ParseLogLevel("verbose"), std::nullopt);
}

}  // namespace
}  // namespace attune::http
