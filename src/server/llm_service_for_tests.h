// An LLM for tests: over real HTTP on a free port.  It says what it is told to, whatever it is asked; answers
// what it is told to instead; or never answers.
//
// Thread safety: all methods from any thread.

#ifndef ATTUNE_SERVER_LLM_SERVICE_FOR_TESTS_H_
#define ATTUNE_SERVER_LLM_SERVICE_FOR_TESTS_H_

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/mutex.h"
#include "base/random.h"
#include "http/listener.h"

namespace attune::server {

class LlmService {
 public:
  LlmService() {
    auto started = http::Listener::Start(
        {},
        [this](const http::Request& request, const http::Respond& respond) { OnRequest(request, respond); },
        [](std::string_view, std::string_view) { return size_t{1} << 20; }, clock_, random_);
    CHECK(started.ok());
    listener_ = std::move(started).value();
  }
  ~LlmService() { listener_.reset(); }

  std::string Url() const {
    return "http://127.0.0.1:" + std::to_string(listener_->port()) + "/v1/chat/completions";
  }
  // What the model writes from now on.
  void Say(std::string text) {
    MutexLock lock(mutex_);
    text_ = std::move(text);
  }
  // Answers of the next requests, before it works again.
  void Next(http::Response response) {
    MutexLock lock(mutex_);
    next_.push_back(std::move(response));
  }
  // Requests that come are never answered.
  void Hold() {
    MutexLock lock(mutex_);
    holds_ = true;
  }
  std::vector<http::Request> requests() const {
    MutexLock lock(mutex_);
    return requests_;
  }
  size_t request_count() const { return requests().size(); }

  static std::string Envelope(std::string_view text) {
    JsonWriter json;
    json.BeginObject().Key("id").String("x").Key("choices").BeginArray().BeginObject();
    json.Key("message").BeginObject().Key("role").String("assistant").Key("content").String(text);
    json.EndObject().EndObject().EndArray().EndObject();
    return json.TakeText();
  }

 private:
  void OnRequest(const http::Request& request, const http::Respond& respond) {
    http::Response response;
    {
      MutexLock lock(mutex_);
      requests_.push_back(request);
      if (holds_) {
        held_.push_back(respond);
        return;
      }
      if (next_.empty()) {
        response = http::JsonResponse(200, Envelope(text_));
      } else {
        response = std::move(next_.front());
        next_.pop_front();
      }
    }
    respond(std::move(response));
  }

  SystemClock clock_;
  SeededRandomSource random_{1};
  mutable Mutex mutex_;
  std::string text_ GUARDED_BY(mutex_) = "{}";
  bool holds_ GUARDED_BY(mutex_) = false;
  std::deque<http::Response> next_ GUARDED_BY(mutex_);
  std::vector<http::Respond> held_ GUARDED_BY(mutex_);
  std::vector<http::Request> requests_ GUARDED_BY(mutex_);
  std::unique_ptr<http::Listener> listener_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_LLM_SERVICE_FOR_TESTS_H_
