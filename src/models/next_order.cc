#include "models/next_order.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "models/limits.h"
#include "models/model_file.h"
#include "models/next_order_walk.h"

namespace attune::models {
namespace {

// For a caller that knows purchases but not orders: the times that the purchases name.
std::vector<int64_t> TimesNamedBy(std::span<const Seed> purchases) {
  std::vector<int64_t> times;
  for (const Seed& purchase : purchases) {
    times.push_back(purchase.at_ms);
    times.push_back(FirstAtMs(purchase));
  }
  std::sort(times.begin(), times.end(), std::greater<>());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  times.resize(std::min(times.size(), kOrderTimesMax));
  return times;
}

}  // namespace

Result<std::shared_ptr<const NextOrderModel>> NextOrderModel::Train(const InteractionLog& log, int64_t now_ms,
                                                                    std::shared_ptr<const ProductTies> ties,
                                                                    const NextOrderTraining& training,
                                                                    const TrainingControl& control) {
  NextOrderWalk walk(log, std::move(ties), training.rows);
  ASSIGN_OR_RETURN(const std::vector<NextOrderCase> cases,
                   walk.Run(std::min(training.cases_max, kNextOrderCasesMax), control));
  ASSIGN_OR_RETURN(NextOrderWeights weights, NextOrderWeights::Learn(cases, training.weights, control));
  ASSIGN_OR_RETURN(NextOrderStore store, walk.TakeStore(now_ms, control));
  return std::shared_ptr<const NextOrderModel>(
      new NextOrderModel(std::move(store), std::move(weights), training.rows));
}

void NextOrderModel::Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const {
  if (query.purchases.empty() || store_.sales.product_count() == 0) return;
  std::vector<int64_t> named;
  std::span<const int64_t> order_times = query.order_times;
  if (order_times.empty()) order_times = named = TimesNamedBy(query.purchases);
  const size_t begin = out.size();
  for (const NextOrderRow& row :
       MakeNextOrderRows(store_, {query.purchases, order_times, query.now_ms}, options_, query.may_repeat)) {
    const ProductIndex product(row.product);
    const auto is_it = [&](const Seed& seed) { return seed.product == product; };
    if (!query.may_repeat && std::any_of(query.seeds.begin(), query.seeds.end(), is_it)) continue;
    out.push_back({product, weights_.Score(row), product, row.is_own});
  }
  const auto first = out.begin() + static_cast<ptrdiff_t>(begin);
  std::sort(first, out.end(), [this](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score
                              : store_.ties->IsBefore(a.product.value(), b.product.value());
  });
  out.resize(std::min(out.size(), begin + limit));
}

void NextOrderModel::Save(SectionWriter& out) const {
  out.PutF64(options_.decay.within_group);
  out.PutF64(options_.decay.across_groups);
  out.PutU32(options_.decay.group_size);
  out.PutU32(options_.neighbours);
  out.PutU32(options_.neighbour_products);
  weights_.Save(out);
  store_.sales.Save(out);
  out.PutArray(store_.bestsellers);
  store_.neighbours.Save(out);
  store_.patterns.Save(out);
}

Result<std::shared_ptr<const NextOrderModel>> NextOrderModel::Load(SectionReader& in,
                                                                   std::shared_ptr<const ProductTies> ties) {
  NextOrderOptions options;
  options.decay.within_group = in.TakeF64();
  options.decay.across_groups = in.TakeF64();
  options.decay.group_size = in.TakeU32();
  options.neighbours = in.TakeU32();
  options.neighbour_products = in.TakeU32();
  ASSIGN_OR_RETURN(NextOrderWeights weights, NextOrderWeights::Load(in));
  ASSIGN_OR_RETURN(ProductSales sales, ProductSales::Load(in));
  std::vector<uint32_t> bestsellers = in.TakeArray<uint32_t>();
  ASSIGN_OR_RETURN(ShopperNeighbours neighbours, ShopperNeighbours::Load(in));
  OrderPatterns patterns;
  if (!in.IsAtEnd()) {  // Older builds had none.
    ASSIGN_OR_RETURN(patterns, OrderPatterns::Load(in));
  }
  in.Require(bestsellers.size() <= kFusionCandidatesMax &&
             neighbours.product_count() == sales.product_count() &&
             patterns.product_count() <= sales.product_count());
  RETURN_IF_ERROR(in.Finish());
  NextOrderStore store(std::move(ties), std::move(neighbours), std::move(sales));
  store.bestsellers = std::move(bestsellers);
  store.patterns = std::move(patterns);
  return std::shared_ptr<const NextOrderModel>(
      new NextOrderModel(std::move(store), std::move(weights), options));
}

}  // namespace attune::models
