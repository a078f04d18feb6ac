#include "server/embedding_client.h"

#include <utility>

#include "base/clock.h"
#include "base/json_writer.h"
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

std::string BodyOf(const EmbeddingRequest& request) {
  JsonWriter json;
  json.BeginObject().Key("model").String(request.model).Key("input").BeginArray();
  for (const std::string& text : request.texts) json.String(text);
  json.EndArray();
  if (request.dimensions != 0) json.Key("dimensions").Uint(request.dimensions);
  json.EndObject();
  return json.TakeText();
}

void Prepare(CURL* curl, const std::string& body, Incoming& incoming) {
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);  // The key is for this address.
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kEmbeddingConnectMs));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(kEmbeddingRequestMs));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &incoming);
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
EmbeddingReply Judge(CURLcode code, const OutgoingTransfer& transfer, const Incoming& incoming) {
  if (incoming.is_too_large)
    return Fault(EmbeddingFault::kBroken, "the service's answer is larger than the server takes");
  if (transfer.is_address_refused()) {
    return Fault(EmbeddingFault::kBroken,
                 "the service's address is not a public one; attune serve --private-feeds allows private "
                 "networks");
  }
  if (code == CURLE_ABORTED_BY_CALLBACK) return Fault(EmbeddingFault::kBusy, "the server is stopping");
  if (code != CURLE_OK) {
    return Fault(EmbeddingFault::kBusy,
                 std::string("the service did not answer: ") + curl_easy_strerror(code));
  }
  const long status = transfer.status();
  if (status == 200) return Fault(EmbeddingFault::kNone, "");
  const std::string reason = "the service answered with status " + std::to_string(status);
  if (status == 429 || status >= 500) return Fault(EmbeddingFault::kBusy, reason);
  const bool is_refused = status == 400 || status == 413 || status == 422;
  return Fault(is_refused ? EmbeddingFault::kRefused : EmbeddingFault::kBroken, reason);
}

}  // namespace

CurlEmbeddingClient::CurlEmbeddingClient(const EmbeddingClientOptions& options) : options_(options) {}

EmbeddingReply CurlEmbeddingClient::Ask(const EmbeddingRequest& request,
                                        const std::function<bool()>& is_stopping) {
  OutgoingTransfer transfer(request.url, options_.allows_private, is_stopping);
  Incoming incoming;
  incoming.bytes_max = options_.answer_bytes_max;
  const std::string body = BodyOf(request);
  Prepare(transfer.curl(), body, incoming);
  transfer.AddHeader("Content-Type: application/json");
  if (!request.key.empty()) transfer.AddHeader("Authorization: Bearer " + request.key);
  const CURLcode code = transfer.Perform();
  EmbeddingReply reply = Judge(code, transfer, incoming);
  if (reply.fault != EmbeddingFault::kNone) {
    curl_off_t seconds = 0;
    curl_easy_getinfo(transfer.curl(), CURLINFO_RETRY_AFTER, &seconds);
    if (seconds > 0 && seconds < kDayMs / kSecondMs) reply.retry_after_ms = seconds * kSecondMs;
    return reply;
  }
  auto vectors = ParseEmbeddingAnswer(incoming.body, request.texts.size(), request.dimensions_expected);
  if (!vectors.ok()) return Fault(EmbeddingFault::kBroken, vectors.status().message());
  reply.vectors = std::move(vectors).value();
  return reply;
}

}  // namespace attune::server
