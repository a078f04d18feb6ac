#include "models/model_set_costs.h"

#include <algorithm>
#include <cmath>

#include "models/model_set.h"

namespace attune::models {
namespace {

constexpr double kNano = 1e-9;
// Words, categories, attributes and parts of words; a long description has more.
constexpr double kFeaturesPerProduct = 80;

double Of(uint64_t count) { return static_cast<double>(count); }

uint64_t BytesOf(double bytes) { return static_cast<uint64_t>(bytes); }

// Sums of pairs are kept once per pair of products, however often it was seen.
double DistinctPairs(uint64_t pairs, uint32_t products) { return std::min(Of(pairs), std::pow(products, 2)); }

}  // namespace

TrainerCosts PopularityCosts(const TrainingCounts& counts, const ModelSetOptions& /*options*/) {
  TrainerCosts costs;
  costs.sparse.seconds = (100 * Of(counts.rows) + 2'000 * Of(counts.products)) * kNano;
  costs.sparse.bytes = BytesOf(200.0 * counts.products);
  return costs;
}

// Three counts of at most window_max pairs a row, and one ridge system per product.
TrainerCosts TransitionCosts(const TrainingCounts& counts, const ModelSetOptions& options) {
  const double rows_of_shopper = Of(counts.rows) / std::max(Of(counts.shoppers), 1.0);
  const double window = std::min<double>(options.transitions.viewed_next.transitions.window_max,
                                         std::max(rows_of_shopper, 2.0));
  const double pairs = Of(counts.rows) * window;
  const double neighbours = options.transitions.viewed_next.ridge.neighbours_max;
  TrainerCosts costs;
  costs.sparse.seconds = (120 * pairs + counts.products * std::pow(neighbours, 3) * 1.5) * kNano;
  costs.sparse.bytes = BytesOf(3 * 16 * DistinctPairs(static_cast<uint64_t>(pairs), counts.products) +
                               8.0 * counts.products * options.transitions.viewed_next.ridge.row_cells_max);
  return costs;
}

TrainerCosts AlsoBoughtCosts(const TrainingCounts& counts, const ModelSetOptions& /*options*/) {
  TrainerCosts costs;
  costs.sparse.seconds = (40 * Of(counts.purchase_pairs) + 5'000 * Of(counts.products)) * kNano;
  costs.sparse.bytes = BytesOf(12 * DistinctPairs(counts.purchase_pairs, counts.products));
  return costs;
}

TrainerCosts BoughtTogetherCosts(const TrainingCounts& counts, const ModelSetOptions& /*options*/) {
  TrainerCosts costs;
  costs.sparse.seconds = (150 * Of(counts.order_pairs) + 10'000 * Of(counts.products)) * kNano;
  costs.sparse.bytes = BytesOf(16 * DistinctPairs(counts.order_pairs, counts.products));
  return costs;
}

// Each product reads at most postings_max entries of inverted lists, and in a small catalogue every vector.
TrainerCosts ContentCosts(const TrainingCounts& counts, const ModelSetOptions& options) {
  const double products = counts.catalog_products;
  const double postings =
      std::min<double>(options.content.postings_max, products * options.content.terms_max);
  TrainerCosts costs;
  const double d = options.text_vectors.dimensions;
  const double features = products * kFeaturesPerProduct;
  const double near = products <= options.content.vector_products_max ? products : 0;
  const double vectors =
      options.text_vectors.iterations * d * (2 * features + 2 * Of(counts.cells) + d * products);
  costs.sparse.seconds = (products * (20'000 + 4 * postings + 0.2 * d * near) + 0.6 * vectors) * kNano;
  costs.sparse.bytes =
      BytesOf(products * (40.0 * options.content.terms_max + 8.0 * options.content.neighbours_max + 16 * d) +
              8 * features);
  return costs;
}

// Cosines of what shoppers touched, and the two steps from each product (were all of them cold).
TrainerCosts ColdProductCosts(const TrainingCounts& counts, const ModelSetOptions& options) {
  constexpr double kAlikeMax = 200;
  const double basket = std::min<double>(Of(counts.cells) / std::max(Of(counts.shoppers), 1.0) * 3,
                                         options.cold_products.shopper_products_max);
  const double pairs = Of(counts.cells) * basket;
  const double steps = counts.catalog_products * kAlikeMax * options.content.neighbours_max;
  TrainerCosts costs;
  costs.sparse.seconds = (40 * pairs + 3 * steps + 5'000 * Of(counts.products)) * kNano;
  costs.sparse.bytes =
      BytesOf(12 * DistinctPairs(static_cast<uint64_t>(pairs), counts.products) +
              16 * kAlikeMax * counts.products + 8 * std::min(steps, kAlikeMax * 10 * counts.products));
  return costs;
}

// Conjugate gradients: gradient_steps passes over the cells and over the f x f Gram matrix, for both sides.
TrainerCosts AlsCosts(const TrainingCounts& counts, const ModelSetOptions& options) {
  const double f = options.als.dimensions;
  const double shoppers = std::min<double>(Of(counts.shoppers), options.als.shoppers_max);
  const double sides = shoppers + counts.products;
  const double steps = options.als.gradient_steps + 1;
  TrainerCosts costs;
  costs.sparse.seconds =
      options.als.iterations * steps * (2 * Of(counts.cells) * 2 * f * 0.3 + sides * f * f * 0.3) * kNano;
  costs.sparse.bytes = BytesOf(4 * f * sides + 16 * Of(counts.cells));
  return costs;
}

TrainerCosts BuyAgainCosts(const TrainingCounts& counts, const ModelSetOptions& /*options*/) {
  TrainerCosts costs;
  costs.sparse.seconds = (300 * Of(counts.purchases) + 2'000 * Of(counts.products)) * kNano;
  costs.sparse.bytes = BytesOf(24 * Of(counts.purchases) + 64.0 * counts.products);
  return costs;
}

// All models once per part, a request per list, and two heads of trees on the rows.
TrainerCosts RankerCosts(const TrainingCounts& counts, const ModelSetOptions& options) {
  constexpr double kSecondsPerList = 0.001;
  constexpr double kSecondsPerRowAndTree = 0.3e-6;
  constexpr double kRowBytes = 3 * 4.0 * kRankerFeatureCount;
  const RankerOptions& ranker = *options.ranker;
  const double parts = counts.rows > ranker.two_parts_above_rows ? 2 : ranker.parts;
  double models = 0;
  uint64_t largest = 0;
  for (const auto estimate : {&PopularityCosts, &TransitionCosts, &AlsoBoughtCosts, &BoughtTogetherCosts,
                              &ContentCosts, &ColdProductCosts, &AlsCosts, &BuyAgainCosts}) {
    const TrainerCosts costs = estimate(counts, options);
    models += costs.sparse.seconds;
    largest = std::max(largest, costs.sparse.bytes);
  }
  const double lists = static_cast<double>(ranker.train_lists_max + ranker.held_out_lists_max);
  const double train_rows =
      static_cast<double>(ranker.train_lists_max) * (static_cast<double>(ranker.negatives_max) + 5);
  const double held_out_rows =
      static_cast<double>(ranker.held_out_lists_max) * static_cast<double>(kRankedProductsMax);
  TrainerCosts costs;
  costs.sparse.seconds =
      parts * models + lists * kSecondsPerList + 2 * train_rows * ranker.trees.trees * kSecondsPerRowAndTree;
  costs.sparse.bytes = largest + 30 * counts.rows + BytesOf((train_rows + held_out_rows) * kRowBytes);
  return costs;
}

}  // namespace attune::models
