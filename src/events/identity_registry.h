// Who is who: external ids to handles, handles to persons, and what is kept of each, sealed.
//
//   anonymous_id, customer_id --(vault)--> handle --(log, Column::kIdentity)--> links, consent, sealed id and
//   traits
//
// Writing happens in three steps of the writer strand, so that nothing is believed before it is durable:
//   Prepare   Lookup / Make / Link / SetTraits / SetConsent / Erase add records to the batch and remember
//   their effect in
//             an overlay, so that later commands of the same group see it;
//   commit    CommitVault() first, then the log (events/vault_first_storage.h);
//   Apply     the changes fold into the table that all threads read, then OnGroupApplied() drops the overlay
//             (or OnCommitFailed(), which forgets the group).
//
// A handle that the vault knows but the log does not (the log's commit failed) is named in the log the next
// time it is used.  Erasure is the other way round: the log first, then the vault, retried until it is done,
// also after a restart.
//
// Memory: two bounded caches in shards; anything else is on disk behind Bloom filters.  A shopper who comes
// once costs nothing after its entries left the caches.
//
// Thread safety: as marked; "strand" methods on the writer strand only.

#ifndef ATTUNE_EVENTS_IDENTITY_REGISTRY_H_
#define ATTUNE_EVENTS_IDENTITY_REGISTRY_H_

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/status.h"
#include "events/bounded_cache.h"
#include "events/event.h"
#include "events/identity_record.h"
#include "events/identity_vault.h"
#include "events/limits.h"
#include "storage/storage_engine.h"

namespace attune::events {

struct IdentityCacheSizes {
  size_t handles_max = 200'000;  // About 80 bytes each.
  size_t states_max = 100'000;   // About 250 bytes each.

  // Both for the same number of shoppers.
  static IdentityCacheSizes Of(size_t bytes) { return {bytes / 330, bytes / 330}; }
};

// Where prepared changes go: the batch, and the list that Apply will fold.
struct IdentitySink {
  storage::WriteBatch& batch;
  int64_t recorded_at_ms;
  std::vector<IdentityChange>& changes;
};

class IdentityRegistry {
 public:
  // All pointers must outlive the registry.
  static Result<std::unique_ptr<IdentityRegistry>> Open(storage::StorageEngine* engine,
                                                        storage::StorageEngine* vault_engine,
                                                        RandomSource* random,
                                                        const IdentityCacheSizes& sizes);

  // ---- Any thread ----

  // The handle of an external id; nothing when it was never seen, or erased.
  Result<std::optional<ShopperHandle>> Find(IdentityKind kind, std::string_view external_id) const;
  // What Lookup() will ask, found out before the strand has its turn.
  struct Ahead {
    std::optional<ShopperHandle> shopper;
    IdentityStates::Pointer state;
    uint64_t as_of = 0;  // Changes of the shopper's states before they were read.
  };
  // Of each hash of the vault; what is not in memory comes with one read of the vault and one of the states.
  Result<std::vector<Ahead>> LookAhead(std::span<const Hash128> hashes) const;
  // Null when there is none.
  Result<IdentityStates::Pointer> StateOf(ShopperHandle shopper) const;
  // The customer a browser is linked to; itself when it is linked to none.
  Result<ShopperHandle> PersonOf(ShopperHandle shopper) const;
  // The person itself first, then its browsers, longest linked first.
  Result<std::vector<ShopperHandle>> HandlesOf(ShopperHandle person) const;
  // What this shopper chose; nothing when nothing is on record.
  Result<std::optional<Consent>> RecordedConsent(ShopperHandle shopper) const;
  // Decrypts.  Nothing when the shopper is unknown or erased.
  Result<std::optional<std::string>> ExternalIdOf(ShopperHandle shopper) const;
  // One JSON object; nothing when there are no traits.
  Result<std::optional<std::string>> TraitsOf(ShopperHandle shopper) const;

  // Visits the states that the last snapshots saved, by handle, behind `after`: at most `limit` of them.
  // Returns the last handle visited, or nothing when none was left.  A damaged state is passed over.
  using VisitState = std::function<void(ShopperHandle shopper, const IdentityState& state)>;
  Result<std::optional<ShopperHandle>> VisitSaved(ShopperHandle after, size_t limit,
                                                  const VisitState& visit) const;

  const IdentityVault& vault() const { return *vault_; }

  // ---- Strand: prepare ----

