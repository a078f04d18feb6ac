#include "models/visits.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "models/sequence_limits.h"

namespace attune::models {
namespace {

struct Collected {
  Sequences visits;                              // By shopper.
  std::vector<std::pair<int64_t, size_t>> ends;  // When visit i ended, and i.

  void Finish(std::vector<uint32_t>& products, int64_t ended_at_ms) {
    if (products.size() > 1) {
      ends.emplace_back(ended_at_ms, visits.size());
      visits.Add(products);
    }
    products.clear();
  }

  Sequences ByAge() {
    std::sort(ends.begin(), ends.end());
    Sequences by_age;
    for (const auto& [ended_at_ms, visit] : ends) by_age.Add(visits.Of(visit));
    return by_age;
  }
};

std::vector<Interaction> InOrder(std::span<const Interaction> rows, const ProductTies& ties) {
  std::vector<Interaction> ordered(rows.begin(), rows.end());
  std::sort(ordered.begin(), ordered.end(), [&ties](const Interaction& a, const Interaction& b) {
    if (a.at_ms != b.at_ms) return a.at_ms < b.at_ms;
    if (a.product != b.product) return ties.IsBefore(a.product.value(), b.product.value());
    return a.kind < b.kind;
  });
  return ordered;
}

}  // namespace

Sequences VisitsByAge(const InteractionLog& log, const ProductTies& ties, int64_t idle_ms) {
  Collected collected;
  std::vector<uint32_t> products;
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    int64_t last_view_ms = 0;
    for (const Interaction& row : InOrder(rows, ties)) {
      if (row.kind != InteractionKind::kView) continue;
      if (!products.empty() && row.at_ms - last_view_ms > idle_ms) collected.Finish(products, last_view_ms);
      last_view_ms = row.at_ms;
      if (products.empty() || products.back() != row.product.value()) products.push_back(row.product.value());
    }
    collected.Finish(products, last_view_ms);
  });
  return collected.ByAge();
}

Sequences HistoriesByAge(const InteractionLog& log, const ProductTies& ties) {
  Collected collected;
  std::vector<uint32_t> products;
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    const int64_t last_at_ms = rows.back().at_ms;
    for (const Interaction& row : InOrder(rows, ties)) {
      if (products.empty() || products.back() != row.product.value()) products.push_back(row.product.value());
      if (products.size() == kSessionProductsMax) collected.Finish(products, last_at_ms);
    }
    collected.Finish(products, last_at_ms);
  });
  return collected.ByAge();
}

}  // namespace attune::models
