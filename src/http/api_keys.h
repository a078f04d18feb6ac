// API keys of a store: what they may do, and how they come and go.
//
//   secret  attune_sk_<43 characters>   on the shop's servers; holds scopes (http/router.h)
//   public  attune_pk_<43 characters>   in browsers; events and decisions only, from its allowed origins
//
// The text of a key holds 256 random bits and is shown once, when it is made; what is kept is its BLAKE2b-256
// hash.  A key has one value, or two while it is rotated: both work until the older one expires.  A revoked
// key stays in the list, so that the history of changes can still name it, and opens nothing.
//
// These are functions over a value; who persists it and when is the caller's business (http/key_file.h keeps
// it beside a store).  Layout of the bytes: docs/formats/keys.md.
//
// Thread safety: value types.

#ifndef ATTUNE_HTTP_API_KEYS_H_
#define ATTUNE_HTTP_API_KEYS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "http/router.h"

namespace attune::http {

enum class KeyKind : uint8_t { kPublic = 1, kSecret = 2 };

// The bits of Scope.
using ScopeSet = uint8_t;
constexpr ScopeSet ScopeBit(Scope scope) { return static_cast<ScopeSet>(scope); }
inline constexpr ScopeSet kAllScopes =
    ScopeBit(Scope::kRead) | ScopeBit(Scope::kWrite) | ScopeBit(Scope::kAdmin);

struct KeyValue {
  std::string hash;  // 32 bytes.
  int64_t created_at_ms = 0;
  int64_t expires_at_ms = 0;    // 0: never.
  int64_t last_used_at_ms = 0;  // Within kLastUseResolutionMs; 0: never.

  friend bool operator==(const KeyValue&, const KeyValue&) = default;
};

struct ApiKey {
  std::string id;  // "k7f3a91c": names the key in lists, logs and histories; no secret.
  std::string label;
  KeyKind kind = KeyKind::kSecret;
  ScopeSet scopes = 0;               // Secret keys only.
  std::vector<std::string> origins;  // Public keys only: "https://shop.example"; "*" is any.
  bool is_demo = false;              // A public key that may also see reasons.
  int64_t revoked_at_ms = 0;         // 0: live.
  std::vector<KeyValue> values;      // One or two; the newest first.

  friend bool operator==(const ApiKey&, const ApiKey&) = default;
};

struct StoreKeys {
  std::string store_id;
  std::vector<ApiKey> keys;  // In the order of their making.
  std::vector<std::string>
      identity_secrets;  // One, or two while rotated; the newest first.  See identity_token.h.

  friend bool operator==(const StoreKeys&, const StoreKeys&) = default;
};

struct NewKey {
  std::string id;
  std::string text;  // To be shown once.
};

struct KeyRequest {
  std::string label;
  KeyKind kind = KeyKind::kSecret;
  ScopeSet scopes = 0;
  std::vector<std::string> origins;
  bool is_demo = false;
  int64_t expires_at_ms = 0;
};

// Fails with kInvalidArgument for a secret key without scopes, a public key with scopes or without origins,
// an origin that is none, an unclean label; with kResourceExhausted when the store has kKeysPerStoreMax keys.
Result<NewKey> CreateKey(const KeyRequest& request, int64_t now_ms, RandomSource& random, StoreKeys& store);

// Gives the key a new value; its present one works until `old_expires_at_ms` and an older one ends now. Fails
// with kNotFound, or with kConflict when the key is revoked.
Result<NewKey> RotateKey(std::string_view key_id, int64_t old_expires_at_ms, int64_t now_ms,
                         RandomSource& random, StoreKeys& store);

// Fails with kNotFound.  Revoking twice keeps the first time.
Status RevokeKey(std::string_view key_id, int64_t now_ms, StoreKeys& store);

// Makes the first identity secret, or a new one beside the present one (an older one ends).  Returns its
// text.
std::string RotateIdentitySecret(RandomSource& random, StoreKeys& store);

// The 32 bytes that are kept of a key's text.
std::string HashKey(std::string_view text);

// Whether `text` looks like a key at all, so that nonsense is not hashed.
bool IsKeyText(std::string_view text);

// "https://shop.example:8443" or "*": scheme, host, optional port, lower case, no path.
bool IsOrigin(std::string_view text);

// docs/formats/keys.md.  Decoding fails with kCorruption.
std::string EncodeStoreKeys(const StoreKeys& store);
Result<StoreKeys> DecodeStoreKeys(std::string_view bytes);

// One line per key, for `attune keys list`: id, kind, scopes or origins, state, last use, label.
std::string DescribeKey(const ApiKey& key, int64_t now_ms);

}  // namespace attune::http

#endif  // ATTUNE_HTTP_API_KEYS_H_
