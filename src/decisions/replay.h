// Making a decision again from its record, and holding the bytes against each other.
//
//   for (const ReplayStop& stop : ReplayStops(record))      the server folds the log and, at each stop, keeps
//     fold the log up to stop.sequence, keep stop.what      the view, the profile or the catalogue of that
//     moment
//   ReplayDecision(record, {view, profile, catalog}, nullptr)->is_same
//
// Visits since the training are read from the log apart (models/live_window.h), and are in the view that is
// passed.
//
// Exact while snapshot, log and generation files are kept.  The external ids of the shopper are not needed:
// the profile is read by the handles of the record.
//
// Thread safety: pure functions.

#ifndef ATTUNE_DECISIONS_REPLAY_H_
#define ATTUNE_DECISIONS_REPLAY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "decisions/decide_input.h"
#include "decisions/decision.h"
#include "decisions/decision_record.h"
#include "decisions/trace.h"

namespace attune::decisions {

// Who the decision was made for, as read from the profile store.
struct RecordedShopper {
  std::vector<ShopperHandle> handles;
  Sequence profile_sequence;
};

DecisionRecord MakeDecisionRecord(const DecideInput& input, const Decision& decision,
                                  const DecisionTrace& trace, const RecordedShopper& shopper);

struct ReplayStop {
  enum class What : uint8_t { kView, kProfile, kCatalog, kVocabulary };
  Sequence sequence;  // Fold the log up to here, included.
  What what = What::kView;
};

// In the order of their sequences; no profile or vocabulary stop when none was read.
std::vector<ReplayStop> ReplayStops(const DecisionRecord& record);

struct ReplayState {
  const StoreView& view;
  const features::ShopperProfile* profile;  // Null exactly when the record is not personalized.
  const catalog::CatalogView& catalog;
};

struct Replay {
  bool is_same = false;
  Decision decision;
  std::string recorded_bytes;
  std::string replayed_bytes;
  std::string difference;  // In words: the first thing that differs; empty when the bytes are the same.
};

// Fails when the placement is gone from the view or the request does not parse any more.
Result<Replay> ReplayDecision(const DecisionRecord& record, const ReplayState& state, DecisionTrace* trace);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_REPLAY_H_
