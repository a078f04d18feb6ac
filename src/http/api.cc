#include "http/api.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "http/identity_token.h"
#include "http/json_body.h"
#include "http/limits.h"
#include "http/wire.h"

namespace attune::http {
namespace {

constexpr std::string_view kAllowedHeaders =
    "authorization, content-type, content-encoding, idempotency-key, if-match, if-none-match, "
    "x-identity-token, "
    "x-request-id";
constexpr std::string_view kPreflightSeconds = "600";

// "Bearer KEY" with any case and spacing; nothing for another scheme.
std::optional<std::string_view> BearerToken(std::string_view header) {
  static constexpr std::string_view kScheme = "bearer";
  header = TrimSpaces(header);
  if (header.size() <= kScheme.size() || LowerCase(header.substr(0, kScheme.size())) != kScheme ||
      header[kScheme.size()] != ' ') {
    return std::nullopt;
  }
  return TrimSpaces(header.substr(kScheme.size()));
}

bool IsLoopbackAddress(std::string_view address) { return address.starts_with("127.") || address == "::1"; }

// "localhost:8080" and its like; what a page under another name could not make a browser send.
bool IsLoopbackHost(std::string_view host) {
  if (host.starts_with('[')) return host.starts_with("[::1]");
  const std::string name = LowerCase(host.substr(0, host.find(':')));
  if (name == "localhost" || name.ends_with(".localhost")) return true;
  in_addr address{};  // "127.evil.example" is a name like any other.
  return name.starts_with("127.") && ::inet_pton(AF_INET, name.c_str(), &address) == 1;
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

bool IsLocal(const Request& request) {
  return IsLoopbackAddress(request.peer_address) && !request.HasHeader("x-forwarded-for") &&
         !request.HasHeader("forwarded") && !request.HasHeader("x-real-ip");
}

Api::Api(ApiOptions options, StoreDirectory* stores, const KeyRegistry* keys, Metrics* metrics,
         AccessLog* log, const Clock* clock)
    : options_(std::move(options)),
      stores_(stores),
      keys_(keys),
      metrics_(metrics),
      clock_(clock),
      rate_limiter_(*clock),
      idempotency_(*clock),
      services_{clock, metrics, log, &idempotency_} {
  AddRoutes();
  metrics_->SetRoutes(router_.routes());
}

void Api::Add(Route route, Serve serve) {
  const size_t index = router_.Add(std::move(route));
  CHECK(index == serves_.size());
  serves_.push_back(serve);
}

size_t Api::BodyBytesMax(std::string_view method, std::string_view path) const {
  if (path.empty() || path.front() != '/') return kBodyBytesMax;
  const Result<RouteMatch> match = router_.Match(method, path);
  return match.ok() && match->route != nullptr ? match->route->body_bytes_max : kBodyBytesMax;
}

void Api::Handle(const Request& request, Respond respond) {
  const auto exchange = std::make_shared<Exchange>(services_, request, std::move(respond));
  exchange->caller.received_at_ms = request.received_at_ms;
  exchange->caller.request_id = request.request_id;
  if (!Match(*exchange)) return;
  if (!Authenticate(*exchange) || !TakeRates(*exchange) || !CheckBody(*exchange)) return;
  if (!CheckIdempotency(*exchange)) return;
  (this->*serves_[exchange->route_index])(exchange);
}

bool Api::Match(Exchange& exchange) {
  const Request& request = exchange.request;
  if (request.path.empty() || request.path.front() != '/') {
    exchange.Fail(ErrorCode::kMalformedRequest, "the request target is no path");
    return false;
  }
  Result<RouteMatch> match = router_.Match(request.method, request.path);
  if (!match.ok()) {
    exchange.Fail(ErrorCode::kMalformedRequest, match.status().message(), match.status().field());
    return false;
  }
  if (match->route != nullptr) {
    exchange.route = match->route;
    exchange.route_index = match->route_index;
    exchange.captures = std::move(match->captures);
    return true;
  }
  if (match->allowed.empty()) {
    exchange.Fail(ErrorCode::kUnknownRoute, "the server has no such path");
    return false;
  }
  if (request.method == "OPTIONS") {
    ServePreflight(exchange);
    return false;
  }
  Response response = ErrorResponse(ErrorCode::kMethodNotAllowed, "the path has no method " + request.method,
                                    "", request.request_id);
  response.SetHeader("allow", Join(match->allowed));
  exchange.Finish(std::move(response));
  return false;
}

void Api::ServePreflight(Exchange& exchange) {
  const Request& request = exchange.request;
  const Result<RouteMatch> match = router_.Match("OPTIONS", request.path);
  Response response;
  response.status = 204;
  response.SetHeader("allow", Join(match->allowed));
  const std::string_view origin = request.Header("origin");
  if (!origin.empty() && keys_->table()->AllowsOrigin(origin)) {
    exchange.allowed_origin = std::string(origin);
    response.SetHeader("access-control-allow-methods", Join(match->allowed));
    response.SetHeader("access-control-allow-headers", std::string(kAllowedHeaders));
    response.SetHeader("access-control-max-age", std::string(kPreflightSeconds));
  }
  exchange.Finish(std::move(response));
}

bool Api::Authenticate(Exchange& exchange) {
  if (exchange.route->access == Access::kAnyone) return true;
  if (exchange.route->access == Access::kOperator && IsLocal(exchange.request)) return true;
  if (!(options_.is_open ? AuthenticateOpen(exchange) : AuthenticateKey(exchange))) return false;
  exchange.store = stores_->Find(exchange.store_id);
  if (exchange.store) return true;
  exchange.Fail(ErrorCode::kUnavailable, "the store is not open: " + exchange.store_id);
  return false;
}

bool Api::AuthenticateOpen(Exchange& exchange) {
  const Request& request = exchange.request;
  const std::string_view origin = request.Header("origin");
  const std::string_view host = request.Header("host");
  const bool is_own_page = origin.empty() || origin == "http://" + std::string(host);
  if (!IsLoopbackHost(host) || !is_own_page) {
    exchange.Fail(ErrorCode::kOriginNotAllowed, "a server without keys answers to this machine only",
                  "origin");
    return false;
  }
  exchange.caller.key_id = "open";
  exchange.caller.may_explain = true;
  exchange.store_id = std::string(request.Header("x-attune-store"));
  const std::vector<std::string> ids = stores_->StoreIds();
  if (exchange.store_id.empty() && !ids.empty()) exchange.store_id = ids.front();
  if (std::find(ids.begin(), ids.end(), exchange.store_id) == ids.end()) {
    exchange.Fail(ErrorCode::kInvalidArgument, "there is no such store: " + exchange.store_id,
                  "x-attune-store");
    return false;
  }
  return true;
}

std::string Api::AddressOf(const Request& request) const {
  if (options_.trusts_forwarded_for) {
    const std::string_view chain = request.Header("x-forwarded-for");
    const size_t comma = chain.rfind(',');
    const std::string_view last =
        TrimSpaces(comma == std::string_view::npos ? chain : chain.substr(comma + 1));
    if (!last.empty()) return AddressForRate(last);
  }
  return AddressForRate(request.peer_address);
}

bool Api::RefuseKey(Exchange& exchange, ErrorCode code, std::string_view message) {
  const int wait =
      rate_limiter_.Take(RateSource::kAddress, AddressOf(exchange.request), options_.rates.address);
  if (wait > 0) {
    exchange.Fail(ErrorCode::kRateLimited, "too many requests with unusable keys from this address", "",
                  wait);
  } else {
    exchange.Fail(code, message, "authorization");
  }
  return false;
}

bool Api::AuthenticateKey(Exchange& exchange) {
  const Request& request = exchange.request;
  const std::shared_ptr<const KeyTable> table = keys_->table();
  const std::string_view origin = request.Header("origin");
  // So that a page of the shop can read why its key is refused.
  if (!origin.empty() && table->AllowsOrigin(origin)) exchange.allowed_origin = std::string(origin);
  if (!request.HasHeader("authorization")) {
    return RefuseKey(exchange, ErrorCode::kMissingKey, "the route needs a key: Authorization: Bearer KEY");
  }
  const std::optional<std::string_view> text = BearerToken(request.Header("authorization"));
  if (!text)
    return RefuseKey(exchange, ErrorCode::kInvalidKey, "the Authorization header is not: Bearer KEY");
  const KeyTable::Found found = table->Find(*text, clock_->NowMs());
  if (found.outcome == KeyTable::Outcome::kExpired) {
    return RefuseKey(exchange, ErrorCode::kExpiredKey, "the key has expired");
  }
  if (found.outcome != KeyTable::Outcome::kLive) {
    return RefuseKey(exchange, ErrorCode::kInvalidKey, "the key is unknown or revoked");
  }
  const ApiKey& key = *found.entry->key;
  exchange.caller.key_id = key.id;
  exchange.caller.key_label = key.label;
  exchange.caller.is_public = key.kind == KeyKind::kPublic;
  exchange.caller.may_explain = !exchange.caller.is_public || key.is_demo;
  exchange.store_id = found.entry->store->store_id;
  if (!exchange.caller.is_public) return AuthorizeSecret(exchange, key);
  return AuthorizePublic(exchange, key) && ProveIdentity(exchange, *found.entry->store);
}

bool Api::AuthorizeSecret(Exchange& exchange, const ApiKey& key) {
  if ((key.scopes & ScopeBit(exchange.route->scope)) != 0) return true;
  exchange.Fail(ErrorCode::kPermissionDenied,
                "the key lacks the scope " + std::string(ScopeName(exchange.route->scope)), "authorization");
  return false;
}

bool Api::AuthorizePublic(Exchange& exchange, const ApiKey& key) {
  const PublicKeys allowed = exchange.route->public_keys;
  if (allowed == PublicKeys::kRefused || (allowed == PublicKeys::kDemoOnly && !key.is_demo)) {
    exchange.Fail(ErrorCode::kPermissionDenied, "a public key may only send events and ask for decisions",
                  "authorization");
    return false;
  }
  const std::string_view origin = exchange.request.Header("origin");
  if (origin.empty()) return true;  // No browser, or a page of this very server.
  if (AllowsOrigin(key, origin)) {
    exchange.allowed_origin = std::string(origin);
    return true;
  }
  exchange.allowed_origin.clear();
  exchange.Fail(ErrorCode::kOriginNotAllowed, "the key may not be used from " + std::string(origin),
                "origin");
  return false;
}

bool Api::ProveIdentity(Exchange& exchange, const StoreKeys& store_keys) {
  std::optional<std::string> token;
  if (exchange.request.HasHeader("x-identity-token")) {
    token = std::string(exchange.request.Header("x-identity-token"));
  } else if (exchange.route->body != BodyKind::kNone &&
             CheckJsonBody(exchange.request.body, kJsonDepthMax).ok()) {
    token = FindIdentityToken(exchange.request.body);
  }
  if (!token) return true;
  Result<std::string> customer_id = VerifyIdentityToken(*token, store_keys.identity_secrets, clock_->NowMs());
  if (!customer_id.ok()) {
    exchange.Fail(ErrorCode::kInvalidIdentityToken, customer_id.status().message(),
                  customer_id.status().field());
    return false;
  }
  exchange.caller.proven_customer_id = std::move(*customer_id);
  return true;
}

bool Api::TakeRates(Exchange& exchange) {
  if (!exchange.store || options_.is_open) return true;
  const RateLimits& rates = options_.rates;
  const Caller& caller = exchange.caller;
  const auto take = [&](RateSource source, std::string_view name, const Rate& rate, std::string_view what) {
    const int wait = rate_limiter_.Take(source, name, rate);
    if (wait == 0) return true;
    exchange.Fail(ErrorCode::kRateLimited, "too many requests from this " + std::string(what), "", wait);
    return false;
  };
  if (caller.is_public &&
      !take(RateSource::kAddress, AddressOf(exchange.request), rates.address, "address")) {
    return false;
  }
  return take(RateSource::kKey, exchange.store_id + "/" + caller.key_id,
              caller.is_public ? rates.public_key : rates.secret_key, "key") &&
         take(RateSource::kStore, exchange.store_id, rates.store, "store");
}

bool Api::CheckBody(Exchange& exchange) {
  if (exchange.route->body == BodyKind::kNone) return true;
  const Status status = CheckJsonBody(exchange.request.body, kJsonDepthMax);
  if (status.ok()) return true;
  exchange.Fail(ErrorCode::kMalformedJson, status.message(), "body");
  return false;
}

bool Api::CheckIdempotency(Exchange& exchange) {
  const Request& request = exchange.request;
  if (!exchange.route->is_write || !request.HasHeader("idempotency-key")) return true;
  const std::string_view given = request.Header("idempotency-key");
  if (given.empty() || given.size() > kIdempotencyKeyBytesMax) {
    exchange.Fail(ErrorCode::kInvalidArgument, "the key has 1 to 128 bytes", "idempotency-key");
    return false;
  }
  const std::string scope_key = exchange.store_id + "/" + exchange.caller.key_id + "/" + std::string(given);
  uint64_t digest = StableHash64(request.method);
  digest = MixHash64(digest, StableHash64(request.path));
  for (const Field& field : request.query) {
    digest = MixHash64(digest, MixHash64(StableHash64(field.name), StableHash64(field.value)));
  }
  digest = MixHash64(digest, StableHash64(request.body));
  Response first_answer;
  switch (idempotency_.Begin(scope_key, digest, first_answer)) {
    case IdempotencyWindow::Outcome::kNew:
      exchange.idempotency_key = scope_key;
      return true;
    case IdempotencyWindow::Outcome::kReplay:
      first_answer.SetHeader("idempotent-replayed", "true");
      exchange.Finish(std::move(first_answer));
      return false;
    case IdempotencyWindow::Outcome::kInProgress:
      exchange.Fail(ErrorCode::kConflict, "the first request of this key is still in hand",
                    "idempotency-key");
      return false;
    case IdempotencyWindow::Outcome::kReused:
      exchange.Fail(ErrorCode::kIdempotencyKeyReused, "the key was used for another request",
                    "idempotency-key");
      return false;
  }
  return true;
}

}  // namespace attune::http
