#include "server/slow_answer.h"

#include <utility>

#include "absl/cleanup/cleanup.h"

namespace attune::server {

void SlowAnswer::Give(std::function<Result<http::Answer>()> work, const std::string& busy, http::Done done) {
  if (is_busy_.exchange(true)) return done(ResourceExhausted(busy));
  MutexLock lock(mutex_);  // A task before has answered, or is about to: it is waited for.
  task_ = std::async(std::launch::async, [this, work = std::move(work), done = std::move(done)]() mutable {
    // `done` holds the store, and the store holds this task until the next one: it must not keep `done`.
    const http::Done answer = std::exchange(done, nullptr);
    Result<http::Answer> made = [&] {
      const absl::Cleanup ends = [this] { is_busy_ = false; };
      return work();
    }();
    answer(std::move(made));  // Who has it may ask for the next.
  });
}

}  // namespace attune::server
