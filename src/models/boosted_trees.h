// Gradient boosting: the one place that knows XGBoost (1.7, its C interface).
//
//   BoostedTrees::Train(rows, options, gradients)   grows trees on what `gradients` says of the predictions
//   -> forest()                                     the same trees for serving (tree_forest.h)
//
// The objective is the caller's: before every tree it is given the predictions so far and answers the
// gradient and the second derivative of the loss for every row (Friedman 2001; Chen and Guestrin 2016).  So
// the library only grows trees, and what is optimised is our own code (lambda_gradient.h).
//
// Deterministic: XGBoost runs on one thread, with no sampling of rows or columns; its histograms are summed
// in the order of the rows.  (With more threads their sums would differ in the last bit from one machine to
// another.)
//
// Cost: rows * features * depth histogram steps a tree, about a nanosecond each.
// Thread safety: Train may run on several threads at once; the result is immutable.

#ifndef ATTUNE_MODELS_BOOSTED_TREES_H_
#define ATTUNE_MODELS_BOOSTED_TREES_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "models/training_control.h"
#include "models/tree_forest.h"

namespace attune::models {

struct BoostedTreesOptions {
  uint32_t trees = 150;
  uint32_t depth = 5;  // At most TreeForest::kDepthMax.
  double learning_rate = 0.1;
  // Sum of second derivatives that a leaf must hold: smaller leaves learn noise.
  double leaf_weight_min = 1;
  double l2 = 1;
  uint32_t bins = 128;  // Of a feature's histogram.
};

class BoostedTrees {
 public:
  // Fills `gradients` and `hessians`, one per row.
  using Objective = std::function<void(std::span<const float> predictions, std::span<float> gradients,
                                       std::span<float> hessians)>;

  // `rows`: feature_count floats each, NaN for a missing value.  kInvalidArgument for no rows or bad options,
  // kUnavailable when cancelled, kInternal with the library's own words when it fails.
  static Result<std::unique_ptr<BoostedTrees>> Train(std::span<const float> rows, uint32_t feature_count,
                                                     const BoostedTreesOptions& options,
                                                     const Objective& objective,
                                                     const TrainingControl& control);
  ~BoostedTrees();

  const TreeForest& forest() const { return forest_; }
  // What the library itself predicts; for tests.
  Result<std::vector<float>> PredictByLibrary(std::span<const float> rows) const;

 private:
  explicit BoostedTrees(uint32_t feature_count) : forest_(feature_count) {}
  Status Start(std::span<const float> rows, const BoostedTreesOptions& options);
  Status Grow(size_t row_count, uint32_t tree_count, const Objective& objective,
              const TrainingControl& control);
  Status ReadTrees();

  TreeForest forest_;
  void* matrix_ = nullptr;   // DMatrixHandle
  void* booster_ = nullptr;  // BoosterHandle
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_BOOSTED_TREES_H_
