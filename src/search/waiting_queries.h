// The queries that nobody has explained yet, most frequent first: what an LLM is to be asked.
//
//   Note("en\ngift for mum", shopper)   a search; counted when another shopper than the one before asks
//   Take()                              the most frequent one of at least kSearchesMin searches
//
// One who types the same again and again is one search, so that what only one person types is never told.
// Bounded: when it is full, those of one search leave; when none is, the new one is dropped.
//
// Thread safety: from any thread; Note holds a lock for the time of one look-up.

#ifndef ATTUNE_SEARCH_WAITING_QUERIES_H_
#define ATTUNE_SEARCH_WAITING_QUERIES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "base/mutex.h"

namespace attune::search {

inline constexpr size_t kWaitingQueriesMax = 1'024;
inline constexpr uint32_t kSearchesMin = 2;

class WaitingQueries {
 public:
  WaitingQueries();

  // `shopper`: whose search it is, hashed; 0: the request does not say, and counts as another's.
  void Note(std::string key, uint64_t shopper);
  // Takes it out.  Nothing: none was asked often enough.
  std::optional<std::string> Take();
  void Clear();
  // Those that Take() would give.
  size_t ready_count() const;

 private:
  struct Entry {
    uint32_t searches = 1;
    uint64_t shopper = 0;  // Of the last search that counted.
  };

  mutable Mutex mutex_;
  absl::flat_hash_map<std::string, Entry> entries_ GUARDED_BY(mutex_);
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_WAITING_QUERIES_H_
