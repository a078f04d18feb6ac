// The search indexes of a store: one per language of its products, always as new as the last acknowledgement.
//
//   start          read what was saved, index again what the log changed since; else make it of the catalogue
//   strand         Apply(changed products)  =>  a new IndexSet, before the change is acknowledged
//   maintenance    Maintain(): merges segments; saves what changed, every kSaveSearchEveryMs
//   stop           Save()
//
// Languages are the store's default locale, and the locales of translations, kSearchLocalesMax in all; an
// index is made when the first translation of its locale comes.  Indexes are copies: everything in them is in
// the catalogue, so a damaged file, one made by other settings or by an older build is logged, thrown away
// and made anew.
//
// Languages that write compounds as one word take them apart by a vocabulary that is learned from the
// catalogue when their index is made, and saved with it (search/learned_vocabulary.h).  Later products are
// indexed with the vocabulary at hand.  The index is made anew, with a new one,
//   * when the catalogue has kOutgrownRatio as many products as then, or the inverse; at once while there are
//     at most kRelearnInlineMax of them or the change itself brings half of them, else by the thread;
//   * when as many products were changed since as there are, and when the catalogue of then comes near the
//     end of the log that is kept: replay learns from it (server/replay_store.h).
//
// What concerns at most kInlineProductsMax products is done where it is asked for.  More (a first start
// without files, a feed swapped in, other facet fields) is done by a thread of its own, while what was there
// answers; changes that come meanwhile are in both.
//
// Files: <folder>/<hash of the locale>.index, in the format of search/index_file.h.
//
// Thread safety: Apply and Configure on the writer strand; Maintain and Save from one thread at a time; the
// others from any thread.

#ifndef ATTUNE_SERVER_SEARCH_KEEPER_H_
#define ATTUNE_SERVER_SEARCH_KEEPER_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "base/published.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "http/access_log.h"
#include "search/index_set.h"
#include "server/store_settings.h"
#include "storage/storage_engine.h"

namespace attune::server {

// Products that are indexed on the writer's strand at once, about two seconds of work; while a catalogue is
// not larger than this, it is indexed before the store answers.
inline constexpr uint32_t kInlineProductsMax = 20'000;
// Each is an index of all products, at about 1 kB a product.
inline constexpr size_t kSearchLocalesMax = 12;
// Between two savings, and so about the log that a restart after a crash indexes again.
inline constexpr int64_t kSaveSearchEveryMs = 5 * kMinuteMs;
// Records of the log that a start looks through for changed products; behind more of them it is quicker to
// index everything.
inline constexpr uint64_t kSearchRecordsMax = 2'000'000;

inline constexpr double kOutgrownRatio = 1.5;
// Indexed in some ten milliseconds.
inline constexpr uint32_t kRelearnInlineMax = 200;

struct SearchKeeperSettings {
  std::string locale;
  std::vector<std::string> facets;

  friend bool operator==(const SearchKeeperSettings&, const SearchKeeperSettings&) = default;
};

SearchKeeperSettings SearchKeeperSettingsOf(const StoreSettings& settings);

// What a keeper has once everything is made: which index answers a locale, and that index.  For replay.
std::string SearchLocaleOf(const catalog::CatalogView& catalog, std::string_view locale,
                           const SearchKeeperSettings& settings);
search::LocaleIndex MakeLocaleIndex(const catalog::CatalogView& catalog, const std::string& locale,
                                    const std::vector<std::string>& facets,
                                    std::shared_ptr<const search::LearnedVocabulary> vocabulary);

struct SearchStatistics {
  struct Locale {
    std::string locale;
    uint32_t products = 0;
    size_t parts = 0;
    size_t bytes = 0;
  };
  std::vector<Locale> locales;
  uint64_t made = 0;    // Indexes made of the whole catalogue since the start.
  uint64_t loaded = 0;  // Indexes read from a file.
  bool is_making = false;
};

class SearchKeeper {
 public:
  struct Parts {
    const storage::StorageEngine* engine = nullptr;
    const Published<catalog::CatalogView>* catalogs = nullptr;
    std::string folder;  // Made when something is saved.
    const Clock* clock = nullptr;
    http::AccessLog* log = nullptr;  // Null: silent.
    std::string store_id;
    uint32_t inline_products_max = kInlineProductsMax;
  };
  // What is in `parts` must outlive it.
  explicit SearchKeeper(Parts parts);
  // Waits for the thread that makes indexes, which gives up.
  ~SearchKeeper();
  SearchKeeper(const SearchKeeper&) = delete;
  SearchKeeper& operator=(const SearchKeeper&) = delete;

