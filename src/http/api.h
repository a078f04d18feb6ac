// The HTTP API of DESIGN: every route, and what is asked of a request before its route sees it.
//
//   match -> key -> origin -> scope -> identity -> rates -> body -> Idempotency-Key -> route -> StoreBackend
//
// Each step may end the request with an error of http/error_response.h.  docs/api/openapi.json describes the
// same routes; a test holds both together.
//
// Without keys (`is_open`) requests are taken from pages and programs of this machine only: the Host must be
// a loopback name and an Origin, when there is one, must be the server itself, so that no other web page can
// reach in.  The header x-attune-store names the store; without it the first one serves.
//
// Thread safety: immutable after construction; Handle() from any thread.

#ifndef ATTUNE_HTTP_API_H_
#define ATTUNE_HTTP_API_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/access_log.h"
#include "http/backend.h"
#include "http/exchange.h"
#include "http/idempotency.h"
#include "http/key_table.h"
#include "http/message.h"
#include "http/metrics.h"
#include "http/rate_limiter.h"
#include "http/router.h"
#include "http/static_files.h"

namespace attune::http {

struct RateLimits {
  Rate address{50, 200};  // Of requests with a public key, and of refused keys.  A page makes a few a second.
  Rate public_key{5'000, 10'000};
  Rate secret_key{};  // The shop's own servers: no limit unless set.
  Rate store{};
};

struct ApiOptions {
  bool is_open = false;
  // A reverse proxy in front is trusted: the client's address is the last one of X-Forwarded-For.
  bool trusts_forwarded_for = false;
  RateLimits rates;
  StaticFiles demo;  // What /demo serves.
};

class Api {
 public:
  // All pointers must outlive the API and every exchange in flight.
  Api(ApiOptions options, StoreDirectory* stores, const KeyRegistry* keys, Metrics* metrics, AccessLog* log,
      const Clock* clock);
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // The listener's Handler and BodyLimit.
  void Handle(const Request& request, Respond respond);
  size_t BodyBytesMax(std::string_view method, std::string_view path) const;

  const Router& router() const { return router_; }

 private:
  using ExchangePointer = std::shared_ptr<Exchange>;
  using Serve = void (Api::*)(const ExchangePointer& exchange);

  // The steps: true when the request may go on, false when it has been finished.
  bool Match(Exchange& exchange);
  bool Authenticate(Exchange& exchange);
  bool AuthenticateOpen(Exchange& exchange);
  bool AuthenticateKey(Exchange& exchange);
  bool AuthorizePublic(Exchange& exchange, const ApiKey& key);
  bool AuthorizeSecret(Exchange& exchange, const ApiKey& key);
  bool ProveIdentity(Exchange& exchange, const StoreKeys& store_keys);
  bool TakeRates(Exchange& exchange);
  bool CheckBody(Exchange& exchange);
  bool CheckIdempotency(Exchange& exchange);
  void ServePreflight(Exchange& exchange);
  bool RefuseKey(Exchange& exchange, ErrorCode code, std::string_view message);
  std::string AddressOf(const Request& request) const;

  // The routes, in api_routes.cc.
  void AddRoutes();
  void AddConfigurationRoutes();
  void Add(Route route, Serve serve);
  void PostEvents(const ExchangePointer& exchange);
  void PostRecommendations(const ExchangePointer& exchange);
  void PostSearch(const ExchangePointer& exchange);
  void PostSuggest(const ExchangePointer& exchange);
  void GetSearchAnalytics(const ExchangePointer& exchange);
  void GetDecision(const ExchangePointer& exchange);
  void PostProducts(const ExchangePointer& exchange);
  void ListProducts(const ExchangePointer& exchange);
  void GetProduct(const ExchangePointer& exchange);
  void PutProduct(const ExchangePointer& exchange);
  void PatchProduct(const ExchangePointer& exchange);
  void DeleteProduct(const ExchangePointer& exchange);
  void GetShopper(const ExchangePointer& exchange);
  void DeleteShopper(const ExchangePointer& exchange);
  void ExportShopper(const ExchangePointer& exchange);
  void ListSettings(const ExchangePointer& exchange);
  void GetSetting(const ExchangePointer& exchange);
  void PutSetting(const ExchangePointer& exchange);
  void DeleteSetting(const ExchangePointer& exchange);
  void GetRuleConflicts(const ExchangePointer& exchange);
  void DryRunRules(const ExchangePointer& exchange);
  void GetStoreSettings(const ExchangePointer& exchange);
  void PatchStoreSettings(const ExchangePointer& exchange);
  void ListProspects(const ExchangePointer& exchange);
  void GetTrending(const ExchangePointer& exchange);
  void GetFeed(const ExchangePointer& exchange);
  void GetModels(const ExchangePointer& exchange);
  void GetMetrics(const ExchangePointer& exchange);
  void GetHealth(const ExchangePointer& exchange);
  void GetReadiness(const ExchangePointer& exchange);
  void GetOpenApi(const ExchangePointer& exchange);
  void GetErrors(const ExchangePointer& exchange);
  void RedirectToDemo(const ExchangePointer& exchange);
  void GetDemo(const ExchangePointer& exchange);

  const ApiOptions options_;
  StoreDirectory* const stores_;
  const KeyRegistry* const keys_;
  Metrics* const metrics_;
  const Clock* const clock_;
  RateLimiter rate_limiter_;
  IdempotencyWindow idempotency_;
  const ExchangeServices services_;
  Router router_;
  std::vector<Serve> serves_;  // By route index.
};

// A request that came straight from this machine, not through a proxy.
bool IsLocal(const Request& request);

}  // namespace attune::http

#endif  // ATTUNE_HTTP_API_H_
