// BG/NBD and Gamma-Gamma: against published figures, simulated customers whose truth is known, slow versions
// of the formulas, and data that say nothing.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <sstream>
#include <vector>

#include "base/random.h"
#include "base/time_text.h"
#include "catalog/import_source.h"
#include "models/bg_nbd.h"
#include "models/evaluate_lifetime_value.h"
#include "models/gamma_functions.h"
#include "models/gamma_gamma.h"
#include "models/limits.h"
#include "models/maximum_likelihood.h"
#include "models/transaction_file.h"

namespace attune::models {
namespace {

constexpr uint64_t kSeed = 20'261'124;

LikelihoodFit Exactly(std::vector<double> parameters) {
  const size_t size = parameters.size();
  return {std::move(parameters), std::vector<double>(size * size, 0), 0, 0};
}

// Gamma(shape, 1) for a whole or half shape: sums of exponentials, and half a squared normal.
double DrawGamma(double shape, Random& random) {
  double sum = 0;
  for (; shape >= 1; --shape) sum -= std::log(1 - random.NextUnit());
  if (shape > 0) {
    const double normal = random.NextNormal();
    sum += normal * normal / 2;
  }
  return sum;
}

struct Truth {
  double r = 0.5, alpha = 5, a = 1.5, b = 3;
};

// One customer of the model's own story, up to `age`, and how many repeats follow within `horizon`.
PurchaseCell Simulate(const Truth& truth, double age, double horizon, Random& random, double& later) {
  const double rate = DrawGamma(truth.r, random) / truth.alpha;
  const double leaving = DrawGamma(truth.a, random);
  const double share = leaving / (leaving + DrawGamma(truth.b, random));
  PurchaseCell cell{0, 0, age, 1};
  later = 0;
  double at = 0;
  while (true) {
    at -= std::log(1 - random.NextUnit()) / rate;
    if (at > age + horizon) return cell;
    if (at <= age) {
      ++cell.repeats;
      cell.recency = at;
    } else {
      ++later;
    }
    if (random.NextUnit() < share) return cell;
  }
}

TEST(GammaFunctions, AgreeWithKnownValues) {
  EXPECT_NEAR(Digamma(1), -0.57721566490153286, 1e-13);
  EXPECT_NEAR(Digamma(0.5), -1.9635100260214235, 1e-13);
  EXPECT_NEAR(Digamma(100), 4.6001618527380874, 1e-13);
  EXPECT_NEAR(LogGamma(10), std::log(362880.0), 1e-12);
  // 2F1(a, b; b; z) = (1 - z)^-a and 2F1(1, 1; 2; z) = -ln(1 - z) / z.
  EXPECT_NEAR(Hypergeometric2F1(1.5, 2, 2, 0.9), std::pow(0.1, -1.5), 1e-10);
  EXPECT_NEAR(Hypergeometric2F1(1, 1, 2, 0.5), 2 * std::log(2.0), 1e-14);
  EXPECT_DOUBLE_EQ(Hypergeometric2F1(1, 1, 2, 0), 1);
}

TEST(GammaFunctions, DigammaIsTheSlopeOfLogGamma) {
  for (const double x : {0.1, 0.7, 3.0, 9.99, 10.01, 50.0}) {
    EXPECT_NEAR(Digamma(x), (LogGamma(x + 1e-5) - LogGamma(x - 1e-5)) / 2e-5, 2e-7 * (1 + 1 / (x * x * x)))
        << x;
  }
}

TEST(MaximumLikelihood, FindsTheTopAndItsWidth) {
  // Of n exponential waiting times with mean m: rate 1 / m, standard error rate / sqrt(n).
  const auto likelihood = [](std::span<const double> p, std::span<double> gradient) {
    gradient[0] = 400 / p[0] - 400 * 2.5;
    return 400 * std::log(p[0]) - 400 * 2.5 * p[0];
  };
  const std::array<double, 1> start = {9};
  const auto fit = MaximizeLikelihood(likelihood, start, "times");
  ASSERT_TRUE(fit.ok());
  EXPECT_NEAR(fit->parameters[0], 0.4, 1e-6);
  EXPECT_NEAR(fit->StandardError(0), 0.02, 1e-6);
  EXPECT_NEAR(StandardErrorOf(*fit, [](std::span<const double> p) { return 1 / p[0]; }), 2.5 / 20, 1e-6);
}

TEST(MaximumLikelihood, SaysWhenThereIsNoTop) {
  const auto rising = [](std::span<const double> p, std::span<double> gradient) {
    gradient[0] = 1 / p[0];
    return std::log(p[0]);
  };
  const std::array<double, 1> start = {1};
  const auto fit = MaximizeLikelihood(rising, start, "times");
  ASSERT_FALSE(fit.ok());
  EXPECT_EQ(fit.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(fit.status().field(), "times");
}

TEST(BgNbd, TheGradientIsTheSlopeOfTheLikelihood) {
  const std::vector<PurchaseCell> cells = {
      {0, 0, 30, 10}, {1, 3, 38, 4}, {2, 30.4, 38.9, 1}, {9, 37.5, 38, 2}, {40, 1, 38, 1}};
  const std::vector<double> at = {0.3, 4, 0.7, 2.1};
  std::vector<double> gradient(4);
  std::vector<double> unused(4);
  BgNbd::LogLikelihoodOf(cells, at, gradient);
  for (size_t i = 0; i < at.size(); ++i) {
    std::vector<double> above = at;
    std::vector<double> below = at;
    above[i] += 1e-6;
    below[i] -= 1e-6;
    const double slope =
        (BgNbd::LogLikelihoodOf(cells, above, unused) - BgNbd::LogLikelihoodOf(cells, below, unused)) / 2e-6;
    EXPECT_NEAR(gradient[i], slope, 1e-5 * std::max(1.0, std::abs(slope))) << i;
  }
}

// The likelihood as the paper writes it, product by product.
TEST(BgNbd, TheLikelihoodIsThatOfThePaper) {
  const double r = 0.3;
  const double alpha = 4;
  const double a = 0.7;
  const double b = 2.1;
  const double x = 3;
  const auto beta = [](double first, double second) {
    return std::tgamma(first) * std::tgamma(second) / std::tgamma(first + second);
  };
  const double expected = beta(a, b + x) / beta(a, b) * std::tgamma(r + x) * std::pow(alpha, r) /
                              (std::tgamma(r) * std::pow(alpha + 38, r + x)) +
                          beta(a + 1, b + x - 1) / beta(a, b) * std::tgamma(r + x) * std::pow(alpha, r) /
                              (std::tgamma(r) * std::pow(alpha + 20, r + x));
  std::vector<double> gradient(4);
  const PurchaseCell cell{3, 20, 38, 1};
  EXPECT_NEAR(BgNbd::LogLikelihoodOf(std::span(&cell, 1), std::vector<double>{r, alpha, a, b}, gradient),
              std::log(expected), 1e-12);
}

// The customer of the paper's worked example (CDNOW, ID 1): x = 2, t_x = 30.43, T = 38.86.
TEST(BgNbd, AnswersThePublishedExample) {
  const BgNbd model(Exactly({0.243, 4.414, 0.793, 2.426}));
  EXPECT_NEAR(model.ExpectedPurchases(PurchaseCell{2, 30.43, 38.86, 1}, 39).value, 1.226, 0.0015);
  EXPECT_DOUBLE_EQ(model.ProbabilityAlive({0, 0, 38.86, 1}).value, 1);
  EXPECT_EQ(model.ExpectedPurchases(PurchaseCell{2, 30.43, 38.86, 1}, 0).value, 0);
}

// E[X(t)] by the integral over the chance of leaving, which has none of the formula's singular points.
TEST(BgNbd, ANewCustomersPurchasesAreTheIntegral) {
  for (const auto& [r, alpha, a, b] :
       {std::array{0.243, 4.414, 0.793, 2.426}, {0.5, 5.0, 1.0, 3.0}, {2.0, 3.0, 0.4, 0.6}}) {
    const double beta = std::exp(LogGamma(a) + LogGamma(b) - LogGamma(a + b));
    constexpr int kSteps = 400'000;
    double sum = 0;
    for (int i = 0; i < kSteps; ++i) {
      // p = u^4 takes the singularity at 0 away; that at 1 is weak.
      const double u = (i + 0.5) / kSteps;
      const double p = u * u * u * u;
      sum += (1 - std::pow(alpha / (alpha + p * 39), r)) / p * std::pow(p, a - 1) * std::pow(1 - p, b - 1) *
             4 * u * u * u;
    }
    const double integral = sum / kSteps / beta;
    EXPECT_NEAR(BgNbd(Exactly({r, alpha, a, b})).ExpectedPurchasesOfNew(39), integral, 2e-3 * integral) << a;
  }
}

TEST(BgNbd, FindsTheTruthOfSimulatedCustomersAndForecastsThem) {
  RecordProperty("seed", static_cast<int>(kSeed));
  Random random(kSeed);
  const Truth truth;
  std::vector<PurchaseCell> cells;
  double later_sum = 0;
  for (int i = 0; i < 20'000; ++i) {
    double later = 0;
    cells.push_back(Simulate(truth, 20.0 + i % 30, 26, random, later));
    later_sum += later;
  }
  const auto model = BgNbd::Fit(cells);
  ASSERT_TRUE(model.ok()) << model.status().message();
  const LikelihoodFit& fit = model->fit();
  const std::array<double, 4> wanted = {truth.r, truth.alpha, truth.a, truth.b};
  for (size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_NEAR(fit.parameters[i], wanted[i], 4 * fit.StandardError(i)) << i;
    EXPECT_LT(fit.StandardError(i), 0.4 * wanted[i]) << i;
  }
  const Estimate expected = model->ExpectedPurchases(cells, 26);
  EXPECT_NEAR(expected.value, later_sum, 4 * (expected.standard_error + std::sqrt(2 * later_sum)));
  EXPECT_GT(expected.standard_error, 0);
}

TEST(BgNbd, CellsAreTheSameAsCustomers) {
  Random random(kSeed + 1);
  std::vector<PurchaseCell> customers;
  for (int i = 0; i < 300; ++i) {
    double later = 0;
    customers.push_back(Simulate({}, 30, 0, random, later));
  }
  std::vector<PurchaseCell> doubled = customers;
  doubled.insert(doubled.end(), customers.begin(), customers.end());
  for (PurchaseCell& customer : customers) customer.customers = 2;
  const auto one = BgNbd::Fit(customers);
  const auto other = BgNbd::Fit(doubled);
  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_NEAR(one->alpha(), other->alpha(), 1e-5);
  EXPECT_NEAR(one->fit().StandardError(0), other->fit().StandardError(0), 1e-6);
}

TEST(BgNbd, LoyalCustomersDoNotOverflow) {
  const BgNbd model(Exactly({0.243, 4.414, 0.793, 2.426}));
  const Estimate expected = model.ExpectedPurchases(PurchaseCell{100'000, 1000, 1000, 1}, 10);
  EXPECT_GT(expected.value, 900);
  EXPECT_LT(expected.value, 1100);
  EXPECT_LT(model.ProbabilityAlive({100'000, 500, 1000, 1}).value, 1e-9);
}

TEST(BgNbd, TooFewCustomersAreSaid) {
  const std::vector<PurchaseCell> few = {{1, 5, 10, kLifetimeRepeatersMin - 1.0}, {0, 0, 10, 1000}};
  const auto fit = BgNbd::Fit(few);
  ASSERT_FALSE(fit.ok());
  EXPECT_EQ(fit.status().field(), "transactions");
  // Enough customers who are all alike: nothing to tell rates apart by.
  EXPECT_FALSE(BgNbd::Fit(std::vector<PurchaseCell>{{1, 5, 10, 1000}}).ok());
  EXPECT_FALSE(BgNbd::Fit(std::vector<PurchaseCell>{{1, 0, 0, 1000}}).ok());
}

TEST(GammaGamma, TheGradientIsTheSlopeOfTheLikelihood) {
  const std::vector<SpendHistory> customers = {{1, 20}, {3, 55.5}, {40, 12}};
  const std::vector<double> at = {6.25, 3.74, 15.44};
  std::vector<double> gradient(3);
  std::vector<double> unused(3);
  GammaGamma::LogLikelihoodOf(customers, at, gradient);
  for (size_t i = 0; i < at.size(); ++i) {
    std::vector<double> above = at;
    std::vector<double> below = at;
    above[i] += 1e-6;
    below[i] -= 1e-6;
    EXPECT_NEAR(gradient[i],
                (GammaGamma::LogLikelihoodOf(customers, above, unused) -
                 GammaGamma::LogLikelihoodOf(customers, below, unused)) /
                    2e-6,
                1e-5)
        << i;
  }
}

TEST(GammaGamma, FindsTheTruthAndDrawsFewOrdersTowardsTheMean) {
  Random random(kSeed + 2);
  const double p = 4;
  const double q = 3;
  const double v = 10;
  std::vector<SpendHistory> customers;
  for (int i = 0; i < 20'000; ++i) {
    const double scale = DrawGamma(q, random) / v;
    const auto orders = static_cast<uint32_t>(1 + random.NextBelow(5));
    double sum = 0;
    for (uint32_t k = 0; k < orders; ++k) sum += DrawGamma(p, random) / scale;
    customers.push_back({orders, sum / orders});
  }
  customers.push_back({0, 0});
  customers.push_back({3, 0});  // Free samples only: nothing to learn from.
  const auto model = GammaGamma::Fit(customers);
  ASSERT_TRUE(model.ok()) << model.status().message();
  EXPECT_NEAR(model->p(), p, 4 * model->fit().StandardError(0));
  EXPECT_NEAR(model->q(), q, 4 * model->fit().StandardError(1));
  EXPECT_NEAR(model->v(), v, 4 * model->fit().StandardError(2));
  const double mean = model->ExpectedValue({0, 0}).value;
  EXPECT_NEAR(mean, p * v / (q - 1), 0.5);
  const double one = model->ExpectedValue({1, 3 * mean}).value;
  const double many = model->ExpectedValue({50, 3 * mean}).value;
  EXPECT_GT(one, mean);
  EXPECT_GT(many, one);
  EXPECT_LT(many, 3 * mean);
}

TEST(GammaGamma, AMeanThatDoesNotExistIsInfinite) {
  const GammaGamma model(Exactly({6, 0.8, 15}));
  EXPECT_TRUE(std::isinf(model.ExpectedValue({0, 0}).value));
  EXPECT_TRUE(std::isfinite(model.ExpectedValue({1, 20}).value));
  EXPECT_FALSE(GammaGamma::Fit(std::vector<SpendHistory>{{1, 20}}).ok());
}

TEST(TransactionFile, BothFormsOfTheFileAreRead) {
  std::istringstream text(
      " customer_id  date number_of_cds  dollar_value\r\n"
      " 00002 19970112  1   12.00\r\n"
      " 00002 19970112  5   77.00\r\n"
      " 00004 0001 19970101  2   29.33\n"
      " 00004 0001 19970118  2   29.73\n"
      "\n");
  const auto customers = ReadTransactionFile(text);
  ASSERT_TRUE(customers.ok()) << customers.status().message();
  ASSERT_EQ(customers->size(), 2u);
  EXPECT_EQ(customers->front().customer, 2u);
  ASSERT_EQ(customers->front().days.size(), 1u);  // Two purchases of one day are one.
  EXPECT_DOUBLE_EQ(customers->front().days.front().value, 89);
  const CustomerPurchases& second = customers->back();
  const int32_t first_day = second.days.front().day;
  EXPECT_EQ(second.days.back().day, first_day + 17);
  const PurchaseCell cell = CellAt(second, first_day + 21);
  EXPECT_EQ(cell.repeats, 1u);
  EXPECT_DOUBLE_EQ(cell.recency, 17 / 7.0);
  EXPECT_DOUBLE_EQ(cell.age, 3);
  EXPECT_EQ(CellAt(second, first_day + 16).repeats, 0u);
  EXPECT_DOUBLE_EQ(SpendAt(second, first_day + 17).mean_value, 29.73);
  EXPECT_EQ(CellsAt(*customers, first_day).size(), 1u);  // The other one came eleven days later.
}

TEST(TransactionFile, BadLinesAreNamed) {
  for (const char* bad : {"1 19970101 1\n", "1 1997010 1 1\n", "1 19971301 1 1\n", "1 19970101 1 x\n",
                          "1 19970101 1 -2\n", "x 19970101 1 2\n", "1 2 19970101 1 2 3\n"}) {
    std::istringstream text(std::string("1 19970101 1 2\n") + bad);
    const auto customers = ReadTransactionFile(text);
    ASSERT_FALSE(customers.ok()) << bad;
    EXPECT_EQ(customers.status().field(), "line 2") << bad;
  }
  std::istringstream empty("customer date\n");
  EXPECT_FALSE(ReadTransactionFile(empty).ok());
}

std::string SimulatedFile() {
  Random random(kSeed + 3);
  std::string text;
  for (int customer = 1; customer <= 600; ++customer) {
    const double rate = DrawGamma(0.5, random) / 40;
    double day = 7 + customer % 30;
    const double mean = 20 + customer % 40;
    const double leaving = DrawGamma(1.5, random);
    const double share = leaving / (leaving + DrawGamma(3, random));
    while (day < 7 * 40) {
      const CivilDate date = CivilFromDays(DaysFromCivil(2026, 1, 1) + static_cast<int64_t>(day));
      char line[80];
      std::snprintf(line, sizeof(line), "%d %04d%02d%02d 1 %.2f\n", customer, date.year, date.month, date.day,
                    mean * (0.5 + random.NextUnit()));
      text += line;
      if (random.NextUnit() < share) break;
      day += 1 - std::log(1 - random.NextUnit()) / rate;
    }
  }
  return text;
}

TEST(EvaluateLifetimeValue, ForecastsWhatWasHeldOut) {
  const std::string file = SimulatedFile();
  const VirtualClock clock(0);
  std::istringstream text(file);
  const auto evaluation = EvaluateLifetimeValue(text, clock, {.calibration_weeks = 20, .forecast_weeks = 18});
  ASSERT_TRUE(evaluation.ok()) << evaluation.status().message();
  EXPECT_EQ(evaluation->shoppers, 600u);
  EXPECT_LT(std::abs(evaluation->cumulative_difference), 0.15);
  EXPECT_GE(evaluation->cumulative_difference_max, std::abs(evaluation->cumulative_difference));
  EXPECT_GT(evaluation->actual_held_out, 0);
  EXPECT_NEAR(evaluation->expected_spend, evaluation->actual_spend, 0.15 * evaluation->actual_spend);
  JsonWriter json;
  WriteLifetimeValueJson(*evaluation, json);
  EXPECT_NE(json.TakeText().find("\"log_likelihood\""), std::string::npos);
  EXPECT_NE(FormatLifetimeValueTable(*evaluation).find("600 shoppers"), std::string::npos);

  std::istringstream again(file);
  const auto too_long = EvaluateLifetimeValue(again, clock, {.calibration_weeks = 20, .forecast_weeks = 90});
  ASSERT_FALSE(too_long.ok());
  EXPECT_EQ(too_long.status().field(), "transactions");
}

// Fader, Hardie, Lee (2005) print r .243, alpha 4.414, a .793, b 2.426 and a log-likelihood of -9582.4;
// Fader, Hardie, "The Gamma-Gamma Model of Monetary Value" (2013) p 6.25, q 3.74, v 15.44.
TEST(EvaluateLifetimeValue, FindsThePublishedParametersOfCdnow) {
  auto file = catalog::OpenImportFile(ATTUNE_SOURCE_DIR "/data/cdnow/CDNOW_sample.txt.xz");
  ASSERT_TRUE(file.ok()) << file.status().message();
  std::string text(1 << 20, '\0');
  size_t size = 0;
  while (true) {
    const auto count = (*file)->Read(text.data() + size, text.size() - size);
    ASSERT_TRUE(count.ok());
    if (*count == 0) break;
    size += *count;
  }
  text.resize(size);
  std::istringstream transactions(text);
  const VirtualClock clock(0);
  const auto evaluation = EvaluateLifetimeValue(transactions, clock, {});
  ASSERT_TRUE(evaluation.ok()) << evaluation.status().message();
  EXPECT_EQ(evaluation->shoppers, 2357u);
  EXPECT_NEAR(evaluation->purchases.r(), 0.243, 0.0005);
  EXPECT_NEAR(evaluation->purchases.alpha(), 4.414, 0.0005);
  EXPECT_NEAR(evaluation->purchases.a(), 0.793, 0.0005);
  EXPECT_NEAR(evaluation->purchases.b(), 2.426, 0.0005);
  EXPECT_NEAR(evaluation->purchases.fit().log_likelihood, -9582.4, 0.05);
  EXPECT_NEAR(evaluation->spend.p(), 6.25, 0.005);
  EXPECT_NEAR(evaluation->spend.q(), 3.74, 0.005);
  EXPECT_NEAR(evaluation->spend.v(), 15.44, 0.005);
  EXPECT_EQ(evaluation->actual_cumulative, 4339);
  EXPECT_NEAR(evaluation->cumulative_difference, -0.041, 0.001);
}

}  // namespace
}  // namespace attune::models
