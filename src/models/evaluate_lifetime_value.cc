#include "models/evaluate_lifetime_value.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include "models/transaction_file.h"

namespace attune::models {
namespace {

// The days of the protocol: [first, calibration_end] is known, (calibration_end, forecast_end] is forecast.
struct Period {
  int32_t first_day = 0;
  int32_t calibration_end = 0;
  int32_t forecast_end = 0;

  int32_t EndOfWeek(uint32_t week) const {
    return first_day + static_cast<int32_t>(week * static_cast<uint32_t>(kDaysPerWeek)) - 1;
  }
};

Result<Period> PeriodOf(const std::vector<CustomerPurchases>& customers,
                        const LifetimeValueOptions& options) {
  int32_t last_day = INT32_MIN;
  Period period;
  period.first_day = INT32_MAX;
  for (const CustomerPurchases& customer : customers) {
    period.first_day = std::min(period.first_day, customer.days.front().day);
    last_day = std::max(last_day, customer.days.back().day);
  }
  period.calibration_end = period.EndOfWeek(options.calibration_weeks);
  period.forecast_end = period.EndOfWeek(options.calibration_weeks + options.forecast_weeks);
  // The last week may be quiet.
  if (last_day <= period.forecast_end - kDaysPerWeek) {
    return InvalidArgument("the file ends before the weeks to forecast do", "transactions");
  }
  return period;
}

// Repeat purchases up to and on `end_day`.
double ActualRepeats(const std::vector<CustomerPurchases>& customers, int32_t end_day) {
  double count = 0;
  for (const CustomerPurchases& customer : customers) count += SpendAt(customer, end_day).orders;
  return count;
}

double ExpectedRepeats(const BgNbd& model, const std::vector<CustomerPurchases>& customers, int32_t end_day) {
  double count = 0;
  for (const CustomerPurchases& customer : customers) {
    const int32_t first_day = customer.days.front().day;
    if (first_day < end_day) count += model.ExpectedPurchasesOfNew((end_day - first_day) / kDaysPerWeek);
  }
  return count;
}

void CompareCumulative(const std::vector<CustomerPurchases>& customers, const Period& period,
                       LifetimeValueEvaluation& evaluation) {
  const uint32_t begin = evaluation.options.calibration_weeks;
  for (uint32_t week = begin + 1; week <= begin + evaluation.options.forecast_weeks; ++week) {
    evaluation.expected_cumulative = ExpectedRepeats(evaluation.purchases, customers, period.EndOfWeek(week));
    evaluation.actual_cumulative = ActualRepeats(customers, period.EndOfWeek(week));
    evaluation.cumulative_difference =
        evaluation.expected_cumulative / std::max(evaluation.actual_cumulative, 1.0) - 1;
    evaluation.cumulative_difference_mean +=
        evaluation.cumulative_difference / evaluation.options.forecast_weeks;
    evaluation.cumulative_difference_max =
        std::max(evaluation.cumulative_difference_max, std::abs(evaluation.cumulative_difference));
  }
}

void CompareSpend(const std::vector<CustomerPurchases>& customers, const Period& period,
                  LifetimeValueEvaluation& evaluation) {
  double shoppers = 0;
  for (const CustomerPurchases& customer : customers) {
    const SpendHistory known = SpendAt(customer, period.calibration_end);
    const SpendHistory all = SpendAt(customer, period.forecast_end);
    if (all.orders == known.orders) continue;
    const double later = all.orders * all.mean_value - known.orders * known.mean_value;
    ++shoppers;
    evaluation.actual_spend += later / (all.orders - known.orders);
    evaluation.expected_spend += evaluation.spend.ExpectedValue(known).value;
  }
  evaluation.actual_spend /= std::max(shoppers, 1.0);
  evaluation.expected_spend /= std::max(shoppers, 1.0);
}

}  // namespace

Result<LifetimeValueEvaluation> EvaluateLifetimeValue(std::istream& transactions, const Clock& clock,
                                                      const LifetimeValueOptions& options) {
  if (options.calibration_weeks == 0) return InvalidArgument("must not be 0", "calibration_weeks");
  ASSIGN_OR_RETURN(std::vector<CustomerPurchases> customers, ReadTransactionFile(transactions));
  ASSIGN_OR_RETURN(const Period period, PeriodOf(customers, options));
  std::erase_if(customers, [&](const CustomerPurchases& customer) {
    return customer.days.front().day > period.calibration_end;
  });
  const std::vector<PurchaseCell> cells = CellsAt(customers, period.calibration_end);
  std::vector<SpendHistory> spends;
  for (const CustomerPurchases& customer : customers) {
    spends.push_back(SpendAt(customer, period.calibration_end));
  }
  const int64_t started = clock.SteadyMicros();
  ASSIGN_OR_RETURN(BgNbd purchases, BgNbd::Fit(cells));
  ASSIGN_OR_RETURN(GammaGamma spend, GammaGamma::Fit(spends));
  LifetimeValueEvaluation evaluation(std::move(purchases), std::move(spend));
  evaluation.fit_seconds = static_cast<double>(clock.SteadyMicros() - started) / 1e6;
  evaluation.options = options;
  evaluation.shoppers = customers.size();
  evaluation.repeaters = static_cast<uint64_t>(
      std::count_if(spends.begin(), spends.end(), [](const SpendHistory& one) { return one.orders > 0; }));
  CompareCumulative(customers, period, evaluation);
  evaluation.expected_held_out = evaluation.purchases.ExpectedPurchases(cells, options.forecast_weeks);
  evaluation.actual_held_out =
      ActualRepeats(customers, period.forecast_end) - ActualRepeats(customers, period.calibration_end);
  CompareSpend(customers, period, evaluation);
  return evaluation;
}

std::string FormatLifetimeValueTable(const LifetimeValueEvaluation& evaluation) {
  const LikelihoodFit& purchases = evaluation.purchases.fit();
  const LikelihoodFit& spend = evaluation.spend.fit();
  char text[1024];
  const int length = std::snprintf(
      text, sizeof(text),
      "lifetime value: %llu shoppers, %llu with a repeat in the first %u weeks\n"
      "  BG/NBD       r %.3f +- %.3f, alpha %.3f +- %.3f, a %.3f +- %.3f, b %.3f +- %.3f, log-likelihood "
      "%.1f\n"
      "  Gamma-Gamma  p %.3f +- %.3f, q %.3f +- %.3f, v %.3f +- %.3f\n"
      "  repeat purchases by week %u: %.0f expected, %.0f made (%+.1f %%; mean of weeks %+.1f %%, at most "
      "%.1f %%)\n"
      "  weeks %u to %u alone: %.0f +- %.0f expected from the histories, %.0f made\n"
      "  value of an order in them: %.2f expected, %.2f made\n"
      "fitted in %.3f s",
      static_cast<unsigned long long>(evaluation.shoppers),
      static_cast<unsigned long long>(evaluation.repeaters), evaluation.options.calibration_weeks,
      purchases.parameters[0], purchases.StandardError(0), purchases.parameters[1],
      purchases.StandardError(1), purchases.parameters[2], purchases.StandardError(2),
      purchases.parameters[3], purchases.StandardError(3), purchases.log_likelihood, spend.parameters[0],
      spend.StandardError(0), spend.parameters[1], spend.StandardError(1), spend.parameters[2],
      spend.StandardError(2), evaluation.options.calibration_weeks + evaluation.options.forecast_weeks,
      evaluation.expected_cumulative, evaluation.actual_cumulative, 100 * evaluation.cumulative_difference,
      100 * evaluation.cumulative_difference_mean, 100 * evaluation.cumulative_difference_max,
      evaluation.options.calibration_weeks + 1,
      evaluation.options.calibration_weeks + evaluation.options.forecast_weeks,
      evaluation.expected_held_out.value, evaluation.expected_held_out.standard_error,
      evaluation.actual_held_out, evaluation.expected_spend, evaluation.actual_spend, evaluation.fit_seconds);
  return std::string(text, static_cast<size_t>(std::clamp<int>(length, 0, sizeof(text) - 1)));
}

void WriteLifetimeValueJson(const LifetimeValueEvaluation& evaluation, JsonWriter& json) {
  const LikelihoodFit& purchases = evaluation.purchases.fit();
  json.BeginObject();
  json.Key("shoppers").Uint(evaluation.shoppers).Key("repeaters").Uint(evaluation.repeaters);
  json.Key("r").Fixed(evaluation.purchases.r(), 6).Key("alpha").Fixed(evaluation.purchases.alpha(), 6);
  json.Key("a").Fixed(evaluation.purchases.a(), 6).Key("b").Fixed(evaluation.purchases.b(), 6);
  json.Key("r_error").Fixed(purchases.StandardError(0), 6);
  json.Key("alpha_error").Fixed(purchases.StandardError(1), 6);
  json.Key("a_error").Fixed(purchases.StandardError(2), 6);
  json.Key("b_error").Fixed(purchases.StandardError(3), 6);
  json.Key("log_likelihood").Fixed(purchases.log_likelihood, 4);
  json.Key("p").Fixed(evaluation.spend.p(), 6).Key("q").Fixed(evaluation.spend.q(), 6);
  json.Key("v").Fixed(evaluation.spend.v(), 6);
  json.Key("expected_cumulative").Fixed(evaluation.expected_cumulative, 2);
  json.Key("actual_cumulative").Fixed(evaluation.actual_cumulative, 0);
  json.Key("cumulative_difference").Fixed(evaluation.cumulative_difference, 6);
  json.Key("cumulative_difference_mean").Fixed(evaluation.cumulative_difference_mean, 6);
  json.Key("cumulative_difference_max").Fixed(evaluation.cumulative_difference_max, 6);
  json.Key("expected_held_out").Fixed(evaluation.expected_held_out.value, 2);
  json.Key("expected_held_out_error").Fixed(evaluation.expected_held_out.standard_error, 2);
  json.Key("actual_held_out").Fixed(evaluation.actual_held_out, 0);
  json.Key("expected_spend").Fixed(evaluation.expected_spend, 4);
  json.Key("actual_spend").Fixed(evaluation.actual_spend, 4);
  json.Key("fit_seconds").Fixed(evaluation.fit_seconds, 4);
  json.EndObject();
}

}  // namespace attune::models
