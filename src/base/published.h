// Published<T>: one writer replaces an immutable T; any number of readers use the current one.
//
// Invariants
//   (1) A published T is never modified.  The type system says so: only `const T` goes in or out.
//   (2) A reader sees one T from first use to last, however often the writer publishes meanwhile.
//   (3) An old T is destroyed when its last user lets go, on that user's thread.
//
// Cost.  Acquire() takes a mutex for one reference-count increment: fine once per request.
// Reader::Get() is one acquire-load and no shared write when nothing changed: for inner loops.
// Why not std::atomic<std::shared_ptr>?  With g++ 12 it is slower under contention than this mutex, and
// ThreadSanitizer reports races inside it.
//
// Thread safety: all methods of Published may be called from any thread.  A Reader belongs to one thread.

#ifndef ATTUNE_BASE_PUBLISHED_H_
#define ATTUNE_BASE_PUBLISHED_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/mutex.h"
#include "base/status.h"

namespace attune {

template <class T>
class Published {
 public:
  explicit Published(std::shared_ptr<const T> first) : current_(std::move(first)) { CHECK(current_); }

  Published(const Published&) = delete;
  Published& operator=(const Published&) = delete;

  // Makes `next` the value that later Acquire() and Get() calls return.  REQUIRES: next != nullptr.
  void Publish(std::shared_ptr<const T> next) {
    CHECK(next);
    {
      MutexLock lock(mutex_);
      current_.swap(next);
      generation_.fetch_add(1, std::memory_order_release);
    }
    // `next` now holds the old value; it dies here, outside the lock.
  }

  // Returns the current value, pinned for as long as the caller keeps the pointer.
  std::shared_ptr<const T> Acquire() const {
    MutexLock lock(mutex_);
    return current_;
  }

  // A per-thread cached view of the current value.  Pins one (possibly old) T while idle, so drop it or call
  // Get() now and then.
  class Reader {
   public:
    explicit Reader(const Published& source) : source_(source) { Refresh(); }

    // Returns the current value; the reference is good until the next Get() on this Reader.
    const T& Get() {
      if (source_.generation_.load(std::memory_order_acquire) != generation_) [[unlikely]]
        Refresh();
      return *cached_;
    }

   private:
    void Refresh() {
      MutexLock lock(source_.mutex_);
      cached_ = source_.current_;
      generation_ = source_.generation_.load(std::memory_order_relaxed);  // Exact: written under mutex_.
    }

    const Published& source_;
    std::shared_ptr<const T> cached_;
    uint64_t generation_ = 0;
  };

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const T> current_ GUARDED_BY(mutex_);
  std::atomic<uint64_t> generation_{0};  // Written under mutex_, read without it.
};

}  // namespace attune

#endif  // ATTUNE_BASE_PUBLISHED_H_
