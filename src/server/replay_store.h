// Recorded decisions made again: the log is folded, and at each sequence that a decision read, what it read
// is kept until all of its parts are there.
//
//   log  1 ... 40 [catalogue of d1] ... 52 [profile of d1] ... 60 [view of d1]  =>  Decide again, compare the
//   bytes
//
// The fold begins at the newest base (storage/retention.h) that is older than all that the decisions read, or
// at the first record.  Of what a decision read before the oldest base, the base serves when it still holds
// the same: a profile, catalogue or view that has not changed since.  Else the decision is too old.
//
// Visits since the training (server/live_session_reader.h) are read from the log as it is, before the start
// of the fold, too; a decision that read more of them than the log still has is too old as well.
//
// The store's own columns are not touched: the fold runs over an engine that lends the log and keeps its
// columns in memory, or in a copy of the base in "<store>/.replay", which is removed at the end.
//
// Thread safety: needs the store's folder for itself.

#ifndef ATTUNE_SERVER_REPLAY_STORE_H_
#define ATTUNE_SERVER_REPLAY_STORE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "decisions/rule_set.h"

namespace attune::server {

struct ReplayReport {
  uint64_t replayed = 0;
  uint64_t same = 0;
  uint64_t not_replayable = 0;       // Its generation file is gone.
  std::vector<std::string> too_old;  // Decision ids: what they read is older than what can be folded.
  std::vector<std::pair<std::string, std::string>> differences;  // Decision id, what differs first.
  std::string dry_run;  // What the draft would have changed (server/dry_run_json.h); empty: none was given.
};

// The name of the error when one decision is asked for and it read what retention has dropped (kConflict).
inline constexpr std::string_view kDecisionTooOld = "decision_too_old";

// `draft`: rules that are tried over those of each decision's moment, on the state of that moment; null:
// none. Replays one decision, or the `last` latest ones when `decision_id` is empty.  Fails with kNotFound
// when there is no such record, with kConflict (kDecisionTooOld) when the one asked for is too old, and with
// kConflict (kNoBase, server/rebuild.h) when the log was cut and has no base.
Result<ReplayReport> ReplayStore(const std::string& folder, const std::string& decision_id, uint64_t last,
                                 const decisions::RuleDraft* draft = nullptr);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_REPLAY_STORE_H_
