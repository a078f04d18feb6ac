#include "models/purchase_vector.h"

#include <algorithm>
#include <cmath>

#include "models/limits.h"

namespace attune::models {
namespace {

// Further purchases of one product change nothing: the decay has ended.
constexpr uint32_t kPurchasesOfOneMax = 64;

}  // namespace

double OrderDecay::WeightOf(uint32_t orders_since) const {
  const uint32_t size = std::max<uint32_t>(group_size, 1);
  return std::pow(within_group, orders_since % size) * std::pow(across_groups, orders_since / size);
}

uint32_t OrdersAfter(std::span<const int64_t> order_times, int64_t at_ms) {
  return static_cast<uint32_t>(std::partition_point(order_times.begin(), order_times.end(),
                                                    [=](int64_t time) { return time > at_ms; }) -
                               order_times.begin());
}

double PurchaseWeight(const Seed& purchase, std::span<const int64_t> order_times, const OrderDecay& decay) {
  const uint32_t since_last = OrdersAfter(order_times, purchase.at_ms);
  const uint32_t since_first = OrdersAfter(order_times, FirstAtMs(purchase));
  const auto count = static_cast<uint32_t>(
      std::clamp(static_cast<double>(purchase.weight), 1.0, static_cast<double>(kPurchasesOfOneMax)));
  if (count == 1) return decay.WeightOf(since_last);
  const double step = static_cast<double>(since_first - since_last) / (count - 1);
  double weight = 0;
  for (uint32_t i = 0; i < count; ++i) {
    weight += decay.WeightOf(since_last + static_cast<uint32_t>(std::lround(i * step)));
  }
  return weight;
}

std::vector<Neighbour> PurchaseVector(std::span<const Seed> purchases, std::span<const int64_t> order_times,
                                      const OrderDecay& decay) {
  std::vector<Neighbour> vector;
  for (const Seed& purchase : purchases.first(std::min(purchases.size(), kVectorProductsMax))) {
    vector.push_back(
        {purchase.product.value(), static_cast<float>(PurchaseWeight(purchase, order_times, decay))});
  }
  std::sort(vector.begin(), vector.end(),
            [](const Neighbour& a, const Neighbour& b) { return a.product < b.product; });
  return vector;
}

}  // namespace attune::models
