#include "models/next_item_model.h"

#include <utility>
#include <vector>

namespace attune::models {
namespace {

// 1 / norm, and 0 for a model that learned nothing.
double Evened(const SparseRows& rows) {
  const double norm = rows.Norm();
  return norm > 0 ? 1 / norm : 0;
}

Result<SparseRows> TrainTransitions(const Sequences& sequences, uint32_t product_count,
                                    const TransitionOptions& options) {
  ASSIGN_OR_RETURN(TransitionTrainer trainer, TransitionTrainer::Create(options));
  std::vector<TransitionStep> steps;
  for (size_t i = 0; i < sequences.size(); ++i) {
    steps.clear();
    for (const uint32_t product : sequences.Of(i)) {
      steps.push_back({ProductIndex(product), static_cast<uint32_t>(steps.size()), 0});
    }
    RETURN_IF_ERROR(trainer.Add(steps));
  }
  return trainer.Train(product_count);
}

}  // namespace

std::shared_ptr<const TransitionSource> MixNextItemSource(std::string name,
                                                          std::shared_ptr<const SparseRows> transitions,
                                                          std::shared_ptr<const SparseRows> ridge,
                                                          const NextItemOptions& options,
                                                          std::shared_ptr<const ProductTies> ties) {
  CHECK(transitions != nullptr);
  std::vector<TransitionPart> parts;
  const double transition_factor = Evened(*transitions);
  parts.push_back({std::move(transitions), options.transition_tau, transition_factor});
  if (ridge != nullptr && options.ridge_share > 0) {
    const double ridge_factor = options.ridge_share * Evened(*ridge);
    parts.push_back({std::move(ridge), options.ridge_tau, ridge_factor});
  }
  return std::make_shared<const TransitionSource>(std::move(name), std::move(parts), std::move(ties));
}

Result<std::shared_ptr<const TransitionSource>> TrainNextItem(const Sequences& sequences,
                                                              uint32_t product_count,
                                                              const NextItemOptions& options) {
  if (!(options.ridge_share >= 0 && options.ridge_share <= 100)) {
    return InvalidArgument("share must be 0 to 100", "ridge_share");
  }
  if (!(options.transition_tau >= 0 && options.transition_tau <= 1e6)) {
    return InvalidArgument("tau must be 0 to 1e6", "transition_tau");
  }
  if (!(options.ridge_tau >= 0 && options.ridge_tau <= 1e6)) {
    return InvalidArgument("tau must be 0 to 1e6", "ridge_tau");
  }
  TransitionOptions transition_options = options.transitions;
  transition_options.threads = options.threads;
  ASSIGN_OR_RETURN(SparseRows transitions, TrainTransitions(sequences, product_count, transition_options));
  std::shared_ptr<const SparseRows> ridge;
  if (options.ridge_share > 0) {
    SparseRidgeOptions ridge_options = options.ridge;
    ridge_options.threads = options.threads;
    ASSIGN_OR_RETURN(SparseRows rows, TrainSparseRidge(sequences, product_count, ridge_options));
    ridge = std::make_shared<const SparseRows>(std::move(rows));
  }
  return MixNextItemSource("viewed_next", std::make_shared<const SparseRows>(std::move(transitions)),
                           std::move(ridge), options);
}

}  // namespace attune::models
