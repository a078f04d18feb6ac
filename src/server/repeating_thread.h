// A thread that does its turn every so often, and at once again while more is due.
//
//   thread.Start(1'000, [this] { return RunDue(); });   // True: more is due now.
//   thread.Stop();                                      // Returns when the turn has ended.
//
// The turn asks is_stopping() where it may take long.
//
// Thread safety: Start and Stop from one thread; is_stopping from any.

#ifndef ATTUNE_SERVER_REPEATING_THREAD_H_
#define ATTUNE_SERVER_REPEATING_THREAD_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>

#include "base/mutex.h"

namespace attune::server {

class RepeatingThread {
 public:
  RepeatingThread() = default;
  ~RepeatingThread() { Stop(); }
  RepeatingThread(const RepeatingThread&) = delete;
  RepeatingThread& operator=(const RepeatingThread&) = delete;

  void Start(int64_t every_ms, std::function<bool()> turn);
  void Stop();
  bool is_stopping() const { return is_stopping_.load(); }

 private:
  void Run(int64_t every_ms, const std::function<bool()>& turn);

  std::atomic<bool> is_stopping_{false};
  Mutex mutex_;  // Of the wait.
  ConditionVariable wake_;
  std::thread thread_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_REPEATING_THREAD_H_
