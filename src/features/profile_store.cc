#include "features/profile_store.h"

#include <algorithm>
#include <optional>

#include "base/hash.h"
#include "base/prefetch.h"
#include "features/fold_event.h"
#include "features/limits.h"
#include "features/profile_record.h"

namespace attune::features {
namespace {

using storage::Column;

size_t WorkbenchSize(size_t budget_bytes) {
  const size_t wanted = budget_bytes / kWorkbenchBudgetShare / kWorkbenchEntryBytes;
  return std::clamp(wanted, kWorkbenchEntriesMin, kWorkbenchEntriesMax);
}

}  // namespace

ProfileStore::ProfileStore(const storage::StorageEngine* engine, const ProfileStoreOptions& options)
    : engine_(engine),
      options_(options),
      cache_(options.budget_bytes - options.budget_bytes / kWorkbenchBudgetShare),
      workbench_(WorkbenchSize(options.budget_bytes) / kShelfPlaces) {}

Result<std::string> ProfileStore::Load(ShopperHandle shopper) const {
  ProfileCache::Found found = cache_.Find(shopper);
  if (found.is_held) {
    hit_count_.fetch_add(1, std::memory_order_relaxed);
    return std::move(found.bytes);
  }
  miss_count_.fetch_add(1, std::memory_order_relaxed);
  ASSIGN_OR_RETURN(std::optional<std::string> stored,
                   engine_->Get(Column::kProfiles, storage::OrderedKey(shopper.value())));
  if (!stored) return std::string();
  cache_.Offer(shopper, *stored, found.change_count);
  return std::move(*stored);
}

size_t ProfileStore::ShelfIndexOf(ShopperHandle shopper) const {
  return MixHash64(shopper.value(), 1) % workbench_.size();
}

ProfileStore::Place* ProfileStore::Shelf::Find(ShopperHandle shopper) {
  for (Place& place : places) {
    if (place.profile != nullptr && place.shopper == shopper) return &place;
  }
  return nullptr;
}

const ShopperProfile* ProfileStore::Shelf::FindUnlocked(ShopperHandle shopper) {
  const Place* const place = Find(shopper);
  return place == nullptr ? nullptr : place->profile.get();
}

void ProfileStore::PrefetchShelf(ShopperHandle shopper) const { Prefetch(ShelfOf(shopper)); }

void ProfileStore::PrefetchProfile(ShopperHandle shopper) const {
  const ShopperProfile* const profile = ShelfOf(shopper).FindUnlocked(shopper);
  // The hours come last and only one of them is asked for.
  if (profile != nullptr) PrefetchBetween(profile, &profile->hour_of_week);
}

void ProfileStore::PrefetchLists(ShopperHandle shopper) const {
  const ShopperProfile* const profile = ShelfOf(shopper).FindUnlocked(shopper);
  if (profile == nullptr) return;
  PrefetchBetween(profile->affinities.data(), profile->affinities.data() + profile->affinities.size());
  PrefetchBetween(profile->recent.data(), profile->recent.data() + profile->recent.size());
}

Result<ShopperProfile> ProfileStore::Read(ShopperHandle shopper) const {
  {
    Shelf& shelf = ShelfOf(shopper);
    const MutexLock lock(shelf.mutex);
    if (const Place* place = shelf.Find(shopper)) {
      hit_count_.fetch_add(1, std::memory_order_relaxed);
      return *place->profile;
    }
  }
  // A profile that left its place gave its record to the cache first.
  ASSIGN_OR_RETURN(const std::string bytes, Load(shopper));
  if (!bytes.empty()) return DecodeProfile(shopper, bytes, options_.settings);
  ShopperProfile nothing;
  nothing.shopper = shopper;
  return nothing;
}

Status ProfileStore::WarmUp(std::span<const ShopperHandle> shoppers) const {
  std::vector<std::pair<ShopperHandle, uint64_t>> missing;  // With the change count for Offer().
  std::vector<std::string> keys;
  for (const ShopperHandle shopper : shoppers) {
    {
      Shelf& shelf = ShelfOf(shopper);
      const MutexLock lock(shelf.mutex);
      if (shelf.Find(shopper) != nullptr) continue;
    }
    const std::optional<uint64_t> change_count = cache_.CountIfAbsent(shopper);
    if (!change_count) continue;
    missing.emplace_back(shopper, *change_count);
    keys.push_back(storage::OrderedKey(shopper.value()));
  }
  if (keys.empty()) return Status();
  ASSIGN_OR_RETURN(auto stored, engine_->GetMany(Column::kProfiles, keys));
  for (size_t i = 0; i < missing.size(); ++i) {
    if (stored[i]) cache_.Offer(missing[i].first, std::move(*stored[i]), missing[i].second);
  }
  return Status();
}

Result<ProfileStore::ConsistentRead> ProfileStore::ReadConsistent(
    std::span<const ShopperHandle> shoppers) const {
  ConsistentRead read;
  const auto read_all = [&](std::vector<ShopperProfile>& profiles) {
    profiles.clear();
    for (const ShopperHandle shopper : shoppers) {
      Result<ShopperProfile> profile = Read(shopper);
      if (!profile.ok()) return profile.status();
      profiles.push_back(std::move(profile).value());
    }
    return Status();
  };
  RETURN_IF_ERROR(read_all(read.profiles));
  // One profile is copied under one lock: it is of one moment.
  read.is_consistent = shoppers.size() <= 1;
  for (int attempt = 0; attempt < kConsistentReadsMax && !read.is_consistent; ++attempt) {
    std::vector<ShopperProfile> again;
    RETURN_IF_ERROR(read_all(again));
    read.is_consistent = std::equal(
        again.begin(), again.end(), read.profiles.begin(),
        [](const ShopperProfile& a, const ShopperProfile& b) { return a.last_sequence == b.last_sequence; });
    read.profiles = std::move(again);
  }
  for (const ShopperProfile& profile : read.profiles)
    read.sequence = std::max(read.sequence, profile.last_sequence);
  return read;
}

ProfileStore::Place* ProfileStore::Take(ShopperHandle shopper, Shelf& shelf) {
  Place* const place = shelf.Find(shopper);
  if (place != nullptr) place->used = ++shelf.uses;
  return place;
}

Status ProfileStore::Open(ShopperHandle shopper, Shelf& shelf) {
  ASSIGN_OR_RETURN(const std::string bytes, Load(shopper));
  ShopperProfile profile;
  if (!bytes.empty()) {
    Result<ShopperProfile> decoded = DecodeProfile(shopper, bytes, options_.settings);
    if (decoded.ok()) {
      profile = std::move(decoded).value();
    } else {
      // The log still has the events (`attune rebuild`); refusing this one would stop the whole store.
      corrupt_count_.fetch_add(1, std::memory_order_relaxed);
    }
  }
  profile.shopper = shopper;
  const MutexLock lock(shelf.mutex);
  Place* const place = std::min_element(shelf.places.begin(), shelf.places.end(),
                                        [](const Place& a, const Place& b) { return a.used < b.used; });
  Keep(*place);
  if (place->profile == nullptr) {
    place->profile = std::make_unique<ShopperProfile>();
    workbench_entry_count_.fetch_add(1, std::memory_order_relaxed);
  }
  *place->profile = std::move(profile);
  place->shopper = shopper;
  return Status();
}

void ProfileStore::MarkChanged(Place& place) {
  if (place.is_changed) return;
  place.is_changed = true;
  changed_place_count_.fetch_add(1, std::memory_order_relaxed);
}

void ProfileStore::Keep(Place& place) {
  if (!place.is_changed) return;
  cache_.Put(place.profile->shopper, EncodeProfile(*place.profile));
  place.is_changed = false;
  changed_place_count_.fetch_sub(1, std::memory_order_relaxed);
}

void ProfileStore::Erase(ShopperHandle shopper) {
  Shelf& shelf = ShelfOf(shopper);
  const MutexLock lock(shelf.mutex);
  if (Place* place = shelf.Find(shopper)) {
    if (place->is_changed) changed_place_count_.fetch_sub(1, std::memory_order_relaxed);
    *place = {};
    workbench_entry_count_.fetch_sub(1, std::memory_order_relaxed);
  }
  cache_.Put(shopper, std::string());
}

void ProfileStore::SaveChanged(storage::WriteBatch& batch) {
  for (Shelf& shelf : workbench_) {
    const MutexLock lock(shelf.mutex);
    for (Place& place : shelf.places) Keep(place);
  }
  saving_.clear();
  cache_.VisitDirty(saving_, [&batch](ShopperHandle shopper, std::string& bytes) {
    std::string key = storage::OrderedKey(shopper.value());
    if (bytes.empty()) {
      batch.Delete(Column::kProfiles, std::move(key));
    } else {
      batch.Put(Column::kProfiles, std::move(key), std::move(bytes));
    }
  });
}

void ProfileStore::MarkSaved() {
  cache_.MarkClean(saving_);
  saving_.clear();
}

void ProfileStore::MarkSaveFailed() { saving_.clear(); }

bool ProfileStore::NeedsSave() const {
  return cache_.totals().dirty_bytes > std::min<uint64_t>(options_.budget_bytes / 2, kUnsavedBytesMax);
}

Status ProfileStore::Expire(ShopperHandle shopper, Sequence sequence) {
  bool is_gone = false;  // Stays false when the profile contains a later record.
  RETURN_IF_ERROR(Update(shopper, sequence, [&is_gone](ShopperProfile& profile) {
    profile = AfterExpiry(profile);
    is_gone = !profile.has_consent_record;
    return !is_gone;
  }));
  if (is_gone) Erase(shopper);
  return Status();
}

ProfileStore::Statistics ProfileStore::statistics() const {
  const ProfileCache::Totals totals = cache_.totals();
  Statistics statistics;
  statistics.hit_count = hit_count_.load(std::memory_order_relaxed);
  statistics.miss_count = miss_count_.load(std::memory_order_relaxed);
  statistics.eviction_count = totals.eviction_count;
  statistics.corrupt_count = corrupt_count_.load(std::memory_order_relaxed);
  statistics.entry_count = totals.entry_count;
  statistics.bytes = totals.bytes;
  statistics.dirty_bytes =
      totals.dirty_bytes + changed_place_count_.load(std::memory_order_relaxed) * kWorkbenchEntryBytes;
  statistics.workbench_bytes = workbench_entry_count_.load(std::memory_order_relaxed) * kWorkbenchEntryBytes;
  return statistics;
}

}  // namespace attune::features
