// What an LLM said of queries, as searches of one store see it: a look at what is there, and a note of what
// is not.  Nothing here asks or waits; who asks is in the background (server/query_meaning_run.h).
//
// Noted are queries that shoppers typed to the end, whose words the catalogue does not explain: no first
// letters, no previews, no further pages, no codes and exact names, nothing that looks personal
// (personal_text.h), and nothing of requests that refuse personalisation.
//
// The order of hits and the record of a decision do not depend on it, so a replay needs none of it.
//
// Thread safety: all methods from any thread.

#ifndef ATTUNE_SEARCH_ASKED_MEANINGS_H_
#define ATTUNE_SEARCH_ASKED_MEANINGS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/published.h"
#include "search/query_meaning.h"
#include "search/query_meanings.h"
#include "search/run_search.h"
#include "search/waiting_queries.h"

namespace attune::search {

// Bytes of the words of a query that an LLM is asked: longer ones are pasted texts.
inline constexpr size_t kAskedQueryBytesMax = 128;

// A search that was answered.
struct AnsweredSearch {
  const SearchInput& input;
  const SearchOutcome& outcome;
};

class AskedMeanings {
 public:
  AskedMeanings();

  // Off: nothing is said and nothing noted, from this call on.
  void SwitchTo(bool is_on) { is_on_.store(is_on, std::memory_order_release); }
  bool is_on() const { return is_on_.load(std::memory_order_acquire); }
  void Publish(std::shared_ptr<const QueryMeanings> meanings) { meanings_.Publish(std::move(meanings)); }
  std::shared_ptr<const QueryMeanings> meanings() const { return meanings_.Acquire(); }
  WaitingQueries& waiting() { return waiting_; }
  const WaitingQueries& waiting() const { return waiting_; }

  // What is known of its query, which is noted when it is to be asked.
  AddedMeaning Of(const AnsweredSearch& search);

 private:
  std::atomic<bool> is_on_{false};
  Published<QueryMeanings> meanings_;
  WaitingQueries waiting_;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_ASKED_MEANINGS_H_
