// Fits a few positive parameters to data: the values under which the data are most likely, and how sure they
// are.
//
//   theta = ln(parameter);  Newton steps on the log-likelihood, damped (Levenberg) until they climb;
//   covariance of theta = inverse of the negative Hessian at the top
//
// Logarithms keep parameters positive and put them on one scale.  The Hessian is taken from differences of
// the exact gradient.  A top that is no top - a flat direction, or a parameter running off to 0 or infinity -
// means that the data do not determine the model: an error, never a number.
//
// Deterministic.  Thread safety: pure functions and value types.

#ifndef ATTUNE_MODELS_MAXIMUM_LIKELIHOOD_H_
#define ATTUNE_MODELS_MAXIMUM_LIKELIHOOD_H_

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace attune::models {

// The log-likelihood at `parameters`; fills `gradient` (by parameter, not by its logarithm), which has their
// size.
using LogLikelihood = std::function<double(std::span<const double> parameters, std::span<double> gradient)>;

struct LikelihoodFit {
  std::vector<double> parameters;
  std::vector<double> log_covariance;  // Of ln(parameters), row by row.
  double log_likelihood = 0;
  int steps = 0;

  // The standard error of a parameter, to first order.
  double StandardError(size_t parameter) const;
};

// Climbs from `start`, all positive.  kInvalidArgument, with `field`, when the data do not determine the
// parameters.
Result<LikelihoodFit> MaximizeLikelihood(const LogLikelihood& likelihood, std::span<const double> start,
                                         std::string_view field);

// The standard error of a function of the parameters, to first order (delta method): how far it moves when
// the parameters move within their uncertainty.
double StandardErrorOf(const LikelihoodFit& fit,
                       const std::function<double(std::span<const double> parameters)>& function);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_MAXIMUM_LIKELIHOOD_H_
