#include "events/identity_vault.h"

#include <sodium.h>

#include <cstring>

namespace attune::events {
namespace {

using storage::Column;

// Keys of Column::kVault begin with one of these.
constexpr char kHashPrefix = 'h';
constexpr char kShopperPrefix = 'k';
constexpr std::string_view kHashKeyName = "m/hash_key";

std::string HashKey(const Hash128& hash) {
  std::string key(1, kHashPrefix);
  key.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  return key;
}

std::string ShopperEntryKey(ShopperHandle shopper) {
  return std::string(1, kShopperPrefix) + storage::OrderedKey(shopper.value());
}

// What the value of a hash says.
Result<std::optional<ShopperHandle>> HandleOf(const std::optional<std::string>& value) {
  if (!value) return std::optional<ShopperHandle>();
  if (value->size() != 8) return Corruption("vault: a handle has a wrong size");
  return std::optional(ShopperHandle(storage::NumberFromOrderedKey(*value)));
}

void FillRandom(RandomSource& random, uint8_t* bytes, size_t size) {
  for (size_t i = 0; i < size; i += 8) {
    const uint64_t word = random.Next64();
    for (size_t j = 0; j < 8 && i + j < size; ++j) bytes[i + j] = static_cast<uint8_t>(word >> (8 * j));
  }
}

}  // namespace

Result<std::unique_ptr<IdentityVault>> IdentityVault::Open(storage::StorageEngine* engine,
                                                           RandomSource* random) {
  CHECK(sodium_init() >= 0);
  ShopperKey hash_key{};
  ASSIGN_OR_RETURN(const auto stored, engine->Get(Column::kVault, kHashKeyName));
  if (stored) {
    if (stored->size() != hash_key.size()) return Corruption("vault: the hash key has a wrong size");
    std::memcpy(hash_key.data(), stored->data(), hash_key.size());
  } else {
    FillRandom(*random, hash_key.data(), hash_key.size());
    storage::WriteBatch batch;
    batch.Put(Column::kVault, std::string(kHashKeyName),
              std::string(reinterpret_cast<const char*>(hash_key.data()), hash_key.size()));
    RETURN_IF_ERROR(engine->Commit(batch, storage::Durability::kSynced).status());
  }
  return std::unique_ptr<IdentityVault>(new IdentityVault(engine, random, hash_key));
}

IdentityVault::IdentityVault(storage::StorageEngine* engine, RandomSource* random, const ShopperKey& hash_key)
    : engine_(engine), random_(random), hash_key_(hash_key) {
  constexpr std::string_view kPurpose = "event ids";
  crypto_generichash(event_id_key_.data(), event_id_key_.size(),
                     reinterpret_cast<const unsigned char*>(kPurpose.data()), kPurpose.size(),
                     hash_key_.data(), hash_key_.size());
}

Hash128 IdentityVault::HashOf(IdentityKind kind, std::string_view external_id) const {
  // kind and id in one buffer: one call hashes faster than three.  Ids are bounded, so this is on the stack.
  std::array<unsigned char, 256> buffer;
  Hash128 hash;
  if (external_id.size() < buffer.size()) {
    buffer[0] = static_cast<unsigned char>(kind);
    std::memcpy(buffer.data() + 1, external_id.data(), external_id.size());
    crypto_generichash(hash.data(), hash.size(), buffer.data(), external_id.size() + 1, hash_key_.data(),
                       hash_key_.size());
    return hash;
  }
  const std::string text = std::string(1, static_cast<char>(kind)) + std::string(external_id);
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size(), hash_key_.data(), hash_key_.size());
  return hash;
}

Hash128 IdentityVault::EventIdHashOf(std::string_view event_id) const {
  Hash128 hash;
  static_assert(crypto_shorthash_siphashx24_BYTES == 16 && crypto_shorthash_siphashx24_KEYBYTES == 16);
  crypto_shorthash_siphashx24(hash.data(), reinterpret_cast<const unsigned char*>(event_id.data()),
                              event_id.size(), event_id_key_.data());
  return hash;
}

