#include "http/api_keys.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <exception>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "base/time_text.h"
#include "base/utf8.h"
#include "http/limits.h"

namespace attune::http {
namespace {

constexpr std::string_view kPublicPrefix = "attune_pk_";
constexpr std::string_view kSecretPrefix = "attune_sk_";
constexpr std::string_view kIdentityPrefix = "attune_is_";
constexpr size_t kRandomTextBytes = 43;  // 32 bytes in unpadded base64url.
constexpr size_t kHashBytes = 32;
constexpr size_t kLiveValuesMax = 2;
constexpr size_t kOriginBytesMax = 256;

std::string RandomText(RandomSource& random) {
  std::array<unsigned char, 32> bytes;
  for (size_t i = 0; i < bytes.size(); i += 8) {
    uint64_t word = random.Next64();
    for (size_t j = 0; j < 8; ++j, word >>= 8) bytes[i + j] = static_cast<unsigned char>(word);
  }
  std::array<char, kRandomTextBytes + 1> text;
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  sodium_memzero(bytes.data(), bytes.size());
  return std::string(text.data(), kRandomTextBytes);
}

std::string NewKeyId(RandomSource& random, const StoreKeys& store) {
  static constexpr char kDigits[] = "0123456789abcdef";
  while (true) {
    uint64_t word = random.Next64();
    std::string id = "k";
    for (int i = 0; i < 8; ++i, word >>= 4) id += kDigits[word & 15];
    const auto taken = [&id](const ApiKey& key) { return key.id == id; };
    if (std::none_of(store.keys.begin(), store.keys.end(), taken)) return id;
  }
}

std::string NewKeyText(KeyKind kind, RandomSource& random) {
  return std::string(kind == KeyKind::kPublic ? kPublicPrefix : kSecretPrefix) + RandomText(random);
}

Status CheckRequest(const KeyRequest& request, int64_t now_ms) {
  if (request.label.size() > kKeyLabelBytesMax || !IsCleanText(request.label)) {
    return InvalidArgument("the label is no short clean text", "label");
  }
  if (request.expires_at_ms != 0 && request.expires_at_ms <= now_ms) {
    return InvalidArgument("the key would have expired already", "expires_at");
  }
  if (request.kind == KeyKind::kSecret) {
    if (request.scopes == 0 || (request.scopes & ~kAllScopes) != 0) {
      return InvalidArgument("a secret key needs scopes out of read, write and admin", "scopes");
    }
    if (!request.origins.empty()) return InvalidArgument("only public keys have origins", "origins");
    if (request.is_demo) return InvalidArgument("only public keys are marked as the demo's", "demo");
    return {};
  }
  if (request.scopes != 0) return InvalidArgument("a public key has no scopes", "scopes");
  if (request.origins.empty() || request.origins.size() > kOriginsPerKeyMax) {
    return InvalidArgument("a public key needs 1 to " + std::to_string(kOriginsPerKeyMax) + " origins",
                           "origins");
  }
  for (const std::string& origin : request.origins) {
    if (!IsOrigin(origin)) return InvalidArgument("no origin: " + origin, "origins");
  }
  return {};
}

ApiKey* FindKey(std::string_view key_id, StoreKeys& store) {
  for (ApiKey& key : store.keys) {
    if (key.id == key_id) return &key;
  }
  return nullptr;
}

// Field numbers: docs/formats/keys.md.
enum StoreField : uint32_t { kStoreId = 1, kStoreKey = 2, kStoreIdentitySecret = 3 };
enum KeyField : uint32_t { kId = 1, kLabel, kKind, kScopes, kOrigin, kIsDemo, kRevokedAt, kValue };
enum ValueField : uint32_t { kHash = 1, kCreatedAt, kExpiresAt, kLastUsedAt };

// A field is read only with the wire type that we write it with; another one is skipped like an unknown
// field.
constexpr uint32_t Text(uint32_t field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::length_delimited);
}
constexpr uint32_t Number(uint32_t field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::varint);
}

KeyValue DecodeValue(protozero::pbf_reader message) {
  KeyValue value;
  while (message.next()) {
    switch (message.tag_and_type()) {
      case Text(kHash):
        value.hash = message.get_bytes();
        break;
      case Number(kCreatedAt):
        value.created_at_ms = message.get_int64();
        break;
      case Number(kExpiresAt):
        value.expires_at_ms = message.get_int64();
        break;
      case Number(kLastUsedAt):
        value.last_used_at_ms = message.get_int64();
        break;
      default:
        message.skip();
    }
  }
  return value;
}

