#include "models/bg_nbd.h"

#include <array>
#include <cmath>
#include <utility>

#include "models/gamma_functions.h"
#include "models/limits.h"

namespace attune::models {
namespace {

// At a = 1, and at a + b = 1 for a customer without repeats, the formula is 0 / 0 with a finite limit; this
// far from it both the limit and the digits are good to 1e-9.
constexpr double kFromSingularity = 1e-5;

struct Parameters {
  explicit Parameters(std::span<const double> values)
      : r(values[0]), alpha(values[1]), a(values[2]), b(values[3]) {}
  double r, alpha, a, b;
};

double AwayFrom(double singularity, double value) {
  return std::abs(value - singularity) < kFromSingularity ? singularity + kFromSingularity : value;
}

// ln of the odds of having left against being alive; only for customers with repeats.
double LogOddsOfLeft(const Parameters& p, const PurchaseCell& customer) {
  return std::log(p.a / (p.b + customer.repeats - 1)) +
         (p.r + customer.repeats) * std::log((p.alpha + customer.age) / (p.alpha + customer.recency));
}

double AliveAt(const Parameters& p, const PurchaseCell& customer) {
  return customer.repeats == 0 ? 1 : 1 / (1 + std::exp(LogOddsOfLeft(p, customer)));
}

// Of a customer that is alive.
double PurchasesAt(const Parameters& p, const PurchaseCell& customer, double horizon) {
  const double a = AwayFrom(1, p.a);
  const double c = AwayFrom(0, a + p.b + customer.repeats - 1);
  const double z = horizon / (p.alpha + customer.age + horizon);
  const double kept = std::pow(1 - z, a - 1) * Hypergeometric2F1(a + p.b - 1 - p.r, a - 1, c, z);
  return c / (a - 1) * (1 - kept);
}

double ExpectedAt(const Parameters& p, const PurchaseCell& customer, double horizon) {
  return horizon <= 0 ? 0 : AliveAt(p, customer) * PurchasesAt(p, customer, horizon);
}

// The log-likelihood of one customer; adds `weight` times its gradient.
double AddCustomer(const Parameters& p, const PurchaseCell& cell, double weight, std::span<double> gradient) {
  const double x = cell.repeats;
  const double log_age = std::log(p.alpha + cell.age);
  const double log_recency = std::log(p.alpha + cell.recency);
  // The bracket is alive + left; its logarithm is taken from the larger of the two.
  double left = 0;
  double log_bracket = -(p.r + x) * log_age;
  if (cell.repeats > 0) {
    const double log_odds = LogOddsOfLeft(p, cell);
    left = 1 / (1 + std::exp(-log_odds));
    log_bracket += log_odds > 0 ? log_odds + std::log1p(std::exp(-log_odds)) : std::log1p(std::exp(log_odds));
  }
  const double alive = 1 - left;
  const double digamma_all = Digamma(p.a + p.b) - Digamma(p.a + p.b + x);
  gradient[0] +=
      weight * (Digamma(p.r + x) - Digamma(p.r) + std::log(p.alpha) - alive * log_age - left * log_recency);
  gradient[1] +=
      weight * (p.r / p.alpha - (p.r + x) * (alive / (p.alpha + cell.age) + left / (p.alpha + cell.recency)));
  gradient[2] += weight * (digamma_all + left / p.a);
  gradient[3] +=
      weight * (digamma_all + Digamma(p.b + x) - Digamma(p.b) - (left > 0 ? left / (p.b + x - 1) : 0));
  return LogGamma(p.r + x) - LogGamma(p.r) + p.r * std::log(p.alpha) + LogGamma(p.a + p.b) +
         LogGamma(p.b + x) - LogGamma(p.b) - LogGamma(p.a + p.b + x) + log_bracket;
}

Status CheckEnough(std::span<const PurchaseCell> cells) {
  double customers = 0;
  double repeaters = 0;
  for (const PurchaseCell& cell : cells) {
    CHECK(cell.recency >= 0 && cell.recency <= cell.age && cell.customers >= 0);
    customers += cell.customers;
    if (cell.repeats > 0) repeaters += cell.customers;
  }
  if (customers >= kLifetimeShoppersMin && repeaters >= kLifetimeRepeatersMin) return {};
  return InvalidArgument("too few customers for a lifetime value: " + std::to_string(kLifetimeShoppersMin) +
                             " are needed, " + std::to_string(kLifetimeRepeatersMin) +
                             " of them with a repeat purchase",
                         "transactions");
}

}  // namespace

double BgNbd::LogLikelihoodOf(std::span<const PurchaseCell> cells, std::span<const double> parameters,
                              std::span<double> gradient) {
  const Parameters p(parameters);
  std::fill(gradient.begin(), gradient.end(), 0);
  double sum = 0;
  for (const PurchaseCell& cell : cells)
    sum += cell.customers * AddCustomer(p, cell, cell.customers, gradient);
  return sum;
}

Result<BgNbd> BgNbd::Fit(std::span<const PurchaseCell> cells) {
  RETURN_IF_ERROR(CheckEnough(cells));
  double age_sum = 0;
  double customers = 0;
  for (const PurchaseCell& cell : cells) {
    age_sum += cell.customers * cell.age;
    customers += cell.customers;
  }
  if (!(age_sum > 0)) return InvalidArgument("all purchases are of one moment", "transactions");
  const std::array<double, 4> start = {0.5, age_sum / customers / 4, 0.8, 2};
  ASSIGN_OR_RETURN(LikelihoodFit fit,
                   MaximizeLikelihood(
                       [cells](std::span<const double> parameters, std::span<double> gradient) {
                         return LogLikelihoodOf(cells, parameters, gradient);
                       },
                       start, "transactions"));
  return BgNbd(std::move(fit));
}

BgNbd::BgNbd(LikelihoodFit fit) : fit_(std::move(fit)) {
  CHECK(fit_.parameters.size() == 4 && fit_.log_covariance.size() == 16);
}

Estimate BgNbd::ProbabilityAlive(const PurchaseCell& customer) const {
  const auto alive = [&](std::span<const double> values) { return AliveAt(Parameters(values), customer); };
  return {alive(fit_.parameters), StandardErrorOf(fit_, alive)};
}

Estimate BgNbd::ExpectedPurchases(const PurchaseCell& customer, double horizon) const {
  return ExpectedPurchases(std::span(&customer, 1), horizon);
}

Estimate BgNbd::ExpectedPurchases(std::span<const PurchaseCell> cells, double horizon) const {
  const auto expected = [&](std::span<const double> values) {
    const Parameters p(values);
    double sum = 0;
    for (const PurchaseCell& cell : cells) sum += cell.customers * ExpectedAt(p, cell, horizon);
    return sum;
  };
  return {expected(fit_.parameters), StandardErrorOf(fit_, expected)};
}

double BgNbd::ExpectedPurchasesOfNew(double age) const {
  return ExpectedAt(Parameters(fit_.parameters), PurchaseCell{}, age);
}

}  // namespace attune::models
