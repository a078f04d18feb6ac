#include "models/gamma_gamma.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "models/gamma_functions.h"
#include "models/limits.h"

namespace attune::models {
namespace {

double ValueAt(std::span<const double> parameters, const SpendHistory& customer) {
  const double p = parameters[0];
  const double q = parameters[1];
  const double v = parameters[2];
  const double orders = customer.orders;
  const double freedom = p * orders + q - 1;
  if (freedom <= 0) return std::numeric_limits<double>::infinity();
  return p * (v + orders * customer.mean_value) / freedom;
}

}  // namespace

double GammaGamma::LogLikelihoodOf(std::span<const SpendHistory> customers,
                                   std::span<const double> parameters, std::span<double> gradient) {
  const double p = parameters[0];
  const double q = parameters[1];
  const double v = parameters[2];
  std::fill(gradient.begin(), gradient.end(), 0);
  double sum = 0;
  for (const SpendHistory& customer : customers) {
    const double x = customer.orders;
    const double px = p * x;
    const double spent = x * customer.mean_value;
    const double log_scale = std::log(v + spent);
    gradient[0] += x * (Digamma(px + q) - Digamma(px) + std::log(spent) - log_scale);
    gradient[1] += Digamma(px + q) - Digamma(q) + std::log(v) - log_scale;
    gradient[2] += q / v - (px + q) / (v + spent);
    sum += LogGamma(px + q) - LogGamma(px) - LogGamma(q) + q * std::log(v) + px * std::log(spent) -
           std::log(customer.mean_value) - (px + q) * log_scale;
  }
  return sum;
}

Result<GammaGamma> GammaGamma::Fit(std::span<const SpendHistory> customers) {
  std::vector<SpendHistory> spending;
  double value_sum = 0;
  for (const SpendHistory& customer : customers) {
    if (customer.orders == 0 || !(customer.mean_value > 0)) continue;
    spending.push_back(customer);
    value_sum += customer.mean_value;
  }
  if (spending.size() < kLifetimeRepeatersMin) {
    return InvalidArgument("too few customers with the value of an order: " +
                               std::to_string(kLifetimeRepeatersMin) + " are needed",
                           "transactions");
  }
  // The mean value of an order is p v / (q - 1).
  const double mean = value_sum / static_cast<double>(spending.size());
  const std::array<double, 3> start = {4, 3, mean / 2};
  ASSIGN_OR_RETURN(LikelihoodFit fit,
                   MaximizeLikelihood(
                       [&spending](std::span<const double> parameters, std::span<double> gradient) {
                         return LogLikelihoodOf(spending, parameters, gradient);
                       },
                       start, "transactions"));
  return GammaGamma(std::move(fit));
}

GammaGamma::GammaGamma(LikelihoodFit fit) : fit_(std::move(fit)) {
  CHECK(fit_.parameters.size() == 3 && fit_.log_covariance.size() == 9);
}

Estimate GammaGamma::ExpectedValue(const SpendHistory& customer) const {
  const auto value = [&](std::span<const double> parameters) { return ValueAt(parameters, customer); };
  const double expected = value(fit_.parameters);
  if (!std::isfinite(expected)) return {expected, expected};
  return {expected, StandardErrorOf(fit_, value)};
}

}  // namespace attune::models
