// Search analytics of a store, kept as new as the log, and the suggestions that are made of them.
//
//   decision log --TakeDecisions(written)--> [waiting] --+
//   record log   ------------------------ CatchUp(until) +--> SearchAnalytics --> Report()
//                                                                  \--> suggestions(), recent()
//   start        what was saved, and the decisions and records since; without a file all that is kept of them
//   stop, every kSaveAnalyticsEveryMs, and after somebody was erased       Save()
//
// Decisions and records are folded in the order of their times, a decision before a record of the same
// millisecond, however they come; so a file that is missing or damaged costs time, and those days whose
// decisions retention has deleted.  A decision counts once it is on the disk.
//
// The file holds queries and handles, no external id, and is in no backup: a store that is restored counts
// again.
//
// Thread safety: TakeDecisions, suggestions and recent from any thread; the others too, one after another.

#ifndef ATTUNE_SERVER_SEARCH_ANALYTICS_KEEPER_H_
#define ATTUNE_SERVER_SEARCH_ANALYTICS_KEEPER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "base/published.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "events/event.h"
#include "http/access_log.h"
#include "search/search_analytics.h"
#include "search/search_report.h"
#include "search/suggest_json.h"
#include "storage/storage_engine.h"

namespace attune::server {

// Decisions and records that one CatchUp() folds, at most: about a fifth of a second.
inline constexpr int64_t kAnalyticsPerCatchUp = 100'000;
// Of a report, which waits for so many of them before it says that counting is not done.
inline constexpr int kCatchUpsPerReport = 20;
inline constexpr int64_t kSaveAnalyticsEveryMs = 5 * kMinuteMs;
// How old suggestions of queries may be, and those of the catalogue.
inline constexpr int64_t kSuggestQueriesEveryMs = 10 * kSecondMs;
inline constexpr int64_t kSuggestTextsEveryMs = 10 * kMinuteMs;
// A catalogue so small is looked through when it changed, where suggestions are asked for: about a
// millisecond.
inline constexpr uint32_t kInlineTextsProductsMax = 200;

struct SearchAnalyticsStatistics {
  size_t queries = 0;
  size_t open_searches = 0;
  size_t suggestions = 0;
};

class SearchAnalyticsKeeper {
 public:
  struct Parts {
    const storage::StorageEngine* engine = nullptr;
    const Published<catalog::CatalogView>* catalogs = nullptr;
    std::string path;                     // Of the file; its folder is made when something is saved.
    std::function<std::string()> locale;  // The store's own.
    const Clock* clock = nullptr;
    http::AccessLog* log = nullptr;  // Null: silent.
    std::string store_id;
  };
  // What is in `parts` must outlive it.
  explicit SearchAnalyticsKeeper(Parts parts);

  // Before all others: reads the file.
  void Open();

  // A batch of the decision log that is on the disk.
  void TakeDecisions(const storage::WriteBatch& written);

  // Folds decisions that are on the disk, and records up to `until`.  All decisions that an event up to
  // `until` may name must have been taken.  False: there is more, call again.
  Result<bool> CatchUp(Sequence until);
  // Makes suggestions anew where they are older than they may be; `now`: whatever their age.
  void RefreshSuggestions(bool now);
  void SaveIfDue();
  void Save();

  void WriteReport(JsonWriter& json, const search::ReportRequest& request) const;
  SearchAnalyticsStatistics statistics() const;

  // ---- Never waits for the others ----
  std::shared_ptr<const search::SuggestionSet> suggestions();
  std::shared_ptr<const search::RecentSearches> recent() const { return recent_.Acquire(); }

 private:
  bool ReadMoreDecisions() REQUIRES(mutex_);
  bool FoldDecisionsUntil(int64_t time_ms) REQUIRES(mutex_);
  Status FoldRecord(const storage::Record& record) REQUIRES(mutex_);
  void TakeWaiting() REQUIRES(mutex_);
  void RefreshTexts(bool now);
  void Log(std::string_view what, std::string_view reason) const;

  const Parts parts_;
  Published<search::SuggestionSet> suggestions_;
  Published<search::RecentSearches> recent_;

  mutable Mutex mutex_;  // Before waiting_mutex_ and texts_mutex_.
  search::SearchAnalytics analytics_ GUARDED_BY(mutex_);
  Sequence applied_ GUARDED_BY(mutex_);
  std::deque<search::CountedSearch> pending_ GUARDED_BY(mutex_);  // By id.
  // While the column is read: where to go on.
  bool reads_column_ GUARDED_BY(mutex_) = true;
  std::string next_key_ GUARDED_BY(mutex_);
  int64_t budget_ GUARDED_BY(mutex_) = 0;
  events::Event event_ GUARDED_BY(mutex_);
  bool is_changed_ GUARDED_BY(mutex_) = false;     // Since it was saved.
  bool is_suggested_ GUARDED_BY(mutex_) = true;    // Nothing changed since suggestions were made.
  bool has_forgotten_ GUARDED_BY(mutex_) = false;  // To be saved soon.
  int64_t saved_at_ms_ GUARDED_BY(mutex_) = 0;
  int64_t suggested_at_ms_ GUARDED_BY(mutex_) = 0;

  Mutex waiting_mutex_;
  bool takes_decisions_ GUARDED_BY(waiting_mutex_) = false;  // Before, they are found in the column.
  std::vector<std::pair<std::string, std::string>> waiting_ GUARDED_BY(waiting_mutex_);

  Mutex texts_mutex_;
  // Which catalogue they are of; it is not kept for that.
  std::weak_ptr<const catalog::CatalogView> texts_of_ GUARDED_BY(texts_mutex_);
  bool has_texts_ GUARDED_BY(texts_mutex_) = false;
  int64_t texts_at_ms_ GUARDED_BY(texts_mutex_) = 0;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_SEARCH_ANALYTICS_KEEPER_H_
