// The special functions behind the models of purchases over time (bg_nbd.h, gamma_gamma.h).
//
// Thread safety: pure functions; unlike std::lgamma they write no global.

#ifndef ATTUNE_MODELS_GAMMA_FUNCTIONS_H_
#define ATTUNE_MODELS_GAMMA_FUNCTIONS_H_

namespace attune::models {

// ln Gamma(x).  REQUIRES: x > 0.
double LogGamma(double x);

// d/dx ln Gamma(x), to about 1e-14.  REQUIRES: x > 0.
double Digamma(double x);

// Gauss' series 2F1(a, b; c; z) = 1 + (a b / c) z + (a (a+1) b (b+1) / (c (c+1))) z^2 / 2! + ...
// Summed until a term no longer changes the sum; a series that has not ended after a million terms (z within
// 1e-5 of 1) is cut there.  REQUIRES: 0 <= z < 1; c is not 0, -1, -2, ...
double Hypergeometric2F1(double a, double b, double c, double z);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_GAMMA_FUNCTIONS_H_
