// Remembers the answers of writes, so that a client may repeat one without knowing whether the first arrived.
//
//   Begin(key, digest) -> kNew         carry it out, then Finish() or Abandon()
//                      -> kReplay      here is the first answer
//                      -> kInProgress  the first is still being carried out
//                      -> kReused      the key stands for another request
//
// The window is stated in http/limits.h, lives in memory and does not outlast a restart: it guards against
// repeats within a client's retries.  What must not happen twice even then is guarded by ids (events,
// orders).
//
// Thread safety: all methods from any thread.

#ifndef ATTUNE_HTTP_IDEMPOTENCY_H_
#define ATTUNE_HTTP_IDEMPOTENCY_H_

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/mutex.h"
#include "http/message.h"

namespace attune::http {

class IdempotencyWindow {
 public:
  enum class Outcome : uint8_t { kNew, kReplay, kInProgress, kReused };

  explicit IdempotencyWindow(const Clock& clock) : clock_(clock) {}

  // `scope_key`: store, API key and Idempotency-Key together.  `digest`: of method, path and body.
  Outcome Begin(const std::string& scope_key, uint64_t digest, Response& first_answer);
  // Keeps the answer for repeats.
  void Finish(const std::string& scope_key, const Response& answer);
  // The request was not carried out: a repeat is new.
  void Abandon(const std::string& scope_key);

  size_t entry_count() const;

 private:
  struct Entry {
    uint64_t digest = 0;
    uint64_t number = 0;  // Tells this entry from a later one of the same key.
    int64_t began_at_ms = 0;
    bool is_finished = false;
    size_t bytes = 0;
    Response answer;
  };
  void DropOld() REQUIRES(mutex_);

  const Clock& clock_;
  mutable Mutex mutex_;
  std::unordered_map<std::string, Entry> entries_ GUARDED_BY(mutex_);
  std::deque<std::pair<std::string, uint64_t>> order_ GUARDED_BY(mutex_);  // Oldest first; some already gone.
  size_t bytes_ GUARDED_BY(mutex_) = 0;
  uint64_t next_number_ GUARDED_BY(mutex_) = 0;
};

}  // namespace attune::http

#endif  // ATTUNE_HTTP_IDEMPOTENCY_H_
