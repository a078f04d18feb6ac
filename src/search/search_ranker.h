// The learned order of hits: LambdaMART trees over the features of search_features.h, on top of the order
// without them.
//
//   score = base_weight * score without trees + trees(features)
//
// The trees are grown by models/boosted_trees.h with models/lambda_gradient.h, starting from the first term,
// so that little data moves the order little.  How much the first term counts, how deep the trees are and how
// many there are, is chosen on a quarter of the training queries (by NDCG@10), never on a test.
//
// Thread safety: SearchRanker is immutable; training is a pure function, on one thread.

#ifndef ATTUNE_SEARCH_SEARCH_RANKER_H_
#define ATTUNE_SEARCH_SEARCH_RANKER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "models/training_control.h"
#include "models/tree_forest.h"
#include "search/search_features.h"

namespace attune::search {

struct SearchRanker {
  float base_weight = 0;
  models::TreeForest forest{kSearchFeatureCount};

  std::vector<float> Score(const std::vector<SearchFeatures::Row>& rows, std::span<const float> base) const;
};

// One query with what became of its hits.
struct RankingExample {
  std::vector<SearchFeatures::Row> rows;
  std::vector<float> base;   // Scores without trees.
  std::vector<float> gains;  // 0: not wanted.
};

struct SearchRankerOptions {
  uint32_t trees_max = 200;
  double learning_rate = 0.05;
  double leaf_weight_min = 1;
  std::vector<float> base_weights = {3, 10};
  std::vector<uint32_t> depths = {2, 3};
};

// kInvalidArgument when fewer than four examples have something wanted and something not.
Result<SearchRanker> TrainSearchRanker(std::span<const RankingExample> examples,
                                       const SearchRankerOptions& options,
                                       const models::TrainingControl& control);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SEARCH_RANKER_H_
