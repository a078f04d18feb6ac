#include "models/gram_engine.h"

#include <algorithm>
#include <cmath>

#include "base/status.h"
#include "models/sequence_limits.h"
#include "models/sparse_parallel.h"

namespace attune::models {
namespace {

constexpr double kUnitsPerWeight = 4294967296.0;  // 2^32.
constexpr size_t kRowBlock = 32;

float WeightOf(uint64_t units) { return static_cast<float>(static_cast<double>(units) / kUnitsPerWeight); }

}  // namespace

GramEngine::GramEngine(const Sequences& baskets, uint32_t product_count, double basket_exponent) {
  CHECK(product_count <= kModelProductsMax);
  CHECK(basket_exponent >= 0 && basket_exponent <= 2);
  products_of_.push_back(0);
  baskets_of_.assign(size_t{product_count} + 1, 0);
  double weight_sum = 0;
  for (size_t basket = 0; basket < baskets.size(); ++basket) {
    const auto products = baskets.Of(basket);
    const auto begin = static_cast<std::ptrdiff_t>(products_.size());
    products_.insert(products_.end(), products.begin(), products.end());
    std::sort(products_.begin() + begin, products_.end());
    products_.erase(std::unique(products_.begin() + begin, products_.end()), products_.end());
    const size_t size = products_.size() - static_cast<size_t>(begin);
    const double weight = size == 0 ? 0 : std::pow(static_cast<double>(size), -basket_exponent);
    weight_units_.push_back(static_cast<uint64_t>(std::llround(weight * kUnitsPerWeight)));
    weight_sum += weight * static_cast<double>(size);
    products_of_.push_back(products_.size());
  }
  if (!products_.empty()) mean_weight_ = weight_sum / static_cast<double>(products_.size());

  for (const uint32_t product : products_) {
    CHECK(product < product_count);
    ++baskets_of_[product + 1];
  }
  for (size_t product = 0; product < product_count; ++product)
    baskets_of_[product + 1] += baskets_of_[product];
  std::vector<size_t> next(baskets_of_.begin(), baskets_of_.end() - 1);
  std::vector<uint64_t> diagonal_units(product_count, 0);
  baskets_.resize(products_.size());
  for (size_t basket = 0; basket + 1 < products_of_.size(); ++basket) {
    for (size_t i = products_of_[basket]; i < products_of_[basket + 1]; ++i) {
      baskets_[next[products_[i]]++] = static_cast<uint32_t>(basket);
      diagonal_units[products_[i]] += weight_units_[basket];
    }
  }
  for (const uint64_t units : diagonal_units) diagonal_.push_back(WeightOf(units));
}

void GramEngine::ForEachRow(uint32_t threads, const VisitRow& visit) const {
  struct Scratch {
    std::vector<uint64_t> sums;
    std::vector<uint32_t> touched;
    std::vector<Neighbour> row;
  };
  std::vector<Scratch> scratches(WorkerCount(threads));
  ForEachBlock(product_count(), kRowBlock, threads, [&](uint32_t worker, size_t begin, size_t end) {
    auto& [sums, touched, row] = scratches[worker];
    sums.resize(product_count());
    for (size_t product = begin; product < end; ++product) {
      for (size_t at = baskets_of_[product]; at < baskets_of_[product + 1]; ++at) {
        const uint32_t basket = baskets_[at];
        const uint64_t units = weight_units_[basket];
        for (size_t i = products_of_[basket]; i < products_of_[basket + 1]; ++i) {
          const uint32_t other = products_[i];
          if (sums[other] == 0) touched.push_back(other);
          sums[other] += units;
        }
      }
      std::sort(touched.begin(), touched.end());
      row.clear();
      for (const uint32_t other : touched) {
        if (other != product) row.push_back({other, WeightOf(sums[other])});
        sums[other] = 0;
      }
      touched.clear();
      visit(worker, static_cast<uint32_t>(product), row);
    }
  });
}

}  // namespace attune::models
