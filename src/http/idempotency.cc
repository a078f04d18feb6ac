#include "http/idempotency.h"

#include "http/limits.h"

namespace attune::http {

IdempotencyWindow::Outcome IdempotencyWindow::Begin(const std::string& scope_key, uint64_t digest,
                                                    Response& first_answer) {
  MutexLock lock(mutex_);
  DropOld();
  const auto found = entries_.find(scope_key);
  if (found != entries_.end()) {
    const Entry& entry = found->second;
    if (entry.digest != digest) return Outcome::kReused;
    if (!entry.is_finished) return Outcome::kInProgress;
    first_answer = entry.answer;
    return Outcome::kReplay;
  }
  Entry entry;
  entry.digest = digest;
  entry.number = next_number_++;
  entry.began_at_ms = clock_.NowMs();
  entry.bytes = scope_key.size() + sizeof(Entry);
  bytes_ += entry.bytes;
  order_.emplace_back(scope_key, entry.number);
  entries_.emplace(scope_key, std::move(entry));
  return Outcome::kNew;
}

void IdempotencyWindow::Finish(const std::string& scope_key, const Response& answer) {
  MutexLock lock(mutex_);
  const auto found = entries_.find(scope_key);
  if (found == entries_.end()) return;  // Dropped meanwhile: the window was full.
  Entry& entry = found->second;
  entry.is_finished = true;
  entry.answer = answer;
  entry.bytes += answer.body.size();
  bytes_ += answer.body.size();
  DropOld();
}

void IdempotencyWindow::Abandon(const std::string& scope_key) {
  MutexLock lock(mutex_);
  const auto found = entries_.find(scope_key);
  if (found == entries_.end()) return;
  bytes_ -= found->second.bytes;
  entries_.erase(found);
}

void IdempotencyWindow::DropOld() {
  const int64_t oldest_ms = clock_.NowMs() - kIdempotencyLifetimeMs;
  while (!order_.empty()) {
    const auto found = entries_.find(order_.front().first);
    const bool is_gone = found == entries_.end() || found->second.number != order_.front().second;
    if (!is_gone) {
      const bool is_due = found->second.began_at_ms < oldest_ms || order_.size() > kIdempotencyEntriesMax ||
                          bytes_ > kIdempotencyBytesMax;
      if (!is_due) return;
      bytes_ -= found->second.bytes;
      entries_.erase(found);
    }
    order_.pop_front();
  }
}

size_t IdempotencyWindow::entry_count() const {
  MutexLock lock(mutex_);
  return entries_.size();
}

}  // namespace attune::http
