// The cut is one moment, nothing after it is learned from, and every figure follows its definition.

#include "models/store_report.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/catalog_of_products.h"
#include "models/report_page.h"

namespace attune::models {
namespace {

constexpr int64_t kStart = 1'000 * kDayMs;

void Buy(InteractionLog& log, uint64_t shopper, uint32_t product, int64_t day) {
  log.Add({ShopperHandle(shopper), ProductIndex(product), InteractionKind::kPurchase, 1,
           kStart + day * kDayMs, shopper * 1000 + static_cast<uint64_t>(day) + 1});
}

// Days 0 to 79: shoppers buy of their own colour; day 80 to 99: the same, and some newcomers.
InteractionLog Shop() {
  InteractionLog log;
  for (int64_t day = 0; day < 100; ++day) {
    for (uint64_t k = 0; k < 4; ++k) {
      const uint64_t shopper = 1 + (static_cast<uint64_t>(day) * 4 + k) % 40;
      Buy(log, shopper, static_cast<uint32_t>((day * 3 + static_cast<int64_t>(k)) % 20 * 2 + shopper % 2),
          day);
    }
    if (day >= 80) Buy(log, 100 + static_cast<uint64_t>(day), 3, day);
  }
  return log;
}

StoreReport ReportOrDie(const InteractionLog& log, const catalog::CatalogView* catalog = nullptr,
                        int threads = 1) {
  StoreReportOptions options;
  options.threads = threads;
  auto report = MakeStoreReport(log, catalog, VirtualClock(1), options);
  CHECK(report.ok());
  return std::move(report).value();
}

const ReportedRanking& Find(const StoreReport& report, std::string_view name) {
  for (const ReportedRanking& ranking : report.rankings) {
    if (ranking.name == name) return ranking;
  }
  CHECK(false);
  return report.rankings.front();
}

TEST(StoreReportTest, ShoppersAreGroupedByWhatTheyHadBefore) {
  const StoreReport report = ReportOrDie(Shop());
  EXPECT_EQ(report.rows_before + report.rows_after, 420u);
  uint64_t grouped = 0;
  for (const uint64_t count : report.cases_by_history) grouped += count;
  EXPECT_EQ(grouped, report.cases);
  EXPECT_GE(report.cases_by_history[0], 15u);  // The newcomers.
  EXPECT_GT(report.cases_by_history[3], 30u);
  const ReportedRanking& ours = Find(report, "home_for_you");
  // Who is new gets bestsellers and not nothing.
  EXPECT_GT(ours.recall_at_20, 0.2);
  EXPECT_LE(ours.recall_at_20, 1);
  EXPECT_GT(ours.coverage, 0.4);
  EXPECT_LE(ours.coverage, 1);
  EXPECT_GT(ours.novelty, 0);
  EXPECT_EQ(ours.diversity, 0);  // No texts.
  for (const ReportedRanking& ranking : report.rankings) {
    double weighted = 0;
    for (size_t i = 0; i < kHistoryGroups; ++i) {
      weighted += ranking.recall_by_history[i] * static_cast<double>(report.cases_by_history[i]);
    }
    EXPECT_NEAR(weighted / static_cast<double>(report.cases), ranking.recall_at_20, 1e-9) << ranking.name;
    EXPECT_TRUE(std::isfinite(ranking.popularity)) << ranking.name;
  }
}

TEST(StoreReportTest, NothingAfterTheCutIsLearnedFrom) {
  InteractionLog plain = Shop();
  const StoreReport before = ReportOrDie(plain);
  InteractionLog more = Shop();
  // After the cut a bought product becomes a view storm of one product: no list may change.
  for (uint64_t i = 0; i < 500; ++i) {
    more.Add({ShopperHandle(1 + i % 40), ProductIndex(39), InteractionKind::kView, 1,
              kStart + 99 * kDayMs + static_cast<int64_t>(i), 0});
  }
  const StoreReport after = ReportOrDie(more);
  EXPECT_EQ(after.cut_ms, before.cut_ms);
  for (size_t i = 0; i < before.rankings.size(); ++i) {
    EXPECT_EQ(after.rankings[i].recall_at_20, before.rankings[i].recall_at_20);
    EXPECT_EQ(after.rankings[i].coverage, before.rankings[i].coverage);
  }
}

TEST(StoreReportTest, TextsGiveDiversityAndThreadsChangeNothing) {
  std::vector<catalog::Product> products(41);
  for (uint32_t i = 0; i < products.size(); ++i) {
    products[i].product_id = "p" + std::to_string(i);
    products[i].title = i % 2 == 0 ? "green lamp oak" : "blue cup tea";
  }
  const auto catalog = CatalogOfProducts(std::move(products));
  const StoreReport one = ReportOrDie(Shop(), catalog.get());
  EXPECT_GE(Find(one, "bestsellers").diversity, 0);
  JsonWriter first;
  WriteStoreReportJson(one, first);
  JsonWriter second;
  WriteStoreReportJson(ReportOrDie(Shop(), catalog.get(), 3), second);
  EXPECT_EQ(first.text(), second.text());
}

TEST(StoreReportTest, NothingToMeasureOnIsSaid) {
  EXPECT_EQ(MakeStoreReport(InteractionLog(), nullptr, VirtualClock(1), {}).status().code(),
            StatusCode::kInvalidArgument);
  StoreReportOptions options;
  options.history_share = 1;
  EXPECT_EQ(MakeStoreReport(Shop(), nullptr, VirtualClock(1), options).status().field(), "history_share");
}

TEST(ReportPageTest, ThePageNamesEveryRankingAndThePictureIsSound) {
  const StoreReport report = ReportOrDie(Shop());
  const std::string page = StoreReportPage(report, "attune evaluate store", "report.svg");
  for (const ReportedRanking& ranking : report.rankings) {
    EXPECT_NE(page.find(ranking.name), std::string::npos) << ranking.name;
  }
  EXPECT_NE(page.find("(report.svg)"), std::string::npos);
  const std::string chart = StoreReportChart(report);
  EXPECT_TRUE(chart.starts_with("<svg ")) << chart;
  EXPECT_TRUE(chart.ends_with("</svg>\n"));
  EXPECT_NE(chart.find("0 orders before"), std::string::npos);
}

TEST(ReportPageTest, LabelsAreEscapedAndStrangeValuesDrawn) {
  const std::string chart = BarChartSvg("a < b & \"c\"", {{"g>", {{"x<y", 1, true}, {"n", NAN, false}}}});
  EXPECT_EQ(chart.find("x<y"), std::string::npos);
  EXPECT_NE(chart.find("x&lt;y"), std::string::npos);
  EXPECT_NE(chart.find("a &lt; b &amp; &quot;c&quot;"), std::string::npos);
  EXPECT_EQ(chart.find("nan"), std::string::npos);
  EXPECT_FALSE(BarChartSvg("", {}).empty());
}

}  // namespace
}  // namespace attune::models
