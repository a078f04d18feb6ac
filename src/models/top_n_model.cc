#include "models/top_n_model.h"

#include <utility>
#include <vector>

namespace attune::models {

std::string_view NameOf(TopNMethod method) {
  switch (method) {
    case TopNMethod::kSparseRidge:
      return "sparse_ridge";
    case TopNMethod::kItemKnn:
      return "item_knn";
    case TopNMethod::kEase:
      return "ease";
  }
  return "";
}

Result<SparseRows> TrainTopNRows(const Sequences& baskets, uint32_t product_count, const TopNOptions& options,
                                 const TrainingControl& control) {
  RETURN_IF_ERROR(control.Check());
  switch (options.method) {
    case TopNMethod::kItemKnn: {
      ItemKnnOptions knn = options.knn;
      knn.threads = options.threads;
      return TrainItemKnn(baskets, product_count, knn);
    }
    case TopNMethod::kEase: {
      TrainingControl threaded = control;
      threaded.thread_count = static_cast<int>(options.threads);
      return TrainEase(baskets, product_count, options.ease, threaded);
    }
    case TopNMethod::kSparseRidge:
      break;
  }
  SparseRidgeOptions ridge = options.ridge;
  ridge.threads = options.threads;
  return TrainSparseRidge(baskets, product_count, ridge, control);
}

Result<std::shared_ptr<const TransitionSource>> TrainTopN(const Sequences& baskets, uint32_t product_count,
                                                          const TopNOptions& options,
                                                          const TrainingControl& control) {
  ASSIGN_OR_RETURN(SparseRows rows, TrainTopNRows(baskets, product_count, options, control));
  std::vector<TransitionPart> parts;
  parts.push_back({std::make_shared<const SparseRows>(std::move(rows)), 0, 1});
  return std::make_shared<const TransitionSource>("chosen_by_same_shoppers", std::move(parts));
}

}  // namespace attune::models
