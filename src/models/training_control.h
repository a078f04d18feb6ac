// What a trainer tells the thread that runs it, and what it listens to.
//
// A trainer reports stages by name and share, and looks at is_cancelled at least every few milliseconds of
// work; when it is set, training returns kUnavailable and leaves nothing behind.  Past its deadline a trainer
// is cancelled in the same way.
//
// What a block of work throws (memory that is not there) is thrown again on the thread that waits for all of
// them, so that the one who started the training can catch it.
//
// Thread safety: is_cancelled may be set from any thread; `progress` is called from the training thread only.

#ifndef ATTUNE_MODELS_TRAINING_CONTROL_H_
#define ATTUNE_MODELS_TRAINING_CONTROL_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/status.h"

namespace attune::models {

struct TrainingControl {
  const std::atomic<bool>* is_cancelled = nullptr;  // Null: never.
  std::function<void(std::string_view stage, double share)>
      progress;          // Empty: nobody listens.  Share in [0, 1].
  int thread_count = 1;  // Same bytes for every number.
  // Null: nothing is timed, and there is no deadline.
  const Clock* clock = nullptr;
  int64_t deadline_micros = INT64_MAX;  // Of clock->SteadyMicros().

  bool IsOverdue() const { return clock != nullptr && clock->SteadyMicros() > deadline_micros; }
  bool IsCancelled() const {
    return (is_cancelled != nullptr && is_cancelled->load(std::memory_order_relaxed)) || IsOverdue();
  }
  Status Check() const { return IsCancelled() ? Unavailable("training was cancelled") : Status(); }
  void Report(std::string_view stage, double share) const {
    if (progress) progress(stage, share);
  }
};

// Calls work(begin, end, thread) on blocks of [0, count) that are handed out in order; `thread` is below
// thread_count. Which thread gets which block is not defined, so `work` must write only what belongs to its
// block or thread. Stops early when cancelled.  All threads are joined on return.
template <class Work>
void ForEachTrainingBlock(size_t count, size_t block_size, const TrainingControl& control, const Work& work) {
  std::atomic<size_t> next{0};
  Mutex mutex;
  std::exception_ptr thrown;
  const auto run = [&](size_t thread) {
    try {
      while (!control.IsCancelled()) {
        const size_t begin = next.fetch_add(block_size, std::memory_order_relaxed);
        if (begin >= count) return;
        work(begin, std::min(begin + block_size, count), thread);
      }
    } catch (...) {
      MutexLock lock(mutex);
      thrown = std::current_exception();
      next.store(count, std::memory_order_relaxed);  // Nobody begins another block.
    }
  };
  const auto thread_count = static_cast<size_t>(std::max(control.thread_count, 1));
  std::vector<std::thread> threads;
  for (size_t i = 1; i < thread_count; ++i) threads.emplace_back(run, i);
  run(0);
  for (std::thread& thread : threads) thread.join();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace attune::models

#endif  // ATTUNE_MODELS_TRAINING_CONTROL_H_
