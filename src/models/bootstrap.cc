#include "models/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "base/random.h"

namespace attune::models {
namespace {

constexpr uint32_t kResamplesMin = 100;
constexpr uint32_t kResamplesMax = 100'000;

}  // namespace

Result<BootstrapInterval> PairedBootstrap(std::span<const double> a, std::span<const double> b,
                                          const BootstrapOptions& options) {
  if (a.size() != b.size()) return InvalidArgument("rankings were measured on different cases", "b");
  if (a.empty()) return InvalidArgument("no cases to compare", "a");
  if (options.resamples < kResamplesMin || options.resamples > kResamplesMax) {
    return InvalidArgument("resamples must be 100 to 100000", "resamples");
  }
  if (!(options.confidence > 0 && options.confidence < 1)) {
    return InvalidArgument("confidence must lie between 0 and 1", "confidence");
  }
  std::vector<double> differences(a.size());
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += differences[i] = a[i] - b[i];

  const auto count = static_cast<double>(a.size());
  Random random(options.seed);
  std::vector<double> means(options.resamples);
  for (double& mean : means) {
    double drawn = 0;
    for (size_t i = 0; i < differences.size(); ++i)
      drawn += differences[random.NextBelow(differences.size())];
    mean = drawn / count;
  }
  const auto [low, high] = PercentileInterval(std::move(means), options.confidence);
  return BootstrapInterval{sum / count, low, high};
}

std::pair<double, double> PercentileInterval(std::vector<double> values, double confidence) {
  CHECK(confidence > 0 && confidence < 1);
  std::erase_if(values, [](double value) { return std::isnan(value); });
  if (values.empty()) {
    return {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
  }
  std::sort(values.begin(), values.end());
  const double tail = (1.0 - confidence) / 2.0;
  const auto last = static_cast<double>(values.size() - 1);
  return {values[static_cast<size_t>(std::floor(tail * last))],
          values[static_cast<size_t>(std::ceil((1.0 - tail) * last))]};
}

}  // namespace attune::models
