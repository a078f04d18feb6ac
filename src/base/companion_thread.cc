#include "base/companion_thread.h"

namespace attune {

CompanionThread::CompanionThread() : thread_([this] { Work(); }) {}

CompanionThread::~CompanionThread() {
  {
    const MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

void CompanionThread::RunBoth(const std::function<void()>& here, const std::function<void()>& there) {
  bool is_shared = false;
  {
    const MutexLock lock(mutex_);
    if (work_ == nullptr) {
      work_ = &there;
      is_done_ = false;
      is_shared = true;
    }
  }
  if (!is_shared) {
    here();
    there();
    return;
  }
  changed_.NotifyAll();
  here();
  MutexLock lock(mutex_);
  while (!is_done_) changed_.Wait(lock);
  work_ = nullptr;
}

void CompanionThread::Work() {
  for (;;) {
    const std::function<void()>* work = nullptr;
    {
      MutexLock lock(mutex_);
      while (!is_stopping_ && (work_ == nullptr || is_done_)) changed_.Wait(lock);
      if (is_stopping_) return;
      work = work_;
    }
    (*work)();
    {
      const MutexLock lock(mutex_);
      is_done_ = true;
    }
    changed_.NotifyAll();
  }
}

}  // namespace attune
