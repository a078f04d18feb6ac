#include "events/identity_registry.h"

#include <algorithm>
#include <utility>

#include "events/identity_cipher.h"
#include "events/identity_traits.h"

namespace attune::events {
namespace {

using Pointer = IdentityStates::Pointer;
using storage::Column;

// Keys of Column::kIdentity begin with one of these.
constexpr char kStatePrefix = 's';
constexpr char kErasePrefix = 'e';  // Erased shoppers whose key is still to be deleted.

std::string StateKey(ShopperHandle shopper) {
  return std::string(1, kStatePrefix) + storage::OrderedKey(shopper.value());
}
std::string EraseKey(ShopperHandle shopper) {
  return std::string(1, kErasePrefix) + storage::OrderedKey(shopper.value());
}

}  // namespace

class IdentityRegistry::Table final : public IdentityStates {
 public:
  // `newcomer` is known to have no state: no need to look on disk.
  Table(IdentityRegistry& registry, ShopperHandle newcomer) : registry_(registry), newcomer_(newcomer) {}
  Result<Pointer> StateOf(ShopperHandle shopper) override {
    if (shopper == newcomer_) return Pointer();
    return registry_.StateOf(shopper);
  }
  void SetState(ShopperHandle shopper, Pointer state) override {
    StateShard& shard = registry_.ShardOf(shopper);
    {
      MutexLock lock(shard.mutex);
      shard.changed[shopper] = std::move(state);
      shard.cache.Erase(shopper);
      ++shard.version;
    }
    registry_.ChangesOf(shopper).fetch_add(1, std::memory_order_release);
  }

 private:
  IdentityRegistry& registry_;
  const ShopperHandle newcomer_;
};

class IdentityRegistry::Overlay final : public IdentityStates {
 public:
  explicit Overlay(IdentityRegistry& registry) : registry_(registry) {}
  Result<Pointer> StateOf(ShopperHandle shopper) override { return registry_.PreparedStateOf(shopper); }
  void SetState(ShopperHandle shopper, Pointer state) override {
    registry_.overlay_[shopper] = std::move(state);
  }

