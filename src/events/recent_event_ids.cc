#include "events/recent_event_ids.h"

#include "storage/limits.h"

namespace attune::events {
namespace {

bool IsIn(const absl::flat_hash_map<Hash128, int64_t>& ids, const Hash128& id, int64_t now_ms) {
  const auto found = ids.find(id);
  return found != ids.end() && found->second > now_ms - storage::kEventIdWindowMs;
}

}  // namespace

bool RecentEventIds::Contains(const Hash128& id, int64_t now_ms, uint64_t as_of) const {
  return IsIn(unsaved_, id, now_ms) || (as_of < save_count_ && IsIn(saved_, id, now_ms));
}

void RecentEventIds::Add(const SeenEventId& seen) {
  unsaved_[seen.id] = seen.received_at_ms;
  open_group_.push_back(seen.id);
}

void RecentEventIds::DropGroup() {
  for (const Hash128& id : open_group_) unsaved_.erase(id);
  open_group_.clear();
}

std::vector<SeenEventId> RecentEventIds::Unsaved() const {
  std::vector<SeenEventId> ids;
  ids.reserve(unsaved_.size());
  for (const auto& [id, received_at_ms] : unsaved_) ids.push_back({id, received_at_ms});
  return ids;
}

void RecentEventIds::OnSaved() {
  ++save_count_;
  saved_.swap(unsaved_);
  unsaved_ = {};
  unsaved_.reserve(saved_.size());  // The next run will be as large.
}

}  // namespace attune::events