  struct Known {
    IdentityKind kind = IdentityKind::kAnonymous;
    Hash128 hash{};
    std::optional<ShopperHandle> shopper;
    IdentityStates::Pointer state;  // Null: no handle yet, or one that the log does not know.
  };
  // Sees what earlier commands of the group prepared.  `hash`: the vault's HashOf(kind, external id).
  // `ahead`: what LookAhead() said of it, or nothing; used when nothing has changed since.
  Result<Known> Lookup(IdentityKind kind, const Hash128& hash, const Ahead& ahead) const;
  // Likewise; nothing when nothing is on record.
  Result<std::optional<Consent>> PreparedConsent(ShopperHandle shopper) const;
  // Gives `known` a handle that the log knows: an existing one, or a new one.
  Status Make(std::string_view external_id, int64_t at_ms, Known& known, IdentitySink& sink);
  // Links a browser to a customer, unless it is already, or was linked by something that happened later.
  Status Link(const Known& browser, const Known& customer, int64_t at_ms, IdentitySink& sink);
  // Takes a browser out of its person.
  Status Unlink(ShopperHandle browser, int64_t at_ms, IdentitySink& sink);
  // Adds `traits_json` to what is known: names that it has replace, null removes.  Fails with
  // kResourceExhausted when the result passes kTraitsBytesMax.
  Status SetTraits(const Known& known, std::string_view traits_json, int64_t at_ms, IdentitySink& sink);
  Status SetConsent(ShopperHandle shopper, const Consent& consent, int64_t at_ms, IdentitySink& sink);
  // Says that an anonymous shopper was silent for too long (FoldIdentityChange says what that does).
  Status Expire(ShopperHandle shopper, int64_t at_ms, IdentitySink& sink);
  // Forgets one handle.  Erasing a person means erasing each of its HandlesOf().
  Status Erase(ShopperHandle shopper, int64_t at_ms, IdentitySink& sink);

  // ---- Strand: commit, apply, snapshot ----

  Status CommitVault();
  // Folds one change of the log; also during replay.
  Status Apply(const IdentityChange& change);
  void OnGroupApplied();
  void OnCommitFailed();

  // Puts every state that changed since the last OnSaved().  Call OnSaved() after that batch was committed
  // and before the next Apply.
  void SaveChanged(storage::WriteBatch& batch) const;
  void OnSaved();
  size_t changed_count() const;

 private:
  struct StateShard {
    explicit StateShard(size_t capacity) : cache(capacity) {}
    mutable Mutex mutex;
    BoundedCache<ShopperHandle, IdentityStates::Pointer> cache GUARDED_BY(mutex);
    absl::flat_hash_map<ShopperHandle, IdentityStates::Pointer> changed GUARDED_BY(mutex);  // Null: erased.
    uint64_t version GUARDED_BY(mutex) =
        0;  // Counts changes: a read that overlapped one must not fill the cache.
  };
  struct HandleShard {
    explicit HandleShard(size_t capacity) : cache(capacity) {}
    mutable Mutex mutex;
    BoundedCache<Hash128, ShopperHandle> cache GUARDED_BY(mutex);
    uint64_t version GUARDED_BY(mutex) = 0;
  };
  class Table;    // The states that all threads read, for a fold.
  class Overlay;  // The same with what this group prepared on top.

  IdentityRegistry(storage::StorageEngine* engine, std::unique_ptr<IdentityVault> vault, RandomSource* random,
                   const IdentityCacheSizes& sizes);

  StateShard& ShardOf(ShopperHandle shopper) const {
    return *state_shards_[(shopper.value() >> 56) % kIdentityShards];
  }
  HandleShard& ShardOf(const Hash128& hash) const { return *handle_shards_[hash[15] % kIdentityShards]; }

  Result<std::optional<ShopperHandle>> FindHash(const Hash128& hash) const;
  Status FindHandles(std::span<const Hash128> hashes, std::vector<Ahead>& found) const;
  Status FindStates(std::vector<Ahead>& found) const;
  std::atomic<uint64_t>& ChangesOf(ShopperHandle shopper) const {
    return state_changes_[shopper.value() % state_changes_.size()];
  }
  Result<IdentityStates::Pointer> PreparedStateOf(ShopperHandle shopper) const;
  Status Prepare(IdentityChange change, IdentitySink& sink);
  Status EraseSecrets(ShopperHandle shopper);
  Result<std::optional<ShopperKey>> PreparedKeyOf(const Known& known) const;
  Result<std::optional<std::string>> UnsealOf(ShopperHandle shopper, bool is_traits) const;
  Status LoadEraseBacklog();

  storage::StorageEngine* const engine_;
  const std::unique_ptr<IdentityVault> vault_;
  RandomSource* const random_;
  std::array<std::unique_ptr<StateShard>, kIdentityShards> state_shards_;
  std::array<std::unique_ptr<HandleShard>, kIdentityShards> handle_shards_;
  // How often the states of some shoppers changed; counted after the change can be read.
  mutable std::array<std::atomic<uint64_t>, kIdentityChangeCounters> state_changes_{};

  // Strand only.
  absl::flat_hash_map<ShopperHandle, IdentityStates::Pointer> overlay_;
  absl::flat_hash_set<ShopperHandle> erase_backlog_;         // Erased in the log, not yet in the vault.
  mutable absl::flat_hash_set<ShopperHandle> backlog_done_;  // Saved as waiting, done since.
};

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_IDENTITY_REGISTRY_H_
