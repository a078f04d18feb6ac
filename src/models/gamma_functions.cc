#include "models/gamma_functions.h"

#include <math.h>

#include <cmath>

#include "base/status.h"

namespace attune::models {
namespace {

// Below this the asymptotic series of Digamma is not yet exact.
constexpr double kAsymptoticFrom = 10;
constexpr int kSeriesTermsMax = 1'000'000;

}  // namespace

double LogGamma(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);
}

double Digamma(double x) {
  double result = 0;
  for (; x < kAsymptoticFrom; ++x) result -= 1 / x;
  const double s = 1 / (x * x);
  // Bernoulli numbers B_2k / 2k.
  const double tail =
      s *
      (1.0 / 12 - s * (1.0 / 120 - s * (1.0 / 252 - s * (1.0 / 240 - s * (1.0 / 132 - s * 691 / 32760)))));
  return result + std::log(x) - 0.5 / x - tail;
}

double Hypergeometric2F1(double a, double b, double c, double z) {
  CHECK(z >= 0 && z < 1);
  double term = 1;
  double sum = 1;
  for (int n = 0; n < kSeriesTermsMax; ++n) {
    term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z;
    const double next = sum + term;
    if (next == sum) break;
    sum = next;
  }
  return sum;
}

}  // namespace attune::models
