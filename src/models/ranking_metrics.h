// How good a ranking is, by the measures of the published protocols.
//
// With one right answer per case (next item), a case is the mid-rank of its target in the full ranking:
//
//   mid-rank = 1 + products scored better + products scored the same / 2
//   recall@k = hit rate@k = share of cases with mid-rank <= k
//   ndcg@k   = mean of 1 / log2(mid-rank + 1) where mid-rank <= k, else 0
//   mrr@k    = mean of 1 / mid-rank           where mid-rank <= k, else 0
//
// Ties count for half: count models score many products the same, and a target hidden among a thousand zeros
// must not be called first because its index is small.  Example: two better, two equal => mid-rank 4.
//
// With several right answers (top-n), a case is the ranked list that was served and the set that was held
// out:
//
//   recall@k = held-out products within the first k / held-out products
//   ndcg@k   = sum of 1 / log2(position + 2) over those / the same sum of min(k, held-out) hits in front
//
// Thread safety: pure functions and value types.

#ifndef ATTUNE_MODELS_RANKING_METRICS_H_
#define ATTUNE_MODELS_RANKING_METRICS_H_

#include <cstdint>
#include <span>
#include <vector>

namespace attune::models {

// Where the target stands among all products that may be shown.
struct TargetRank {
  uint64_t better = 0;  // Products scored higher than the target.
  uint64_t tied = 0;    // Other products scored the same.

  double mid_rank() const { return 1.0 + static_cast<double>(better) + static_cast<double>(tied) / 2.0; }
};

// A target that can not be ranked, because it is masked: counts as a case and never hits.
inline constexpr double kUnrankedTarget = 1e18;

// What one case adds to recall@k, ndcg@k and mrr@k.
double RecallOfRank(double mid_rank, uint32_t k);
double NdcgOfRank(double mid_rank, uint32_t k);
double MrrOfRank(double mid_rank, uint32_t k);

// Means over cases, summed in the order given; 0 for no cases.
double RecallAt(std::span<const double> mid_ranks, uint32_t k);
double NdcgAt(std::span<const double> mid_ranks, uint32_t k);
double MrrAt(std::span<const double> mid_ranks, uint32_t k);

// `ranked` best first, no product twice; `held_out` ascending, no product twice.  0 when nothing was held
// out.
double ListRecallAt(std::span<const uint32_t> ranked, std::span<const uint32_t> held_out, uint32_t k);
double ListNdcgAt(std::span<const uint32_t> ranked, std::span<const uint32_t> held_out, uint32_t k);

// Sum in the order given, divided by the count; 0 for none.
double MeanOf(std::span<const double> values);

// The smallest value that at least `share` of the values do not exceed (nearest rank); 0 for none.  share in
// (0, 1].
double QuantileOf(std::vector<double> values, double share);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_RANKING_METRICS_H_
