// Encoded profiles in memory: 64 shards, each a hash table under its own lock, with a byte budget.
//
// An entry is the record's bytes, its last sequence, and whether it is dirty (not yet on disk).  Empty bytes
// mean "no profile": an erased one that the disk may still hold.  Clean entries leave by second chance
// (CLOCK).
//
// A reader that found nothing reads the disk without a lock and may then Offer() what it found.  In between
// the writer may have changed, saved and evicted that entry; so an offer carries the shard's change counter
// from before the disk read and is refused when the counter has moved.
//
// Memory: record + kEntryOverheadBytes per entry.
// Thread safety: Find, Offer and the counters from any thread; the rest from the writer strand.

#ifndef ATTUNE_FEATURES_PROFILE_CACHE_H_
#define ATTUNE_FEATURES_PROFILE_CACHE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "base/mutex.h"

namespace attune::features {

class ProfileCache {
 public:
  // Slot, hash table place (with its empty neighbours) and the allocator's header.
  static constexpr size_t kEntryOverheadBytes = 112;

  explicit ProfileCache(size_t budget_bytes);

  struct Found {
    bool is_held = false;
    std::string bytes;          // Empty: no profile.
    uint64_t change_count = 0;  // Of the shard, for Offer().
  };
  Found Find(ShopperHandle shopper);

  // The shard's change count when nothing is held; for Offer().
  std::optional<uint64_t> CountIfAbsent(ShopperHandle shopper);

  // Keeps what was read from disk, unless the shard has changed since the count was taken.
  void Offer(ShopperHandle shopper, std::string bytes, uint64_t change_count);

  // Keeps a changed record as dirty; empty `bytes`: the profile is gone.
  void Put(ShopperHandle shopper, std::string bytes);

  struct Saving {
    ShopperHandle shopper;
    uint64_t version = 0;
  };
  // Calls visit(shopper, bytes) for every dirty entry, by handle, and notes what was seen in `saving`.  Not
  // under a lock.
  template <class Visit>
  void VisitDirty(std::vector<Saving>& saving, const Visit& visit) {
    for (auto& [entry, bytes] : Dirty()) {
      visit(entry.shopper, bytes);
      saving.push_back(entry);
    }
  }
  // These are on disk now; the ones that have changed since stay dirty.
  void MarkClean(const std::vector<Saving>& saving);

  struct Totals {
    uint64_t entry_count = 0;
    uint64_t bytes = 0;
    uint64_t dirty_bytes = 0;
    uint64_t eviction_count = 0;
  };
  Totals totals() const;

 private:
  static constexpr size_t kShardCount = 64;

  struct Slot {
    ShopperHandle shopper;
    std::string bytes;
    uint64_t version = 0;  // The shard's change counter when the writer last put it.
    bool is_used = false;
    bool is_dirty = false;
    bool is_referenced = false;
  };
  struct Shard {
    mutable Mutex mutex;
    absl::flat_hash_map<uint64_t, uint32_t> index GUARDED_BY(mutex);
    std::deque<Slot> slots GUARDED_BY(mutex);
    std::vector<uint32_t> free_slots GUARDED_BY(mutex);
    size_t hand GUARDED_BY(mutex) = 0;
    uint64_t change_count GUARDED_BY(mutex) = 0;
    uint64_t bytes GUARDED_BY(mutex) = 0;
    uint64_t dirty_bytes GUARDED_BY(mutex) = 0;
    uint64_t eviction_count GUARDED_BY(mutex) = 0;
  };

  Shard& ShardOf(ShopperHandle shopper);
  static uint64_t SizeOf(const Slot& slot) { return kEntryOverheadBytes + slot.bytes.capacity(); }
  static Slot& SlotFor(ShopperHandle shopper, Shard& shard) REQUIRES(shard.mutex);
  static void Remove(uint32_t place, Shard& shard) REQUIRES(shard.mutex);
  void Evict(Shard& shard) REQUIRES(shard.mutex);
  std::vector<std::pair<Saving, std::string>> Dirty();

  const size_t shard_budget_bytes_;
  std::array<Shard, kShardCount> shards_;
};

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_PROFILE_CACHE_H_
