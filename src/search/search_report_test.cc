// What the report suggests as synonyms.  The rest of it is held against a recount of the log
// (server/search_analytics_test.cc).

#include "search/search_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace attune::search {
namespace {

using testing::HasSubstr;

constexpr int64_t kStartMs = 20'000 * kDayMs;

class SearchReportTest : public testing::Test {
 protected:
  // One shopper searches for the first, and then for the second, whose first hit is clicked.
  void SearchTwice(uint64_t shopper, const std::string& first, bool is_found, const std::string& second) {
    Search(shopper, first, is_found, 0);
    const DecisionId found = Search(shopper, second, true, kSecondMs);
    events::Event click;
    click.type = events::EventType::kProductClicked;
    click.shopper = ShopperHandle(shopper);
    click.occurred_at_ms = click.received_at_ms = now_ms_ + 2 * kSecondMs;
    click.lines.resize(1);
    click.lines[0].product = ProductIndex(1);
    click.lines[0].decision = found;
    analytics_.Fold(click);
    now_ms_ += kMinuteMs;
  }

  std::string Report(uint32_t limit = 10) const {
    JsonWriter json;
    WriteReport(json, analytics_, {.first_day = 19'999, .last_day = 20'001, .market = {}, .limit = limit});
    return json.TakeText();
  }

 private:
  DecisionId Search(uint64_t shopper, const std::string& text, bool is_found, int64_t later_ms) {
    CountedSearch search;
    search.id = DecisionId::Make(now_ms_ + later_ms, 1, ++count_);
    search.at_ms = now_ms_ + later_ms;
    search.shoppers = {ShopperHandle(shopper)};
    search.text = search.spelling = text;
    search.shown = {ProductIndex(1)};
    search.is_found = is_found;
    analytics_.Fold(search);
    return search.id;
  }

  SearchAnalytics analytics_;
  int64_t now_ms_ = kStartMs;
  uint64_t count_ = 0;
};

TEST_F(SearchReportTest, WhatFindsNothingAndIsSearchedForInOtherWordsIsASynonym) {
  for (uint64_t shopper = 1; shopper <= 4; ++shopper) SearchTwice(shopper, "couch", false, "sofa");
  EXPECT_THAT(Report(), HasSubstr(R"("synonyms":[{"from":"couch","to":"sofa","count":4}])"));
  EXPECT_THAT(Report(0), HasSubstr(R"("synonyms":[])"));
}

TEST_F(SearchReportTest, MoreWordsAFewSearchesAndWhatIsFoundAreNone) {
  for (uint64_t shopper = 1; shopper <= 4; ++shopper) {
    SearchTwice(shopper, "lamp", false, "desk lamp");
    if (shopper <= 2) SearchTwice(shopper, "settee", false, "sofa");
    SearchTwice(shopper, "chair", true, "stool");
    SearchTwice(shopper, "stool", true, "chair");
  }
  EXPECT_THAT(Report(), HasSubstr(R"("synonyms":[])"));
}

}  // namespace
}  // namespace attune::search
