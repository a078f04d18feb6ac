// What a shop could show without attune, kept up to date order by order, for comparison.
//
//   bestsellers          products by the number of orders that hold them, since the beginning
//   bestsellers_30_days  the same over the last 30 days
//   own_frequency        the shopper's products by own orders, the latest first among equals; then
//   bestsellers item_knn             sum over the shopper's products h of cosine(h, p), shoppers as
//   dimensions; a product is fully
//                        similar to itself, as libraries do it that keep repeats
//   item_knn_new         the same without that: what the neighbours alone say
//
// They see every order before the one that is asked for, to the minute, while attune's batch models are as
// old as their last training.  That favours the baselines.
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_MODELS_EVALUATE_STORE_BASELINES_H_
#define ATTUNE_MODELS_EVALUATE_STORE_BASELINES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "models/evaluate_store_history.h"
#include "models/product_ties.h"

namespace attune::models {

class StoreBaselines {
 public:
  static constexpr size_t kCount = 5;
  static constexpr std::array<std::string_view, kCount> kNames = {
      "bestsellers", "bestsellers_30_days", "own_frequency", "item_knn", "item_knn_new"};

  // REQUIRES: product_count <= kEvaluationProductsMax.
  explicit StoreBaselines(uint32_t product_count);

  // Orders in the order of their times.
  void Add(const StoreOrder& order);

  // The list of kNames[baseline] for a shopper at `now_ms`, at most `limit` products.
  std::vector<uint32_t> Ask(size_t baseline, ShopperHandle shopper, int64_t now_ms, size_t limit);

  // Ascending; empty for a shopper without orders.
  std::vector<uint32_t> ProductsOf(ShopperHandle shopper) const;

 private:
  struct Own {
    uint32_t order_count = 0;
    int64_t last_at_ms = 0;
  };
  using OwnProducts = absl::flat_hash_map<uint32_t, Own>;

  std::vector<uint32_t> Strongest(const std::vector<double>& scores, size_t limit) const;
  std::vector<uint32_t> OwnFrequency(ShopperHandle shopper, size_t limit) const;
  std::vector<uint32_t> ItemKnn(ShopperHandle shopper, bool counts_itself, size_t limit) const;
  uint32_t& Together(uint32_t a, uint32_t b) { return together_[size_t{a} * product_count_ + b]; }
  uint32_t Together(uint32_t a, uint32_t b) const { return together_[size_t{a} * product_count_ + b]; }

  const uint32_t product_count_;
  const std::shared_ptr<const ProductTies> ties_;
  std::vector<double> sales_;
  std::vector<double> recent_sales_;
  std::deque<std::pair<int64_t, uint32_t>> recent_;  // Lines of the last 30 days, oldest first.
  absl::flat_hash_map<ShopperHandle, OwnProducts> own_;
  std::vector<uint32_t> shoppers_;  // By product.
  std::vector<uint32_t> together_;  // Shoppers of both, a full matrix.
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_EVALUATE_STORE_BASELINES_H_
