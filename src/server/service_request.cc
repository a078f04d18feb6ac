#include "server/service_request.h"

#include <cstdlib>
#include <utility>

#include "base/clock.h"
#include "server/outgoing_transfer.h"

namespace attune::server {
namespace {

// The answer as it comes in.
struct Incoming {
  size_t bytes_max = 0;
  std::string body;
  bool is_too_large = false;
};

size_t OnBody(char* bytes, size_t /*one*/, size_t size, void* context) {
  auto& incoming = *static_cast<Incoming*>(context);
  incoming.is_too_large = incoming.body.size() + size > incoming.bytes_max;
  if (incoming.is_too_large) return 0;
  incoming.body.append(bytes, size);
  return size;
}

void Prepare(CURL* curl, const ServiceRequest& request, Incoming& incoming) {
  incoming.bytes_max = request.answer_bytes_max;
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);  // The key is for this address.
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kServiceConnectMs));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_ms));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &incoming);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
}

ServiceReply Fault(ServiceFault fault, std::string reason) {
  ServiceReply reply;
  reply.fault = fault;
  reply.reason = std::move(reason);
  return reply;
}

// Without a fault when there is an answer to read.
ServiceReply Judge(CURLcode code, const OutgoingTransfer& transfer, const Incoming& incoming) {
  if (incoming.is_too_large) {
    return Fault(ServiceFault::kBroken, "the service's answer is larger than the server takes");
  }
  if (transfer.is_address_refused()) {
    return Fault(ServiceFault::kBroken,
                 "the service's address is not a public one; attune serve --private-feeds allows private "
                 "networks");
  }
  if (code == CURLE_ABORTED_BY_CALLBACK) return Fault(ServiceFault::kBusy, "the server is stopping");
  if (code != CURLE_OK) {
    return Fault(ServiceFault::kBusy, std::string("the service did not answer: ") + curl_easy_strerror(code));
  }
  const long status = transfer.status();
  if (status == 200) return Fault(ServiceFault::kNone, "");
  const std::string reason = "the service answered with status " + std::to_string(status);
  if (status == 429 || status >= 500) return Fault(ServiceFault::kBusy, reason);
  const bool is_refused = status == 400 || status == 413 || status == 422;
  return Fault(is_refused ? ServiceFault::kRefused : ServiceFault::kBroken, reason);
}

}  // namespace

ServiceReply AskService(const ServiceRequest& request, const std::function<bool()>& is_stopping) {
  OutgoingTransfer transfer(request.url, request.allows_private, is_stopping);
  Incoming incoming;
  Prepare(transfer.curl(), request, incoming);
  transfer.AddHeader("Content-Type: application/json");
  if (!request.key.empty()) transfer.AddHeader("Authorization: Bearer " + request.key);
  const CURLcode code = transfer.Perform();
  ServiceReply reply = Judge(code, transfer, incoming);
  if (reply.fault == ServiceFault::kNone) {
    reply.body = std::move(incoming.body);
    return reply;
  }
  curl_off_t seconds = 0;
  curl_easy_getinfo(transfer.curl(), CURLINFO_RETRY_AFTER, &seconds);
  if (seconds > 0 && seconds < kDayMs / kSecondMs) reply.retry_after_ms = seconds * kSecondMs;
  return reply;
}

Result<std::string> ServiceKey(const std::string& variable) {
  if (variable.empty()) return std::string();
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the server never changes its environment.
  const char* const key = std::getenv(variable.c_str());
  if (key == nullptr || *key == '\0') {
    return Unavailable("the environment of the server holds no " + variable);
  }
  return std::string(key);
}

}  // namespace attune::server
