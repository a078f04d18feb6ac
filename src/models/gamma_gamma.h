// What a customer spends per order: the Gamma-Gamma model.
//
// The values of a customer's orders scatter around its own mean, and the means differ from customer to
// customer; a customer with few orders is therefore drawn towards the mean of all:
//
//   z  mean value of a customer's x orders
//   ln L(x, z)  = ln Gamma(p x + q) - ln Gamma(p x) - ln Gamma(q) + q ln v + (p x - 1) ln z + p x ln x
//                 - (p x + q) ln(v + x z)
//   E[value of an order] = p (v + x z) / (p x + q - 1);    of a customer without orders p v / (q - 1)
//
// Fader, Hardie, Lee, "RFM and CLV: Using Iso-Value Curves for Customer Base Analysis", Journal of Marketing
// Research 2005.  Assumes that how much and how often are independent: docs/models/lifetime-value.md.
// v and z are in the caller's unit of money.
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_GAMMA_GAMMA_H_
#define ATTUNE_MODELS_GAMMA_GAMMA_H_

#include <cstdint>
#include <span>

#include "base/status.h"
#include "models/bg_nbd.h"
#include "models/maximum_likelihood.h"

namespace attune::models {

// A customer's orders.  Those without a positive value say nothing, and are left out by Fit().
struct SpendHistory {
  uint32_t orders = 0;
  double mean_value = 0;
};

class GammaGamma {
 public:
  // kInvalidArgument, field "transactions", when fewer than kLifetimeRepeatersMin customers have spent
  // something, or they do not determine the model.
  static Result<GammaGamma> Fit(std::span<const SpendHistory> customers);
  explicit GammaGamma(LikelihoodFit fit);

  double p() const { return fit_.parameters[0]; }
  double q() const { return fit_.parameters[1]; }
  double v() const { return fit_.parameters[2]; }
  const LikelihoodFit& fit() const { return fit_; }

  // Of the customer's next order.  Without orders it is the store's mean, which is infinite when q <= 1: then
  // the standard error is infinite too.
  Estimate ExpectedValue(const SpendHistory& customer) const;

  // What Fit() climbs.
  static double LogLikelihoodOf(std::span<const SpendHistory> customers, std::span<const double> parameters,
                                std::span<double> gradient);

 private:
  LikelihoodFit fit_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_GAMMA_GAMMA_H_
