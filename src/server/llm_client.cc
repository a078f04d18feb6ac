#include "server/llm_client.h"

#include "base/json_writer.h"

namespace attune::server {
namespace {

std::string BodyOf(const LlmRequest& request) {
  JsonWriter json;
  json.BeginObject().Key("model").String(request.model).Key("temperature").Int(0);
  json.Key("response_format").BeginObject().Key("type").String("json_object").EndObject();
  json.Key("messages").BeginArray();
  json.BeginObject().Key("role").String("system").Key("content").String(request.instructions).EndObject();
  json.BeginObject().Key("role").String("user").Key("content").String(request.question).EndObject();
  json.EndArray().EndObject();
  return json.TakeText();
}

}  // namespace

ServiceReply CurlLlmClient::Ask(const LlmRequest& request, const std::function<bool()>& is_stopping) {
  return AskService({.url = request.url,
                     .key = request.key,
                     .body = BodyOf(request),
                     .timeout_ms = request.timeout_ms,
                     .answer_bytes_max = kLlmAnswerBytesMax,
                     .allows_private = allows_private_},
                    is_stopping);
}

}  // namespace attune::server
