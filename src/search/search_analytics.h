// What shoppers search for, what they find, and what comes of it: a fold over decisions and events.
//
//   Fold(search)*, Fold(event)*   in the order of their times        ->  tallies by day, market and query
//   Forget(shopper)               erased or expired: what only they typed is known no more
//
// Which search an event belongs to
//   - the one whose decision id its line (or it) names, for kSearchOutcomeWindowMs;
//   - without a decision id, the last search of its shopper within kSearchMatchWindowMs that showed the
//     product.
// An outcome counts on the day of its search.  Clicks are product_clicked and slate_clicked, carts
// product_added, conversions order_completed; cancelled and refunded lines take their revenue back, and leave
// the conversion.  Orders that are not verified, and history (backfill), count for nothing.
//
// Refined: the next query of the shopper within kRefinementWindowMs is another one, and nothing of the first
// was clicked before.
//
// All of it is a function of the searches and events and of their times; in which order those of a moment
// come does not matter.  Bounded by analytics_limits.h.
//
// A query is known by its text only as long as it is kept, and is shown to people once two shoppers typed it
// (KnownQuery::IsShown).
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_SEARCH_SEARCH_ANALYTICS_H_
#define ATTUNE_SEARCH_SEARCH_ANALYTICS_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/ids.h"
#include "base/status.h"
#include "events/event.h"
#include "features/shopper_profile.h"
#include "search/counted_search.h"
#include "search/recent_searches.h"
#include "search/search_tally.h"

namespace attune::search {

struct KnownQuery {
  std::string text;
  std::vector<std::pair<std::string, uint64_t>> spellings;
  ShopperHandle only_shopper;  // Who typed it, while it was one; 0: nobody that is known.
  bool is_shared = false;      // Two shoppers or more typed it.
  uint64_t searches = 0;
  int64_t last_ms = 0;
  bool last_found = false;  // The last search of it had a result.
  // Searches with a result, fading, by language.
  std::vector<std::pair<std::string, features::DecayedValue>> demand;

  // The most frequent one; of equal ones the first in the order of bytes.
  const std::string& spelling() const;
  // Whether people other than who typed it may see it.
  bool IsShown() const;
};

struct DayMarket {
  int64_t day = 0;  // Since 1970, UTC.
  std::string market;

  friend auto operator<=>(const DayMarket&, const DayMarket&) = default;
};

struct DayTally {
  SearchTally total;
  absl::flat_hash_map<QueryNumber, SearchTally> queries;
};

class SearchAnalytics {
 public:
  // A search that was folded before is passed over, as long as it is open.
  void Fold(const CountedSearch& search);
  void Fold(const events::Event& event);
  void Forget(ShopperHandle shopper);
  // Who does not want to be known is not reminded of their searches.
  void ForgetRecent(ShopperHandle shopper) { recent_->Forget(shopper); }

  const std::map<DayMarket, DayTally>& days() const { return days_; }
  const absl::flat_hash_map<QueryNumber, KnownQuery>& queries() const { return queries_; }
  // Null: not known any more.
  const KnownQuery* Find(QueryNumber query) const;
  // What shoppers searched for last; may be asked from any thread, and outlives this.
  std::shared_ptr<const RecentSearches> recent() const { return recent_; }
  // Of the latest search; 0: there was none.
  int64_t latest_ms() const { return latest_ms_; }
  size_t open_count() const { return open_.size(); }
  size_t query_day_count() const { return query_days_; }

  // All of it as bytes, and back (kCorruption).  `applied` is kept beside it: the last record of the log that
  // was folded.
  std::string Save(Sequence applied) const;
  struct Loaded;
  static Result<Loaded> Load(std::string bytes);

 private:
  struct OpenSearch {
    DecisionId id;
    DayMarket day;
    QueryNumber query = kNoQuery;
    std::vector<ShopperHandle> shoppers;
    std::vector<ProductIndex> shown;
    uint32_t first_position = 0;
    bool is_first_page = true;
    bool is_clicked = false;
    bool is_carted = false;
    bool is_converted = false;
    int64_t first_click_ms = 0;  // When it came; 0: none.
    // The shopper's next search; time 0: none yet.
    int64_t next_ms = 0;
    QueryNumber next_query = kNoQuery;

    bool Showed(ProductIndex product) const;
    bool IsRefined() const;
  };
  struct SoldLine {
    DayMarket day;
    QueryNumber query = kNoQuery;
    ProductIndex product;
    int64_t quantity = 0;       // That was not taken back.
    int64_t revenue_minor = 0;  // Likewise.
    Currency currency;
  };
  using Change = std::function<void(SearchTally&)>;

  QueryNumber Number(const CountedSearch& search);
  void NoteQuery(const CountedSearch& search, KnownQuery& query);
  void NoteRefinement(const CountedSearch& search, QueryNumber query);
  void ChangeRefinement(const OpenSearch& refined, int64_t count);
  void Count(const DayMarket& day, QueryNumber query, const Change& change);
  DayMarket DayOf(const CountedSearch& search) const;
  void Open(OpenSearch search);
  void CloseOld();
  OpenSearch* At(uint64_t serial) { return &open_[serial - first_serial_]; }
  OpenSearch* SearchOf(const events::Event& event, const events::EventLine& line);
  OpenSearch* LastThatShowed(const events::Event& event, ProductIndex product);
  void Click(const events::Event& event, const events::EventLine& line);
  void AddToCart(const events::Event& event, const events::EventLine& line);
  void Buy(const events::Event& event);
  void TakeBack(const events::Event& event);
  void Drop(const absl::flat_hash_set<QueryNumber>& queries);
  void DropLeastSearched();
  void DropOldDays();
  // What follows from the rest, after loading.
  void Index();
  template <class Archive>
  void Exchange(Archive& archive);

  absl::flat_hash_map<QueryNumber, KnownQuery> queries_;
  absl::flat_hash_map<std::string, QueryNumber> numbers_;
  QueryNumber last_number_ = kNoQuery;
  // What only one shopper typed, to be forgotten with them.
  absl::flat_hash_map<ShopperHandle, std::vector<QueryNumber>> typed_by_one_;
  std::map<DayMarket, DayTally> days_;
  size_t query_days_ = 0;
  std::deque<OpenSearch> open_;                                           // In the order of folding.
  uint64_t first_serial_ = 0;                                             // Of open_.front().
  absl::flat_hash_map<std::pair<uint64_t, uint64_t>, uint64_t> serials_;  // By decision id.
  absl::flat_hash_map<ShopperHandle, std::deque<uint64_t>> searches_of_;
  absl::flat_hash_map<uint64_t, std::vector<SoldLine>> orders_;
  std::deque<uint64_t> order_age_;
  std::shared_ptr<RecentSearches> recent_ = std::make_shared<RecentSearches>();
  int64_t latest_ms_ = 0;
};

struct SearchAnalytics::Loaded {
  SearchAnalytics analytics;
  Sequence applied;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SEARCH_ANALYTICS_H_
