#include "models/product_tally.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/interaction_log.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

double WeightOf(InteractionKind kind) {
  switch (kind) {
    case InteractionKind::kView:
      return 1;
    case InteractionKind::kCart:
      return 3;
    case InteractionKind::kPurchase:
      return 5;
  }
  return 0;
}

}  // namespace

ProductTally::ProductTally(std::vector<float> popularity, std::vector<SlateOutcomes> outcomes)
    : popularity_(std::move(popularity)), outcomes_(std::move(outcomes)) {
  uint64_t impressions = 0;
  uint64_t clicks = 0;
  uint64_t carts = 0;
  for (const SlateOutcomes& product : outcomes_) {
    impressions += product.impressions;
    clicks += std::min(product.clicks, product.impressions);
    carts += std::min(product.carts, product.impressions);
  }
  if (impressions == 0) return;
  click_rate_ = static_cast<double>(clicks) / static_cast<double>(impressions);
  cart_rate_ = static_cast<double>(carts) / static_cast<double>(impressions);
}

std::shared_ptr<const ProductTally> ProductTally::Train(const InteractionLog& log, int64_t now_ms) {
  std::vector<double> sums(log.product_index_count(), 0);
  log.ForEachRow([&](const Interaction& row) {
    const auto age_ms = static_cast<double>(std::max<int64_t>(now_ms - row.at_ms, 0));
    sums[row.product.value()] +=
        WeightOf(row.kind) * std::exp2(-age_ms / static_cast<double>(kTallyHalfLifeMs));
  });
  std::vector<float> popularity(sums.begin(), sums.end());
  return std::make_shared<const ProductTally>(std::move(popularity), log.slates().by_product());
}

void ProductTally::Save(SectionWriter& out) const {
  std::vector<uint32_t> impressions;
  std::vector<uint32_t> clicks;
  std::vector<uint32_t> carts;
  for (const SlateOutcomes& product : outcomes_) {
    impressions.push_back(product.impressions);
    clicks.push_back(product.clicks);
    carts.push_back(product.carts);
  }
  out.PutArray(popularity_);
  out.PutArray(impressions);
  out.PutArray(clicks);
  out.PutArray(carts);
}

Result<std::shared_ptr<const ProductTally>> ProductTally::Load(SectionReader& in) {
  std::vector<float> popularity = in.TakeArray<float>();
  const std::vector<uint32_t> impressions = in.TakeArray<uint32_t>();
  const std::vector<uint32_t> clicks = in.TakeArray<uint32_t>();
  const std::vector<uint32_t> carts = in.TakeArray<uint32_t>();
  in.Require(clicks.size() == impressions.size() && carts.size() == impressions.size() &&
             std::all_of(popularity.begin(), popularity.end(),
                         [](float value) { return std::isfinite(value) && value >= 0; }));
  RETURN_IF_ERROR(in.Finish());
  std::vector<SlateOutcomes> outcomes;
  for (size_t i = 0; i < impressions.size(); ++i) outcomes.push_back({impressions[i], clicks[i], carts[i]});
  return std::make_shared<const ProductTally>(std::move(popularity), std::move(outcomes));
}

}  // namespace attune::models
