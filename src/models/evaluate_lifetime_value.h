// The lifetime-value benchmark, on the code that serves (`attune evaluate lifetime-value`).
//
// The first `calibration_weeks` of the file are what is known: BG/NBD is fitted to the purchases of all
// customers who came in them, Gamma-Gamma to the values of their repeat purchases.  The weeks after are
// forecast and compared:
//
//   cumulative  repeat purchases of these customers since the beginning, expected by the model of customers
//               of whom nothing but the first purchase is known, against the actual count; at the end, and
//               the largest relative difference at the end of any forecast week (the published comparison)
//   held out    repeat purchases within the forecast weeks alone, each customer's from its own history
//   spend       mean value of a customer's purchases in the forecast weeks, of those who made one, against
//               what Gamma-Gamma expects of the same customers
//
// Nothing after the calibration is seen by a fit, and nothing is chosen on it: the protocol has no settings.
// Thread safety: pure function.

#ifndef ATTUNE_MODELS_EVALUATE_LIFETIME_VALUE_H_
#define ATTUNE_MODELS_EVALUATE_LIFETIME_VALUE_H_

#include <cstdint>
#include <istream>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/status.h"
#include "models/bg_nbd.h"
#include "models/gamma_gamma.h"

namespace attune::models {

struct LifetimeValueOptions {
  uint32_t calibration_weeks = 39;
  uint32_t forecast_weeks = 39;
};

struct LifetimeValueEvaluation {
  LifetimeValueEvaluation(BgNbd purchases_fit, GammaGamma spend_fit)
      : purchases(std::move(purchases_fit)), spend(std::move(spend_fit)) {}

  BgNbd purchases;   // Of weeks.
  GammaGamma spend;  // Of the file's unit of money.
  LifetimeValueOptions options;
  uint64_t shoppers = 0;
  uint64_t repeaters = 0;
  double expected_cumulative = 0, actual_cumulative = 0;
  double cumulative_difference = 0;       // (expected - actual) / actual at the end.
  double cumulative_difference_mean = 0;  // Over the forecast weeks.
  double cumulative_difference_max = 0;   // The largest magnitude of any forecast week.
  Estimate expected_held_out;
  double actual_held_out = 0;
  double expected_spend = 0, actual_spend = 0;
  double fit_seconds = 0;
};

// Fails as ReadTransactionFile and the fits do, and with kInvalidArgument when the file ends before the
// forecast weeks do.
Result<LifetimeValueEvaluation> EvaluateLifetimeValue(std::istream& transactions, const Clock& clock,
                                                      const LifetimeValueOptions& options);

// A table for people.
std::string FormatLifetimeValueTable(const LifetimeValueEvaluation& evaluation);
// {"r":..,"alpha":..,"a":..,"b":..,"log_likelihood":..,"p":..,"q":..,"v":..,...}
void WriteLifetimeValueJson(const LifetimeValueEvaluation& evaluation, JsonWriter& json);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_EVALUATE_LIFETIME_VALUE_H_
