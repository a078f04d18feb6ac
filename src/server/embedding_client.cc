#include "server/embedding_client.h"

#include <utility>

#include "base/json_writer.h"

namespace attune::server {
namespace {

std::string BodyOf(const EmbeddingRequest& request) {
  JsonWriter json;
  json.BeginObject().Key("model").String(request.model).Key("input").BeginArray();
  for (const std::string& text : request.texts) json.String(text);
  json.EndArray();
  if (request.dimensions != 0) json.Key("dimensions").Uint(request.dimensions);
  json.EndObject();
  return json.TakeText();
}

}  // namespace

CurlEmbeddingClient::CurlEmbeddingClient(const EmbeddingClientOptions& options) : options_(options) {}

EmbeddingReply CurlEmbeddingClient::Ask(const EmbeddingRequest& request,
                                        const std::function<bool()>& is_stopping) {
  ServiceReply answer = AskService({.url = request.url,
                                    .key = request.key,
                                    .body = BodyOf(request),
                                    .timeout_ms = kEmbeddingRequestMs,
                                    .answer_bytes_max = options_.answer_bytes_max,
                                    .allows_private = options_.allows_private},
                                   is_stopping);
  EmbeddingReply reply;
  reply.fault = answer.fault;
  reply.reason = std::move(answer.reason);
  reply.retry_after_ms = answer.retry_after_ms;
  if (reply.fault != ServiceFault::kNone) return reply;
  auto vectors = ParseEmbeddingAnswer(answer.body, request.texts.size(), request.dimensions_expected);
  if (vectors.ok()) {
    reply.vectors = std::move(vectors).value();
  } else {
    reply.fault = ServiceFault::kBroken;
    reply.reason = vectors.status().message();
  }
  return reply;
}

}  // namespace attune::server
