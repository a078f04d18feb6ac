// Fuzzes what reads a body or a header before a store does: the guard of JSON bodies, gzip, identity tokens,
// and the bytes of stored keys.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "fuzz_target.h"
#include "http/api_keys.h"
#include "http/gzip.h"
#include "http/identity_token.h"
#include "http/json_body.h"
#include "http/limits.h"
#include "http/wire.h"

std::vector<std::string> attune::fuzz::Seeds() {
  using namespace attune::http;
  StoreKeys keys;
  keys.store_id = "shop";
  ApiKey& key = keys.keys.emplace_back();
  key.id = "k1";
  key.kind = KeyKind::kSecret;
  key.label = "server";
  key.origins = {"https://shop.example"};
  key.is_demo = true;
  key.values.push_back({std::string(32, 'h'), 5, 0, 0});
  keys.identity_secrets = {"attune_is_x"};
  // "{}" as gzip writes it.
  const std::string gzip("\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\xae\x05\0\x43\xbf\xa6\xa3\x02\0\0\0", 22);
  return {R"({"identity_token":"eA.1.x","events":[{"a":[1,2.5e3,"é"]}]})",
          SignIdentityToken("attune_is_other", "c1", 1'770'000'600'000), EncodeStoreKeys(keys), gzip,
          "gzip, deflate;q=0.5"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace attune::http;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (CheckJsonBody(bytes, kJsonDepthMax).ok()) {
    ++attune::fuzz::accepted_count;
    CHECK(bytes.find('\0') == std::string_view::npos);
    (void)FindIdentityToken(bytes);
  }
  std::string plain;
  constexpr size_t kPlainMax = 100'000;
  if (Gunzip(bytes, kPlainMax, plain) == GunzipOutcome::kOk) {
    ++attune::fuzz::accepted_count;
    CHECK(plain.size() <= kPlainMax);
  }
  CHECK(!VerifyIdentityToken(bytes, {"attune_is_fuzz"}, 1'770'000'000'000).ok());
  if (const auto keys = DecodeStoreKeys(bytes); keys.ok()) {
    ++attune::fuzz::accepted_count;
    const auto again = DecodeStoreKeys(EncodeStoreKeys(*keys));
    CHECK(again.ok() && *again == *keys);
  }
  if (HasToken(bytes, "gzip")) ++attune::fuzz::accepted_count;
  (void)IsCleanRequestId(bytes);
  return 0;
}
