// One request on its way through the API: what is known of it so far, and how it ends.
//
// An Exchange lives until its answer is given; whoever carries the request on holds a shared pointer.
// Finish() adds what every answer has (cross-origin headers), counts, logs, and answers the client, once.
//
// Thread safety: one thread at a time, handed from the I/O thread to whichever thread calls the backend's
// `done`; Finish() may be called from several, and only the first call counts.

#ifndef ATTUNE_HTTP_EXCHANGE_H_
#define ATTUNE_HTTP_EXCHANGE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "http/access_log.h"
#include "http/backend.h"
#include "http/error_response.h"
#include "http/idempotency.h"
#include "http/message.h"
#include "http/metrics.h"
#include "http/router.h"

namespace attune::http {

// What all exchanges report to.  Members may not be null.
struct ExchangeServices {
  const Clock* clock = nullptr;
  Metrics* metrics = nullptr;
  AccessLog* log = nullptr;
  IdempotencyWindow* idempotency = nullptr;
};

class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(const ExchangeServices& services, const Request& the_request, Respond respond)
      : request(the_request),
        services_(services),
        respond_(std::move(respond)),
        started_us_(services.clock->SteadyMicros()) {}

  // Good until Finish().
  const Request& request;
  const Route* route = nullptr;
  size_t route_index = Metrics::kNoRoute;
  std::vector<std::string> captures;
  Caller caller;
  std::string store_id;
  std::shared_ptr<StoreBackend> store;
  std::string allowed_origin;     // Of a page that may read the answer; empty: none.
  std::string idempotency_key;    // Store, key and Idempotency-Key; empty: none.
  bool has_precondition = false;  // kConflict is then 412.

  void Finish(Response response);
  void Fail(ErrorCode code, std::string_view message, std::string_view field = {},
            int retry_after_seconds = 0);
  void Fail(const Status& status);

  // Turns what a backend says into the answer.
  Done MakeDone();

 private:
  void FinishAnswer(Result<Answer> result);

  const ExchangeServices services_;
  Respond respond_;
  const int64_t started_us_;
  std::atomic<bool> is_finished_{false};
  std::string fault_;  // For the log.
};

}  // namespace attune::http

#endif  // ATTUNE_HTTP_EXCHANGE_H_
