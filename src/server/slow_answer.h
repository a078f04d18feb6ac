// An answer that takes seconds, made on a thread of its own, one at a time: the thread that asks must not
// wait.
//
// Thread safety: Give() from any thread.  The destructor waits for the answer that is being made.

#ifndef ATTUNE_SERVER_SLOW_ANSWER_H_
#define ATTUNE_SERVER_SLOW_ANSWER_H_

#include <atomic>
#include <functional>
#include <future>
#include <string>

#include "base/mutex.h"
#include "base/status.h"
#include "http/backend.h"

namespace attune::server {

class SlowAnswer {
 public:
  // `done` gets what `work` comes to; kResourceExhausted (`busy`) at once while another one is being made.
  void Give(std::function<Result<http::Answer>()> work, const std::string& busy, http::Done done);

 private:
  std::atomic<bool> is_busy_{false};
  Mutex mutex_;
  std::future<void> task_ GUARDED_BY(mutex_);
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_SLOW_ANSWER_H_
