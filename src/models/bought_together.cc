#include "models/bought_together.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "base/hash.h"
#include "models/bought_together_groups.h"
#include "models/bought_together_substitutes.h"
#include "models/limits.h"

namespace attune::models {
namespace {

constexpr size_t kBlockProducts = 64;
// Of a product that is hardly sold: the mean share in a shop of 100 000 products.
constexpr double kShareFloor = 1e-5;

// The products of an order; of a large one those with the smallest hash of (order, product), which is as good
// as a random sample and the same on every replay.
void SampleOrder(std::span<const Interaction> rows, std::vector<std::pair<uint64_t, uint32_t>>& scratch,
                 std::vector<uint32_t>& products) {
  products.clear();
  for (const Interaction& row : rows) products.push_back(row.product.value());
  if (products.size() <= kOrderProductsMax) return;
  scratch.clear();
  for (const uint32_t product : products)
    scratch.emplace_back(MixHash64(rows.front().order_hash, product), product);
  std::nth_element(scratch.begin(), scratch.begin() + kOrderProductsMax, scratch.end());
  products.clear();
  for (size_t i = 0; i < kOrderProductsMax; ++i) products.push_back(scratch[i].second);
  std::sort(products.begin(), products.end());
}

// Shares of the lines of all orders, younger lines weighing more.
class LineShares {
 public:
  explicit LineShares(uint32_t product_count) : lines_(product_count, 0) {}

  void Add(const std::vector<uint32_t>& products, double weight) {
    for (const uint32_t product : products) lines_[product] += weight;
    all_ += weight * static_cast<double>(products.size());
  }
  double Of(uint32_t product) const { return all_ > 0 ? lines_[product] / all_ : 0; }

 private:
  std::vector<double> lines_;
  double all_ = 0;
};

// 2^(-age / half_life); 1 when there is no half-life.
double AgeWeight(int64_t age_ms, int64_t half_life_ms) {
  if (half_life_ms <= 0) return 1;
  return std::exp2(-static_cast<double>(age_ms) / static_cast<double>(half_life_ms));
}

struct Orders {
  Groups groups;
  std::vector<double> weights;  // By order.
  std::vector<double> trends;   // By product.
};

Orders OrdersOf(const InteractionLog& log, const BoughtTogetherOptions& options) {
  Orders orders;
  const int64_t latest_ms = log.latest_at_ms();
  std::vector<std::pair<uint64_t, uint32_t>> scratch;
  std::vector<uint32_t> products;
  const uint32_t product_count = log.product_index_count();
  LineShares of_late(product_count);
  LineShares of_long(product_count);
  log.ForEachOrder([&](std::span<const Interaction> rows) {
    SampleOrder(rows, scratch, products);
    orders.groups.AddSet(products);
    const double others = std::max(static_cast<double>(products.size()) - 1, 1.0);
    const int64_t age_ms = latest_ms - rows.front().at_ms;
    orders.weights.push_back(std::pow(others, -options.order_size_exponent) *
                             AgeWeight(age_ms, options.half_life_ms));
    of_late.Add(products, AgeWeight(age_ms, options.trend_late_half_life_ms));
    of_long.Add(products, AgeWeight(age_ms, options.trend_long_half_life_ms));
  });
  orders.groups.Finish(product_count);
  orders.trends.resize(product_count);
  for (uint32_t i = 0; i < product_count; ++i) {
    const double trend = (of_late.Of(i) + kShareFloor) / (of_long.Of(i) + kShareFloor);
    orders.trends[i] = std::pow(trend, options.trend_power);
  }
  return orders;
}

// Scores the rows of one block of products; owns scratch that lives across blocks of one thread.
class RowScorer {
 public:
  RowScorer(const Orders& orders, const Substitutes& substitutes, const BoughtTogetherOptions& options)
      : orders_(orders.groups),
        weights_(orders.weights),
        trends_(orders.trends),
        substitutes_(substitutes),
        options_(options),
        together_(orders_.product_count(), 0),
        weight_together_(orders_.product_count(), 0),
        order_weight_by_others_(kOrderProductsMax, 0) {}

