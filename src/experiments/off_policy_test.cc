// Estimators against their formulas written out, against hand-made numbers, and against a truth that is
// known.

#include "experiments/off_policy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "base/random.h"
#include "experiments/evaluate_off_policy.h"
#include "experiments/evaluation_policy.h"
#include "experiments/reward_model.h"

namespace attune::experiments {
namespace {

Result<BanditLog> ReadText(const std::string& csv) {
  const auto table = models::CsvTable::Read(csv);
  if (!table.ok()) return table.status();
  return ReadBanditLog(*table, {});
}

TEST(OffPolicyTest, IsWhatItIsByHand) {
  const WeightedRewards rows{
      .reward = {1, 0, 2}, .weight = {0.5, 2, 1}, .expected = {0.5, 0.25, 1}, .value = {0.75, 0.25, 0.5}};
  const auto value = EstimatePolicyValue(rows);
  ASSERT_TRUE(value.ok());
  EXPECT_DOUBLE_EQ(value->ips, 2.5 / 3);
  EXPECT_DOUBLE_EQ(value->snips, 2.5 / 3.5);
  EXPECT_DOUBLE_EQ(value->direct, 0.5);
  EXPECT_DOUBLE_EQ(value->dr, (1.5 + 0.25 - 0.5 + 1) / 3);
  const WeightReport weights = DescribeWeights(rows);
  EXPECT_DOUBLE_EQ(weights.mean, 3.5 / 3);
  EXPECT_DOUBLE_EQ(weights.max, 2);
  EXPECT_DOUBLE_EQ(weights.max_share, 2 / 3.5);
  EXPECT_DOUBLE_EQ(weights.effective_sample_size, 3.5 * 3.5 / 5.25);
}

TEST(OffPolicyTest, AgreesWithTheFormulasRowByRow) {
  Random random(11);
  WeightedRewards rows;
  for (int i = 0; i < 5000; ++i) {
    rows.reward.push_back(random.NextBelow(20) == 0 ? 1 : 0);
    rows.weight.push_back(std::exp(2 * random.NextNormal()));
    rows.expected.push_back(random.NextUnit() * 0.1);
    rows.value.push_back(random.NextUnit() * 0.1);
  }
  const double n = 5000;
  double weight_mean = 0;
  for (const double weight : rows.weight) weight_mean += weight / n;
  double ips = 0, snips = 0, direct = 0,
         dr = 0;  // Means of what each row says, as the literature writes them.
  for (size_t i = 0; i < rows.size(); ++i) {
    ips += rows.reward[i] * rows.weight[i] / n;
    snips += rows.reward[i] * rows.weight[i] / weight_mean / n;
    direct += rows.value[i] / n;
    dr += (rows.weight[i] * (rows.reward[i] - rows.expected[i]) + rows.value[i]) / n;
  }
  const auto value = EstimatePolicyValue(rows);
  ASSERT_TRUE(value.ok());
  EXPECT_NEAR(value->ips, ips, 1e-9);
  EXPECT_NEAR(value->snips, snips, 1e-9);
  EXPECT_NEAR(value->direct, direct, 1e-9);
  EXPECT_NEAR(value->dr, dr, 1e-9);
}

TEST(OffPolicyTest, IntervalsHoldTheEstimateAndDoNotDependOnThreads) {
  Random random(5);
  WeightedRewards rows;
  for (int i = 0; i < 800; ++i) {
    rows.reward.push_back(random.NextUnit());
    rows.weight.push_back(2 * random.NextUnit());
    rows.expected.push_back(0.5);
    rows.value.push_back(0.5);
  }
  const auto value = EstimatePolicyValue(rows);
  const auto one = BootstrapPolicyValue(rows, {.resamples = 500});
  const auto three = BootstrapPolicyValue(rows, {.resamples = 500, .threads = 3});
  ASSERT_TRUE(value.ok() && one.ok() && three.ok());
  for (double PolicyValue::* const estimate : {&PolicyValue::ips, &PolicyValue::snips, &PolicyValue::dr}) {
    EXPECT_LT(one->low.*estimate, (*value).*estimate);
    EXPECT_GT(one->high.*estimate, (*value).*estimate);
    EXPECT_EQ(one->low.*estimate, three->low.*estimate);
    EXPECT_EQ(one->high.*estimate, three->high.*estimate);
  }
  // A standard error of .577 / sqrt(800) for w r less its mean: the interval is as wide as the normal one.
  double squares = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    squares += std::pow(rows.weight[i] * rows.reward[i] - value->ips, 2);
  }
  EXPECT_NEAR(one->high.ips - one->low.ips, 2 * 1.96 * std::sqrt(squares) / 800, 0.01);
}

TEST(OffPolicyTest, RefusesListsThatDoNotFitAndOptionsOutOfRange) {
  EXPECT_EQ(EstimatePolicyValue({}).status().field(), "logs");
  EXPECT_EQ(EstimatePolicyValue({.reward = {1}, .weight = {1}, .expected = {}, .value = {1}}).status().code(),
            StatusCode::kInvalidArgument);
  const WeightedRewards rows{.reward = {1}, .weight = {1}, .expected = {1}, .value = {1}};
  EXPECT_EQ(BootstrapPolicyValue(rows, {.resamples = 9}).status().field(), "resamples");
  EXPECT_EQ(BootstrapPolicyValue(rows, {.confidence = 1}).status().field(), "confidence");
}

TEST(OffPolicyTest, AlarmsSayWhatIsWrong) {
  const WeightReport sound{.mean = 1,
                           .mean_error = 0.01,
                           .max = 3,
                           .max_share = 0.001,
                           .effective_sample_size = 800,
                           .rows = 1000};
  EXPECT_TRUE(OffPolicyAlarms(sound, 0).empty());
  WeightReport heavy = sound;
  heavy.max_share = 0.02;
  EXPECT_NE(OffPolicyAlarms(heavy, 0).at(0).find("one row carries 2.0 %"), std::string::npos);
  WeightReport thin = sound;
  thin.effective_sample_size = 50;
  EXPECT_NE(OffPolicyAlarms(thin, 0).at(0).find("1000 rows tell as much as 50"), std::string::npos);
  WeightReport wrong = sound;
  wrong.mean = 1.1;
  EXPECT_NE(OffPolicyAlarms(wrong, 0).at(0).find("are these the propensities?"), std::string::npos);
  wrong.mean = 0.9;
  EXPECT_NE(OffPolicyAlarms(wrong, 0.1).at(0).find("10.0 % of the evaluated policy"), std::string::npos);
}

TEST(BanditLogTest, NamesTheColumnAndTheLineOfWhatIsWrong) {
  const std::string head = "action,reward,propensity,position\na,1,0.5,0\n";
  ASSERT_TRUE(ReadText(head).ok());
  const auto expect = [&](const std::string& csv, const char* field, const char* message) {
    const Status status = ReadText(csv).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(status.field(), field);
    EXPECT_NE(status.message().find(message), std::string::npos) << status.message();
  };
  expect(head + "a,yes,0.5,0\n", "reward", "reward on line 3 must be a number");
  expect(head + "a,1,0,0\n", "propensity", "propensity on line 3 must be above 0");
  expect(head + "a,1,1.01,0\n", "propensity", "line 3");
  expect(head + "a,1,-0.1,0\n", "propensity", "line 3");
  expect(head + "a,1,,0\n", "propensity", "must be a number");
  expect(head + ",1,0.5,0\n", "action", "action on line 3 must not be empty");
  expect(head + "a,1,0.5,\n", "position", "position on line 3 must not be empty");
  expect("item_id,click,position\n1,0,1\n", "propensity", "there is no column propensity");
  expect("", "", "no header line");
  expect("action,reward,propensity,position\n", "", "no rows");
}

TEST(BanditLogTest, TakesTheNamesOfTheOpenBanditData) {
  const auto log = ReadText(",item_id,position,click,propensity_score\n0,14,3,0,0.25\n1,2,1,1,0.5\n");
  ASSERT_TRUE(log.ok()) << log.status().message();
  EXPECT_EQ(log->actions, (std::vector<std::string>{"14", "2"}));
  EXPECT_EQ(log->action, (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(log->reward, (std::vector<double>{0, 1}));
  EXPECT_EQ(log->propensity, (std::vector<double>{0.25, 0.5}));
}

TEST(EvaluationPolicyTest, TakesPropensitiesWhereTheyArePoliciesAndSharesElsewhere) {
  const auto log = ReadText("action,reward,propensity,position\na,0,0.5,0\nb,0,0.5,0\na,0,1,1\n");
  // At 0 the propensities are the policy, though it happened to show a twice; at 1 they change from row to
  // row.
  const auto target = ReadText(
      "action,reward,propensity,position\n"
      "a,0,0.4,0\na,0,0.4,0\nb,0,0.6,0\n"
      "a,0,0.9,1\na,0,0.5,1\na,0,0.7,1\nc,0,0.2,1\n");
  ASSERT_TRUE(log.ok() && target.ok());
  const auto policy = EvaluationPolicy::ActingLike(*target, *log);
  ASSERT_TRUE(policy.ok());
  EXPECT_DOUBLE_EQ(policy->Chance(0, 0), 0.4);
  EXPECT_DOUBLE_EQ(policy->Chance(0, 1), 0.6);
  EXPECT_DOUBLE_EQ(policy->Chance(1, 0), 0.75);
  EXPECT_DOUBLE_EQ(policy->Chance(1, 1), 0);
  // c is never logged: a quarter of the policy at position 1, where a third of the rows are.
  EXPECT_DOUBLE_EQ(policy->unsupported(), 0.25 / 3);
  const EvaluationPolicy uniform = EvaluationPolicy::Uniform(*log);
  EXPECT_DOUBLE_EQ(uniform.Chance(1, 1), 0.5);
  EXPECT_DOUBLE_EQ(uniform.unsupported(), 0.5 / 3);  // b is never shown at 1.
  const auto other = ReadText("action,reward,propensity,position\na,0,0.5,7\n");
  EXPECT_EQ(EvaluationPolicy::ActingLike(*other, *log).status().field(), "position");
}

TEST(RewardModelTest, DrawsMeansTowardsBroaderOnesAndNeverSeesTheRow) {
  // Action 1 always pays, action 0 never.
  BanditLog log{{"0", "1"}, {"p"}, {}, {}, {}, {}};
  for (uint32_t i = 0; i < 400; ++i) {
    log.action.push_back(i % 2);
    log.position.push_back(0);
    log.reward.push_back(i % 2);
    log.propensity.push_back(0.5);
  }
  const auto models = CrossFitRewards(log, 4, 1);
  ASSERT_TRUE(models.ok());
  EXPECT_LT(models->Expected(0, 0, 0), 0.05);
  EXPECT_GT(models->Expected(0, 0, 1), 0.95);
  // A row that is changed changes every model but its own.
  BanditLog changed = log;
  changed.reward[17] = 1000;
  const auto others = CrossFitRewards(changed, 4, 1);
  ASSERT_TRUE(others.ok());
  EXPECT_EQ(models->fold, others->fold);
  for (size_t row = 0; row < log.size(); ++row) {
    EXPECT_EQ(models->Expected(row, 0, 1) == others->Expected(row, 0, 1),
              models->fold[row] == models->fold[17]);
  }
  EXPECT_EQ(CrossFitRewards(log, 1, 1).status().field(), "folds");
  EXPECT_EQ(CrossFitRewards(BanditLog{{"0"}, {"p"}, {0}, {0}, {0}, {1}}, 2, 1).status().field(), "logs");
}

// A log of a policy that shows action a in [0, 4) at position 0 with the given chances; action a pays with
// chance .1 (a + 1).
std::string MakeLog(uint64_t seed, int rows, const double (&chances)[4]) {
  Random random(seed);
  std::string csv = "action,reward,propensity,position\n";
  for (int i = 0; i < rows; ++i) {
    double draw = random.NextUnit();
    int action = 0;
    while (action < 3 && draw >= chances[action]) draw -= chances[action++];
    const bool pays = random.NextUnit() < 0.1 * (action + 1);
    csv += "a" + std::to_string(action) + (pays ? ",1," : ",0,") + std::to_string(chances[action]) + ",0\n";
  }
  return csv;
}

TEST(EvaluateOffPolicyTest, FindsWhatTheOtherPolicyEarns) {
  const std::string logs = MakeLog(1, 20'000, {0.4, 0.3, 0.2, 0.1});
  const std::string target = MakeLog(2, 20'000, {0.1, 0.2, 0.3, 0.4});
  const auto evaluation = EvaluateOffPolicy(logs, target, {});
  ASSERT_TRUE(evaluation.ok()) << evaluation.status().message();
  // .1*.1 + .2*.2 + .3*.3 + .4*.4 = .30, where the log earned .20; four standard errors and more.
  EXPECT_NEAR(evaluation->logged.mean, 0.2, 0.012);
  EXPECT_NEAR(evaluation->truth->mean, 0.3, 0.013);
  EXPECT_NEAR(evaluation->value.ips, 0.3, 0.03);
  EXPECT_NEAR(evaluation->value.snips, 0.3, 0.03);
  EXPECT_NEAR(evaluation->value.dr, 0.3, 0.03);
  EXPECT_LT(evaluation->interval.low.dr, 0.3);
  EXPECT_GT(evaluation->interval.high.dr, 0.3);
  EXPECT_LT(evaluation->interval.high.dr - evaluation->interval.low.dr,
            evaluation->interval.high.ips - evaluation->interval.low.ips);
  EXPECT_TRUE(evaluation->alarms.empty()) << evaluation->alarms.front();
  const auto uniform = EvaluateOffPolicy(logs, std::nullopt, {});
  ASSERT_TRUE(uniform.ok());
  EXPECT_NEAR(uniform->value.dr, 0.25, 0.02);
  EXPECT_FALSE(uniform->truth);
}

TEST(EvaluateOffPolicyTest, SaysInWhichFileTheErrorIs) {
  const std::string logs = MakeLog(1, 100, {0.4, 0.3, 0.2, 0.1});
  const Status status = EvaluateOffPolicy(logs, "action,reward\n1,2\n", {}).status();
  EXPECT_NE(status.message().find("target log: there is no column propensity"), std::string::npos);
  EXPECT_EQ(EvaluateOffPolicy("", std::nullopt, {}).status().message(), "the file has no header line");
}

}  // namespace
}  // namespace attune::experiments
