// What a tree should learn from the present order of some lists: the gradients of LambdaMART.
//
// For every pair of one list in which i is worth more than j (gain_i > gain_j), with the scores s:
//
//   rho = 1 / (1 + exp(s_i - s_j))                                  how wrong the pair is
//   dN  = |gain_i - gain_j| * |1/log2(1 + rank_i) - 1/log2(1 + rank_j)| / ideal    what a swap costs in NDCG
//   gradient_i -= w_i rho dN,   gradient_j += w_i rho dN,   hessian_i, hessian_j += w_i rho (1 - rho) dN
//
// (Burges, From RankNet to LambdaRank to LambdaMART, MSR-TR-2010-82.)  w_i is the weight of the better one:
// 1, or for a click at a position that shoppers seldom look at, 1 / the chance that they looked
// (position_bias.h; Joachims, Swaminathan, Schnabel 2017).  The gradients of a list are scaled by
// log2(1 + sum) / sum, sum being that of its |gradient| over pairs, as LightGBM does, so that a long list
// does not count as many.
//
// Ranks come from the scores; equal scores keep the order of the rows.
//
// Thread safety: pure function.

#ifndef ATTUNE_MODELS_LAMBDA_GRADIENT_H_
#define ATTUNE_MODELS_LAMBDA_GRADIENT_H_

#include <cstddef>
#include <span>

namespace attune::models {

// Rows [begin, end) are the products of one list.
struct RankedRows {
  size_t begin = 0;
  size_t end = 0;
};

// One entry per row: gains (0: worth nothing) and weights.  Rows outside all lists get zeros.
void LambdaGradients(std::span<const RankedRows> lists, std::span<const float> gains,
                     std::span<const float> weights, std::span<const float> scores,
                     std::span<float> gradients, std::span<float> hessians);

// NDCG of one list in the order of its scores (equal scores: the order of the rows), at most `cutoff` deep;
// `ideal`: the discounted gain of the best order, also of products that are not in the list; 0 when it is 0.
double NdcgOfScores(std::span<const float> gains, std::span<const float> scores, size_t cutoff, double ideal);

// The discounted gain of the best order of these gains.
double IdealGain(std::span<const float> gains, size_t cutoff);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_LAMBDA_GRADIENT_H_
