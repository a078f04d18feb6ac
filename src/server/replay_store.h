// Recorded decisions made again: the log is folded from its first record, and at each sequence that a
// decision read, what it read is kept until all of its parts are there.
//
//   log  1 ... 40 [catalogue of d1] ... 52 [profile of d1] ... 60 [view of d1]  =>  Decide again, compare the
//   bytes
//
// The store's own columns are not touched: the fold runs over an engine that lends the log and keeps its
// columns in memory.
//
// Thread safety: needs the store's folder for itself.

#ifndef ATTUNE_SERVER_REPLAY_STORE_H_
#define ATTUNE_SERVER_REPLAY_STORE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"

namespace attune::server {

struct ReplayReport {
  uint64_t replayed = 0;
  uint64_t same = 0;
  uint64_t not_replayable = 0;                                   // Its generation file is gone.
  std::vector<std::pair<std::string, std::string>> differences;  // Decision id, what differs first.
};

// Replays one decision, or the `last` latest ones when `decision_id` is empty.  Fails with kNotFound when
// there is no such record, and with kConflict when the log no longer begins with its first record.
Result<ReplayReport> ReplayStore(const std::string& folder, const std::string& decision_id, uint64_t last);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_REPLAY_STORE_H_
