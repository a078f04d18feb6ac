// Proof that a browser speaks for a customer: made by the shop's server, sent along with a public key.
//
//   token = base64url(customer_id) "." expiry "." base64url(HMAC-SHA256(secret, base64url(customer_id) "."
//   expiry))
//
// `expiry` is in whole seconds since 1970; base64url has no padding.  The key of the HMAC is the text of the
// store's identity secret ("attune_is_..."), byte by byte, so that any language signs it in one line:
//
//   import base64, hashlib, hmac
//   b = lambda x: base64.urlsafe_b64encode(x).rstrip(b"=").decode()
//   claim = f"{b(customer_id.encode())}.{int(time.time()) + 3600}"
//   token = claim + "." + b(hmac.new(secret.encode(), claim.encode(), hashlib.sha256).digest())
//
// Thread safety: pure functions.

#ifndef ATTUNE_HTTP_IDENTITY_TOKEN_H_
#define ATTUNE_HTTP_IDENTITY_TOKEN_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace attune::http {

std::string SignIdentityToken(std::string_view secret, std::string_view customer_id, int64_t expires_at_ms);

// Returns the customer_id.  Fails with kPermissionDenied when the token is malformed, expired, valid for
// longer than kIdentityTokenLifetimeMaxMs, or signed with none of the secrets; signatures are compared in
// constant time.
Result<std::string> VerifyIdentityToken(std::string_view token, const std::vector<std::string>& secrets,
                                        int64_t now_ms);

}  // namespace attune::http

#endif  // ATTUNE_HTTP_IDENTITY_TOKEN_H_
