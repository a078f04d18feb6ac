#include "models/top_n_model.h"

#include <utility>
#include <vector>

namespace attune::models {
namespace {

Result<SparseRows> TrainRows(const Sequences& baskets, uint32_t product_count, const TopNOptions& options) {
  if (options.method == TopNMethod::kItemKnn) {
    ItemKnnOptions knn = options.knn;
    knn.threads = options.threads;
    return TrainItemKnn(baskets, product_count, knn);
  }
  SparseRidgeOptions ridge = options.ridge;
  ridge.threads = options.threads;
  return TrainSparseRidge(baskets, product_count, ridge);
}

}  // namespace

Result<std::shared_ptr<const TransitionSource>> TrainTopN(const Sequences& baskets, uint32_t product_count,
                                                          const TopNOptions& options) {
  ASSIGN_OR_RETURN(SparseRows rows, TrainRows(baskets, product_count, options));
  std::vector<TransitionPart> parts;
  parts.push_back({std::make_shared<const SparseRows>(std::move(rows)), 0, 1});
  return std::make_shared<const TransitionSource>("chosen_by_same_shoppers", std::move(parts));
}

}  // namespace attune::models
