#include "http/identity_token.h"

#include <sodium.h>

#include <array>
#include <charconv>

#include "base/clock.h"
#include "base/utf8.h"
#include "http/limits.h"

namespace attune::http {
namespace {

constexpr char kField[] = "identity_token";
using Signature = std::array<unsigned char, crypto_auth_hmacsha256_BYTES>;

Signature Sign(std::string_view secret, std::string_view claim) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(secret.data()), secret.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(claim.data()), claim.size());
  Signature signature;
  crypto_auth_hmacsha256_final(&state, signature.data());
  return signature;
}

std::string EncodeBase64(const unsigned char* bytes, size_t size) {
  std::string text(sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.resize(text.size() - 1);  // The terminating NUL.
  return text;
}

// False when `text` is no base64url or gives more than `size_max` bytes.
bool DecodeBase64(std::string_view text, size_t size_max, std::string& bytes) {
  bytes.assign(size_max, '\0');
  size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &size, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
      end != text.data() + text.size()) {
    return false;
  }
  bytes.resize(size);
  return true;
}

}  // namespace

std::string SignIdentityToken(std::string_view secret, std::string_view customer_id, int64_t expires_at_ms) {
  std::string claim =
      EncodeBase64(reinterpret_cast<const unsigned char*>(customer_id.data()), customer_id.size());
  claim += '.' + std::to_string(expires_at_ms / kSecondMs);
  const Signature signature = Sign(secret, claim);
  return claim + '.' + EncodeBase64(signature.data(), signature.size());
}

Result<std::string> VerifyIdentityToken(std::string_view token, const std::vector<std::string>& secrets,
                                        int64_t now_ms) {
  if (token.size() > kIdentityTokenBytesMax)
    return PermissionDenied("the identity token is too long", kField);
  const size_t first = token.find('.');
  const size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos)
    return PermissionDenied("the identity token has not three parts", kField);
  const std::string_view claim = token.substr(0, second);
  std::string signature;
  std::string customer_id;
  if (!DecodeBase64(token.substr(second + 1), crypto_auth_hmacsha256_BYTES, signature) ||
      signature.size() != crypto_auth_hmacsha256_BYTES ||
      !DecodeBase64(token.substr(0, first), kPathSegmentBytesMax, customer_id) || customer_id.empty() ||
      !IsCleanText(customer_id)) {
    return PermissionDenied("the identity token is malformed", kField);
  }
  const std::string_view expiry = claim.substr(first + 1);
  int64_t expires_at_s = 0;
  const auto parsed = std::from_chars(expiry.data(), expiry.data() + expiry.size(), expires_at_s);
  if (parsed.ec != std::errc() || parsed.ptr != expiry.data() + expiry.size() || expires_at_s < 0) {
    return PermissionDenied("the identity token has no expiry", kField);
  }
  bool is_signed = false;
  for (const std::string& secret : secrets) {
    const Signature expected = Sign(secret, claim);
    is_signed |= sodium_memcmp(expected.data(), signature.data(), expected.size()) == 0;
  }
  if (!is_signed) return PermissionDenied("the identity token is not signed with the store's secret", kField);
  if (expires_at_s <= now_ms / kSecondMs) return PermissionDenied("the identity token has expired", kField);
  if (expires_at_s > (now_ms + kIdentityTokenLifetimeMaxMs) / kSecondMs) {
    return PermissionDenied("the identity token lives longer than 31 days", kField);
  }
  return customer_id;
}

}  // namespace attune::http
