#include "models/als_neighbours.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "models/exact_neighbours.h"

namespace attune::models {

NearestProducts::NearestProducts(std::shared_ptr<const AlsModel> model)
    : model_(std::move(model)), index_(MakeNearestNeighbours(model_->table(), Similarity::kCosine)) {}

void NearestProducts::Find(ProductIndex product, size_t limit, std::vector<AlikeProduct>& out) const {
  out.clear();
  const std::span<const float> vector = model_->VectorOf(product);
  if (vector.empty()) return;
  std::vector<NearRow> near;
  index_->Find(vector, limit + 1, near);
  for (const NearRow& row : near) {
    const ProductIndex other(model_->products()[row.row]);
    if (other != product && out.size() < limit) out.push_back({other, row.similarity});
  }
}

Result<LookAlikeShoppers> LookAlikeShoppers::Make(const AlsModel& model, const InteractionLog& log,
                                                  const AlsOptions& options, const TrainingControl& control) {
  LookAlikeShoppers made;
  auto table = std::make_shared<VectorTable>();
  table->dimensions = model.dimensions();
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    if (control.IsCancelled()) return;
    const std::vector<float> vector = model.FoldInRows(rows, options);
    if (vector.empty()) return;
    made.shoppers_.push_back(rows.front().shopper);
    table->values.insert(table->values.end(), vector.begin(), vector.end());
    table->tie_hashes.push_back(static_cast<uint32_t>(MixHash64(rows.front().shopper.value(), 0)));
  });
  RETURN_IF_ERROR(control.Check());
  made.table_ = table;
  made.index_ = MakeNearestNeighbours(std::move(table), Similarity::kCosine);
  return made;
}

void LookAlikeShoppers::Find(std::span<const ShopperHandle> group, size_t limit,
                             std::vector<AlikeShopper>& out) const {
  out.clear();
  std::vector<ShopperHandle> known(group.begin(), group.end());
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  std::vector<float> mean(table_->dimensions, 0);
  for (const ShopperHandle shopper : known) {
    const auto at = std::lower_bound(shoppers_.begin(), shoppers_.end(), shopper);
    if (at == shoppers_.end() || *at != shopper) continue;
    const std::span<const float> vector = table_->Row(static_cast<size_t>(at - shoppers_.begin()));
    const float factor = InverseNorm(vector);
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += factor * vector[i];
  }
  std::vector<NearRow> near;
  index_->Find(mean, limit + known.size(), near);
  for (const NearRow& row : near) {
    const ShopperHandle shopper = shoppers_[row.row];
    if (out.size() == limit || std::binary_search(known.begin(), known.end(), shopper)) continue;
    out.push_back({shopper, row.similarity});
  }
}

}  // namespace attune::models
