// The search finds the best point of functions that are known, stays within its ranges and its budget, and
// repeats.

#include "models/tuning.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "models/tunable_settings.h"

namespace attune::models {
namespace {

const std::vector<SettingRange> kRanges = {
    {.name = "share", .least = 0, .most = 1},
    {.name = "tau", .least = 0.1, .most = 1000, .scale = SettingScale::kLogarithmic},
    {.name = "count", .least = 1, .most = 500, .scale = SettingScale::kLogarithmic, .is_whole = true}};
const std::vector<double> kStart = {0.9, 2, 400};

// Best at share .3, tau 30, count 20, where it is 0; share and tau hold each other.
double Hill(std::span<const double> values) {
  const double share = values[0] - 0.3;
  const double tau = std::log10(values[1] / 30);
  const double count = std::log10(values[2] / 20);
  return -(share * share + tau * tau + count * count + 0.8 * share * tau);
}

struct Recorded {
  std::vector<std::vector<double>> asked;
  TuningResult result;
};

Recorded Searched(const TuningOptions& options, const std::vector<double>& start = kStart) {
  Recorded recorded;
  const auto objective = [&](std::span<const double> values) -> Result<std::optional<double>> {
    recorded.asked.emplace_back(values.begin(), values.end());
    return std::optional(Hill(values));
  };
  auto result = SearchSettings(kRanges, start, objective, options);
  EXPECT_TRUE(result.ok()) << result.status().message();
  recorded.result = std::move(result).value();
  return recorded;
}

TEST(SearchSettings, FindsTheTopOfAHill) {
  const Recorded found = Searched({.trials_max = 300});
  EXPECT_EQ(found.result.trials, 300u);
  EXPECT_EQ(found.asked.size(), 300u);
  EXPECT_EQ(found.asked.front(), kStart) << "the defaults themselves, not what their places round to";
  EXPECT_EQ(found.asked[1][1], kStart[1]) << "nor does one that is not moved";
  EXPECT_EQ(found.result.start_objective, Hill(kStart));
  EXPECT_GT(found.result.best_objective, -0.005);
  EXPECT_EQ(found.result.best_objective, Hill(found.result.best));
  EXPECT_NEAR(found.result.best[0], 0.3, 0.07);
  EXPECT_NEAR(std::log10(found.result.best[1] / 30), 0, 0.1);
  EXPECT_NEAR(std::log10(found.result.best[2] / 20), 0, 0.1);
}

TEST(SearchSettings, LeavesASmallHillForALargerOne) {
  const std::vector<SettingRange> ranges = {{.name = "x", .least = 0, .most = 10}};
  const auto two_hills = [](std::span<const double> x) -> Result<std::optional<double>> {
    return std::optional(std::exp(-(x[0] - 1) * (x[0] - 1) * 20) +
                         2 * std::exp(-(x[0] - 9) * (x[0] - 9) * 20));
  };
  const std::vector<double> start = {1};
  const auto found = SearchSettings(ranges, start, two_hills, {.trials_max = 200});
  ASSERT_TRUE(found.ok());
  EXPECT_NEAR(found->best[0], 9, 0.3);
}

TEST(SearchSettings, StaysWithinRangesAndAsksNoPointTwice) {
  const Recorded found = Searched({.trials_max = 400});
  const std::set<std::vector<double>> distinct(found.asked.begin(), found.asked.end());
  EXPECT_EQ(distinct.size(), found.asked.size());
  for (const std::vector<double>& values : found.asked) {
    for (size_t i = 0; i < kRanges.size(); ++i) {
      EXPECT_GE(values[i], kRanges[i].least);
      EXPECT_LE(values[i], kRanges[i].most);
    }
    EXPECT_EQ(values[2], std::round(values[2]));
  }
}

TEST(SearchSettings, RepeatsForAFixedNumberOfTrials) {
  const Recorded one = Searched({.trials_max = 150});
  const Recorded two = Searched({.trials_max = 150});
  EXPECT_EQ(one.asked, two.asked);
  EXPECT_EQ(one.result.best, two.result.best);
  // Up to the first restart the seed changes nothing, after it everything.
  const Recorded other = Searched({.trials_max = 150, .seed = 2});
  EXPECT_NE(one.asked, other.asked);
  const Recorded fewer = Searched({.trials_max = 40});
  EXPECT_EQ(fewer.asked, std::vector<std::vector<double>>(one.asked.begin(), one.asked.begin() + 40));
}

TEST(SearchSettings, TheStartWinsTies) {
  const auto flat = [](std::span<const double>) -> Result<std::optional<double>> {
    return std::optional(0.5);
  };
  const auto found = SearchSettings(kRanges, kStart, flat, {.trials_max = 50});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->best, kStart);
}

TEST(SearchSettings, NoTrialBeginsAfterTheLastSecond) {
  VirtualClock clock(0);
  int asked = 0;
  const auto slow = [&](std::span<const double> values) -> Result<std::optional<double>> {
    ++asked;
    clock.Advance(4 * kSecondMs);
    return std::optional(Hill(values));
  };
  double last_share = -1;
  TuningOptions options = {.seconds_max = 10, .clock = &clock};
  options.progress = [&](std::string_view, double share) {
    EXPECT_GE(share, last_share);
    EXPECT_LE(share, 1);
    last_share = share;
  };
  const auto found = SearchSettings(kRanges, kStart, slow, options);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(asked, 3) << "at 0, 4 and 8 seconds";
  EXPECT_EQ(found->trials, 3u);
  EXPECT_EQ(found->seconds, 12);
  EXPECT_EQ(last_share, 1);
}

TEST(SearchSettings, EndsWhereTheObjectiveCanAffordNoMore) {
  int asked = 0;
  const auto tight = [&](std::span<const double> values) -> Result<std::optional<double>> {
    return ++asked > 7 ? std::nullopt : std::optional(Hill(values));
  };
  const auto found = SearchSettings(kRanges, kStart, tight, {.trials_max = 100});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(asked, 8);
  EXPECT_EQ(found->trials, 7u);
}

TEST(SearchSettings, EndsWhenEveryPointIsKnown) {
  const std::vector<SettingRange> ranges = {{.name = "count", .least = 1, .most = 3, .is_whole = true}};
  const auto objective = [](std::span<const double> x) -> Result<std::optional<double>> {
    return std::optional(x[0]);
  };
  const std::vector<double> start = {1};
  const auto found = SearchSettings(ranges, start, objective, {.trials_max = 1'000'000});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->best, std::vector<double>{3});
  EXPECT_LE(found->trials, 3u);
}

