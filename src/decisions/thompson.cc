#include "decisions/thompson.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "base/status.h"
#include "decisions/limits.h"

namespace attune::decisions {
namespace {

constexpr size_t kBins = 128;
// A bin that holds less of an arm adds nothing that a double would show.
constexpr double kMassMin = 1e-18;

struct Node {
  double at;  // In [0, 1].
  double weight;
};
// Gauss-Legendre, exact for polynomials of degree 15.
constexpr std::array<Node, 8> kNodes = {{{0.0198550717512319, 0.0506142681451881},
                                         {0.1016667612931866, 0.1111905172266872},
                                         {0.2372337950418355, 0.1568533229389437},
                                         {0.4082826787521751, 0.1813418916891810},
                                         {0.5917173212478249, 0.1813418916891810},
                                         {0.7627662049581645, 0.1568533229389437},
                                         {0.8983332387068134, 0.1111905172266872},
                                         {0.9801449282487681, 0.0506142681451881}}};

struct BinLogs {
  std::array<double, kBins> of_rate;  // ln x and ln (1 - x) in the middle of each bin.
  std::array<double, kBins> of_rest;
};

const BinLogs& Logs() {
  static const BinLogs logs = [] {
    BinLogs made;
    for (size_t bin = 0; bin < kBins; ++bin) {
      const double angle = std::numbers::pi / 2 * (static_cast<double>(bin) + 0.5) / kBins;
      made.of_rate[bin] = 2 * std::log(std::sin(angle));
      made.of_rest[bin] = 2 * std::log(std::cos(angle));
    }
    return made;
  }();
  return logs;
}

struct Histogram {
  std::array<double, kBins> mass;
  std::array<double, kBins> above;  // Mass of all later bins.
};

// On the arcsine scale the density of Beta(a, b) is x^(a - 1/2) (1 - x)^(b - 1/2), up to a constant.
Histogram HistogramOf(const RateBelief& belief) {
  Histogram histogram;
  double largest = -std::numeric_limits<double>::infinity();
  for (size_t bin = 0; bin < kBins; ++bin) {
    histogram.mass[bin] = (belief.a - 0.5) * Logs().of_rate[bin] + (belief.b - 0.5) * Logs().of_rest[bin];
    largest = std::max(largest, histogram.mass[bin]);
  }
  double sum = 0;
  for (double& mass : histogram.mass) {
    mass = std::exp(mass - largest);
    sum += mass;
  }
  double above = 0;
  for (size_t bin = kBins; bin-- > 0;) {
    histogram.mass[bin] /= sum;
    histogram.above[bin] = above;
    above += histogram.mass[bin];
  }
  return histogram;
}

double Draw(const Histogram& histogram, Random& random) {
  double rest = random.NextUnit();
  size_t bin = 0;
  while (bin + 1 < kBins && rest >= histogram.mass[bin]) rest -= histogram.mass[bin++];
  return static_cast<double>(bin) + random.NextUnit();
}

// P(exactly `slot` of the other arms draw more than the point `node` of `bin`).
double ChanceOfPlace(const std::vector<Histogram>& arms, size_t arm, size_t slot, size_t bin, double node) {
  std::array<double, kThompsonSlotsMax> by_count{};  // P(so many of the arms so far draw more).
  by_count[0] = 1;
  for (size_t other = 0; other < arms.size(); ++other) {
    if (other == arm) continue;
    const double more = arms[other].above[bin] + arms[other].mass[bin] * (1 - node);
    for (size_t count = slot + 1; count-- > 0;) {
      by_count[count] = by_count[count] * (1 - more) + (count > 0 ? by_count[count - 1] * more : 0);
    }
  }
  return by_count[slot];
}

double Chance(const std::vector<Histogram>& arms, size_t arm, size_t slot) {
  double chance = 0;
  for (size_t bin = 0; bin < kBins; ++bin) {
    if (arms[arm].mass[bin] < kMassMin) continue;
    double integral = 0;
    for (const Node& node : kNodes) integral += node.weight * ChanceOfPlace(arms, arm, slot, bin, node.at);
    chance += arms[arm].mass[bin] * integral;
  }
  return std::min(chance, 1.0);  // Rounding.
}

std::vector<Histogram> HistogramsOf(std::span<const RateBelief> arms) {
  std::vector<Histogram> histograms;
  histograms.reserve(arms.size());
  for (const RateBelief& belief : arms) histograms.push_back(HistogramOf(belief));
  return histograms;
}

}  // namespace

ThompsonChoice ChooseByThompson(std::span<const RateBelief> arms, size_t slots, Random& random) {
  CHECK(slots <= arms.size() && arms.size() <= kThompsonPoolMax && slots <= kThompsonSlotsMax);
  const std::vector<Histogram> histograms = HistogramsOf(arms);
  std::vector<std::pair<double, size_t>> draws;
  for (size_t arm = 0; arm < arms.size(); ++arm) draws.emplace_back(-Draw(histograms[arm], random), arm);
  std::sort(draws.begin(), draws.end());
  ThompsonChoice choice;
  for (size_t slot = 0; slot < slots; ++slot) {
    choice.winners.push_back(draws[slot].second);
    choice.chances.push_back(Chance(histograms, draws[slot].second, slot));
  }
  return choice;
}

double ThompsonChance(std::span<const RateBelief> arms, size_t arm, size_t slot) {
  CHECK(arm < arms.size() && slot < arms.size() && slot < kThompsonSlotsMax);
  return Chance(HistogramsOf(arms), arm, slot);
}

}  // namespace attune::decisions
