// The recommendation touchpoint of one store: pins what a decision needs, decides, and hands the record to
// the log.
//
//   view (models, placements)  ->  profile of the shopper, if it may be read  ->  live catalogue  ->  Decide
//   ->  record
//
// The order matters: the catalogue is pinned last, right before filtering, so that a product sold out before
// the request came is in no answer.  Nothing here waits for a writer; a profile that cannot be read makes the
// slate contextual and the answer says so ("shopper_unavailable").
//
// A preview (decisions/rule_preview.h) goes through the same pipeline, and leaves no record.
//
// Consent: decisions/shopper_reading.h.
//
// A slate that continues another is one of the same placement and the same shopper: the decision of somebody
// else is as unknown as one that never was.
//
// Thread safety: Recommend from any thread.  What the constructor is given must outlive it.

#ifndef ATTUNE_RECOMMEND_RECOMMENDER_H_
#define ATTUNE_RECOMMEND_RECOMMENDER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/published.h"
#include "base/random.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "decisions/decide_input.h"
#include "decisions/decision.h"
#include "decisions/decision_log.h"
#include "decisions/decision_reader.h"
#include "decisions/profile_reader.h"
#include "decisions/trace.h"

namespace attune::recommend {

// A decision together with all that it was made from, pinned.
struct Recommendation {
  std::shared_ptr<const decisions::StoreView> view;
  std::shared_ptr<const catalog::CatalogView> catalog;
  decisions::ProfileReading shopper;
  bool is_personalized = false;
  decisions::ResolvedRequest request;
  const decisions::Placement* placement = nullptr;  // Of the view.
  int64_t now_ms = 0;
  uint64_t seed = 0;
  bool is_preview = false;
  decisions::Decision decision;
  decisions::DecisionTrace trace;

  // Good as long as this object stays where it is.
  decisions::DecideInput input() const {
    return {request, *view, *placement, is_personalized ? &shopper.profile : nullptr, *catalog, now_ms, seed};
  }
};

class Recommender {
 public:
  struct Parts {
    const Published<decisions::StoreView>* views = nullptr;
    const Published<catalog::CatalogView>* catalogs = nullptr;
    const decisions::ProfileReader* profiles = nullptr;
    const decisions::DecisionReader* decisions = nullptr;  // For `continue`.
    decisions::DecisionLog* log = nullptr;
    const Clock* clock = nullptr;
    RandomSource* random = nullptr;  // For decision ids.
    uint16_t store_tag = 0;
  };
  explicit Recommender(const Parts& parts) : parts_(parts) {}

  // Fails with kInvalidArgument when the request is wrong, and then records nothing.
  Result<std::unique_ptr<const Recommendation>> Recommend(const decisions::DecisionRequest& request) const;

 private:
  // Takes over from the decision that the request continues.
  Status TakeOver(const decisions::DecisionRequest& request, Recommendation& out) const;

  const Parts parts_;
};

}  // namespace attune::recommend

#endif  // ATTUNE_RECOMMEND_RECOMMENDER_H_
