// The ids of the events since the last two saves of EventIdRuns, so that a look at the runs which was made
// before the strand had its turn can still be trusted.
//
//   any thread:  as_of = runs.save_count();  runs.FindAny(...)        "not there" as of save `as_of`
//   strand:      Covers(as_of) && !Contains(id)  =>  new               else ask the runs again
//
// Ids of one group commit belong together: Add() them, then CloseGroup() once they are on the disk, or
// DropGroup() when they are not.
//
// Memory: about 45 bytes an id; a save is due at kEventIdsPerRun.
// Thread safety: the writer strand only.

#ifndef ATTUNE_EVENTS_RECENT_EVENT_IDS_H_
#define ATTUNE_EVENTS_RECENT_EVENT_IDS_H_

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "events/event_id_runs.h"
#include "events/identity_vault.h"

namespace attune::events {

class RecentEventIds {
 public:
  // Are all ids here that were saved or added after `as_of` saves had been?
  bool Covers(uint64_t as_of) const { return as_of + 1 >= save_count_; }
  // Was the id seen within kEventIdWindowMs before `now_ms`, after `as_of` saves?
  bool Contains(const Hash128& id, int64_t now_ms, uint64_t as_of) const;

  void Add(const SeenEventId& seen);
  void CloseGroup() { open_group_.clear(); }
  void DropGroup();

  // Those added since the last save.  REQUIRES: the open group is on the disk, or empty.
  std::vector<SeenEventId> Unsaved() const;
  size_t unsaved_count() const { return unsaved_.size(); }
  // What Unsaved() gave is in the runs.
  void OnSaved();

 private:
  using Ids = absl::flat_hash_map<Hash128, int64_t>;  // To when they were received.

  uint64_t save_count_ = 0;
  Ids unsaved_;
  Ids saved_;  // By the last save.
  std::vector<Hash128> open_group_;
};

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_RECENT_EVENT_IDS_H_