  // Before all others.  The published catalogue is that of `applied`, and no product changed after
  // `catalog_changed`.
  void Open(const SearchKeeperSettings& settings, Sequence applied, Sequence catalog_changed);

  // ---- Strand ----
  // The published catalogue holds the changes, up to `applied`.
  void Apply(const std::vector<ProductIndex>& changed, Sequence applied);
  void Configure(const SearchKeeperSettings& settings);

  // ---- Maintenance ----
  void Maintain();
  void Save();

  // ---- Any thread ----
  const Published<search::IndexSet>& indexes() const { return indexes_; }
  SearchStatistics statistics() const;
  // For tests.
  void WaitUntilMade();

 private:
  std::string PathOf(std::string_view locale) const;
  Result<search::LocaleIndex> Load(const std::string& locale, Sequence applied,
                                   Sequence catalog_changed) const REQUIRES(mutex_);
  Result<std::vector<ProductIndex>> ChangedSince(Sequence sequence) const;
  search::LocaleIndex Make(const std::string& locale, const catalog::CatalogView& catalog) REQUIRES(mutex_);
  // After a change of so many products.
  bool RelearnsAtOnce(const search::LocaleIndex& one, const catalog::CatalogView& catalog,
                      size_t changed) const;
  // An index whose vocabulary is due, by the thread.
  void RelearnOutgrown() REQUIRES(mutex_);
  bool IsVocabularyDue(const search::LocaleIndex& one, const catalog::CatalogView& catalog) const
      REQUIRES(mutex_);
  void MakeAll(const std::vector<std::string>& locales) REQUIRES(mutex_);
  void StartThread() REQUIRES(mutex_);
  void RunThread();
  // Brings it up to date, and installs it.
  void Finish(search::LocaleIndex made);
  void Install(search::LocaleIndex made) REQUIRES(mutex_);
  void MergeSmall(const search::LocaleIndex& one);
  void Log(http::LogLevel level, std::string_view what, std::string_view locale,
           std::string_view reason) const;

  const Parts parts_;
  Published<search::IndexSet> indexes_;

  mutable Mutex mutex_;
  ConditionVariable made_;
  SearchKeeperSettings settings_ GUARDED_BY(mutex_);
  Sequence seen_ GUARDED_BY(mutex_);                     // The last record that the indexes contain.
  std::vector<std::string> locales_ GUARDED_BY(mutex_);  // That have an index, or will; the default first.
  std::vector<std::string> waiting_ GUARDED_BY(mutex_);  // To be made by the thread.
  std::set<std::string> unsaved_ GUARDED_BY(mutex_);
  // By locale: products changed since its vocabulary was learned, as far as this process knows.
  std::map<std::string, uint64_t> changed_since_learned_ GUARDED_BY(mutex_);
  bool is_making_ GUARDED_BY(mutex_) = false;
  std::vector<ProductIndex> changed_meanwhile_ GUARDED_BY(mutex_);  // While the thread makes an index.
  uint64_t made_count_ GUARDED_BY(mutex_) = 0;
  uint64_t loaded_count_ GUARDED_BY(mutex_) = 0;
  std::thread thread_ GUARDED_BY(mutex_);
  std::atomic<bool> is_stopping_{false};
  int64_t save_at_ms_ = 0;  // Of maintenance; 0: nothing waits to be saved.
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_SEARCH_KEEPER_H_
