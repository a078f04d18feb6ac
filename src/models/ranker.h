// The learned order of a placement's candidates: trees over the features of ranker_features.h, calibrated to
// chances, and the outcome of the guard that let it serve or not.
//
//   Fuse(...) --first kRankedProductsMax--> features --trees--> score --curve--> chance of a click, a cart, a
//   purchase --objective--> order
//
// Two heads: one learned from whatever the shopper turned to, one from carts and purchases.  A store that has
// only one kind of them has one head for both.  Curves are isotonic (isotonic.h) on held-out lists, so
// chances are right on average over requests: "of candidates that are said to be bought in 2 % of the lists,
// 2 % are".
//
// Work is cut in two: the first trees score all candidates, and the finalists get the rest
// (ranker_options.h). Orders by expected money score all of them in full, since a dear product may lead from
// far behind.
//
// A generation always has a ranker section once a store was looked at; the section may hold no trees but only
// say why.
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_RANKER_H_
#define ATTUNE_MODELS_RANKER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "models/bootstrap.h"
#include "models/fusion.h"
#include "models/isotonic.h"
#include "models/product_statistics.h"
#include "models/product_ties.h"
#include "models/ranker_features.h"
#include "models/ranker_options.h"
#include "models/tree_forest.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

// What became of a training.
enum class RankerOutcome : uint8_t {
  kTooLittleData = 0,
  kPublished = 1,     // At least one kind of placement is served by the new trees.
  kWorse = 2,         // Not better than the blend on the held-out tail: the blend serves.
  kPreviousKept = 3,  // Worse than the ranker before, which goes on serving.
  kNotDue = 4,        // The ranker before is young enough.
};
std::string_view RankerOutcomeName(RankerOutcome outcome);

// The comparison on the held-out tail: one head on one surface.
struct RankerGuard {
  std::string surface;
  bool is_page = false;
  bool is_purchase = false;  // Of the head that learned from carts and purchases.
  bool serves = false;
  uint32_t lists = 0;
  double ndcg_blend = 0;   // NDCG@20 over everything that was wanted.
  double ndcg_ranker = 0;  // As it serves, in two stages.
  double ndcg_full = 0;    // If all trees scored all candidates: what the two stages give up.
  double gain_low = 0;     // 95 % interval of ranker - blend, paired bootstrap over lists.
  double gain_high = 0;
};

struct RankerHead {
  TreeForest forest{kRankerFeatureCount};
  IsotonicCurve click;  // By score.
  IsotonicCurve cart;
  IsotonicCurve purchase;
};

// What a ranker is made of.
struct RankerParts {
  RankerOutcome outcome = RankerOutcome::kTooLittleData;
  int64_t trained_at_ms = 0;  // Of the trees.
  uint64_t row_count = 0;     // Interactions in the log at that time.
  uint64_t list_count = 0;    // Lists that the trees were grown on.
  uint32_t first_trees = 0;
  uint32_t finalists = 0;
  std::vector<RankerGuard> guards;
  std::shared_ptr<const RankerHead> click;              // Null: no trees.
  std::shared_ptr<const RankerHead> purchase;           // May be the same.
  std::shared_ptr<const ProductStatistics> statistics;  // Null exactly when there are no trees.
};

struct RankedOrder {
  // Positions in FusionResult::products, best first: all of the first kRankedProductsMax.
  std::vector<uint32_t> order;
  // What the objective expects of each, beside `order`; behind the finalists it only falls.
  std::vector<double> values;
  // Features of FusionResult::products, in their order.
  std::vector<float> features;
};

struct OutcomeChances {
  double click = 0;
  double cart = 0;
  double purchase = 0;
};

// Positions of `rows`, best first: the first trees order all of them, the others the finalists at the front.
// Equal scores: by is_before.  `scores`: of each row; of those behind the finalists, that of the first trees.
std::vector<uint32_t> OrderInStages(const TreeForest& forest, size_t first_trees, size_t finalists,
                                    std::span<const float> rows,
                                    const std::function<bool(uint32_t, uint32_t)>& is_before,
                                    std::vector<float>& scores);

class Ranker {
 public:
  static constexpr std::string_view kName = "ranker";

  explicit Ranker(RankerParts parts) : parts_(std::move(parts)) {}

  const RankerParts& parts() const { return parts_; }
  bool has_trees() const { return parts_.click != nullptr; }
  // What the guard of that surface said of the objective's head; for a placement that is no surface, the
  // guards of its kind: all must serve.
  bool Serves(std::string_view placement, bool is_page, RankObjective objective) const;

  // REQUIRES: has_trees(), objective is not kBlend.
  RankedOrder Rank(const RankerContext& context, const FusionResult& fused,
                   std::span<const std::vector<Candidate>> answers, RankObjective objective,
                   const ProductTies& ties) const;

  // Of one row of RankedOrder::features.
  OutcomeChances ChancesOf(std::span<const float> row) const;
  struct GroupGain {
    FeatureGroup group;
    double gain = 0;  // Score with the group minus score without it: positive moved it up.
  };
  // By size of the gain, the strongest first.
  std::vector<GroupGain> GainsOf(std::span<const float> row, RankObjective objective) const;

  // Scores of the head of an objective, all trees.
  void Score(std::span<const float> rows, RankObjective objective, std::span<float> scores) const;

  size_t memory_bytes() const;
  void Save(SectionWriter& out) const;
  // Null when the section was written for other features than this build makes.
  static Result<std::shared_ptr<const Ranker>> Load(SectionReader& in);

 private:
  const RankerHead& HeadFor(RankObjective objective) const {
    return objective == RankObjective::kClick ? *parts_.click : *parts_.purchase;
  }
  // Of a purchase; of a cart or a click where too little was bought to tell.
  const IsotonicCurve& CurveFor(RankObjective objective) const;
  void OrderByScore(const FusionResult& fused, RankObjective objective, const ProductTies& ties,
                    RankedOrder& ranked) const;
  void OrderByMoney(const RankerContext& context, const FusionResult& fused, RankObjective objective,
                    const ProductTies& ties, RankedOrder& ranked) const;

  RankerParts parts_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_RANKER_H_