 private:
  IdentityRegistry& registry_;
};

Result<std::unique_ptr<IdentityRegistry>> IdentityRegistry::Open(storage::StorageEngine* engine,
                                                                 storage::StorageEngine* vault_engine,
                                                                 RandomSource* random,
                                                                 const IdentityCacheSizes& sizes) {
  ASSIGN_OR_RETURN(auto vault, IdentityVault::Open(vault_engine, random));
  auto registry =
      std::unique_ptr<IdentityRegistry>(new IdentityRegistry(engine, std::move(vault), random, sizes));
  RETURN_IF_ERROR(registry->LoadEraseBacklog());
  return registry;
}

IdentityRegistry::IdentityRegistry(storage::StorageEngine* engine, std::unique_ptr<IdentityVault> vault,
                                   RandomSource* random, const IdentityCacheSizes& sizes)
    : engine_(engine), vault_(std::move(vault)), random_(random) {
  for (auto& shard : state_shards_) shard = std::make_unique<StateShard>(sizes.states_max / kIdentityShards);
  for (auto& shard : handle_shards_)
    shard = std::make_unique<HandleShard>(sizes.handles_max / kIdentityShards);
}

Status IdentityRegistry::LoadEraseBacklog() {
  return engine_->Scan(Column::kIdentity, std::string(1, kErasePrefix),
                       std::string(1, static_cast<char>(kErasePrefix + 1)),
                       [this](std::string_view key, std::string_view) {
                         if (key.size() == 9) {
                           erase_backlog_.insert(ShopperHandle(storage::NumberFromOrderedKey(key.substr(1))));
                         }
                         return true;
                       });
}

// ---- Reading ----

Result<std::optional<ShopperHandle>> IdentityRegistry::FindHash(const Hash128& hash) const {
  HandleShard& shard = ShardOf(hash);
  uint64_t version;
  {
    MutexLock lock(shard.mutex);
    if (const ShopperHandle* known = shard.cache.Find(hash)) return std::optional(*known);
    version = shard.version;
  }
  ASSIGN_OR_RETURN(const auto found, vault_->Find(hash));
  if (!found) return found;  // Not remembered: strangers must not push shoppers out of the cache.
  MutexLock lock(shard.mutex);
  if (shard.version == version) shard.cache.Put(hash, *found);
  return found;
}

Result<std::optional<ShopperHandle>> IdentityRegistry::Find(IdentityKind kind,
                                                            std::string_view external_id) const {
  return FindHash(vault_->HashOf(kind, external_id));
}

Result<std::vector<IdentityRegistry::Ahead>> IdentityRegistry::LookAhead(
    std::span<const Hash128> hashes) const {
  std::vector<Ahead> found(hashes.size());
  RETURN_IF_ERROR(FindHandles(hashes, found));
  RETURN_IF_ERROR(FindStates(found));
  return found;
}

Status IdentityRegistry::FindHandles(std::span<const Hash128> hashes, std::vector<Ahead>& found) const {
  std::vector<std::pair<size_t, uint64_t>> missing;  // Place in `hashes`, version of the shard.
  std::vector<Hash128> asked;
  for (size_t i = 0; i < hashes.size(); ++i) {
    HandleShard& shard = ShardOf(hashes[i]);
    MutexLock lock(shard.mutex);
    if (const ShopperHandle* known = shard.cache.Find(hashes[i])) {
      found[i].shopper = *known;
      continue;
    }
    missing.emplace_back(i, shard.version);
    asked.push_back(hashes[i]);
  }
  if (asked.empty()) return {};
  ASSIGN_OR_RETURN(const auto stored, vault_->FindMany(asked));
  for (size_t k = 0; k < missing.size(); ++k) {
    const auto& [place, version] = missing[k];
    found[place].shopper = stored[k];
    if (!stored[k]) continue;  // Not remembered: strangers must not push shoppers out of the cache.
    HandleShard& shard = ShardOf(asked[k]);
    MutexLock lock(shard.mutex);
    if (shard.version == version) shard.cache.Put(asked[k], *stored[k]);
  }
  return {};
}

Status IdentityRegistry::FindStates(std::vector<Ahead>& found) const {
  std::vector<std::pair<size_t, uint64_t>> missing;  // Place in `found`, version of the shard.
  std::vector<std::string> keys;
  for (size_t i = 0; i < found.size(); ++i) {
    if (!found[i].shopper) continue;
    const ShopperHandle shopper = *found[i].shopper;
    found[i].as_of = ChangesOf(shopper).load(std::memory_order_acquire);
    StateShard& shard = ShardOf(shopper);
    MutexLock lock(shard.mutex);
    const auto changed = shard.changed.find(shopper);
    if (changed != shard.changed.end()) {
      found[i].state = changed->second;
    } else if (const Pointer* known = shard.cache.Find(shopper)) {
      found[i].state = *known;
    } else {
      missing.emplace_back(i, shard.version);
      keys.push_back(StateKey(shopper));
    }
  }
  if (keys.empty()) return {};
  ASSIGN_OR_RETURN(const auto stored, engine_->GetMany(Column::kIdentity, keys));
  for (size_t k = 0; k < missing.size(); ++k) {
    if (!stored[k]) continue;
    Ahead& ahead = found[missing[k].first];
    ASSIGN_OR_RETURN(IdentityState state, DecodeIdentityState(*stored[k]));
    ahead.state = std::make_shared<const IdentityState>(std::move(state));
    StateShard& shard = ShardOf(*ahead.shopper);
    MutexLock lock(shard.mutex);
    if (shard.version == missing[k].second) shard.cache.Put(*ahead.shopper, ahead.state);
  }
  return {};
}

Result<Pointer> IdentityRegistry::StateOf(ShopperHandle shopper) const {
  StateShard& shard = ShardOf(shopper);
  uint64_t version;
  {
    MutexLock lock(shard.mutex);
    const auto changed = shard.changed.find(shopper);
    if (changed != shard.changed.end()) return changed->second;
    if (const Pointer* known = shard.cache.Find(shopper)) return *known;
    version = shard.version;
  }
  ASSIGN_OR_RETURN(const auto value, engine_->Get(Column::kIdentity, StateKey(shopper)));
  if (!value) return Pointer();
  ASSIGN_OR_RETURN(IdentityState state, DecodeIdentityState(*value));
  Pointer pointer = std::make_shared<const IdentityState>(std::move(state));
  MutexLock lock(shard.mutex);
  if (shard.version == version) shard.cache.Put(shopper, pointer);
  return pointer;
}

Result<ShopperHandle> IdentityRegistry::PersonOf(ShopperHandle shopper) const {
  ASSIGN_OR_RETURN(const Pointer state, StateOf(shopper));
  return state && state->owner != ShopperHandle() ? state->owner : shopper;
}

Result<std::vector<ShopperHandle>> IdentityRegistry::HandlesOf(ShopperHandle person) const {
  std::vector<ShopperHandle> handles{person};
  ASSIGN_OR_RETURN(const Pointer state, StateOf(person));
  if (state) handles.insert(handles.end(), state->members.begin(), state->members.end());
  return handles;
}

Result<std::optional<Consent>> IdentityRegistry::RecordedConsent(ShopperHandle shopper) const {
  ASSIGN_OR_RETURN(const Pointer state, StateOf(shopper));
  return state ? state->consent : std::optional<Consent>();
}

Result<std::optional<std::string>> IdentityRegistry::UnsealOf(ShopperHandle shopper, bool is_traits) const {
  ASSIGN_OR_RETURN(const Pointer state, StateOf(shopper));
  if (!state) return std::optional<std::string>();
  const std::string& sealed = is_traits ? state->sealed_traits : state->sealed_id;
  if (sealed.empty()) return std::optional<std::string>();
  ASSIGN_OR_RETURN(const auto key, vault_->KeyOf(shopper));
  if (!key) return std::optional<std::string>();
  auto text = Unseal(*key, shopper, is_traits ? SealPurpose::kTraits : SealPurpose::kExternalId, sealed);
  if (!text) return Corruption("identity: what was sealed does not open with the shopper's key");
  return text;
}

Result<std::optional<std::string>> IdentityRegistry::ExternalIdOf(ShopperHandle shopper) const {
  return UnsealOf(shopper, false);
}

Result<std::optional<std::string>> IdentityRegistry::TraitsOf(ShopperHandle shopper) const {
  return UnsealOf(shopper, true);
}

Result<std::optional<ShopperHandle>> IdentityRegistry::VisitSaved(ShopperHandle after, size_t limit,
                                                                  const VisitState& visit) const {
  std::optional<ShopperHandle> last;
  size_t count = 0;
  RETURN_IF_ERROR(engine_->Scan(Column::kIdentity, StateKey(after) + '\0',
                                std::string(1, static_cast<char>(kStatePrefix + 1)),
                                [&](std::string_view key, std::string_view value) {
                                  if (key.size() != 9) return true;
                                  last = ShopperHandle(storage::NumberFromOrderedKey(key.substr(1)));
                                  const auto state = DecodeIdentityState(value);
                                  if (state.ok()) visit(*last, *state);
                                  return ++count < limit;
                                }));
  return last;
}

// ---- Preparing ----

Result<Pointer> IdentityRegistry::PreparedStateOf(ShopperHandle shopper) const {
  if (!overlay_.empty()) {
    const auto found = overlay_.find(shopper);
    if (found != overlay_.end()) return found->second;
  }
  return StateOf(shopper);
}

Result<IdentityRegistry::Known> IdentityRegistry::Lookup(IdentityKind kind, const Hash128& hash,
                                                         const Ahead& ahead) const {
  Known known;
  known.kind = kind;
  known.hash = hash;
  if (ahead.state && ChangesOf(*ahead.shopper).load(std::memory_order_relaxed) == ahead.as_of &&
      (overlay_.empty() || !overlay_.contains(*ahead.shopper))) {
    known.shopper = ahead.shopper;
    known.state = ahead.state;
    return known;
  }
  if (const IdentityVault::Secret* pending = vault_->FindPending(known.hash)) {
    known.shopper = pending->shopper;
  } else {
    ASSIGN_OR_RETURN(known.shopper, FindHash(known.hash));
  }
  if (!known.shopper) return known;
  ASSIGN_OR_RETURN(known.state, PreparedStateOf(*known.shopper));
  // Erased a moment ago: the next use of the id is a stranger's.
  const auto prepared = overlay_.find(*known.shopper);
  const bool is_being_erased = prepared != overlay_.end() && prepared->second == nullptr;
  if (is_being_erased || erase_backlog_.contains(*known.shopper)) known.shopper.reset();
  return known;
}

Result<std::optional<Consent>> IdentityRegistry::PreparedConsent(ShopperHandle shopper) const {
  ASSIGN_OR_RETURN(const Pointer state, PreparedStateOf(shopper));
  return state ? state->consent : std::optional<Consent>();
}

Status IdentityRegistry::Prepare(IdentityChange change, IdentitySink& sink) {
  Overlay overlay(*this);
  RETURN_IF_ERROR(FoldIdentityChange(change, overlay));
  sink.batch.AppendRecord(storage::RecordKind::kIdentity, sink.recorded_at_ms, EncodeIdentityChange(change));
  sink.changes.push_back(std::move(change));
  return {};
}

Status IdentityRegistry::Make(std::string_view external_id, int64_t at_ms, Known& known, IdentitySink& sink) {
  if (known.shopper && known.state) return {};
  std::optional<ShopperKey> key;
  if (known.shopper) {
    ASSIGN_OR_RETURN(key, PreparedKeyOf(known));
  }
  if (!key) {
    ASSIGN_OR_RETURN(const IdentityVault::Secret secret, vault_->Create(known.hash));
    known.shopper = secret.shopper;
    key = secret.key;
  }
  IdentityChange change;
  change.kind = IdentityChange::Kind::kMade;
  change.shopper = *known.shopper;
  change.at_ms = at_ms;
  change.identity_kind = known.kind;
  change.sealed = Seal(*key, *known.shopper, SealPurpose::kExternalId, external_id, *random_);
  overlay_[*known.shopper] = nullptr;  // The fold need not look for it on disk.
  RETURN_IF_ERROR(Prepare(std::move(change), sink));
  known.state = overlay_[*known.shopper];
  return {};
}

Status IdentityRegistry::Link(const Known& browser, const Known& customer, int64_t at_ms,
                              IdentitySink& sink) {
  if (!browser.shopper || !customer.shopper || !browser.state) return {};
  if (browser.state->owner == *customer.shopper || at_ms < browser.state->linked_at_ms) return {};
  IdentityChange change;
  change.kind = IdentityChange::Kind::kLinked;
  change.shopper = *browser.shopper;
  change.owner = *customer.shopper;
  change.at_ms = at_ms;
  return Prepare(std::move(change), sink);
}

Status IdentityRegistry::Unlink(ShopperHandle browser, int64_t at_ms, IdentitySink& sink) {
  IdentityChange change;
  change.kind = IdentityChange::Kind::kUnlinked;
  change.shopper = browser;
  change.at_ms = at_ms;
  return Prepare(std::move(change), sink);
}

Result<std::optional<ShopperKey>> IdentityRegistry::PreparedKeyOf(const Known& known) const {
  if (const IdentityVault::Secret* pending = vault_->FindPending(known.hash))
    return std::optional(pending->key);
  return vault_->KeyOf(*known.shopper);
}

Status IdentityRegistry::SetTraits(const Known& known, std::string_view traits_json, int64_t at_ms,
                                   IdentitySink& sink) {
  if (!known.shopper) return {};
  ASSIGN_OR_RETURN(const auto key, PreparedKeyOf(known));
  ASSIGN_OR_RETURN(const Pointer state, PreparedStateOf(*known.shopper));
  if (!key || !state) return {};
  std::optional<std::string> before;
  if (!state->sealed_traits.empty()) {
    before = Unseal(*key, *known.shopper, SealPurpose::kTraits, state->sealed_traits);
  }
  ASSIGN_OR_RETURN(const std::string merged, MergeTraits(before.value_or("{}"), traits_json));
  if (before && *before == merged) return {};
  if (merged.size() > kTraitsBytesMax) {
    return Status(
        StatusCode::kInvalidArgument,
        "all traits together are longer than the limit in bytes: " + std::to_string(kTraitsBytesMax),
        "traits");
  }
  IdentityChange change;
  change.kind = IdentityChange::Kind::kTraits;
  change.shopper = *known.shopper;
  change.at_ms = at_ms;
  change.sealed = Seal(*key, *known.shopper, SealPurpose::kTraits, merged, *random_);
  return Prepare(std::move(change), sink);
}

Status IdentityRegistry::SetConsent(ShopperHandle shopper, const Consent& consent, int64_t at_ms,
                                    IdentitySink& sink) {
  IdentityChange change;
  change.kind = IdentityChange::Kind::kConsent;
  change.shopper = shopper;
  change.at_ms = at_ms;
  change.consent = consent;
  return Prepare(std::move(change), sink);
}

Status IdentityRegistry::Expire(ShopperHandle shopper, int64_t at_ms, IdentitySink& sink) {
  IdentityChange change;
  change.kind = IdentityChange::Kind::kExpired;
  change.shopper = shopper;
  change.at_ms = at_ms;
  return Prepare(std::move(change), sink);
}

Status IdentityRegistry::Erase(ShopperHandle shopper, int64_t at_ms, IdentitySink& sink) {
  IdentityChange change;
  change.kind = IdentityChange::Kind::kErased;
  change.shopper = shopper;
  change.at_ms = at_ms;
  RETURN_IF_ERROR(Prepare(std::move(change), sink));
  overlay_[shopper] = nullptr;  // Also when the log never knew the handle.
  return {};
}

// ---- Commit, apply, snapshot ----

Status IdentityRegistry::CommitVault() {
  while (!erase_backlog_.empty()) {
    const ShopperHandle shopper = *erase_backlog_.begin();
    RETURN_IF_ERROR(EraseSecrets(shopper));
    erase_backlog_.erase(shopper);
    backlog_done_.insert(shopper);
  }
  return vault_->CommitPending();
}

Status IdentityRegistry::EraseSecrets(ShopperHandle shopper) {
  ASSIGN_OR_RETURN(const auto hash, vault_->Erase(shopper));
  if (!hash) return {};
  HandleShard& shard = ShardOf(*hash);
  MutexLock lock(shard.mutex);
  ++shard.version;
  const ShopperHandle* cached = shard.cache.Find(*hash);
  if (cached != nullptr && *cached == shopper) shard.cache.Erase(*hash);
  return {};
}

Status IdentityRegistry::Apply(const IdentityChange& change) {
  // Make() prepared it in this group, so it had no state before; in a replay one has to look.
  const bool is_new = change.kind == IdentityChange::Kind::kMade && overlay_.contains(change.shopper);
  Table table(*this, is_new ? change.shopper : ShopperHandle());
  RETURN_IF_ERROR(FoldIdentityChange(change, table));
  bool is_forgotten = change.kind == IdentityChange::Kind::kErased;
  if (change.kind == IdentityChange::Kind::kExpired) {
    ASSIGN_OR_RETURN(const Pointer state, table.StateOf(change.shopper));
    is_forgotten = state == nullptr;
  }
  if (is_forgotten && !EraseSecrets(change.shopper).ok()) {
    erase_backlog_.insert(change.shopper);  // Tried again before the next commit, and after a restart.
  }
  return {};
}

void IdentityRegistry::OnGroupApplied() { overlay_.clear(); }

void IdentityRegistry::OnCommitFailed() {
  overlay_.clear();
  vault_->DropPending();
}

void IdentityRegistry::SaveChanged(storage::WriteBatch& batch) const {
  for (const auto& shard : state_shards_) {
    MutexLock lock(shard->mutex);
    for (const auto& [shopper, state] : shard->changed) {
      if (state) {
        batch.Put(Column::kIdentity, StateKey(shopper), EncodeIdentityState(*state));
      } else {
        batch.Delete(Column::kIdentity, StateKey(shopper));
      }
    }
  }
  for (const ShopperHandle shopper : backlog_done_) batch.Delete(Column::kIdentity, EraseKey(shopper));
  for (const ShopperHandle shopper : erase_backlog_) batch.Put(Column::kIdentity, EraseKey(shopper), {});
}

void IdentityRegistry::OnSaved() {
  for (const auto& shard : state_shards_) {
    MutexLock lock(shard->mutex);
    ++shard->version;
    for (auto& [shopper, state] : shard->changed) {
      if (state) shard->cache.Put(shopper, std::move(state));
    }
    shard->changed = {};
  }
  backlog_done_.clear();
}

size_t IdentityRegistry::changed_count() const {
  size_t count = 0;
  for (const auto& shard : state_shards_) {
    MutexLock lock(shard->mutex);
    count += shard->changed.size();
  }
  return count;
}

}  // namespace attune::events