ApiKey DecodeKey(protozero::pbf_reader message) {
  ApiKey key;
  key.kind = static_cast<KeyKind>(0);
  while (message.next()) {
    switch (message.tag_and_type()) {
      case Text(kId):
        key.id = message.get_string();
        break;
      case Text(kLabel):
        key.label = message.get_string();
        break;
      case Number(kKind):
        key.kind = static_cast<KeyKind>(message.get_uint32());
        break;
      case Number(kScopes):
        key.scopes = static_cast<ScopeSet>(message.get_uint32());
        break;
      case Text(kOrigin):
        key.origins.push_back(message.get_string());
        break;
      case Number(kIsDemo):
        key.is_demo = message.get_uint32() != 0;
        break;
      case Number(kRevokedAt):
        key.revoked_at_ms = message.get_int64();
        break;
      case Text(kValue):
        key.values.push_back(DecodeValue(message.get_message()));
        break;
      default:
        message.skip();
    }
  }
  return key;
}

bool IsWhole(const ApiKey& key) {
  if (key.kind != KeyKind::kPublic && key.kind != KeyKind::kSecret) return false;
  if (key.id.empty() || key.values.empty() || key.values.size() > kLiveValuesMax) return false;
  return std::all_of(key.values.begin(), key.values.end(),
                     [](const KeyValue& value) { return value.hash.size() == kHashBytes; });
}

}  // namespace

std::string HashKey(std::string_view text) {
  std::string hash(kHashBytes, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
  return hash;
}

bool IsKeyText(std::string_view text) {
  return text.size() == kSecretPrefix.size() + kRandomTextBytes &&
         (text.starts_with(kPublicPrefix) || text.starts_with(kSecretPrefix));
}

bool IsOrigin(std::string_view text) {
  if (text == "*") return true;
  if (text.size() > kOriginBytesMax) return false;
  for (const std::string_view scheme : {std::string_view("https://"), std::string_view("http://")}) {
    if (!text.starts_with(scheme)) continue;
    const std::string_view host = text.substr(scheme.size());
    const auto is_host_character = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' ||
             c == '[' || c == ']' || c == '_';
    };
    return !host.empty() && std::all_of(host.begin(), host.end(), is_host_character);
  }
  return false;
}

Result<NewKey> CreateKey(const KeyRequest& request, int64_t now_ms, RandomSource& random, StoreKeys& store) {
  RETURN_IF_ERROR(CheckRequest(request, now_ms));
  if (store.keys.size() >= kKeysPerStoreMax) return ResourceExhausted("the store has as many keys as it may");
  const NewKey made{NewKeyId(random, store), NewKeyText(request.kind, random)};
  ApiKey key;
  key.id = made.id;
  key.label = request.label;
  key.kind = request.kind;
  key.scopes = request.scopes;
  key.origins = request.origins;
  key.is_demo = request.is_demo;
  key.values.push_back({HashKey(made.text), now_ms, request.expires_at_ms, 0});
  store.keys.push_back(std::move(key));
  return made;
}

Result<NewKey> RotateKey(std::string_view key_id, int64_t old_expires_at_ms, int64_t now_ms,
                         RandomSource& random, StoreKeys& store) {
  ApiKey* key = FindKey(key_id, store);
  if (key == nullptr) return NotFound("no such key: " + std::string(key_id));
  if (key->revoked_at_ms != 0) return Conflict("the key is revoked: " + std::string(key_id));
  const NewKey made{key->id, NewKeyText(key->kind, random)};
  KeyValue& present = key->values.front();
  const int64_t lifetime_ms = present.expires_at_ms == 0 ? 0 : present.expires_at_ms - present.created_at_ms;
  if (present.expires_at_ms == 0 || present.expires_at_ms > old_expires_at_ms) {
    present.expires_at_ms = old_expires_at_ms;
  }
  key->values.insert(key->values.begin(),
                     {HashKey(made.text), now_ms, lifetime_ms == 0 ? 0 : now_ms + lifetime_ms, 0});
  if (key->values.size() > kLiveValuesMax) key->values.resize(kLiveValuesMax);
  return made;
}

