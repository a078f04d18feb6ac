// How often a customer will buy, and whether it still is one: the BG/NBD model.
//
// A customer buys like a Poisson process of its own rate, and after every purchase may leave for good, with a
// probability of its own; rates differ like Gamma(r, alpha), probabilities like Beta(a, b):
//
//   x   repeat purchases (all but the first), t_x  time of the last of them, T  time since the first
//   L(x, t_x, T) = B(a, b + x) / B(a, b)  Gamma(r + x) alpha^r / Gamma(r)
//                  [ (alpha + T)^-(r + x)  +  a / (b + x - 1) (alpha + t_x)^-(r + x)  when x > 0 ]
//   P(alive)     = 1 / (1 + a / (b + x - 1) ((alpha + T) / (alpha + t_x))^(r + x)),  1 when x = 0
//   E[purchases in the next t] = (a + b + x - 1) / (a - 1) P(alive)
//                  [ 1 - (1 - z)^(a - 1) 2F1(a + b - 1 - r, a - 1; a + b + x - 1; z) ],  z = t / (alpha + T +
//                  t)
//
// Fader, Hardie, Lee, "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD Model",
// Marketing Science 2005; the expectation in the form that Euler's transformation gives, which neither
// overflows for loyal customers nor loses digits.  The unit of time is the caller's; alpha has it.
//
// Fewer customers than kLifetimeShoppersMin, or fewer with a repeat than kLifetimeRepeatersMin (limits.h),
// and the fit says so instead of guessing.
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_BG_NBD_H_
#define ATTUNE_MODELS_BG_NBD_H_

#include <cstdint>
#include <span>

#include "base/status.h"
#include "models/maximum_likelihood.h"

namespace attune::models {

// Customers with the same history.  Invariant: 0 <= recency <= age; recency 0 when repeats is 0.
struct PurchaseCell {
  uint32_t repeats = 0;
  double recency = 0;  // From the first purchase to the last.
  double age = 0;      // From the first purchase to now.
  double customers = 1;
};

// A number and its standard error: what the uncertainty of the parameters makes of it.
struct Estimate {
  double value = 0;
  double standard_error = 0;
};

class BgNbd {
 public:
  // kInvalidArgument, field "transactions", when there are too few customers or they do not determine the
  // model.
  static Result<BgNbd> Fit(std::span<const PurchaseCell> cells);
  // From parameters and covariance that Fit() found.
  explicit BgNbd(LikelihoodFit fit);

  double r() const { return fit_.parameters[0]; }
  double alpha() const { return fit_.parameters[1]; }
  double a() const { return fit_.parameters[2]; }
  double b() const { return fit_.parameters[3]; }
  const LikelihoodFit& fit() const { return fit_; }

  Estimate ProbabilityAlive(const PurchaseCell& customer) const;
  // Repeat purchases of a customer within `horizon` from now.
  Estimate ExpectedPurchases(const PurchaseCell& customer, double horizon) const;
  // The sum of that over all customers of the cells.
  Estimate ExpectedPurchases(std::span<const PurchaseCell> cells, double horizon) const;
  // Repeat purchases within `age` of the first one, of a customer of whom nothing else is known.
  double ExpectedPurchasesOfNew(double age) const;

  // What Fit() climbs: the log-likelihood of all cells at (r, alpha, a, b), and its gradient.
  static double LogLikelihoodOf(std::span<const PurchaseCell> cells, std::span<const double> parameters,
                                std::span<double> gradient);

 private:
  LikelihoodFit fit_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_BG_NBD_H_
