#include "models/cold_products.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "models/item_knn.h"
#include "models/sequence_file.h"
#include "models/sparse_accumulator.h"

namespace attune::models {
namespace {

constexpr size_t kBlockProducts = 64;

struct Activity {
  Sequences baskets;              // Distinct products of each shopper.
  std::vector<uint32_t> support;  // By product: its shoppers.
};

Activity CollectActivity(const InteractionLog& log, uint32_t product_count, size_t products_max) {
  Activity activity;
  activity.support.assign(product_count, 0);
  std::vector<uint32_t> products;
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    products.clear();
    for (size_t i = rows.size(); i-- > 0 && products.size() < products_max;) {
      if (rows[i].product.value() < product_count) products.push_back(rows[i].product.value());
    }
    std::sort(products.begin(), products.end());
    products.erase(std::unique(products.begin(), products.end()), products.end());
    for (const uint32_t product : products) ++activity.support[product];
    if (products.size() > 1) activity.baskets.Add(products);
  });
  return activity;
}

// Cells of the other end: column p as a row.
std::vector<std::vector<Neighbour>> Transposed(const SparseRows& rows) {
  std::vector<std::vector<Neighbour>> turned(rows.product_count());
  for (uint32_t from = 0; from < rows.product_count(); ++from) {
    for (const Neighbour& to : rows.Of(from)) turned[to.product].push_back({from, to.weight});
  }
  return turned;
}

Status CheckOptions(const ColdProductOptions& options) {
  if (!(options.collaboration >= 0 && options.collaboration <= 1e6)) {
    return InvalidArgument("must be from 0 to 1 000 000", "collaboration");
  }
  if (options.row_cells_max == 0) return InvalidArgument("must be positive", "row_cells_max");
  if (options.shopper_products_max == 0) return InvalidArgument("must be positive", "shopper_products_max");
  return {};
}

}  // namespace

Result<SparseRows> TrainColdProducts(const InteractionLog& log, const ContentModel& content,
                                     const ColdProductOptions& options, const TrainingControl& control) {
  RETURN_IF_ERROR(CheckOptions(options));
  const uint32_t count = content.rows().product_count();
  const Activity activity = CollectActivity(log, count, options.shopper_products_max);
  ItemKnnOptions knn = CosineOptions();
  knn.threads = static_cast<uint32_t>(std::max(control.thread_count, 1));
  ASSIGN_OR_RETURN(const SparseRows alike, TrainItemKnn(activity.baskets, count, knn));
  RETURN_IF_ERROR(control.Check());
  const std::vector<std::vector<Neighbour>> alike_from = Transposed(alike);

  // By cold product: the seeds that speak for it, strongest first.
  std::vector<std::vector<Neighbour>> seeds_of(count);
  std::vector<SparseAccumulator> accumulators(knn.threads);
  std::vector<std::vector<ScoredProduct>> scratch(knn.threads);
  ForEachTrainingBlock(count, kBlockProducts, control, [&](size_t begin, size_t end, size_t thread) {
    for (auto cold = static_cast<uint32_t>(begin); cold < end; ++cold) {
      if (activity.support[cold] > options.support_max) continue;
      SparseAccumulator& accumulator = accumulators[thread];
      accumulator.Start(count);
      for (const Neighbour& like : content.rows().Of(cold)) {
        const Neighbour itself{like.product, 1};
        accumulator.AddRow(std::span(&itself, 1), like.weight, 0);
        accumulator.AddRow(alike_from[like.product], like.weight * options.collaboration, 0);
      }
      accumulator.Mask(cold);
      scratch[thread].clear();
      accumulator.Strongest(count, scratch[thread]);
      for (const ScoredProduct& seed : scratch[thread]) {
        if (std::isfinite(seed.score)) seeds_of[cold].push_back({seed.product, seed.score});
      }
    }
  });
  RETURN_IF_ERROR(control.Check());
  std::vector<std::vector<Neighbour>> rows(count);
  for (uint32_t cold = 0; cold < count; ++cold) {
    for (const Neighbour& seed : seeds_of[cold]) rows[seed.product].push_back({cold, seed.weight});
    seeds_of[cold] = {};
  }
  for (std::vector<Neighbour>& row : rows) KeepStrongest(row, options.row_cells_max);
  return SparseRows(std::move(rows));
}

}  // namespace attune::models
