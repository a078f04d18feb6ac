#include "events/recent_event_ids.h"

#include <utility>

namespace attune::events {

void RecentEventIds::CloseGroup() {
  closed_ids_ += open_group_.size();
  groups_.push_back(std::exchange(open_group_, {}));
  closed_groups_.fetch_add(1, std::memory_order_release);
  while (closed_ids_ + groups_.size() > ids_max_) {
    for (const Hash128& id : groups_.front()) ids_.erase(id);
    closed_ids_ -= groups_.front().size();
    groups_.pop_front();
  }
}

void RecentEventIds::DropGroup() {
  for (const Hash128& id : open_group_) ids_.erase(id);
  open_group_.clear();
}

}  // namespace attune::events
