// The moments of a log from which a ranker learns: what a placement could have shown, and what the shopper
// then turned to.
//
//   rows of a shopper:  v v c | v b | ...          a visit is rows less than 30 minutes apart
//   cases:             ^   ^    ^                  at the start of a visit, and once within it, by stable
//   hash
//
// A case splits a shopper's rows in two: those before it are all that a feature may see, those from it to the
// end of the visit are what was wanted.  Rows of the same millisecond are never split.  A case within a visit
// serves a product page, too: the page's product is the one of the row before, when that was looked at.
//
// Thread safety: pure functions.

#ifndef ATTUNE_MODELS_RANKING_CASES_H_
#define ATTUNE_MODELS_RANKING_CASES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "features/fold_event.h"
#include "features/shopper_profile.h"
#include "models/interaction_log.h"

namespace attune::models {

// What became of a product, as bits.
enum RankingOutcome : uint8_t { kNothing = 0, kTurned = 1, kCarted = 2, kBought = 4 };

struct RankingTarget {
  ProductIndex product;
  uint8_t outcome = kNothing;  // Bits of RankingOutcome; kTurned is always there.
};

struct RankingCase {
  int64_t at_ms = 0;
  size_t history_end = 0;  // Rows [0, history_end) came before.
  size_t visit_end = 0;    // Rows [history_end, visit_end) are what followed.
  std::optional<ProductIndex> page;

  // Stable; the order in which cases are sampled.
  uint64_t KeyOf(ShopperHandle shopper) const;
};

// The cases at from_ms <= time < until_ms of one shopper, oldest first.  `rows`: oldest first.
std::vector<RankingCase> CasesOf(std::span<const Interaction> rows, int64_t from_ms, int64_t until_ms,
                                 int64_t session_idle_ms);

// What the shopper turned to after the case, by product, each once; never the page's product.
std::vector<RankingTarget> TargetsOf(std::span<const Interaction> rows, const RankingCase& at);

// A shopper's profile as the fold of features/ had it, row by row.
class ProfileReplay {
 public:
  // `context` must outlive this.
  explicit ProfileReplay(const features::FoldContext& context) : context_(context) {}

  // Folds rows up to `end`, not included.  REQUIRES: `rows` is the same and `end` does not fall.
  void AdvanceTo(std::span<const Interaction> rows, size_t end);
  const features::ShopperProfile& profile() const { return profile_; }

 private:
  size_t FoldOrder(std::span<const Interaction> rows, size_t end);

  const features::FoldContext& context_;
  features::ShopperProfile profile_;
  size_t folded_ = 0;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_RANKING_CASES_H_
