// Keeps what queries are understood by (search/search_facts.h) near the products: made in the background of
// the catalogue, one language after the other, and made again some time after products changed.
//
//   Maintain()   a language without facts, or whose products changed and whose facts are older than
//                kRenewSmallMs (up to kSmallProductsMax products: made at once) or kRenewLargeMs (made by a
//                thread of their own)   ->  a new FactsSet
//
// Cost: about 20 us a product and language.
// Thread safety: Maintain from one thread at a time; facts() from any thread.  The destructor waits for the
// thread, which gives up.

#ifndef ATTUNE_SERVER_SEARCH_FACTS_KEEPER_H_
#define ATTUNE_SERVER_SEARCH_FACTS_KEEPER_H_

#include <atomic>
#include <cstdint>
#include <future>

#include "base/clock.h"
#include "base/published.h"
#include "search/facts_set.h"
#include "search/index_set.h"

namespace attune::server {

inline constexpr uint32_t kSmallProductsMax = 20'000;
inline constexpr int64_t kRenewSmallMs = kMinuteMs;
inline constexpr int64_t kRenewLargeMs = 10 * kMinuteMs;

class SearchFactsKeeper {
 public:
  struct Parts {
    const Published<search::IndexSet>* indexes = nullptr;
    const Clock* clock = nullptr;
    uint32_t small_products_max = kSmallProductsMax;
  };
  // What is in `parts` must outlive it.
  explicit SearchFactsKeeper(const Parts& parts);
  ~SearchFactsKeeper();
  SearchFactsKeeper(const SearchFactsKeeper&) = delete;
  SearchFactsKeeper& operator=(const SearchFactsKeeper&) = delete;

  void Maintain();

  const Published<search::FactsSet>& facts() const { return facts_; }
  // For tests.
  void WaitUntilMade();

 private:
  bool IsDue(const search::LocaleFacts* before, const catalog::CatalogView& catalog) const;
  void Make(const search::IndexSet& indexes);

  const Parts parts_;
  Published<search::FactsSet> facts_;
  std::future<void> making_;
  std::atomic<bool> is_stopping_{false};
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_SEARCH_FACTS_KEEPER_H_
