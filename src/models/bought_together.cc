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

struct Orders {
  Groups groups;
  std::vector<double> weights;  // By order.
};

Orders OrdersOf(const InteractionLog& log, const BoughtTogetherOptions& options) {
  Orders orders;
  const int64_t latest_ms = log.latest_at_ms();
  std::vector<std::pair<uint64_t, uint32_t>> scratch;
  std::vector<uint32_t> products;
  log.ForEachOrder([&](std::span<const Interaction> rows) {
    SampleOrder(rows, scratch, products);
    orders.groups.AddSet(products);
    const double others = std::max(static_cast<double>(products.size()) - 1, 1.0);
    double weight = std::pow(others, -options.order_size_exponent);
    if (options.half_life_ms > 0) {
      weight *= std::exp2(-static_cast<double>(latest_ms - rows.front().at_ms) /
                          static_cast<double>(options.half_life_ms));
    }
    orders.weights.push_back(weight);
  });
  orders.groups.Finish(log.product_index_count());
  return orders;
}

// Scores the rows of one block of products; owns scratch that lives across blocks of one thread.
class RowScorer {
 public:
  RowScorer(const Orders& orders, const Substitutes& substitutes, const BoughtTogetherOptions& options)
      : orders_(orders.groups),
        weights_(orders.weights),
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
      if (other == product || together < options_.support_min) continue;
      const auto orders_of_other = static_cast<double>(orders_.SetsOf(other).size());
      const double expected = ExpectedTogether(order_weight_by_others_, orders_of_other / line_count);
      const double score = (weight - expected) / std::sqrt(expected + options_.shrinkage);
      if (score <= 0) continue;
      if (substitutes_.IsSubstitute(product, other, together, orders_of_product, orders_of_other)) continue;
      row.push_back({other, static_cast<float>(score)});
    }
    touched_.clear();
    KeepStrongest(row, options_.neighbours_max);
  }

 private:
  const Groups& orders_;
  const std::vector<double>& weights_;
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
