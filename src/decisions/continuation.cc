#include "decisions/continuation.h"

#include <algorithm>
#include <string>

#include "decisions/limits.h"

namespace attune::decisions {

Status Continue(const DecisionRecord& earlier, ResolvedRequest& request) {
  constexpr const char* kField = "continue";
  if (earlier.request.placement != request.placement) {
    return InvalidArgument("that decision was made for the placement " + earlier.request.placement, kField);
  }
  request.continues = earlier.id;
  request.already_shown = earlier.request.already_shown;
  for (const RecordedProduct& product : earlier.products) request.already_shown.push_back(product.product);
  if (request.already_shown.size() > kContinuedProductsMax) {
    return InvalidArgument(
        "more than " + std::to_string(kContinuedProductsMax) + " products were shown already: begin anew",
        kField);
  }
  request.used_row_seeds = earlier.request.used_row_seeds;
  if (earlier.row_seed) request.used_row_seeds.push_back(*earlier.row_seed);
  return {};
}

}  // namespace attune::decisions
