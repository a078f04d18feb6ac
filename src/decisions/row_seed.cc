#include "decisions/row_seed.h"

#include <algorithm>

#include "decisions/explain.h"
#include "decisions/limits.h"

namespace attune::decisions {

std::vector<ProductIndex> RowSeeds(const DecideInput& input) {
  std::vector<ProductIndex> seeds;
  if (input.profile == nullptr) return seeds;
  const std::vector<ProductIndex>& used = input.request.used_row_seeds;
  for (const features::Purchase& purchase : input.profile->purchases) {
    if (seeds.size() == kRowSeedsTriedMax) break;
    if (std::find(used.begin(), used.end(), purchase.product) != used.end()) continue;
    if (input.catalog.Find(purchase.product) != nullptr) seeds.push_back(purchase.product);
  }
  return seeds;
}

std::string RowTitle(const DecideInput& input, const DecisionTrace& trace) {
  if (!trace.row_seed) return {};
  return "Because you bought " + std::string(TitleOf(input, *trace.row_seed));
}

}  // namespace attune::decisions
