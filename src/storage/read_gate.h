// Lets many readers use a thing that one owner now and then takes away and replaces.
//
//   reader:  if (ReadGate::Pass pass(gate); pass) { ... use it; leave early when gate.closing() ... }
//   owner:   gate.Close();  replace it;  gate.Open();
//
// Readers never wait: a closed gate turns them away.  Close() waits for the readers inside.  A reader that is
// inside may enter again (a visit that reads), or is turned away; either way it cannot deadlock.
//
// Thread safety: Pass from any thread; Close and Open from one thread at a time, which holds no Pass.

#ifndef ATTUNE_STORAGE_READ_GATE_H_
#define ATTUNE_STORAGE_READ_GATE_H_

#include <atomic>
#include <cstdint>

#include "base/mutex.h"

namespace attune::storage {

class ReadGate {
 public:
  class Pass {
   public:
    explicit Pass(ReadGate& gate) : gate_(gate), inside_(gate.Enter()) {}
    ~Pass() {
      if (inside_) gate_.Leave();
    }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    explicit operator bool() const { return inside_; }

   private:
    ReadGate& gate_;
    const bool inside_;
  };

  bool closing() const { return closed_.load(std::memory_order_relaxed); }

  void Close() {
    closed_.store(true);
    MutexLock lock(mutex_);
    while (readers_.load() != 0) left_.Wait(lock);
  }
  void Open() { closed_.store(false); }

 private:
  // Both sides write first and read the other's word second, in one total order: no reader slips in unseen.
  bool Enter() {
    readers_.fetch_add(1);
    if (!closed_.load()) return true;
    Leave();
    return false;
  }
  void Leave() {
    if (readers_.fetch_sub(1) == 1 && closed_.load()) {
      MutexLock lock(mutex_);
      left_.NotifyAll();
    }
  }

  std::atomic<bool> closed_{false};
  std::atomic<int64_t> readers_{0};
  Mutex mutex_;
  ConditionVariable left_;
};

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_READ_GATE_H_
