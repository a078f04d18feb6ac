// The secrets of a store's shoppers, kept apart from everything else: who has which handle, and with which
// key.
//
//   hash of (kind, external id)  ->  handle                    found by keyed BLAKE2b-128, so ids cannot be
//   guessed back handle                       ->  key (32 bytes), hash      the key that opens this shopper's
//   id and traits
//
// It lives in a storage engine of its own (`<store>/vault`, Column::kVault), which backups leave out unless
// asked. Deleting a shopper's two entries makes their external id and traits unreadable in the log, in every
// snapshot and in every backup.  Layout: docs/formats/events.md.
//
// Order of writing: new identities are pending until CommitPending(), which must succeed before the log may
// name their handles (events/vault_first_storage.h sees to it).  An entry whose handle the log never came to
// name does no harm.
//
// Thread safety: HashOf, EventIdHashOf, Find, FindMany and KeyOf from any thread; the rest on the writer
// strand.

#ifndef ATTUNE_EVENTS_IDENTITY_VAULT_H_
#define ATTUNE_EVENTS_IDENTITY_VAULT_H_

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "base/status.h"
#include "storage/storage_engine.h"

namespace attune::events {

// Numbers are on disk: never change one, never reuse one.
enum class IdentityKind : uint8_t {
  kAnonymous = 1,  // A browser or device: anonymous_id.
  kCustomer = 2,   // customer_id.
};

using Hash128 = std::array<uint8_t, 16>;
using ShopperKey = std::array<uint8_t, 32>;

class IdentityVault {
 public:
  // Makes the store's hash key when the vault is new.  Both pointers must outlive the vault.
  static Result<std::unique_ptr<IdentityVault>> Open(storage::StorageEngine* engine, RandomSource* random);

  // Cost: about 0.3 us.
  Hash128 HashOf(IdentityKind kind, std::string_view external_id) const;
  // SipHash-2-4 with 128 bits: event ids are kept as hashes that only this store can compute.
  Hash128 EventIdHashOf(std::string_view event_id) const;

  // The committed handle of a hash.
  Result<std::optional<ShopperHandle>> Find(const Hash128& hash) const;
  // Find() of each, with one read.
  Result<std::vector<std::optional<ShopperHandle>>> FindMany(std::span<const Hash128> hashes) const;
  // Nothing after an erasure.
  Result<std::optional<ShopperKey>> KeyOf(ShopperHandle shopper) const;

  struct Secret {
    ShopperHandle shopper;
    ShopperKey key;
  };
  // Draws a new handle and key for `hash`; both are pending.  REQUIRES: no handle for `hash` is committed or
  // pending.
  Result<Secret> Create(const Hash128& hash);
  // Of this group, not yet committed.
  const Secret* FindPending(const Hash128& hash) const;
  // Synced.  On failure everything stays pending.
  Status CommitPending();
  void DropPending();

  // Deletes key and hash of a shopper, synced.  Does nothing when they are gone already.  Returns the hash it
  // had.
  Result<std::optional<Hash128>> Erase(ShopperHandle shopper);

 private:
  IdentityVault(storage::StorageEngine* engine, RandomSource* random, const ShopperKey& hash_key);

  storage::StorageEngine* const engine_;
  RandomSource* const random_;
  const ShopperKey hash_key_;
  std::array<uint8_t, 16> event_id_key_{};
  storage::WriteBatch pending_batch_;
  absl::flat_hash_map<Hash128, Secret> pending_;
};

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_IDENTITY_VAULT_H_
