// A mutex that clang's -Wthread-safety understands.  (std::mutex of libstdc++ carries no annotations.)
//
//   Mutex mutex_;
//   int count_ GUARDED_BY(mutex_);
//   ... MutexLock lock(mutex_); ++count_;
//
// Lock order, outermost first: server, store, room.  No lock is held while calling out, doing I/O or
// allocating a lot.

#ifndef ATTUNE_BASE_MUTEX_H_
#define ATTUNE_BASE_MUTEX_H_

#include <condition_variable>
#include <mutex>
#include <shared_mutex>

#if defined(__clang__)
#define ATTUNE_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define ATTUNE_THREAD_ANNOTATION(x)
#endif

// Abseil's containers define this one too, to the same meaning; ours stands whichever comes first.
#ifdef GUARDED_BY
#undef GUARDED_BY
#endif
#define GUARDED_BY(x) ATTUNE_THREAD_ANNOTATION(guarded_by(x))
#define REQUIRES(...) ATTUNE_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define REQUIRES_SHARED(...) ATTUNE_THREAD_ANNOTATION(requires_shared_capability(__VA_ARGS__))
#define EXCLUDES(...) ATTUNE_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))

namespace attune {

class ATTUNE_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void Lock() ATTUNE_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void Unlock() ATTUNE_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  std::mutex& native() { return mutex_; }

 private:
  std::mutex mutex_;
};

class ATTUNE_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ATTUNE_THREAD_ANNOTATION(acquire_capability(mutex))
      : lock_(mutex.native()) {}
  ~MutexLock() ATTUNE_THREAD_ANNOTATION(release_capability()) = default;
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;
  std::unique_lock<std::mutex>& native() { return lock_; }

 private:
  std::unique_lock<std::mutex> lock_;
};

// Waits with the lock of a MutexLock; spurious wake-ups happen, so wait in a loop over the condition.
class ConditionVariable {
 public:
  void Wait(MutexLock& lock) { condition_.wait(lock.native()); }
  // Real time, not a Clock's: for idle threads that must look around now and then.
  void WaitFor(MutexLock& lock, std::chrono::milliseconds limit) {
    condition_.wait_for(lock.native(), limit);
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

// Many readers or one writer.
class ATTUNE_THREAD_ANNOTATION(capability("mutex")) SharedMutex {
 public:
  std::shared_mutex& native() { return mutex_; }

 private:
  std::shared_mutex mutex_;
};

class ATTUNE_THREAD_ANNOTATION(scoped_lockable) ReaderLock {
 public:
  explicit ReaderLock(SharedMutex& mutex) ATTUNE_THREAD_ANNOTATION(acquire_shared_capability(mutex))
      : lock_(mutex.native()) {}
  ~ReaderLock() ATTUNE_THREAD_ANNOTATION(release_capability()) = default;
  ReaderLock(const ReaderLock&) = delete;
  ReaderLock& operator=(const ReaderLock&) = delete;

 private:
  std::shared_lock<std::shared_mutex> lock_;
};

class ATTUNE_THREAD_ANNOTATION(scoped_lockable) WriterLock {
 public:
  explicit WriterLock(SharedMutex& mutex) ATTUNE_THREAD_ANNOTATION(acquire_capability(mutex))
      : lock_(mutex.native()) {}
  ~WriterLock() ATTUNE_THREAD_ANNOTATION(release_capability()) = default;
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  std::unique_lock<std::shared_mutex> lock_;
};

}  // namespace attune

#endif  // ATTUNE_BASE_MUTEX_H_
