#include "http/key_table.h"

#include <algorithm>
#include <utility>

#include "http/limits.h"

namespace attune::http {

bool AllowsOrigin(const ApiKey& key, std::string_view origin) {
  return std::any_of(key.origins.begin(), key.origins.end(),
                     [origin](const std::string& allowed) { return allowed == "*" || allowed == origin; });
}

KeyTable::KeyTable(std::vector<std::shared_ptr<const StoreKeys>> stores, const KeyTable* previous)
    : stores_(std::move(stores)) {
  for (const auto& store : stores_) {
    for (const ApiKey& key : store->keys) {
      if (key.revoked_at_ms != 0) continue;
      for (const KeyValue& value : key.values) {
        Entry entry{store.get(), &key, &value, nullptr};
        if (previous != nullptr) {
          const auto old = previous->entries_.find(value.hash);
          if (old != previous->entries_.end()) entry.last_used_at_ms = old->second.last_used_at_ms;
        }
        if (!entry.last_used_at_ms) {
          entry.last_used_at_ms = std::make_shared<std::atomic<int64_t>>(value.last_used_at_ms);
        }
        entries_.emplace(value.hash, std::move(entry));
      }
      for (const std::string& origin : key.origins) {
        if (origin == "*") allows_any_origin_ = true;
        origins_.insert(origin);
      }
    }
  }
}

KeyTable::Found KeyTable::Find(std::string_view text, int64_t now_ms) const {
  if (!IsKeyText(text)) return {};
  const auto found = entries_.find(HashKey(text));
  if (found == entries_.end()) return {};
  const Entry& entry = found->second;
  if (entry.value->expires_at_ms != 0 && entry.value->expires_at_ms <= now_ms)
    return {Outcome::kExpired, nullptr};
  const int64_t last = entry.last_used_at_ms->load(std::memory_order_relaxed);
  if (now_ms - last >= kLastUseResolutionMs) entry.last_used_at_ms->store(now_ms, std::memory_order_relaxed);
  return {Outcome::kLive, &entry};
}

const StoreKeys* KeyTable::FindStore(std::string_view store_id) const {
  for (const auto& store : stores_) {
    if (store->store_id == store_id) return store.get();
  }
  return nullptr;
}

bool KeyTable::AllowsOrigin(std::string_view origin) const {
  return allows_any_origin_ || origins_.contains(std::string(origin));
}

std::map<std::string, int64_t> KeyTable::LastUses(std::string_view store_id) const {
  std::map<std::string, int64_t> uses;
  for (const auto& [hash, entry] : entries_) {
    if (entry.store->store_id == store_id)
      uses[hash] = entry.last_used_at_ms->load(std::memory_order_relaxed);
  }
  return uses;
}

KeyRegistry::KeyRegistry()
    : table_(std::make_shared<const KeyTable>(std::vector<std::shared_ptr<const StoreKeys>>{}, nullptr)) {}

void KeyRegistry::PublishLocked(std::vector<std::shared_ptr<const StoreKeys>> stores) {
  const std::shared_ptr<const KeyTable> previous = table_.Acquire();
  table_.Publish(std::make_shared<const KeyTable>(std::move(stores), previous.get()));
}

void KeyRegistry::SetStore(StoreKeys store) {
  MutexLock lock(mutex_);
  std::vector<std::shared_ptr<const StoreKeys>> stores = table_.Acquire()->stores();
  auto next = std::make_shared<const StoreKeys>(std::move(store));
  const auto same = std::find_if(stores.begin(), stores.end(),
                                 [&next](const auto& s) { return s->store_id == next->store_id; });
  if (same != stores.end()) {
    *same = std::move(next);
  } else {
    stores.push_back(std::move(next));
  }
  PublishLocked(std::move(stores));
}

void KeyRegistry::RemoveStore(std::string_view store_id) {
  MutexLock lock(mutex_);
  std::vector<std::shared_ptr<const StoreKeys>> stores = table_.Acquire()->stores();
  std::erase_if(stores, [store_id](const auto& store) { return store->store_id == store_id; });
  PublishLocked(std::move(stores));
}

StoreKeys KeyRegistry::Snapshot(std::string_view store_id) const {
  const std::shared_ptr<const KeyTable> table = table_.Acquire();
  const StoreKeys* known = table->FindStore(store_id);
  if (known == nullptr) return StoreKeys{std::string(store_id), {}, {}};
  StoreKeys store = *known;
  const std::map<std::string, int64_t> uses = table->LastUses(store_id);
  for (ApiKey& key : store.keys) {
    for (KeyValue& value : key.values) {
      const auto use = uses.find(value.hash);
      if (use != uses.end()) value.last_used_at_ms = std::max(value.last_used_at_ms, use->second);
    }
  }
  return store;
}

}  // namespace attune::http
