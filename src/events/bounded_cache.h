// A map of at most `capacity` entries: when it is full, one that was not asked for lately leaves (CLOCK).
//
// Finding an entry only marks it, so a hit writes one byte beside the value and moves nothing.  The hand goes
// round over the entries, takes marks away and removes the first one without.  It grows with use, an idle
// store pays nothing.
//
// Thread safety: one thread at a time; owners put shards of it behind their own locks.

#ifndef ATTUNE_EVENTS_BOUNDED_CACHE_H_
#define ATTUNE_EVENTS_BOUNDED_CACHE_H_

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace attune::events {

template <class Key, class Value>
class BoundedCache {
 public:
  explicit BoundedCache(size_t capacity) : capacity_(std::max<size_t>(capacity, 1)) {}

  // Null when absent; good until the next call that changes the cache.  Gives the entry a second chance.
  Value* Find(const Key& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    found->second.is_marked = true;
    return &found->second.value;
  }

  void Put(const Key& key, Value value) {
    if (Value* known = Find(key)) {
      *known = std::move(value);
      return;
    }
    const uint32_t place = TakePlace();
    keys_[place] = key;
    entries_.emplace(key, Entry{std::move(value), place, false});
  }

  void Erase(const Key& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    free_.push_back(found->second.place);
    entries_.erase(found);
  }

  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Value value;
    uint32_t place;  // In keys_.
    bool is_marked;
  };

  uint32_t TakePlace() {
    if (!free_.empty()) {
      const uint32_t place = free_.back();
      free_.pop_back();
      return place;
    }
    if (keys_.size() < capacity_) {
      keys_.emplace_back();
      return static_cast<uint32_t>(keys_.size() - 1);
    }
    // No place is free, so each of keys_ has its entry; after one round all marks are gone.
    for (;; ++hand_) {
      if (hand_ == keys_.size()) hand_ = 0;
      const auto entry = entries_.find(keys_[hand_]);
      if (std::exchange(entry->second.is_marked, false)) continue;
      entries_.erase(entry);
      return static_cast<uint32_t>(hand_++);
    }
  }

  const size_t capacity_;
  absl::flat_hash_map<Key, Entry> entries_;
  std::vector<Key> keys_;
  std::vector<uint32_t> free_;  // Places in keys_ without an entry.
  size_t hand_ = 0;
};

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_BOUNDED_CACHE_H_