Result<std::optional<ShopperHandle>> IdentityVault::Find(const Hash128& hash) const {
  ASSIGN_OR_RETURN(const auto value, engine_->Get(Column::kVault, HashKey(hash)));
  return HandleOf(value);
}

Result<std::vector<std::optional<ShopperHandle>>> IdentityVault::FindMany(
    std::span<const Hash128> hashes) const {
  std::vector<std::string> keys;
  keys.reserve(hashes.size());
  for (const Hash128& hash : hashes) keys.push_back(HashKey(hash));
  ASSIGN_OR_RETURN(const auto values, engine_->GetMany(Column::kVault, keys));
  std::vector<std::optional<ShopperHandle>> handles;
  handles.reserve(values.size());
  for (const std::optional<std::string>& value : values) {
    ASSIGN_OR_RETURN(const auto handle, HandleOf(value));
    handles.push_back(handle);
  }
  return handles;
}

Result<std::optional<ShopperKey>> IdentityVault::KeyOf(ShopperHandle shopper) const {
  ASSIGN_OR_RETURN(const auto value, engine_->Get(Column::kVault, ShopperEntryKey(shopper)));
  if (!value) return std::optional<ShopperKey>();
  if (value->size() != sizeof(ShopperKey) + sizeof(Hash128))
    return Corruption("vault: a key has a wrong size");
  ShopperKey key;
  std::memcpy(key.data(), value->data(), key.size());
  return std::optional(key);
}

Result<IdentityVault::Secret> IdentityVault::Create(const Hash128& hash) {
  Secret secret;
  for (;;) {
    secret.shopper = ShopperHandle(random_->Next64());
    if (secret.shopper == ShopperHandle()) continue;
    // Two shoppers with one handle would see each other's history: rare, and still not left to chance.
    ASSIGN_OR_RETURN(const auto taken, engine_->Get(Column::kVault, ShopperEntryKey(secret.shopper)));
    if (!taken) break;
  }
  FillRandom(*random_, secret.key.data(), secret.key.size());
  std::string entry(reinterpret_cast<const char*>(secret.key.data()), secret.key.size());
  entry.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  pending_batch_.Put(Column::kVault, HashKey(hash), storage::OrderedKey(secret.shopper.value()));
  pending_batch_.Put(Column::kVault, ShopperEntryKey(secret.shopper), std::move(entry));
  pending_.emplace(hash, secret);
  return secret;
}

const IdentityVault::Secret* IdentityVault::FindPending(const Hash128& hash) const {
  const auto found = pending_.find(hash);
  return found == pending_.end() ? nullptr : &found->second;
}

Status IdentityVault::CommitPending() {
  if (pending_batch_.empty()) return {};
  RETURN_IF_ERROR(engine_->Commit(pending_batch_, storage::Durability::kSynced).status());
  DropPending();
  return {};
}

void IdentityVault::DropPending() {
  pending_batch_.Clear();
  for (auto& entry : pending_) sodium_memzero(entry.second.key.data(), entry.second.key.size());
  pending_.clear();
}

Result<std::optional<Hash128>> IdentityVault::Erase(ShopperHandle shopper) {
  ASSIGN_OR_RETURN(const auto value, engine_->Get(Column::kVault, ShopperEntryKey(shopper)));
  if (!value) return std::optional<Hash128>();
  if (value->size() != sizeof(ShopperKey) + sizeof(Hash128))
    return Corruption("vault: a key has a wrong size");
  Hash128 hash;
  std::memcpy(hash.data(), value->data() + sizeof(ShopperKey), hash.size());
  storage::WriteBatch batch;
  batch.Delete(Column::kVault, ShopperEntryKey(shopper));
  // The id may have come back meanwhile, as a new shopper.
  ASSIGN_OR_RETURN(const auto holder, Find(hash));
  if (holder == shopper) batch.Delete(Column::kVault, HashKey(hash));
  RETURN_IF_ERROR(engine_->Commit(batch, storage::Durability::kSynced).status());
  return std::optional(hash);
}

}  // namespace attune::events
