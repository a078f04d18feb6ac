// What searches showed, and what became of it: pages of hits from decision records, with the clicks, carts
// and purchases that name their decision.
//
//   AddEvent(slate_clicked, product_added, order_completed, ... with a decision_id)   in the order of the log
//   AddPage(record of a search)                                                       before a training
//   Join()                                                                            and then the two meet
//
// Records are written some time after their decisions, so what became of a page may come before it; outcomes
// that belong to no page after kLateMs are of another touchpoint, and are dropped.
//
// Bounded: the latest kSearchPagesMax pages, of each the first kSearchLinesMax lines.
// Thread safety: one thread at a time.

#ifndef ATTUNE_MODELS_SEARCH_LOG_H_
#define ATTUNE_MODELS_SEARCH_LOG_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/clock.h"
#include "base/ids.h"
#include "events/event.h"

namespace attune::models {

struct SearchPage {
  struct Line {
    ProductIndex product;
    uint32_t position = 0;  // Of all hits, from 0.
    uint8_t outcome = 0;    // Bits of RankingOutcome.
  };
  DecisionId decision;
  ShopperHandle shopper;  // 0: nobody.
  int64_t at_ms = 0;
  uint64_t query = 0;  // What was asked for; equal ones are one query.
  std::vector<Line> lines;
};

class SearchLog {
 public:
  static constexpr size_t kSearchPagesMax = 500'000;
  static constexpr size_t kSearchLinesMax = 48;
  static constexpr size_t kEarlyOutcomesMax = 1'000'000;
  static constexpr int64_t kLateMs = kHourMs;

  void AddEvent(const events::Event& event);
  // A page that is there already is not added again.
  void AddPage(SearchPage page);
  void Join(int64_t now_ms);
  // Takes the shopper's name off their pages.
  void ForgetShopper(ShopperHandle shopper);

  // In the order in which they were added.
  const std::deque<SearchPage>& pages() const { return pages_; }

 private:
  struct EarlyOutcome {
    DecisionId decision;
    ProductIndex product;
    int64_t at_ms = 0;
    uint8_t outcome = 0;
  };

  bool Take(const EarlyOutcome& outcome);

  std::deque<SearchPage> pages_;
  uint64_t first_ = 0;  // Number of pages_.front().
  absl::flat_hash_map<std::pair<uint64_t, uint64_t>, uint64_t> number_by_decision_;
  std::deque<EarlyOutcome> early_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SEARCH_LOG_H_