Status RevokeKey(std::string_view key_id, int64_t now_ms, StoreKeys& store) {
  ApiKey* key = FindKey(key_id, store);
  if (key == nullptr) return NotFound("no such key: " + std::string(key_id));
  if (key->revoked_at_ms == 0) key->revoked_at_ms = now_ms;
  return {};
}

std::string RotateIdentitySecret(RandomSource& random, StoreKeys& store) {
  std::string secret = std::string(kIdentityPrefix) + RandomText(random);
  store.identity_secrets.insert(store.identity_secrets.begin(), secret);
  if (store.identity_secrets.size() > kLiveValuesMax) store.identity_secrets.resize(kLiveValuesMax);
  return secret;
}

std::string EncodeStoreKeys(const StoreKeys& store) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  writer.add_string(kStoreId, store.store_id);
  for (const ApiKey& key : store.keys) {
    protozero::pbf_writer message(writer, kStoreKey);
    message.add_string(kId, key.id);
    message.add_string(kLabel, key.label);
    message.add_uint32(kKind, static_cast<uint32_t>(key.kind));
    message.add_uint32(kScopes, key.scopes);
    for (const std::string& origin : key.origins) message.add_string(kOrigin, origin);
    message.add_bool(kIsDemo, key.is_demo);
    message.add_int64(kRevokedAt, key.revoked_at_ms);
    for (const KeyValue& value : key.values) {
      protozero::pbf_writer inner(message, kValue);
      inner.add_bytes(kHash, value.hash);
      inner.add_int64(kCreatedAt, value.created_at_ms);
      inner.add_int64(kExpiresAt, value.expires_at_ms);
      inner.add_int64(kLastUsedAt, value.last_used_at_ms);
    }
  }
  for (const std::string& secret : store.identity_secrets) writer.add_string(kStoreIdentitySecret, secret);
  return bytes;
}

Result<StoreKeys> DecodeStoreKeys(std::string_view bytes) {
  StoreKeys store;
  try {
    protozero::pbf_reader message(bytes.data(), bytes.size());
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(kStoreId):
          store.store_id = message.get_string();
          break;
        case Text(kStoreKey):
          store.keys.push_back(DecodeKey(message.get_message()));
          break;
        case Text(kStoreIdentitySecret):
          store.identity_secrets.push_back(message.get_string());
          break;
        default:
          message.skip();
      }
    }
  } catch (const std::exception& error) {
    return Corruption(std::string("the keys of a store cannot be read: ") + error.what());
  }
  if (store.store_id.empty() || !std::all_of(store.keys.begin(), store.keys.end(), IsWhole)) {
    return Corruption("the keys of a store are incomplete");
  }
  return store;
}

std::string DescribeKey(const ApiKey& key, int64_t now_ms) {
  std::string line = key.id + (key.kind == KeyKind::kPublic ? "  public  " : "  secret  ");
  std::string rights;
  for (const Scope scope : {Scope::kRead, Scope::kWrite, Scope::kAdmin}) {
    if ((key.scopes & ScopeBit(scope)) == 0) continue;
    rights += (rights.empty() ? "" : ",") + std::string(ScopeName(scope));
  }
  for (const std::string& origin : key.origins) rights += (rights.empty() ? "" : ",") + origin;
  line += rights + (key.is_demo ? " (demo)" : "");
  const int64_t expires_at_ms = key.values.front().expires_at_ms;
  if (key.revoked_at_ms != 0) {
    line += "  revoked " + FormatTime(key.revoked_at_ms);
  } else if (expires_at_ms != 0) {
    line += (expires_at_ms <= now_ms ? "  expired " : "  live until ") + FormatTime(expires_at_ms);
  } else {
    line += "  live";
  }
  if (key.values.size() > 1 && key.values[1].expires_at_ms > now_ms && key.revoked_at_ms == 0) {
    line += " (old value until " + FormatTime(key.values[1].expires_at_ms) + ")";
  }
  int64_t last_used_at_ms = 0;
  for (const KeyValue& value : key.values) last_used_at_ms = std::max(last_used_at_ms, value.last_used_at_ms);
  line += last_used_at_ms == 0 ? "  never used" : "  last used " + FormatTime(last_used_at_ms);
  return key.label.empty() ? line : line + "  \"" + key.label + "\"";
}

}  // namespace attune::http
