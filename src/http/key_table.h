// Which key opens what: an immutable table for requests, and the registry that replaces it.
//
//   registry.SetStore(keys)  -> new KeyTable -> Published -> table->Find("attune_sk_...", now)
//
// A change is in force for the next request: revoking needs no restart.  The last use of a key is noted in
// cells that tables share, to within kLastUseResolutionMs, so that a request writes memory at most once a
// minute per key.
//
// Thread safety: KeyTable is immutable but for the cells of last use, which are atomic; KeyRegistry may be
// used from any thread.

#ifndef ATTUNE_HTTP_KEY_TABLE_H_
#define ATTUNE_HTTP_KEY_TABLE_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/mutex.h"
#include "base/published.h"
#include "http/api_keys.h"

namespace attune::http {

class KeyTable {
 public:
  struct Entry {
    const StoreKeys* store = nullptr;
    const ApiKey* key = nullptr;
    const KeyValue* value = nullptr;
    std::shared_ptr<std::atomic<int64_t>> last_used_at_ms;
  };

  enum class Outcome : uint8_t { kLive, kUnknown, kExpired };
  struct Found {
    Outcome outcome = Outcome::kUnknown;
    const Entry* entry = nullptr;  // Only with kLive.  Lives as long as the table.
  };

  // `previous`: whose cells of last use go on; may be null.
  KeyTable(std::vector<std::shared_ptr<const StoreKeys>> stores, const KeyTable* previous);

  // A revoked key is kUnknown.  Notes the use of a live one.
  Found Find(std::string_view text, int64_t now_ms) const;

  // Null for a store without keys.
  const StoreKeys* FindStore(std::string_view store_id) const;

  // Some live public key may be used from `origin`: for preflights, which carry no key.
  bool AllowsOrigin(std::string_view origin) const;

  // The last use of each value of a store's keys, by hash; only of those used since the process began.
  std::map<std::string, int64_t> LastUses(std::string_view store_id) const;

  const std::vector<std::shared_ptr<const StoreKeys>>& stores() const { return stores_; }

 private:
  const std::vector<std::shared_ptr<const StoreKeys>> stores_;
  std::unordered_map<std::string, Entry> entries_;  // By hash.
  std::unordered_set<std::string> origins_;
  bool allows_any_origin_ = false;
};

// Whether pages of `origin` may use this public key.
bool AllowsOrigin(const ApiKey& key, std::string_view origin);

class KeyRegistry {
 public:
  KeyRegistry();

  // Replaces what is known of this store's keys.
  void SetStore(StoreKeys store);
  void RemoveStore(std::string_view store_id);

  std::shared_ptr<const KeyTable> table() const { return table_.Acquire(); }

  // The keys of a store with their last uses filled in: what is to be persisted.  Nothing known: no keys.
  StoreKeys Snapshot(std::string_view store_id) const;

 private:
  void PublishLocked(std::vector<std::shared_ptr<const StoreKeys>> stores) REQUIRES(mutex_);

  Mutex mutex_;  // Held by writers only.
  Published<KeyTable> table_;
};

}  // namespace attune::http

#endif  // ATTUNE_HTTP_KEY_TABLE_H_
