// Weights of a few features, learned from a few dozen queries: what trees need thousands for.
//
//   minimise  LambdaRank loss of (base_weight * base + w x) + ridge / 2 |w|^2,   x divided by its deviation
//
// by Newton steps over the gradients of models/lambda_gradient.h.  Up to 400 queries teach one weight, that
// of kHead; more of them may teach most features.  Which, how much the order without them counts and how
// strong the ridge is are chosen by NDCG@10 on queries that are held out of the training ones: every query
// once where there are few.
//
// Thread safety: pure function, on one thread.

#ifndef ATTUNE_SEARCH_LINEAR_RANKER_H_
#define ATTUNE_SEARCH_LINEAR_RANKER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "search/search_ranker.h"

namespace attune::search {

// Hits that the weights are learned from and order.
inline constexpr uint32_t kLinearHits = 200;

struct LinearRankerOptions {
  std::vector<float> base_weights = {3, 10};
  std::vector<double> ridges = {1, 10, 30};
  uint32_t steps_max = 15;
};

// kInvalidArgument when fewer than four examples have something wanted and something not.
Result<SearchRanker> TrainLinearRanker(std::span<const RankingExample> examples,
                                       const LinearRankerOptions& options);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_LINEAR_RANKER_H_
