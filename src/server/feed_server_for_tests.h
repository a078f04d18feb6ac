// A shop's web server for tests: serves one feed over real HTTP on a free port, answers conditional requests,
// and remembers what it was asked.
//
// Thread safety: all methods from any thread.

#ifndef ATTUNE_SERVER_FEED_SERVER_FOR_TESTS_H_
#define ATTUNE_SERVER_FEED_SERVER_FOR_TESTS_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "http/listener.h"

namespace attune::server {

class FeedServer {
 public:
  FeedServer() {
    auto started = http::Listener::Start(
        {}, [this](const http::Request& request, const http::Respond& respond) { respond(Answer(request)); },
        [](std::string_view, std::string_view) { return size_t{0}; }, clock_, random_);
    CHECK(started.ok());
    listener_ = std::move(started).value();
  }
  ~FeedServer() { listener_.reset(); }

  std::string Url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(listener_->port()) + path;
  }

  // What /feed serves from now on.  Empty validators are not sent.
  void Serve(std::string body, const std::string& etag = "", const std::string& last_modified = "") {
    MutexLock lock(mutex_);
    feed_ = {200, {}, std::move(body), false};
    if (!etag.empty()) feed_.SetHeader("etag", etag);
    if (!last_modified.empty()) feed_.SetHeader("last-modified", last_modified);
  }
  void Fail(int status) {
    MutexLock lock(mutex_);
    feed_ = {status, {}, "an error page", false};
  }
  std::vector<http::Request> requests() const {
    MutexLock lock(mutex_);
    return requests_;
  }

 private:
  // /feed; /redirect leads to it, /loop to itself, /file to a file of this machine.
  http::Response Answer(const http::Request& request) {
    MutexLock lock(mutex_);
    requests_.push_back(request);
    const auto redirect = [](const std::string& to) {
      return http::Response{302, {{"location", to}, {"etag", "\"of-the-redirect\""}}, "moved", false};
    };
    if (request.path == "/redirect") return redirect("/feed");
    if (request.path == "/loop") return redirect("/loop");
    if (request.path == "/file") return redirect("file:///etc/hostname");
    if (request.path != "/feed") return {404, {}, "nothing here", false};
    const std::string_view etag = feed_.Header("etag");
    if (feed_.status == 200 && !etag.empty() && request.Header("if-none-match") == etag) {
      return {304, {{"etag", std::string(etag)}}, "", false};
    }
    return feed_;
  }

  SystemClock clock_;
  SeededRandomSource random_{1};
  mutable Mutex mutex_;
  http::Response feed_ GUARDED_BY(mutex_);
  std::vector<http::Request> requests_ GUARDED_BY(mutex_);
  std::unique_ptr<http::Listener> listener_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_FEED_SERVER_FOR_TESTS_H_
