// Fuzzes what reads a body or a header before a store does: the guard of JSON bodies, gzip, identity tokens,
// and the bytes of stored keys.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "http/api_keys.h"
#include "http/gzip.h"
#include "http/identity_token.h"
#include "http/json_body.h"
#include "http/limits.h"
#include "http/wire.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace attune::http;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (CheckJsonBody(bytes, kJsonDepthMax).ok()) {
    CHECK(bytes.find('\0') == std::string_view::npos);
    (void)FindIdentityToken(bytes);
  }
  std::string plain;
  constexpr size_t kPlainMax = 100'000;
  if (Gunzip(bytes, kPlainMax, plain) == GunzipOutcome::kOk) CHECK(plain.size() <= kPlainMax);
  CHECK(!VerifyIdentityToken(bytes, {"attune_is_fuzz"}, 1'770'000'000'000).ok());
  if (const auto keys = DecodeStoreKeys(bytes); keys.ok()) {
    const auto again = DecodeStoreKeys(EncodeStoreKeys(*keys));
    CHECK(again.ok() && *again == *keys);
  }
  (void)HasToken(bytes, "gzip");
  (void)IsCleanRequestId(bytes);
  return 0;
}
