// Lists of candidates with their features and what became of them: what a ranker is trained and judged on.
//
//   past models + past statistics + the profile of the moment  --a placement's recipe-->  candidates
//   what followed in the visit, or was clicked of a slate that was shown              -->  outcomes
//
// Everything a row holds is of the moment before the case: models and statistics were made from a log that
// ends where the part begins, the profile is folded up to the row before.  (The catalogue is the present one:
// it has no history.  Links between browsers and customers are those of the log's end.)
//
// Rows of a list stand in the order of the blend, so the blend's own quality is that of the order of the
// rows.
//
// Thread safety: pure function; works on control.thread_count threads, same rows for every number.

#ifndef ATTUNE_MODELS_RANKING_DATA_H_
#define ATTUNE_MODELS_RANKING_DATA_H_

#include <cstdint>
#include <span>
#include <vector>

#include "catalog/catalog_view.h"
#include "models/impression_log.h"
#include "models/interaction_log.h"
#include "models/lambda_gradient.h"
#include "models/model_set.h"
#include "models/position_bias.h"
#include "models/product_statistics.h"
#include "models/ranker_options.h"
#include "models/ranking_cases.h"
#include "models/training_control.h"

namespace attune::models {

// One list.
struct RankingList {
  int64_t at_ms = 0;
  uint32_t surface = 0;  // Place in RankerOptions::surfaces.
  RankedRows rows;
  std::vector<uint8_t> missed;  // Outcomes of what was wanted and is not among the rows.
};

struct RankingData {
  std::vector<RankingList> lists;  // By time.
  std::vector<float> features;     // kRankerFeatureCount a row.
  std::vector<uint8_t> outcomes;   // One a row: bits of RankingOutcome.
  std::vector<float> weights;      // One a row: what its being wanted counts.

  size_t row_count() const { return outcomes.size(); }
  std::span<const float> FeaturesOf(const RankedRows& rows) const;
  void Append(const RankingData& more);
};

// What a moment of the past knew.
struct PastState {
  const ModelSet& models;
  const ProductStatistics& statistics;
};

struct RankingRequest {
  int64_t from_ms = 0;
  int64_t until_ms = 0;
  size_t lists_max = 0;
  // Keeps what was wanted and a sample of this many others; 0: all candidates.
  size_t negatives_max = 0;
  // Lists in which none of the candidates was wanted teach nothing, but count when a ranker is judged.
  bool needs_wanted = true;
  // Slates that were shown on a surface and of which something was wanted become lists, too: at most
  // lists_max. What was wanted counts by its position (position_bias.h); null `bias`: the position is a
  // feature.
  const ImpressionLog* impressions = nullptr;
  const PositionBias* bias = nullptr;
};

RankingData MakeRankingData(const InteractionLog& log, const catalog::CatalogView* catalog,
                            const PastState& past, const RankingRequest& request,
                            const RankerOptions& options, const TrainingControl& control);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_RANKING_DATA_H_
