#include "server/embedding_client.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <memory>
#include <utility>

#include "base/clock.h"
#include "base/json_writer.h"
#include "server/feed_download.h"

namespace attune::server {
namespace {

// What the callbacks of one request share.
struct Exchange {
  const EmbeddingClientOptions* options = nullptr;
  const std::function<bool()>* is_stopping = nullptr;
  std::string body;
  bool is_too_large = false;
  bool is_address_refused = false;
};

curl_socket_t OpenSocket(void* context, curlsocktype /*purpose*/, curl_sockaddr* address) {
  auto& exchange = *static_cast<Exchange*>(context);
  const AddressKind kind = KindOfAddress(address->addr);
  exchange.is_address_refused =
      kind != AddressKind::kPublic && !(kind == AddressKind::kPrivate && exchange.options->allows_private);
  if (exchange.is_address_refused) return CURL_SOCKET_BAD;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

size_t OnBody(char* bytes, size_t /*one*/, size_t size, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  exchange.is_too_large = exchange.body.size() + size > exchange.options->answer_bytes_max;
  if (exchange.is_too_large) return 0;
  exchange.body.append(bytes, size);
  return size;
}

int OnProgress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<Exchange*>(context)->is_stopping)() ? 1 : 0;
}

std::string BodyOf(const EmbeddingRequest& request) {
  JsonWriter json;
  json.BeginObject().Key("model").String(request.model).Key("input").BeginArray();
  for (const std::string& text : request.texts) json.String(text);
  json.EndArray();
  if (request.dimensions != 0) json.Key("dimensions").Uint(request.dimensions);
  json.EndObject();
  return json.TakeText();
}

void Prepare(CURL* curl, const EmbeddingRequest& request, const std::string& body, Exchange& exchange) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);  // The key is for this address.
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "attune");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kEmbeddingConnectMs));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(kEmbeddingRequestMs));
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &OnProgress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
}

EmbeddingReply Fault(EmbeddingFault fault, std::string reason) {
  EmbeddingReply reply;
  reply.fault = fault;
  reply.reason = std::move(reason);
  return reply;
}

// Without a fault when there is an answer to read.
EmbeddingReply Judge(CURLcode code, long status, const Exchange& exchange) {
  if (exchange.is_too_large)
    return Fault(EmbeddingFault::kBroken, "the service's answer is larger than the server takes");
  if (exchange.is_address_refused) {
    return Fault(EmbeddingFault::kBroken,
                 "the service's address is not a public one; attune serve --private-feeds allows private "
                 "networks");
  }
  if (code == CURLE_ABORTED_BY_CALLBACK) return Fault(EmbeddingFault::kBusy, "the server is stopping");
  if (code != CURLE_OK) {
    return Fault(EmbeddingFault::kBusy,
                 std::string("the service did not answer: ") + curl_easy_strerror(code));
  }
  if (status == 200) return Fault(EmbeddingFault::kNone, "");
  const std::string reason = "the service answered with status " + std::to_string(status);
  if (status == 429 || status >= 500) return Fault(EmbeddingFault::kBusy, reason);
  const bool is_refused = status == 400 || status == 413 || status == 422;
  return Fault(is_refused ? EmbeddingFault::kRefused : EmbeddingFault::kBroken, reason);
}

}  // namespace

CurlEmbeddingClient::CurlEmbeddingClient(const EmbeddingClientOptions& options) : options_(options) {
  static const CURLcode kInitialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  CHECK(kInitialised == CURLE_OK);
}

EmbeddingReply CurlEmbeddingClient::Ask(const EmbeddingRequest& request,
                                        const std::function<bool()>& is_stopping) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
  CHECK(curl != nullptr);
  Exchange exchange;
  exchange.options = &options_;
  exchange.is_stopping = &is_stopping;
  const std::string body = BodyOf(request);
  Prepare(curl.get(), request, body, exchange);
  curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
  if (!request.key.empty()) {
    headers = curl_slist_append(headers, ("Authorization: Bearer " + request.key).c_str());
  }
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> owned(headers, &curl_slist_free_all);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers);
  const CURLcode code = curl_easy_perform(curl.get());
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  EmbeddingReply reply = Judge(code, status, exchange);
  if (reply.fault != EmbeddingFault::kNone) {
    curl_off_t seconds = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RETRY_AFTER, &seconds);
    if (seconds > 0 && seconds < kDayMs / kSecondMs) reply.retry_after_ms = seconds * kSecondMs;
    return reply;
  }
  auto vectors = ParseEmbeddingAnswer(exchange.body, request.texts.size(), request.dimensions_expected);
  if (!vectors.ok()) return Fault(EmbeddingFault::kBroken, vectors.status().message());
  reply.vectors = std::move(vectors).value();
  return reply;
}

}  // namespace attune::server
