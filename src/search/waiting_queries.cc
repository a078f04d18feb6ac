#include "search/waiting_queries.h"

#include <utility>

namespace attune::search {

WaitingQueries::WaitingQueries() {
  MutexLock lock(mutex_);
  entries_.reserve(kWaitingQueriesMax);  // No search moves the table.
}

void WaitingQueries::Note(std::string key, uint64_t shopper) {
  MutexLock lock(mutex_);
  const auto found = entries_.find(key);
  if (found != entries_.end()) {
    Entry& entry = found->second;
    if (shopper != 0 && entry.shopper == shopper) return;
    ++entry.searches;
    entry.shopper = shopper;
    return;
  }
  if (entries_.size() >= kWaitingQueriesMax) {
    absl::erase_if(entries_, [](const auto& entry) { return entry.second.searches < kSearchesMin; });
  }
  if (entries_.size() < kWaitingQueriesMax) entries_.emplace(std::move(key), Entry{1, shopper});
}

std::optional<std::string> WaitingQueries::Take() {
  MutexLock lock(mutex_);
  auto best = entries_.end();
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (entry->second.searches < kSearchesMin) continue;
    const bool is_better = best == entries_.end() || entry->second.searches > best->second.searches ||
                           (entry->second.searches == best->second.searches && entry->first < best->first);
    if (is_better) best = entry;
  }
  if (best == entries_.end()) return std::nullopt;
  std::string key = best->first;
  entries_.erase(best);
  return key;
}

void WaitingQueries::Clear() {
  MutexLock lock(mutex_);
  entries_.clear();
}

size_t WaitingQueries::ready_count() const {
  MutexLock lock(mutex_);
  size_t count = 0;
  for (const auto& [key, entry] : entries_) count += entry.searches >= kSearchesMin ? 1 : 0;
  return count;
}

}  // namespace attune::search
