// The learned order of hits, on top of the order without it: weights of features (linear_ranker.h) or
// LambdaMART trees over them (search_features.h).
//
//   score = base_weight * score without it + sum of weight * feature + trees(features)
//
// The trees are grown by models/boosted_trees.h with models/lambda_gradient.h, starting from the first term,
// so that little data moves the order little.  How much the first term counts, how deep the trees are and how
// many there are, is chosen on a quarter of the training queries (by NDCG@10), never on a test.
//
// Thread safety: SearchRanker is a value; training is a pure function, on one thread.

#ifndef ATTUNE_SEARCH_SEARCH_RANKER_H_
#define ATTUNE_SEARCH_SEARCH_RANKER_H_

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "models/training_control.h"
#include "models/tree_forest.h"
#include "search/search_features.h"

namespace attune::search {

// Hits that trees are trained on and order.
inline constexpr uint32_t kTreeHits = 48;

struct SearchRanker {
  uint32_t hits_max = kTreeHits;  // As many of the first hits are ordered.
  float base_weight = 0;
  std::array<float, kSearchFeatureCount> weights = {};  // A feature that is not known counts as 0.
  models::TreeForest forest{kSearchFeatureCount};

  std::vector<float> Score(const std::vector<SearchFeatures::Row>& rows, std::span<const float> base) const;
};

// One query with what became of its hits.
struct RankingExample {
  std::vector<SearchFeatures::Row> rows;
  std::vector<float> base;   // Scores without it.
  std::vector<float> gains;  // 0: not wanted.
};

struct SearchRankerOptions {
  uint32_t trees_max = 200;
  double learning_rate = 0.05;
  double leaf_weight_min = 1;
  std::vector<float> base_weights = {3, 10};
  std::vector<uint32_t> depths = {2, 3};
};

// Whether some of its hits are worth more than others.
bool Teaches(const RankingExample& example);

// Trees. kInvalidArgument when fewer than four examples have something wanted and something not.
Result<SearchRanker> TrainSearchRanker(std::span<const RankingExample> examples,
                                       const SearchRankerOptions& options,
                                       const models::TrainingControl& control);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SEARCH_RANKER_H_
