#include "models/evaluate_store_baselines.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/clock.h"
#include "base/status.h"
#include "models/limits.h"

namespace attune::models {
namespace {

constexpr int64_t kRecentMs = 30 * kDayMs;

}  // namespace

StoreBaselines::StoreBaselines(uint32_t product_count)
    : product_count_(product_count),
      ties_(ProductTies::Make(nullptr)),
      sales_(product_count, 0),
      recent_sales_(product_count, 0),
      shoppers_(product_count, 0),
      together_(size_t{product_count} * product_count, 0) {
  CHECK(product_count <= kEvaluationProductsMax);
}

void StoreBaselines::Add(const StoreOrder& order) {
  for (const uint32_t product : order.products) {
    sales_[product] += 1;
    recent_sales_[product] += 1;
    recent_.emplace_back(order.at_ms, product);
  }
  if (order.shopper.value() == 0) return;
  OwnProducts& own = own_[order.shopper];
  for (const uint32_t product : order.products) {
    const auto [found, is_new] = own.try_emplace(product);
    ++found->second.order_count;
    found->second.last_at_ms = std::max(found->second.last_at_ms, order.at_ms);
    if (!is_new) continue;
    ++shoppers_[product];
    for (const auto& [other, unused] : own) {
      if (other == product) continue;
      ++Together(product, other);
      ++Together(other, product);
    }
  }
}

std::vector<uint32_t> StoreBaselines::Ask(size_t baseline, ShopperHandle shopper, int64_t now_ms,
                                          size_t limit) {
  switch (baseline) {
    case 0:
      return Strongest(sales_, limit);
    case 1:
      for (; !recent_.empty() && recent_.front().first < now_ms - kRecentMs; recent_.pop_front()) {
        recent_sales_[recent_.front().second] -= 1;
      }
      return Strongest(recent_sales_, limit);
    case 2:
      return OwnFrequency(shopper, limit);
    case 3:
      return ItemKnn(shopper, true, limit);
    default:
      return ItemKnn(shopper, false, limit);
  }
}

std::vector<uint32_t> StoreBaselines::ProductsOf(ShopperHandle shopper) const {
  std::vector<uint32_t> products;
  const auto own = own_.find(shopper);
  if (own == own_.end()) return products;
  for (const auto& [product, unused] : own->second) products.push_back(product);
  std::sort(products.begin(), products.end());
  return products;
}

std::vector<uint32_t> StoreBaselines::Strongest(const std::vector<double>& scores, size_t limit) const {
  std::vector<uint32_t> products;
  for (uint32_t i = 0; i < product_count_; ++i) {
    if (scores[i] > 0) products.push_back(i);
  }
  const size_t count = std::min(limit, products.size());
  std::partial_sort(products.begin(), products.begin() + static_cast<ptrdiff_t>(count), products.end(),
                    [&](uint32_t a, uint32_t b) {
                      return scores[a] != scores[b] ? scores[a] > scores[b] : ties_->IsBefore(a, b);
                    });
  products.resize(count);
  return products;
}

std::vector<uint32_t> StoreBaselines::OwnFrequency(ShopperHandle shopper, size_t limit) const {
  std::vector<uint32_t> products = ProductsOf(shopper);
  if (!products.empty()) {
    const OwnProducts& own = own_.at(shopper);
    std::sort(products.begin(), products.end(), [&](uint32_t a, uint32_t b) {
      const Own& first = own.at(a);
      const Own& second = own.at(b);
      if (first.order_count != second.order_count) return first.order_count > second.order_count;
      return first.last_at_ms != second.last_at_ms ? first.last_at_ms > second.last_at_ms
                                                   : ties_->IsBefore(a, b);
    });
  }
  if (products.size() < limit) {
    for (const uint32_t product : Strongest(sales_, limit)) {
      if (std::find(products.begin(), products.end(), product) == products.end()) products.push_back(product);
    }
  }
  products.resize(std::min(limit, products.size()));
  return products;
}

std::vector<uint32_t> StoreBaselines::ItemKnn(ShopperHandle shopper, bool counts_itself, size_t limit) const {
  std::vector<double> scores(product_count_, 0);
  for (const uint32_t known : ProductsOf(shopper)) {
    for (uint32_t other = 0; other < product_count_; ++other) {
      const uint32_t together = Together(known, other);
      if (together == 0) continue;
      scores[other] += together / std::sqrt(static_cast<double>(shoppers_[known]) * shoppers_[other]);
    }
    if (counts_itself) scores[known] += 1;
  }
  return Strongest(scores, limit);
}

}  // namespace attune::models
