// Seals what is personal (external ids, traits) with the key of one shopper.
//
// XChaCha20-Poly1305 with a random nonce; bound to the handle and the purpose, so that a sealed text cannot
// be moved to another shopper or shown as another thing.
//
//   sealed = nonce (24 bytes) | ciphertext (as long as the text) | tag (16 bytes)
//
// Thread safety: pure functions, but for the random source.

#ifndef ATTUNE_EVENTS_IDENTITY_CIPHER_H_
#define ATTUNE_EVENTS_IDENTITY_CIPHER_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/random.h"
#include "events/identity_vault.h"

namespace attune::events {

// Numbers are part of what is sealed: never change one.
enum class SealPurpose : uint8_t { kExternalId = 1, kTraits = 2 };

std::string Seal(const ShopperKey& key, ShopperHandle shopper, SealPurpose purpose, std::string_view text,
                 RandomSource& random);

// Nothing when the key is another's or the bytes were changed.
std::optional<std::string> Unseal(const ShopperKey& key, ShopperHandle shopper, SealPurpose purpose,
                                  std::string_view sealed);

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_IDENTITY_CIPHER_H_
