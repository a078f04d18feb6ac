// One thread that takes half of the work of whoever asks.
//
//   companion.RunBoth([&] { FoldLane(0); }, [&] { FoldLane(1); });   // Returns when both are done.
//
// The second runs on the companion's thread while the caller runs the first.  When the companion works for
// somebody else, the caller runs both, one after the other: nobody ever waits for another's work.
//
// Thread safety: any thread, but not from inside what it runs.

#ifndef ATTUNE_BASE_COMPANION_THREAD_H_
#define ATTUNE_BASE_COMPANION_THREAD_H_

#include <functional>
#include <thread>

#include "base/mutex.h"

namespace attune {

class CompanionThread {
 public:
  CompanionThread();
  ~CompanionThread();

  CompanionThread(const CompanionThread&) = delete;
  CompanionThread& operator=(const CompanionThread&) = delete;

  void RunBoth(const std::function<void()>& here, const std::function<void()>& there);

 private:
  void Work();

  Mutex mutex_;
  ConditionVariable changed_;
  const std::function<void()>* work_ GUARDED_BY(mutex_) = nullptr;  // Null: free.
  bool is_done_ GUARDED_BY(mutex_) = false;
  bool is_stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace attune

#endif  // ATTUNE_BASE_COMPANION_THREAD_H_