  void Score(uint32_t product, std::vector<Neighbour>& row) {
    std::fill(order_weight_by_others_.begin(), order_weight_by_others_.end(), 0);
    for (const uint32_t order : orders_.SetsOf(product)) {
      const auto others = orders_.ProductsOf(order);
      order_weight_by_others_[others.size() - 1] += weights_[order];
      for (const uint32_t other : others) {
        if (together_[other]++ == 0) touched_.push_back(other);
        weight_together_[other] += weights_[order];
      }
    }
    const auto orders_of_product = static_cast<double>(orders_.SetsOf(product).size());
    const auto line_count = static_cast<double>(orders_.line_count());
    for (const uint32_t other : touched_) {
      const uint32_t together = std::exchange(together_[other], 0);
      const double weight = std::exchange(weight_together_[other], 0);
      if (other == product || !IsSupported(together, orders_of_product)) continue;
      const auto orders_of_other = static_cast<double>(orders_.SetsOf(other).size());
      const double expected = ExpectedTogether(order_weight_by_others_, orders_of_other / line_count);
      const double score = (weight - expected) / std::sqrt(expected + options_.shrinkage) * trends_[other];
      if (score <= 0) continue;
      if (substitutes_.IsSubstitute(product, other, together, orders_of_product, orders_of_other)) continue;
      row.push_back({other, static_cast<float>(score)});
    }
    touched_.clear();
    KeepStrongest(row, options_.neighbours_max);
    Normalise(row);
  }

 private:
  bool IsSupported(uint32_t together, double orders_of_product) const {
    return together >= options_.support_min || together >= options_.support_share * orders_of_product;
  }
  // Squares over their sum.
  void Normalise(std::vector<Neighbour>& row) const {
    double sum = options_.row_shrinkage;
    for (Neighbour& neighbour : row) {
      neighbour.weight *= neighbour.weight;
      sum += static_cast<double>(neighbour.weight);
    }
    for (Neighbour& neighbour : row) neighbour.weight /= static_cast<float>(sum);
  }

  const Groups& orders_;
  const std::vector<double>& weights_;
  const std::vector<double>& trends_;
  const Substitutes& substitutes_;
  const BoughtTogetherOptions& options_;
  std::vector<uint32_t> together_;
  std::vector<uint32_t> touched_;
  std::vector<double> weight_together_;
  std::vector<double> order_weight_by_others_;
};

}  // namespace

double ExpectedTogether(const std::vector<double>& order_weight_by_others, double line_share) {
  double expected = 0;
  double share_without = 1;  // (1 - P)^k
  for (const double order_weight : order_weight_by_others) {
    expected += order_weight * (1 - share_without);
    share_without *= 1 - line_share;
  }
  return expected;
}

Result<SparseRows> TrainBoughtTogether(const InteractionLog& log, const catalog::CatalogView* catalog,
                                       const BoughtTogetherOptions& options, const TrainingControl& control) {
  const Orders orders = OrdersOf(log, options);
  const Substitutes substitutes(log, catalog, options);
  std::vector<std::vector<Neighbour>> rows(orders.groups.product_count());
  std::vector<std::unique_ptr<RowScorer>> scorers(static_cast<size_t>(std::max(control.thread_count, 1)));
  ForEachTrainingBlock(rows.size(), kBlockProducts, control, [&](size_t begin, size_t end, size_t thread) {
    auto& scorer = scorers[thread];
    if (!scorer) scorer = std::make_unique<RowScorer>(orders, substitutes, options);
    for (size_t i = begin; i < end; ++i) {
      scorer->Score(static_cast<uint32_t>(i), rows[i]);
      rows[i].shrink_to_fit();  // It had grown to all that were ever bought with it.
    }
  });
  RETURN_IF_ERROR(control.Check());
  return SparseRows(std::move(rows));
}

}  // namespace attune::models
