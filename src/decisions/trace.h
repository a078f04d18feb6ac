// Everything one decision looked at, filled stage by stage: the pipeline's working state, and afterwards the
// answer to "why?" and "why not?".  It is never stored: replay makes it again.
//
// Thread safety: belongs to one decision.

#ifndef ATTUNE_DECISIONS_TRACE_H_
#define ATTUNE_DECISIONS_TRACE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "decisions/choose_rules.h"
#include "decisions/filter.h"
#include "decisions/placement.h"
#include "models/candidate_source.h"
#include "models/fusion.h"

namespace attune::decisions {

enum class SeedOrigin : uint8_t { kPage, kSession, kRecent, kCart, kPurchase };

// Seeds of a request; origins[i] says where seeds[i] comes from.
struct SeedSet {
  std::vector<models::Seed> seeds;
  std::vector<SeedOrigin> origins;
  std::vector<models::Seed> purchases;
  std::vector<int64_t> order_times;  // Latest first.
};

inline constexpr uint8_t kNoRung = 0xff;
inline constexpr uint32_t kNoRank = 0xffffffff;

enum class ExploredBy : uint8_t { kNothing, kUniform, kThompson };

// One product that was looked at.
struct CandidateRow {
  ProductIndex product;
  FilterVerdict verdict = FilterVerdict::kEligible;
  bool is_chosen = false;
  bool is_placed = false;      // Chosen, at the position that a rule says: the stages pass over it.
  bool is_capped = false;      // Passed over by a diversity cap (and not taken later).
  uint8_t rung = kNoRung;      // Place in DecisionTrace::rungs of the one that brought it into the slate.
  uint32_t rank = kNoRank;     // Place in DecisionTrace::ranked.
  double factor = 1;           // What Boost() and Adjust() multiply its score by.
  uint32_t times_ignored = 0;  // Of the last slates that were looked at.
  ExploredBy explored_by = ExploredBy::kNothing;  // Why exploration put it into the slate.
};

// What one source answered.
struct SourceList {
  std::string_view source;  // Lives as long as the placement.
  bool is_known = false;    // The view has this source.
  uint32_t asked = 0;
  uint32_t returned = 0;
};

struct RungUse {
  Rung rung;
  uint32_t added = 0;
};

// What the ranker looked at.
struct RankingTrace {
  bool is_used = false;
  std::vector<float> features;     // models::kRankerFeatureCount of each product it ranked.
  std::vector<uint32_t> place_of;  // Of fused.products[i], its place in `features`.
};

// What a merchandising rule did to a row.
struct RuleMove {
  enum class Kind : uint8_t { kPinned, kListed, kIncluded, kBoosted, kBuried };
  Kind kind = Kind::kPinned;
  uint32_t row = 0;
  const Rule* rule = nullptr;
  double factor = 1;  // kBoosted, kBuried.
};

// A product that a rule names for this slate and that cannot be shown.
struct PassedOver {
  std::string_view product_id;
  const Rule* rule = nullptr;
  FilterVerdict verdict = FilterVerdict::kUnknown;
};

struct PlacedRow {
  uint32_t row = 0;
  uint32_t position = 0;  // In this slate.
};

struct DecisionTrace {
  SeedSet seeds;
  // Beside the parts of the placement's recipe: what each source is, and its eligible candidates, best first.
  std::vector<SourceList> lists;
  std::vector<std::vector<models::Candidate>> answers;
  std::vector<CandidateRow> rows;                      // In the order in which they were first seen.
  absl::flat_hash_map<ProductIndex, uint32_t> row_of;  // Looked up only, never walked.
  models::FusionResult fused;  // Best first: by the blend, or by the ranker when `ranking` says so.
  RankingTrace ranking;
  std::vector<uint32_t> ranked;   // Rows of fused.products, in their order.
  std::vector<uint32_t> order;    // The same rows after Adjust() and Spread(); empty: as ranked.
  ActiveRules rules;              // Those that hold; what they point to is the view's.
  std::vector<RuleMove> moves;    // In the order in which they were made.
  std::vector<PlacedRow> placed;  // By position.
  std::vector<PassedOver> passed_over;
  std::vector<uint32_t> included;        // Rows that rules add behind the order.
  bool is_boosted = false;               // A rule changed a factor.
  std::vector<uint32_t> chosen;          // Rows of the slate.
  std::vector<double> propensities;      // Beside `chosen` (decisions/explore.h); empty: all 1.
  std::vector<RungUse> rungs;            // Those that were tried, in order.
  std::optional<ProductIndex> row_seed;  // The purchase that the row stands on (decisions/row_seed.h).
  uint32_t limit = 0;
  bool are_caps_relaxed = false;
};

// The order in which candidates go into the slate.
inline const std::vector<uint32_t>& OrderOf(const DecisionTrace& trace) {
  return trace.order.empty() ? trace.ranked : trace.order;
}

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_TRACE_H_
