// Goal: what became of a feed survives a restart, and the schedule follows from it and the clock alone.

#include "server/feed_state.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <vector>

#include "server/feed_url.h"

namespace attune::server {
namespace {

constexpr int64_t kNow = 1'790'000'000'000;

FeedState Ran(const FeedSettings& settings, FeedOutcome outcome) {
  FeedState state;
  state.settings_hash = FeedSettingsHash(settings);
  state.outcome = outcome;
  state.reason = outcome == FeedOutcome::kApplied ? "" : "because";
  state.started_at_ms = kNow;
  state.finished_at_ms = kNow + 5;
  state.applied_at_ms = kNow + 5;
  state.http_status = 200;
  state.stored_bytes = 1;
  state.rows_read = 2;
  state.rows_rejected = 3;
  state.products = 4;
  state.written = 5;
  state.unchanged = 6;
  state.hidden = 7;
  state.rejections = {"a", "b"};
  state.etag = "\"v1\"";
  state.last_modified = "then";
  return state;
}

FeedSettings Daily() {
  FeedSettings settings;
  settings.url = "https://shop.example/feed";
  return settings;
}

TEST(FeedState, ReadsBackAsWritten) {
  const FeedState state = Ran(Daily(), FeedOutcome::kRefused);
  const std::string bytes = EncodeFeedState(state);
  const auto decoded = DecodeFeedState(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status().message();
  EXPECT_EQ(*decoded, state);
  EXPECT_FALSE(DecodeFeedState(std::string_view(bytes).substr(0, bytes.size() - 1)).ok());
  EXPECT_FALSE(DecodeFeedState("not ours").ok());
}

TEST(FeedState, IsDueAtOnceThenAtItsIntervalAndEarlierAfterAFailure) {
  FeedSettings settings = Daily();
  EXPECT_EQ(FeedDueAtMs(settings, std::nullopt), 0);
  EXPECT_EQ(FeedDueAtMs(settings, Ran(settings, FeedOutcome::kApplied)), kNow + kDayMs);
  EXPECT_EQ(FeedDueAtMs(settings, Ran(settings, FeedOutcome::kUnchanged)), kNow + kDayMs);
  EXPECT_EQ(FeedDueAtMs(settings, Ran(settings, FeedOutcome::kRefused)), kNow + kDayMs);
  EXPECT_EQ(FeedDueAtMs(settings, Ran(settings, FeedOutcome::kFailed)), kNow + kFeedRetryMs);
  settings.every_minutes = 5;
  EXPECT_EQ(FeedDueAtMs(settings, Ran(settings, FeedOutcome::kFailed)), kNow + 5 * kMinuteMs);
  settings.url.clear();
  EXPECT_EQ(FeedDueAtMs(settings, std::nullopt), std::nullopt);
}

TEST(FeedState, OtherSettingsAreDueAtOnceAnotherIntervalIsNot) {
  const FeedState last = Ran(Daily(), FeedOutcome::kApplied);
  FeedSettings other = Daily();
  other.every_minutes = 10;
  EXPECT_EQ(FeedDueAtMs(other, last), kNow + 10 * kMinuteMs);
  for (const auto& change : std::vector<std::function<void(FeedSettings&)>>{
           [](FeedSettings& s) { s.url += "2"; }, [](FeedSettings& s) { s.format = "csv"; },
           [](FeedSettings& s) { s.force = true; }, [](FeedSettings& s) { s.decimal_comma = true; },
           [](FeedSettings& s) { s.columns["a"] = "title"; }}) {
    other = Daily();
    change(other);
    EXPECT_EQ(FeedDueAtMs(other, last), 0);
  }
}

TEST(FeedState, TheApiShowsNoSecret) {
  FeedSettings settings = Daily();
  settings.url = "https://shop:hush@shop.example/feed?token=quiet";
  const std::string json = FeedStateToJson(settings, Ran(settings, FeedOutcome::kFailed));
  EXPECT_EQ(json.find("hush"), std::string::npos);
  EXPECT_EQ(json.find("quiet"), std::string::npos);
  EXPECT_NE(json.find("\"outcome\":\"failed\",\"reason\":\"because\""), std::string::npos) << json;
  EXPECT_NE(FeedStateToJson(FeedSettings(), std::nullopt).find("\"scheduled\":false"), std::string::npos);
}

TEST(FeedUrl, PasswordAndQueryValuesAreMasked) {
  EXPECT_EQ(MaskFeedUrl("https://shop:secret@files.example/feed.csv?token=abc&day=1#x"),
            "https://shop:***@files.example/feed.csv?token=***&day=***#***");
  EXPECT_EQ(MaskFeedUrl("https://shop:p@ss:w@files.example"), "https://shop:***@files.example");
  EXPECT_EQ(MaskFeedUrl("https://shop@files.example/a"), "https://shop@files.example/a");
  EXPECT_EQ(MaskFeedUrl("http://files.example:8080/a@b:c"), "http://files.example:8080/a@b:c");
  EXPECT_EQ(MaskFeedUrl("http://files.example?secret"), "http://files.example?***");
  EXPECT_EQ(MaskFeedUrl(""), "");
}

TEST(FeedUrl, AMaskThatComesBackMeansTheSame) {
  const std::string stored = "https://shop:secret@files.example/feed.csv";
  EXPECT_EQ(UnmaskFeedUrl(MaskFeedUrl(stored), stored), stored);
  EXPECT_EQ(UnmaskFeedUrl("https://other.example/", stored), "https://other.example/");
}

TEST(FeedUrl, OnlyHttpWithAHost) {
  for (const char* url : {"", "http://a.example", "https://u:p@a.example:8443/x?y=z"})
    EXPECT_TRUE(CheckFeedUrl(url).ok()) << url;
  for (const char* url :
       {"ftp://a.example", "file:///x", "http://", "https://a b", "http://a.example:99999/"})
    EXPECT_FALSE(CheckFeedUrl(url).ok()) << url;
}

}  // namespace
}  // namespace attune::server