TEST(SearchSettings, WrongArgumentsAndFailuresAreNamed) {
  const auto objective = [](std::span<const double>) -> Result<std::optional<double>> {
    return std::optional(0.0);
  };
  EXPECT_EQ(SearchSettings(kRanges, kStart, objective, {}).status().field(), "tuning");
  EXPECT_EQ(SearchSettings(kRanges, kStart, objective, {.seconds_max = 1}).status().field(), "tuning");
  const std::vector<double> outside = {0.5, 2000, 10};
  EXPECT_EQ(SearchSettings(kRanges, outside, objective, {.trials_max = 1}).status().field(), "tau");
  const std::vector<double> short_start = {0.5};
  EXPECT_EQ(SearchSettings(kRanges, short_start, objective, {.trials_max = 1}).status().field(), "settings");
  const std::vector<SettingRange> from_zero = {
      {.name = "zero", .least = 0, .most = 1, .scale = SettingScale::kLogarithmic}};
  EXPECT_EQ(SearchSettings(from_zero, short_start, objective, {.trials_max = 1}).status().field(), "zero");
  const auto broken = [](std::span<const double>) -> Result<std::optional<double>> {
    return InvalidArgument("no", "objective");
  };
  EXPECT_EQ(SearchSettings(kRanges, kStart, broken, {.trials_max = 9}).status().field(), "objective");
}

// Every default is inside of its range, every name is there once, and a field that is set is read back.
template <class Options>
void CheckSettings(std::span<const TunableSetting<Options>> settings) {
  Options options;
  std::set<std::string> names;
  for (const TunableSetting<Options>& setting : settings) {
    const SettingRange& range = setting.range;
    EXPECT_TRUE(names.insert(range.name).second) << range.name;
    const double value = ValueOf(setting.field(options));
    EXPECT_GE(value, range.least) << range.name;
    EXPECT_LE(value, range.most) << range.name;
  }
  // All at their ends, and none has moved another.
  for (const TunableSetting<Options>& setting : settings)
    SetValue(setting.field(options), setting.range.most);
  for (const TunableSetting<Options>& setting : settings) {
    EXPECT_EQ(ValueOf(setting.field(options)), setting.range.most) << setting.range.name;
  }
}

TEST(TunableSettings, DefaultsAreInsideAndFieldsAreApart) {
  CheckSettings<NextItemOptions>(NextItemSettings());
  CheckSettings<SessionNextOptions>(SessionSettings());
  CheckSettings<ModelSetOptions>(PurchaseSettings());
  CheckSettings<BoughtTogetherOptions>(BoughtTogetherSettings());
  for (const TopNMethod method : {TopNMethod::kSparseRidge, TopNMethod::kItemKnn, TopNMethod::kEase}) {
    CheckSettings<TopNOptions>(TopNSettings(method));
  }
}

TEST(TuningReport, TheWorstFigureDecides) {
  TuningReport report;
  EXPECT_EQ(report.defaults_over_tuned(), 1);
  report.AddFigure("recall@10", 0.5, 0.4);
  report.AddFigure("nothing", 0, 0);
  EXPECT_EQ(report.defaults_over_tuned(), 1);
  report.AddFigure("ndcg@10", 0.27, 0.3);
  EXPECT_DOUBLE_EQ(report.defaults_over_tuned(), 0.9);
}

}  // namespace
}  // namespace attune::models
