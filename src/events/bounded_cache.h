// A map that keeps the entries used last: at most `capacity`, the one unused for longest leaves first.
//
// Entries sit in one vector as a doubly linked list, so an insertion into a full cache allocates nothing.  It
// grows with use, an idle store pays nothing.
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

  // Null when absent; good until the next call that changes the cache.  Makes the entry the newest.
  Value* Find(const Key& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    MoveToFront(found->second);
    return &nodes_[found->second].value;
  }

  void Put(const Key& key, Value value) {
    if (Value* known = Find(key)) {
      *known = std::move(value);
      return;
    }
    uint32_t place;
    if (!free_.empty()) {
      place = free_.back();
      free_.pop_back();
    } else if (nodes_.size() < capacity_) {
      place = static_cast<uint32_t>(nodes_.size());
      nodes_.emplace_back();
    } else {
      place = oldest_;
      Unlink(place);
      places_.erase(nodes_[place].key);
    }
    nodes_[place].key = key;
    nodes_[place].value = std::move(value);
    LinkFront(place);
    places_.emplace(key, place);
  }

  void Erase(const Key& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return;
    const uint32_t place = found->second;
    places_.erase(found);
    Unlink(place);
    nodes_[place].value = Value();
    free_.push_back(place);
  }

  // Null when empty; the entry that would leave next.
  const Key* OldestKey() const { return oldest_ == kNone ? nullptr : &nodes_[oldest_].key; }

  size_t size() const { return places_.size(); }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Node {
    Key key{};
    Value value{};
    uint32_t newer = kNone;
    uint32_t older = kNone;
  };

  void LinkFront(uint32_t place) {
    nodes_[place].newer = kNone;
    nodes_[place].older = newest_;
    if (newest_ != kNone) nodes_[newest_].newer = place;
    newest_ = place;
    if (oldest_ == kNone) oldest_ = place;
  }
  void Unlink(uint32_t place) {
    const Node& node = nodes_[place];
    (node.newer == kNone ? newest_ : nodes_[node.newer].older) = node.older;
    (node.older == kNone ? oldest_ : nodes_[node.older].newer) = node.newer;
  }
  void MoveToFront(uint32_t place) {
    if (place == newest_) return;
    Unlink(place);
    LinkFront(place);
  }

  const size_t capacity_;
  absl::flat_hash_map<Key, uint32_t> places_;
  std::vector<Node> nodes_;
  std::vector<uint32_t> free_;
  uint32_t newest_ = kNone;
  uint32_t oldest_ = kNone;
};

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_BOUNDED_CACHE_H_
