// Asks an OpenAI-compatible service for the vectors of texts.
//
//   POST <url>   {"model":"m","input":["text", ...],"dimensions":512}     Authorization: Bearer <key>
//
// How it is asked, and what becomes of the key: server/service_request.h.
//
// Thread safety: Ask() from any thread.

#ifndef ATTUNE_SERVER_EMBEDDING_CLIENT_H_
#define ATTUNE_SERVER_EMBEDDING_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "server/embedding_answer.h"
#include "server/service_request.h"

namespace attune::server {

// Of a whole request: an encoder without a graphics card takes a second for a long text.
inline constexpr int64_t kEmbeddingRequestMs = 120'000;

struct EmbeddingRequest {
  std::string url;
  std::string model;
  std::string key;                 // Empty: none is sent.
  uint32_t dimensions = 0;         // Asked for; 0: not said.
  size_t dimensions_expected = 0;  // Of the answer; 0: any.
  std::vector<std::string> texts;
};

struct EmbeddingReply {
  ServiceFault fault = ServiceFault::kBroken;  // kRefused: one of these texts may be at fault.
  std::string reason = {};                     // Empty without a fault.
  int64_t retry_after_ms = 0;                  // As the service asks (Retry-After); 0: it does not.
  std::vector<std::vector<float>> vectors = {};
};

class EmbeddingClient {
 public:
  virtual ~EmbeddingClient() = default;
  // Ends soon after `is_stopping` says so.
  virtual EmbeddingReply Ask(const EmbeddingRequest& request, const std::function<bool()>& is_stopping) = 0;
};

struct EmbeddingClientOptions {
  bool allows_private = false;
  size_t answer_bytes_max = kEmbeddingAnswerBytesMax;
};

class CurlEmbeddingClient final : public EmbeddingClient {
 public:
  explicit CurlEmbeddingClient(const EmbeddingClientOptions& options);
  EmbeddingReply Ask(const EmbeddingRequest& request, const std::function<bool()>& is_stopping) override;

 private:
  const EmbeddingClientOptions options_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_EMBEDDING_CLIENT_H_
