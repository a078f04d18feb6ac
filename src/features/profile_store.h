// The profiles of a store: on disk by handle, the busy ones in memory as bytes, the one being folded as a
// value.
//
//   writer strand:  Update(handle, sequence, fold), also on several threads by LaneOf(handle)
//                   SaveChanged -> commit -> MarkSaved
//   any thread:     Read(handle)   ReadConsistent(handles)
//
//   [workbench: profiles of visits under way, decoded] --encode, when the place is needed or at a save-->
//   [cache: encoded bytes, 64 shards] <--> Column::kProfiles
//
// A visit is a burst of events of one shopper, so its profile is decoded once, folded in its place on the
// workbench, and encoded when the visit is over: encoding after each event took a third of the writer's time.
// The cache holds the compact record (about 200 bytes for a short visit), not the decoded profile (over 2
// kB): ten times more shoppers fit.
//
// A changed profile is "dirty": it stays in memory until the caller has committed a batch that SaveChanged
// filled. Clean ones leave by second chance (CLOCK) when the shard is over its part of the budget.  Only
// dirty ones can push the cache over the budget; NeedsSave() says so early.
//
// Invariants
//   (1) Read sees every Update that returned before Read was called, whether the profile is on the workbench,
//   dirty, clean, evicted or being saved. (2) No lock is held during disk reads.  Folding and copying hold
//   the lock of one shelf; readers of other shoppers seldom share it. (3) A record is folded into a profile
//   once: Update with a sequence that the profile already contains does nothing, so
//       replaying the log from an older watermark is safe.
//   (4) Results do not depend on what the cache and the workbench hold: a profile reads back from its record
//   as it was.
// Thread safety: as the picture says; "writer strand" means one thread at a time.

#ifndef ATTUNE_FEATURES_PROFILE_STORE_H_
#define ATTUNE_FEATURES_PROFILE_STORE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/mutex.h"
#include "base/status.h"
#include "features/feature_settings.h"
#include "features/limits.h"
#include "features/profile_cache.h"
#include "features/shopper_profile.h"
#include "storage/storage_engine.h"

namespace attune::features {

struct ProfileStoreOptions {
  // Bytes of the cache and of the workbench together, overhead included.
  size_t budget_bytes = 64u << 20;
  FeatureSettings settings;
};

class ProfileStore {
 public:
  struct Statistics {
    uint64_t hit_count = 0;   // Reads and updates that found the profile in memory.
    uint64_t miss_count = 0;  // Those that asked the disk.
    uint64_t eviction_count = 0;
    uint64_t corrupt_count = 0;  // Records that could not be read; the profile started anew.
    uint64_t entry_count = 0;
    uint64_t bytes = 0;        // Of the cache, overhead included.
    uint64_t dirty_bytes = 0;  // Of the cache and of changed profiles on the workbench.
    uint64_t workbench_bytes = 0;
  };

  // `engine` must outlive the store.
  ProfileStore(const storage::StorageEngine* engine, const ProfileStoreOptions& options);

  ProfileStore(const ProfileStore&) = delete;
  ProfileStore& operator=(const ProfileStore&) = delete;

  // Writer strand.  Calls `bool fold(ShopperProfile&)` on the profile (a new one for a handle never seen),
  // unless the profile already contains `sequence`, and keeps the result when the fold says true: something
  // changed.  Fails with the engine's status when the disk cannot be read, and then changes nothing.  A
  // profile whose bytes are damaged starts anew and is counted.
  template <class Fold>
  Status Update(ShopperHandle shopper, Sequence sequence, Fold&& fold) {
    Shelf& shelf = ShelfOf(shopper);
    {
      const MutexLock lock(shelf.mutex);
      if (Place* place = Take(shopper, shelf)) {
        hit_count_.fetch_add(1, std::memory_order_relaxed);
        UpdateAt(*place, sequence, std::forward<Fold>(fold));
        return Status();
      }
    }
    RETURN_IF_ERROR(Open(shopper, shelf));
    const MutexLock lock(shelf.mutex);
    UpdateAt(*Take(shopper, shelf), sequence, std::forward<Fold>(fold));
    return Status();
  }

  // Updates of profiles in different lanes may run on different threads at once, while the writer strand
  // waits for them.  A shopper is always in the same lane.
  size_t LaneOf(ShopperHandle shopper, size_t lane_count) const { return ShelfIndexOf(shopper) % lane_count; }

  // In the lane of the handle: starts to bring what Update() will look at into the processor's cache.  First
  // the shelf, some updates later what stands on it: each is found through the one before.
  void PrefetchShelf(ShopperHandle shopper) const;
  void PrefetchProfile(ShopperHandle shopper) const;
  void PrefetchLists(ShopperHandle shopper) const;

