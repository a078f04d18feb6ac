#include "features/profile_cache.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"

namespace attune::features {

ProfileCache::ProfileCache(size_t budget_bytes) : shard_budget_bytes_(budget_bytes / kShardCount) {}

ProfileCache::Shard& ProfileCache::ShardOf(ShopperHandle shopper) {
  return shards_[MixHash64(shopper.value(), 0) % kShardCount];
}

ProfileCache::Found ProfileCache::Find(ShopperHandle shopper) {
  Shard& shard = ShardOf(shopper);
  Found found;
  const MutexLock lock(shard.mutex);
  found.change_count = shard.change_count;
  const auto place = shard.index.find(shopper.value());
  if (place == shard.index.end()) return found;
  Slot& slot = shard.slots[place->second];
  slot.is_referenced = true;
  found.is_held = true;
  found.bytes = slot.bytes;
  return found;
}

std::optional<uint64_t> ProfileCache::CountIfAbsent(ShopperHandle shopper) {
  Shard& shard = ShardOf(shopper);
  const MutexLock lock(shard.mutex);
  if (shard.index.contains(shopper.value())) return std::nullopt;
  return shard.change_count;
}

void ProfileCache::Offer(ShopperHandle shopper, std::string bytes, uint64_t change_count) {
  bytes.shrink_to_fit();
  Shard& shard = ShardOf(shopper);
  const MutexLock lock(shard.mutex);
  if (shard.change_count != change_count || shard.index.contains(shopper.value())) return;
  Slot& slot = SlotFor(shopper, shard);
  slot.bytes = std::move(bytes);
  shard.bytes += SizeOf(slot);
  Evict(shard);
}

void ProfileCache::Put(ShopperHandle shopper, std::string bytes) {
  bytes.shrink_to_fit();
  Shard& shard = ShardOf(shopper);
  const MutexLock lock(shard.mutex);
  const auto place = shard.index.find(shopper.value());
  const bool is_new = place == shard.index.end();
  Slot& slot = is_new ? SlotFor(shopper, shard) : shard.slots[place->second];
  if (!is_new) {
    shard.bytes -= SizeOf(slot);
    if (slot.is_dirty) shard.dirty_bytes -= SizeOf(slot);
  }
  slot.bytes.swap(bytes);
  slot.version = ++shard.change_count;
  slot.is_dirty = true;
  slot.is_referenced = true;
  shard.bytes += SizeOf(slot);
  shard.dirty_bytes += SizeOf(slot);
  Evict(shard);
}

ProfileCache::Slot& ProfileCache::SlotFor(ShopperHandle shopper, Shard& shard) {
  uint32_t place = 0;
  if (shard.free_slots.empty()) {
    place = static_cast<uint32_t>(shard.slots.size());
    shard.slots.emplace_back();
  } else {
    place = shard.free_slots.back();
    shard.free_slots.pop_back();
  }
  shard.index[shopper.value()] = place;
  Slot& slot = shard.slots[place];
  slot.shopper = shopper;
  slot.is_used = true;
  return slot;
}

void ProfileCache::Remove(uint32_t place, Shard& shard) {
  Slot& slot = shard.slots[place];
  shard.bytes -= SizeOf(slot);
  if (slot.is_dirty) shard.dirty_bytes -= SizeOf(slot);
  shard.index.erase(slot.shopper.value());
  slot = Slot{};
  shard.free_slots.push_back(place);
}

void ProfileCache::Evict(Shard& shard) {
  // Two rounds at most: the first takes away second chances, the second finds whoever has none.
  size_t looks_left = 2 * shard.slots.size();
  // Nothing to gain from a round over dirty entries only.
  while (shard.bytes > shard_budget_bytes_ && shard.bytes > shard.dirty_bytes && looks_left > 0) {
    --looks_left;
    if (shard.hand >= shard.slots.size()) shard.hand = 0;
    Slot& slot = shard.slots[shard.hand];
    if (slot.is_used && !slot.is_dirty) {
      if (slot.is_referenced) {
        slot.is_referenced = false;
      } else {
        Remove(static_cast<uint32_t>(shard.hand), shard);
        ++shard.eviction_count;
      }
    }
    ++shard.hand;
  }
}

std::vector<std::pair<ProfileCache::Saving, std::string>> ProfileCache::Dirty() {
  std::vector<std::pair<Saving, std::string>> dirty;
  for (Shard& shard : shards_) {
    const MutexLock lock(shard.mutex);
    for (const Slot& slot : shard.slots) {
      if (slot.is_used && slot.is_dirty) dirty.push_back({{slot.shopper, slot.version}, slot.bytes});
    }
  }
  // The batch's bytes must not depend on which slot an entry got; and keys in order are written in a third of
  // the time.
  std::sort(dirty.begin(), dirty.end(),
            [](const auto& a, const auto& b) { return a.first.shopper < b.first.shopper; });
  return dirty;
}

void ProfileCache::MarkClean(const std::vector<Saving>& saving) {
  for (const Saving& saved : saving) {
    Shard& shard = ShardOf(saved.shopper);
    const MutexLock lock(shard.mutex);
    const auto place = shard.index.find(saved.shopper.value());
    if (place == shard.index.end()) continue;
    Slot& slot = shard.slots[place->second];
    if (!slot.is_dirty || slot.version != saved.version) continue;
    slot.is_dirty = false;
    shard.dirty_bytes -= SizeOf(slot);
    if (slot.bytes.empty()) Remove(place->second, shard);
    Evict(shard);
  }
}

ProfileCache::Totals ProfileCache::totals() const {
  Totals totals;
  for (const Shard& shard : shards_) {
    const MutexLock lock(shard.mutex);
    totals.entry_count += shard.index.size();
    totals.bytes += shard.bytes;
    totals.dirty_bytes += shard.dirty_bytes;
    totals.eviction_count += shard.eviction_count;
  }
  return totals;
}

}  // namespace attune::features
