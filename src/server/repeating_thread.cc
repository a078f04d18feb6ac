#include "server/repeating_thread.h"

#include <chrono>
#include <utility>

namespace attune::server {

void RepeatingThread::Start(int64_t every_ms, std::function<bool()> turn) {
  thread_ = std::thread([this, every_ms, turn = std::move(turn)] { Run(every_ms, turn); });
}

void RepeatingThread::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  wake_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

void RepeatingThread::Run(int64_t every_ms, const std::function<bool()>& turn) {
  bool is_more_due = false;
  while (true) {
    {
      MutexLock lock(mutex_);
      if (!is_stopping_ && !is_more_due) wake_.WaitFor(lock, std::chrono::milliseconds(every_ms));
      if (is_stopping_) return;
    }
    is_more_due = turn();
  }
}

}  // namespace attune::server
