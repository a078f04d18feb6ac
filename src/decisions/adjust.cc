#include "decisions/adjust.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "features/shown_products.h"

namespace attune::decisions {
namespace {

void RestShown(const DecideInput& input, DecisionTrace& trace) {
  const Rotation& rotation = input.placement.rotation;
  for (const features::IgnoredProduct& ignored : features::IgnoredProducts(*input.profile, rotation.slates)) {
    const auto found = trace.row_of.find(ignored.product);
    if (found == trace.row_of.end()) continue;
    CandidateRow& row = trace.rows[found->second];
    row.times_ignored = ignored.times;
    row.factor *= std::pow(rotation.keep, ignored.times);
  }
}

void Debias(const DecideInput& input, const models::ProductTally& tally, DecisionTrace& trace) {
  double least = std::numeric_limits<double>::infinity();
  for (const uint32_t row : trace.ranked) {
    least = std::min(least, tally.PopularityOf(trace.rows[row].product));
  }
  for (const uint32_t row : trace.ranked) {
    const double popularity = tally.PopularityOf(trace.rows[row].product);
    trace.rows[row].factor *= std::pow((1 + least) / (1 + popularity), input.placement.popularity_exponent);
  }
}

}  // namespace

double ScoreOf(const DecisionTrace& trace, uint32_t row) {
  const CandidateRow& candidate = trace.rows[row];
  if (candidate.rank == kNoRank) return 0;
  const double score = trace.fused.products[candidate.rank].score;
  if (score >= 0) return score * candidate.factor;
  return candidate.factor > 1 ? score / candidate.factor : score * (2 - candidate.factor);
}

void Adjust(const DecideInput& input, DecisionTrace& trace) {
  const bool rests = input.placement.rotation.slates > 0 && input.profile != nullptr;
  const bool debiases = input.placement.popularity_exponent > 0;
  if ((!rests && !debiases && !trace.is_boosted) || trace.ranked.empty()) return;
  const models::ProductTally* const tally = input.view.sources->tally();
  if (rests) RestShown(input, trace);
  if (debiases && tally != nullptr) Debias(input, *tally, trace);
  trace.order = trace.ranked;
  std::sort(trace.order.begin(), trace.order.end(), [&trace](uint32_t a, uint32_t b) {
    const double score_a = ScoreOf(trace, a);
    const double score_b = ScoreOf(trace, b);
    return score_a != score_b ? score_a > score_b : trace.rows[a].rank < trace.rows[b].rank;
  });
}

}  // namespace attune::decisions
