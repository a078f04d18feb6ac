// A service of embeddings for tests: over real HTTP on a free port, deterministic, and told what to get
// wrong.
//
// The vector of a text points along the axis that its first word chooses, with a common part and a little of
// the text's own, so that texts that begin alike are near.
//
// Thread safety: all methods from any thread.

#ifndef ATTUNE_SERVER_EMBEDDING_SERVICE_FOR_TESTS_H_
#define ATTUNE_SERVER_EMBEDDING_SERVICE_FOR_TESTS_H_

#include <simdjson.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "base/json_writer.h"
#include "base/mutex.h"
#include "base/random.h"
#include "http/listener.h"

namespace attune::server {

class EmbeddingService {
 public:
  EmbeddingService() {
    auto started = http::Listener::Start(
        {}, [this](const http::Request& request, const http::Respond& respond) { respond(Answer(request)); },
        [](std::string_view, std::string_view) { return size_t{4} << 20; }, clock_, random_);
    CHECK(started.ok());
    listener_ = std::move(started).value();
  }
  ~EmbeddingService() { listener_.reset(); }

  std::string Url() const {
    return "http://127.0.0.1:" + std::to_string(listener_->port()) + "/v1/embeddings";
  }
  // Answers of the next requests, before it works again.
  void Next(http::Response response) {
    MutexLock lock(mutex_);
    next_.push_back(std::move(response));
  }
  // Texts that hold this are refused with 400.
  void Refuse(std::string part) {
    MutexLock lock(mutex_);
    refused_ = std::move(part);
  }
  void MakeLength(size_t dimensions) {
    MutexLock lock(mutex_);
    dimensions_ = dimensions;
  }
  std::vector<http::Request> requests() const {
    MutexLock lock(mutex_);
    return requests_;
  }
  size_t request_count() const { return requests().size(); }
  // Texts that were answered, in their order.
  std::vector<std::string> texts() const {
    MutexLock lock(mutex_);
    return texts_;
  }

 private:
  http::Response Answer(const http::Request& request) {
    MutexLock lock(mutex_);
    requests_.push_back(request);
    if (!next_.empty()) {
      http::Response response = std::move(next_.front());
      next_.pop_front();
      return response;
    }
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    if (parser.parse(request.body).get(document) != simdjson::SUCCESS) return {400, {}, "no JSON", false};
    std::vector<std::string> texts;
    for (const auto text : simdjson::dom::array(document["input"])) {
      texts.emplace_back(std::string_view(text));
      if (!refused_.empty() && texts.back().find(refused_) != std::string::npos) {
        return {400, {}, "one text is not to our taste", false};
      }
    }
    JsonWriter json;
    json.BeginObject().Key("data").BeginArray();
    for (size_t i = texts.size(); i-- > 0;) {  // Not in the order of the request.
      json.BeginObject().Key("index").Uint(i).Key("embedding").BeginArray();
      const uint64_t own = StableHash64(texts[i]);
      const uint64_t kind = StableHash64(texts[i].substr(0, texts[i].find_first_of(" \n"))) % dimensions_;
      for (size_t k = 0; k < dimensions_; ++k) {
        json.Double(2 + (k == kind ? 3 : 0) + 0.1 * static_cast<double>(MixHash64(own, k) % 100) / 100);
      }
      json.EndArray().EndObject();
    }
    json.EndArray().EndObject();
    texts_.insert(texts_.end(), texts.begin(), texts.end());
    return {200, {{"content-type", "application/json"}}, json.TakeText(), false};
  }

  SystemClock clock_;
  SeededRandomSource random_{1};
  mutable Mutex mutex_;
  size_t dimensions_ GUARDED_BY(mutex_) = 24;
  std::string refused_ GUARDED_BY(mutex_);
  std::deque<http::Response> next_ GUARDED_BY(mutex_);
  std::vector<http::Request> requests_ GUARDED_BY(mutex_);
  std::vector<std::string> texts_ GUARDED_BY(mutex_);
  std::unique_ptr<http::Listener> listener_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_EMBEDDING_SERVICE_FOR_TESTS_H_
