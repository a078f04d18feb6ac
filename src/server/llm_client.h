// Asks an LLM behind an OpenAI-compatible service.
//
//   POST <url>   {"model":"m","temperature":0,"response_format":{"type":"json_object"},
//                 "messages":[{"role":"system","content":..},{"role":"user","content":..}]}
//
// How it is asked, and what becomes of the key: server/service_request.h.
//
// Thread safety: Ask() from any thread.

#ifndef ATTUNE_SERVER_LLM_CLIENT_H_
#define ATTUNE_SERVER_LLM_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "server/service_request.h"

namespace attune::server {

// Of one answer: what is asked for has some hundred bytes, and models that think aloud send that too.
inline constexpr size_t kLlmAnswerBytesMax = size_t{256} << 10;

struct LlmRequest {
  std::string url;
  std::string model;
  std::string key;  // Empty: none is sent.
  std::string instructions;
  std::string question;
  int64_t timeout_ms = 0;
};

class LlmClient {
 public:
  virtual ~LlmClient() = default;
  // Ends soon after `is_stopping` says so.
  virtual ServiceReply Ask(const LlmRequest& request, const std::function<bool()>& is_stopping) = 0;
};

class CurlLlmClient final : public LlmClient {
 public:
  explicit CurlLlmClient(bool allows_private) : allows_private_(allows_private) {}
  ServiceReply Ask(const LlmRequest& request, const std::function<bool()>& is_stopping) override;

 private:
  const bool allows_private_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_LLM_CLIENT_H_