  // Writer strand.  Forgets a profile; the next save deletes it on disk.
  void Erase(ShopperHandle shopper);

  // Any thread.  An empty profile of this handle when none is kept.  The profile may have expired:
  // IsExpired().  Fails when the disk cannot be read (the engine's status) or the bytes are damaged
  // (kCorruption).
  Result<ShopperProfile> Read(ShopperHandle shopper) const;

  // Any thread.  Brings the records of profiles into memory with one read, so that Updates soon after need
  // not wait for the disk.  Fails when the disk cannot be read.
  Status WarmUp(std::span<const ShopperHandle> shoppers) const;

  struct ConsistentRead {
    std::vector<ShopperProfile> profiles;  // In the order of the handles.
    Sequence sequence;          // The largest last_sequence: fold the log up to here to get the same again.
    bool is_consistent = true;  // False: the shopper was so busy that no quiet moment was found.
  };
  // Any thread.  All profiles as of one moment: read again until none has moved.
  Result<ConsistentRead> ReadConsistent(std::span<const ShopperHandle> shoppers) const;

  // Writer strand.  Adds all changed profiles to `batch`.  When the caller has committed it, MarkSaved();
  // when the commit failed, MarkSaveFailed().  Profiles that change in between stay dirty.
  void SaveChanged(storage::WriteBatch& batch);
  void MarkSaved();
  void MarkSaveFailed();

  // Dirty profiles take more than half of the budget, or more than kUnsavedBytesMax: time to save.  By
  // invariant (3) a save needs no watermark beside it.
  bool NeedsSave() const;

  // Writer strand.  The record `sequence` says that the shopper was silent for too long: what is left is
  // AfterExpiry() (features/fold_event.h).  Fails as Update() does.
  Status Expire(ShopperHandle shopper, Sequence sequence);

  Statistics statistics() const;

 private:
  // Where a profile is while it is decoded.
  struct Place {
    ShopperHandle shopper;  // That of the profile, so that looking for it need not ask the profile.
    std::unique_ptr<ShopperProfile> profile;
    bool is_changed = false;  // Since the cache has its record.
    uint64_t used = 0;        // When, by Shelf::uses.
  };
  // A few places under one lock; a handle always belongs to the same shelf, and takes the place there that
  // was unused for longest.  (With one place a handle, a tenth of all events came upon a place that another
  // visit had taken.)  Only the writer strand changes what is on a shelf, so what it finds there stays.
  struct Shelf {
    Mutex mutex;
    std::array<Place, kShelfPlaces> places GUARDED_BY(mutex);
    uint64_t uses GUARDED_BY(mutex) = 0;

    // The place of a handle; null when it has none.
    Place* Find(ShopperHandle shopper) REQUIRES(mutex);
    // The profile there, for the one thread that may change what is on the shelf.
    const ShopperProfile* FindUnlocked(ShopperHandle shopper)
        ATTUNE_THREAD_ANNOTATION(no_thread_safety_analysis);
  };

  size_t ShelfIndexOf(ShopperHandle shopper) const;
  Shelf& ShelfOf(ShopperHandle shopper) const { return workbench_[ShelfIndexOf(shopper)]; }
  template <class Fold>
  void UpdateAt(Place& place, Sequence sequence, Fold&& fold) {
    if (place.profile->last_sequence >= sequence) return;
    if (!std::forward<Fold>(fold)(*place.profile)) return;
    place.profile->last_sequence = sequence;
    MarkChanged(place);
  }
  // The place of a handle, as the one used last; null when it has none.
  static Place* Take(ShopperHandle shopper, Shelf& shelf) REQUIRES(shelf.mutex);
  // Brings the profile to a place.  REQUIRES: it has none.
  Status Open(ShopperHandle shopper, Shelf& shelf);
  void MarkChanged(Place& place);
  // Gives the record to the cache when it has changed.
  void Keep(Place& place);
  // The record of a handle from memory or disk; empty when there is none.
  Result<std::string> Load(ShopperHandle shopper) const;

  const storage::StorageEngine* const engine_;
  const ProfileStoreOptions options_;
  mutable ProfileCache cache_;

  mutable std::vector<Shelf> workbench_;
  std::vector<ProfileCache::Saving> saving_;

  mutable std::atomic<uint64_t> hit_count_{0};
  mutable std::atomic<uint64_t> miss_count_{0};
  std::atomic<uint64_t> corrupt_count_{0};
  std::atomic<uint64_t> workbench_entry_count_{0};
  std::atomic<uint64_t> changed_place_count_{0};
};

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_PROFILE_STORE_H_
