#include "events/identity_cipher.h"

#include <sodium.h>

#include <array>

namespace attune::events {
namespace {

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

std::array<unsigned char, 9> BoundTo(ShopperHandle shopper, SealPurpose purpose) {
  std::array<unsigned char, 9> bytes{static_cast<unsigned char>(purpose)};
  for (size_t i = 0; i < 8; ++i) bytes[i + 1] = static_cast<unsigned char>(shopper.value() >> (8 * i));
  return bytes;
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string Seal(const ShopperKey& key, ShopperHandle shopper, SealPurpose purpose, std::string_view text,
                 RandomSource& random) {
  std::string sealed(kNonceBytes + text.size() + kTagBytes, '\0');
  for (size_t i = 0; i < kNonceBytes; i += 8) {
    const uint64_t word = random.Next64();
    for (size_t j = 0; j < 8; ++j) sealed[i + j] = static_cast<char>(word >> (8 * j));
  }
  auto* out = reinterpret_cast<unsigned char*>(sealed.data());
  const auto bound = BoundTo(shopper, purpose);
  unsigned long long written = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(out + kNonceBytes, &written, Bytes(text), text.size(),
                                             bound.data(), bound.size(), nullptr, out, key.data());
  return sealed;
}

std::optional<std::string> Unseal(const ShopperKey& key, ShopperHandle shopper, SealPurpose purpose,
                                  std::string_view sealed) {
  if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  std::string text(sealed.size() - kNonceBytes - kTagBytes, '\0');
  const auto bound = BoundTo(shopper, purpose);
  unsigned long long written = 0;
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<unsigned char*>(text.data()), &written, nullptr, Bytes(sealed) + kNonceBytes,
      sealed.size() - kNonceBytes, bound.data(), bound.size(), Bytes(sealed), key.data());
  if (failed != 0) return std::nullopt;
  return text;
}

}  // namespace attune::events
