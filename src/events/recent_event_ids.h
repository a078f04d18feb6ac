// The ids of the events that were committed last, so that a look at the disk which was made before the strand
// had its turn can still be trusted.
//
//   any thread:  as_of = closed_groups();  look at the disk            "not there" as of group `as_of`
//   strand:      Covers(as_of) && !Contains(id)  =>  new               else look at the disk again
//
// Ids of one group commit belong together: Add() them, then CloseGroup() once they are on the disk, or
// DropGroup() when they are not.  At most `ids_max` ids of closed groups are held (an empty group counts as
// one), the oldest group leaves first.
//
// Memory: about 40 bytes an id.
// Thread safety: closed_groups() from any thread; the rest on the writer strand.

#ifndef ATTUNE_EVENTS_RECENT_EVENT_IDS_H_
#define ATTUNE_EVENTS_RECENT_EVENT_IDS_H_

#include <absl/container/flat_hash_set.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "events/identity_vault.h"

namespace attune::events {

class RecentEventIds {
 public:
  explicit RecentEventIds(size_t ids_max) : ids_max_(ids_max) {}

  // Groups whose ids were on the disk before this call.
  uint64_t closed_groups() const { return closed_groups_.load(std::memory_order_acquire); }

  // Is every id held that was committed after `as_of` groups had been?
  bool Covers(uint64_t as_of) const { return as_of + groups_.size() >= closed_groups(); }
  bool Contains(const Hash128& id) const { return ids_.contains(id); }

  void Add(const Hash128& id) {
    ids_.insert(id);
    open_group_.push_back(id);
  }
  void CloseGroup();
  void DropGroup();

 private:
  const size_t ids_max_;
  std::atomic<uint64_t> closed_groups_{0};
  absl::flat_hash_set<Hash128> ids_;
  std::vector<Hash128> open_group_;
  std::deque<std::vector<Hash128>> groups_;  // Closed ones, the latest last.
  size_t closed_ids_ = 0;                    // In groups_.
};

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_RECENT_EVENT_IDS_H_
