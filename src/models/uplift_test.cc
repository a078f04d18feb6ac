// Uplift: reading experiments, the Qini measure against numbers worked out by hand, and what the learner
// finds where the truth is known, and does not find where there is nothing.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "models/evaluate_uplift.h"
#include "models/qini.h"
#include "models/uplift_data.h"
#include "models/uplift_learner.h"

namespace attune::models {
namespace {

TEST(QiniTest, IsTheNormalisedAreaByHand) {
  // Best first: treated 1, untreated 0, treated 0, untreated 1.
  //   curve (rows, value): (1, 1) (2, 1) (3, 1) (4, 2 * ... ) = Y_t - Y_c n_t / n_c = 1 - 1 * 2 / 2 = 0
  //   area of the score: .5 + 1 + 1 + .5 = 3; of the line to (4, 0): 0
  //   perfect order: treated 1 | the two zeros | untreated 1: (1, 1) (3, 1) (4, 0): .5 + 2 + .5 = 3
  const UpliftRows rows{{1, 0, 1, 0}, {1, 0, 0, 1}};
  const auto best = QiniMeasure::Create(rows, std::vector<double>{4, 3, 2, 1});
  ASSERT_TRUE(best.ok());
  EXPECT_DOUBLE_EQ(best->Figures().qini, 1);
  // Worst first: (1, 0) (2, -1) (3, -.. ) : untreated 1, treated 0, untreated 0, treated 1.
  //   n_t / n_c = 0/1, 1/1, 1/2, 2/2: values 0, -1, -.5, 0; area 0 -.5 -.75 -.25 = -1.5
  const auto worst = QiniMeasure::Create(rows, std::vector<double>{1, 2, 3, 4});
  EXPECT_DOUBLE_EQ(worst->Figures().qini, -0.5);
  // All alike: the straight line itself.
  const auto none = QiniMeasure::Create(rows, std::vector<double>{7, 7, 7, 7});
  EXPECT_DOUBLE_EQ(none->Figures().qini, 0);
}

TEST(QiniTest, AgreesWithTheDefinitionAndDoesNotDependOnTheOrderOfRows) {
  Random random(3);
  UpliftRows rows;
  std::vector<double> scores;
  for (int i = 0; i < 500; ++i) {
    rows.is_treated.push_back(random.NextBelow(3) == 0 ? 1 : 0);
    rows.outcome.push_back(random.NextBelow(4) == 0 ? random.NextUnit() * 10 : 0);
    scores.push_back(static_cast<double>(random.NextBelow(40)));
  }
  // Slow and obvious: the curve at every distinct value of an order, summed from scratch.
  const auto area = [&](const std::vector<double>& order) {
    double sum = 0, last_x = 0, last_y = 0;
    std::vector<double> cuts = order;
    std::sort(cuts.begin(), cuts.end(), std::greater<>());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    for (const double cut : cuts) {
      double n[2] = {}, y[2] = {};
      for (size_t i = 0; i < rows.size(); ++i) {
        if (order[i] < cut) continue;
        n[rows.is_treated[i]] += 1;
        y[rows.is_treated[i]] += rows.outcome[i];
      }
      const double value = y[1] - (n[0] > 0 ? y[0] * n[1] / n[0] : 0);
      sum += (n[0] + n[1] - last_x) * (value + last_y) / 2;
      last_x = n[0] + n[1];
      last_y = value;
    }
    return std::pair(sum, last_x * last_y / 2);
  };
  std::vector<double> effect;
  for (size_t i = 0; i < rows.size(); ++i)
    effect.push_back((rows.is_treated[i] != 0 ? 1 : -1) * rows.outcome[i]);
  const auto [actual, random_area] = area(scores);
  const auto measure = QiniMeasure::Create(rows, scores);
  ASSERT_TRUE(measure.ok());
  EXPECT_NEAR(measure->Figures().qini, (actual - random_area) / (area(effect).first - random_area), 1e-12);

  for (size_t i = rows.size() - 1; i > 0; --i) {
    const size_t j = random.NextBelow(i + 1);
    std::swap(rows.is_treated[i], rows.is_treated[j]);
    std::swap(rows.outcome[i], rows.outcome[j]);
    std::swap(scores[i], scores[j]);
  }
  const auto shuffled = QiniMeasure::Create(rows, scores);
  EXPECT_NEAR(shuffled->Figures().qini, measure->Figures().qini, 1e-12);
  EXPECT_NEAR(shuffled->Figures().uplift_at[1], measure->Figures().uplift_at[1], 1e-12);
}

TEST(QiniTest, UpliftAtAShareCountsTheFirstRowsAndSharesTies) {
  // The first tenth of 20 rows: one treated with 1, one untreated with 0.
  UpliftRows rows{{1, 0}, {1, 0}};
  std::vector<double> scores{9, 8};
  for (int i = 0; i < 18; ++i) {
    rows.is_treated.push_back(i % 2 == 0 ? 1 : 0);
    rows.outcome.push_back(i < 6 ? 1 : 0);
    scores.push_back(1);
  }
  const auto measure = QiniMeasure::Create(rows, scores);
  ASSERT_TRUE(measure.ok());
  EXPECT_DOUBLE_EQ(measure->Figures().uplift_at[0], 1);
  // Then two of 18 alike rows: a ninth of each, so a third of an outcome in each arm's row.
  EXPECT_NEAR(measure->Figures().uplift_at[1], (1 + 3.0 / 9) / 2 - (0 + 3.0 / 9) / 2, 1e-12);
}

TEST(QiniTest, RefusesWhatCannotBeMeasured) {
  const std::vector<double> scores{2, 1};
  EXPECT_EQ(QiniMeasure::Create({{1, 1}, {1, 0}}, scores).status().field(), "control");
  EXPECT_EQ(QiniMeasure::Create({{0, 0}, {1, 0}}, scores).status().field(), "treatment");
  EXPECT_EQ(QiniMeasure::Create({{1, 0}, {0, 0}}, scores).status().field(), "outcome");
  EXPECT_EQ(
      QiniMeasure::Create({{1, 0}, {1, std::numeric_limits<double>::infinity()}}, scores).status().field(),
      "outcome");
  EXPECT_EQ(QiniMeasure::Create({{1, 0}, {1, 0}}, std::vector<double>{1}).status().field(), "scores");
  const auto measure = QiniMeasure::Create({{1, 0}, {1, 0}}, scores);
  ASSERT_TRUE(measure.ok());
  EXPECT_EQ(measure->Bootstrap({.resamples = 1}).status().field(), "resamples");
  EXPECT_EQ(measure->Bootstrap({.confidence = 0}).status().field(), "confidence");
  EXPECT_EQ(measure->Bootstrap({.widening = 0.5}).status().field(), "widening");
}

TEST(QiniTest, WideningMovesBothEndsAwayFromTheFigure) {
  const UpliftRows rows{{1, 0, 1, 0, 1, 0, 1, 0}, {1, 0, 0, 1, 1, 0, 0, 0}};
  const auto measure = QiniMeasure::Create(rows, std::vector<double>{8, 7, 6, 5, 4, 3, 2, 1});
  ASSERT_TRUE(measure.ok());
  const double qini = measure->Figures().qini;
  const auto plain = measure->Bootstrap({.resamples = 200});
  const auto wide = measure->Bootstrap({.resamples = 200, .widening = 2, .threads = 2});
  ASSERT_TRUE(plain.ok() && wide.ok());
  EXPECT_NEAR(qini - wide->low.qini, 2 * (qini - plain->low.qini), 1e-12);
  EXPECT_NEAR(wide->high.qini - qini, 2 * (plain->high.qini - qini), 1e-12);
}

Result<UpliftData> ReadData(const std::string& csv, const UpliftColumns& columns) {
  const auto table = CsvTable::Read(csv);
  if (!table.ok()) return table.status();
  return ReadUpliftData(*table, columns);
}

TEST(UpliftDataTest, TakesArmsOutcomeAndFeatures) {
  const std::string csv =
      "age,channel,segment,visit,spend\n"
      "30,Web,Womens,1,9.5\n,Phone,None,0,0\n41,Web,Mens,1,1\n52,Web,None,1,0\n";
  const auto data = ReadData(csv, {"segment=Womens", "segment=None", "visit", {"spend"}});
  ASSERT_TRUE(data.ok()) << data.status().message();
  EXPECT_EQ(data->rows.is_treated, (std::vector<uint8_t>{1, 0, 0}));
  EXPECT_EQ(data->rows.outcome, (std::vector<double>{1, 0, 1}));
  EXPECT_EQ(data->rows_left_out, 1u);
  EXPECT_EQ(data->feature_names, (std::vector<std::string>{"age", "channel=Web", "channel=Phone"}));
  ASSERT_EQ(data->features.size(), 9u);
  EXPECT_EQ(data->features[0], 30);
  EXPECT_TRUE(std::isnan(data->features[3]));
  EXPECT_EQ(data->features[4], 0);
  EXPECT_EQ(data->features[5], 1);
  // Without --control, all others are untreated.
  const auto all = ReadData(csv, {"segment=Womens", "", "spend", {"visit"}});
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->rows.is_treated, (std::vector<uint8_t>{1, 0, 0, 0}));
}

TEST(UpliftDataTest, PutsRareCategoriesTogether) {
  std::string csv = "town,t,y\n";
  for (size_t i = 0; i < kUpliftLevelsMax + 3; ++i) {
    for (const char* const rest : {",0,1\n", ",1,0\n"}) csv += "t" + std::to_string(100 + i) + rest;
  }
  csv += "t100,1,1\n";
  const auto data = ReadData(csv, {"t", "", "y", {}});
  ASSERT_TRUE(data.ok());
  ASSERT_EQ(data->feature_count(), kUpliftLevelsMax + 1);
  EXPECT_EQ(data->feature_names.front(), "town=t100");
  EXPECT_EQ(data->feature_names.back(), "town=(other)");
  // The last town but the appended row is rare: only the last of its features is set.
  const float* const row = data->features.data() + (data->rows.size() - 2) * data->feature_count();
  float sum = 0;
  for (size_t i = 0; i < data->feature_count(); ++i) sum += row[i];
  EXPECT_EQ(sum, 1);
  EXPECT_EQ(row[kUpliftLevelsMax], 1);
}

TEST(UpliftDataTest, NamesWhatIsWrong) {
  const std::string csv = "x,t,y\n1,0,1\n2,1,no\n";
  const auto expect = [&](const std::string& text, const UpliftColumns& columns, const char* field,
                          const char* message) {
    const Status status = ReadData(text, columns).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(status.field(), field) << status.message();
    EXPECT_NE(status.message().find(message), std::string::npos) << status.message();
  };
  expect(csv, {"arm", "", "y", {}}, "arm", "there is no column arm");
  expect(csv, {"t", "", "visits", {}}, "visits", "there is no column visits");
  expect(csv, {"t", "", "y", {"z"}}, "z", "there is no column z");
  expect(csv, {"t", "", "y", {}}, "y", "y on line 3 must be a number: 'no'");
  expect(csv, {"x", "", "t", {}}, "x", "x on line 3 must be 0 or 1");
  expect(csv, {"t", "", "t", {}}, "t", "cannot be the treatment too");
  expect(csv, {"t=7", "", "y", {"y"}}, "y", "y on line 3 must be a number");
  expect("x,t,y\n1,0,1\n", {"t", "", "y", {}}, "t", "no row is treated");
  expect("x,t,y\n1,1,1\n", {"t", "", "y", {}}, "t", "no row is untreated");
  expect("x,t,y\n1,a,1\n", {"t=a", "t=b", "y", {}}, "t", "no row is untreated: t=b");
  expect("x,t,y\n1,a,1\n", {"t=a", "t=a", "y", {}}, "t", "both arms");
  expect("x,t,y\n1,a,1\n", {"t=a", "t", "y", {}}, "control", "must be COL=VALUE");
  expect("t,y\n1,1\n0,0\n", {"t", "", "y", {}}, "ignore", "no column is left");
  expect("", {"t", "", "y", {}}, "", "no header line");
}

// Shoppers with five features; the treatment adds `effect` to the chance of an outcome where the first is
// above 0, and takes as much elsewhere.
UpliftData MakeExperiment(uint64_t seed, size_t rows, double effect, double treated_share) {
  Random random(seed);
  UpliftData data;
  data.feature_names = {"moved", "baseline", "noise", "flag", "missing"};
  for (size_t i = 0; i < rows; ++i) {
    const double moved = random.NextNormal(), baseline = random.NextNormal();
    const bool is_treated = random.NextUnit() < treated_share;
    const double chance = 0.2 + 0.1 * std::tanh(baseline) + (is_treated ? effect * (moved > 0 ? 1 : -1) : 0);
    data.rows.is_treated.push_back(is_treated ? 1 : 0);
    data.rows.outcome.push_back(random.NextUnit() < chance ? 1 : 0);
    for (const double value :
         {moved, baseline, random.NextNormal(), static_cast<double>(random.NextBelow(2))}) {
      data.features.push_back(static_cast<float>(value));
    }
    data.features.push_back(i % 3 == 0 ? std::numeric_limits<float>::quiet_NaN() : 1.0f);
  }
  return data;
}

TEST(UpliftLearnerTest, FindsWhoIsMoved) {
  for (const UpliftLearner learner : {UpliftLearner::kSLearner, UpliftLearner::kEffect}) {
    for (const double share : {0.5, 0.2}) {
      const UpliftData data = MakeExperiment(1, 6000, 0.1, share);
      UpliftOptions options;
      options.learner = learner;
      const auto scores = CrossFitUplift(data, options);
      ASSERT_TRUE(scores.ok()) << scores.status().message();
      const auto measure = QiniMeasure::Create(data.rows, *scores);
      ASSERT_TRUE(measure.ok());
      const auto interval =
          measure->Bootstrap({.resamples = 300, .widening = kCrossFitWidening, .threads = 2});
      ASSERT_TRUE(interval.ok());
      EXPECT_GT(interval->low.qini, 0.05) << static_cast<int>(learner) << " " << share;
      EXPECT_GT(measure->Figures().uplift_at[1], 0.05);
    }
  }
}

TEST(UpliftLearnerTest, FindsNothingWhereTheArmsAreDealtAnew) {
  // Outcomes with a strong baseline, arms of a coin that nobody looked at: 95 % of the intervals hold 0.  Ten
  // or fewer of twelve do by luck once in ten such tests, nine once in fifty.
  constexpr uint64_t kExperiments = 12;
  for (const UpliftLearner learner : {UpliftLearner::kSLearner, UpliftLearner::kEffect}) {
    uint64_t with_zero = 0;
    double mean = 0;
    for (uint64_t seed = 1; seed <= kExperiments; ++seed) {
      UpliftData data = MakeExperiment(seed, 2000, 0.1, 0.5);
      Random random(100 + seed);
      for (size_t i = data.rows.size() - 1; i > 0; --i) {
        std::swap(data.rows.is_treated[i], data.rows.is_treated[random.NextBelow(i + 1)]);
      }
      UpliftOptions options;
      options.learner = learner;
      options.threads = 2;
      const auto scores = CrossFitUplift(data, options);
      ASSERT_TRUE(scores.ok());
      const auto measure = QiniMeasure::Create(data.rows, *scores);
      ASSERT_TRUE(measure.ok());
      const auto interval =
          measure->Bootstrap({.resamples = 200, .widening = kCrossFitWidening, .threads = 2});
      ASSERT_TRUE(interval.ok());
      mean += measure->Figures().qini / kExperiments;
      with_zero += interval->low.qini <= 0 && interval->high.qini >= 0 ? 1 : 0;
    }
    EXPECT_GE(with_zero, 10u) << static_cast<int>(learner);
    EXPECT_NEAR(mean, 0, 0.03) << static_cast<int>(learner);
  }
}

TEST(UpliftLearnerTest, LearnsAmountsAndRefusesTooFewRows) {
  UpliftData data = MakeExperiment(2, 4000, 0.15, 0.5);
  for (double& outcome : data.rows.outcome) outcome *= 50;
  const auto scores = CrossFitUplift(data, {});
  ASSERT_TRUE(scores.ok());
  EXPECT_GT(QiniMeasure::Create(data.rows, *scores)->Figures().qini, 0.1);

  UpliftData few = MakeExperiment(2, 80, 0.1, 0.5);
  EXPECT_EQ(CrossFitUplift(few, {}).status().code(), StatusCode::kInvalidArgument);
  UpliftData wide = MakeExperiment(2, 200, 0.1, 0.5);
  wide.feature_names.resize(TreeForest::kFeaturesMax);
  wide.features.resize(200 * wide.feature_names.size());
  EXPECT_EQ(CrossFitUplift(wide, {}).status().field(), "ignore");
  UpliftOptions options;
  options.folds = 1;
  EXPECT_EQ(CrossFitUplift(data, options).status().field(), "folds");
}

std::string CsvOf(const UpliftData& data) {
  std::string csv = "moved,baseline,t,y\n";
  for (size_t i = 0; i < data.rows.size(); ++i) {
    csv += std::to_string(data.features[i * 5]) + "," + std::to_string(data.features[i * 5 + 1]) + "," +
           std::to_string(data.rows.is_treated[i]) + "," + std::to_string(data.rows.outcome[i]) + "\n";
  }
  return csv;
}

TEST(EvaluateUpliftTest, GivesTheSameForEveryNumberOfThreads) {
  const std::string csv = CsvOf(MakeExperiment(5, 2000, 0.1, 0.5));
  UpliftEvaluationOptions options;
  options.columns = {"t", "", "y", {}};
  options.bootstrap.resamples = 200;
  const auto json = [&](uint32_t threads) {
    options.threads = threads;
    const auto evaluation = EvaluateUplift(csv, options);
    EXPECT_TRUE(evaluation.ok()) << evaluation.status().message();
    JsonWriter writer;
    WriteUpliftJson(*evaluation, writer);
    return writer.TakeText();
  };
  const std::string one = json(1);
  EXPECT_EQ(one, json(3));
  for (const char* const key :
       {"\"qini\":", "\"qini_low\":", "\"qini_high\":", "\"uplift@10\":", "\"uplift@30\":"}) {
    EXPECT_NE(one.find(key), std::string::npos) << key;
  }
}

}  // namespace
}  // namespace attune::models
