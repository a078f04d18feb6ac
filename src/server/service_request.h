// One request of JSON to a service that a store's settings name, and its answer: embeddings and LLMs are
// asked with it.
//
// http and https only, no redirects, no proxies of the environment, certificates are checked, and addresses
// are judged as those of feeds are (server/outgoing_transfer.h): public ones, private ones when the operator
// allows them.  One request, one answer: when to ask again is the caller's business (service_backoff.h).
//
// The key is sent and goes nowhere else: no message holds it, nor anything of what the service answered.
//
// Thread safety: pure functions but for the network; any thread.

#ifndef ATTUNE_SERVER_SERVICE_REQUEST_H_
#define ATTUNE_SERVER_SERVICE_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/status.h"

namespace attune::server {

inline constexpr int64_t kServiceConnectMs = 10'000;

enum class ServiceFault : uint8_t {
  kNone,
  kBusy,     // No answer, 429 or 5xx: the same may work soon.
  kRefused,  // 400, 413 or 422: what was asked may be at fault.
  kBroken,   // Anything else: somebody must look at it.
};

struct ServiceRequest {
  std::string url;
  std::string key;   // Empty: none is sent.
  std::string body;  // JSON.
  int64_t timeout_ms = 0;
  size_t answer_bytes_max = 0;
  bool allows_private = false;
};

struct ServiceReply {
  ServiceFault fault = ServiceFault::kBroken;
  std::string reason = {};     // Empty without a fault.
  int64_t retry_after_ms = 0;  // As the service asks (Retry-After); 0: it does not.
  std::string body = {};       // Of an answer with status 200.
};

// Ends soon after `is_stopping` says so.
ServiceReply AskService(const ServiceRequest& request, const std::function<bool()>& is_stopping);

// What the server's environment holds under this name; empty for no name.  Fails with kUnavailable when the
// environment holds nothing.
Result<std::string> ServiceKey(const std::string& variable);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_SERVICE_REQUEST_H_
