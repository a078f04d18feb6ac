#include "server/search_keeper.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/hash.h"
#include "catalog/product_record.h"
#include "models/model_file.h"
#include "search/document.h"
#include "search/index_file.h"
#include "text/language.h"

namespace attune::server {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kDocumentsPerStep = 2'000;
// Products that are indexed while the strand may wait: some milliseconds.
constexpr size_t kChangedUnderLockMax = 100;
constexpr std::string_view kSuffix = ".index";

std::string Hex(uint64_t number) {
  std::string text(16, '0');
  for (size_t i = text.size(); i-- > 0; number >>= 4) text[i] = "0123456789abcdef"[number & 15];
  return text;
}

// What decides which words and values an index has of a catalogue.
std::string MadeBy(std::string_view locale, const std::vector<std::string>& facets) {
  std::string made_by = std::to_string(search::kDocumentVersion) + "|" +
                        std::to_string(text::kAnalyzerVersion) + "|" + std::string(locale);
  for (const std::string& facet : facets) made_by += "|" + facet;
  return made_by;
}

search::DocumentChange ChangeOf(ProductIndex index, const catalog::CatalogView& catalog,
                                const std::string& locale, const text::Analyzer& analyzer,
                                const std::vector<std::string>& facets) {
  const catalog::Product* const product = catalog.Find(index);
  if (product == nullptr) return {index, std::nullopt};
  return {index, search::MakeDocument(index, *product, locale, analyzer, facets)};
}

// In steps, so that the texts of a whole catalogue are never in memory at once.
std::shared_ptr<const search::SearchIndex> WithChanged(const search::LocaleIndex& before,
                                                       const std::vector<ProductIndex>& changed,
                                                       const catalog::CatalogView& catalog) {
  std::shared_ptr<const search::SearchIndex> index = before.index;
  std::vector<search::DocumentChange> changes;
  for (const ProductIndex product : changed) {
    changes.push_back(
        ChangeOf(product, catalog, before.locale, *before.analyzer, before.index->facet_fields()));
    if (changes.size() < kDocumentsPerStep) continue;
    index = index->With(changes);
    changes.clear();
  }
  return changes.empty() ? index : index->With(changes);
}

bool IsTextOf(const catalog::Translation& translation) {
  return !translation.title.empty() || !translation.description.empty() || !translation.categories.empty() ||
         !translation.attributes_json.empty();
}

// Locales that are not in `locales` yet are appended, in the order of their names within one product.
void AddLocalesOf(const catalog::Product& product, std::vector<std::string>& locales) {
  for (const auto& [locale, translation] : product.translations) {
    if (locales.size() >= kSearchLocalesMax) return;
    if (IsTextOf(translation) && std::find(locales.begin(), locales.end(), locale) == locales.end()) {
      locales.push_back(locale);
    }
  }
}

// Whether the index has exactly the products of the catalogue.
bool HasAllProducts(const search::SearchIndex& index, const catalog::CatalogView& catalog) {
  if (index.document_count() != catalog.product_count()) return false;
  for (const search::SearchIndex::Part& part : index.parts()) {
    for (uint32_t document = 0; document < part.segment->document_count(); ++document) {
      if (part.Lives(document) && catalog.Find(part.segment->ProductOf(document)) == nullptr) return false;
    }
  }
  return true;
}

std::vector<std::string> LocalesOf(const catalog::CatalogView& catalog, const std::string& first) {
  std::vector<std::string> locales = {first};
  for (uint32_t i = 0; i < catalog.index_count(); ++i) {
    const catalog::Product* const product = catalog.Find(ProductIndex(i));
    if (product != nullptr && !product->translations.empty()) AddLocalesOf(*product, locales);
  }
  return locales;
}

// Without an index when it was told to stop.
search::LocaleIndex MakeUnlessStopped(const catalog::CatalogView& catalog, const std::string& locale,
                                      const std::vector<std::string>& facets,
                                      std::shared_ptr<const search::LearnedVocabulary> vocabulary,
                                      const std::atomic<bool>& is_stopping) {
  search::LocaleIndex made{locale, search::MakeAnalyzer(locale, vocabulary), nullptr, std::move(vocabulary)};
  auto index = search::SearchIndex::Empty(facets);
  std::vector<search::DocumentChange> changes;
  for (uint32_t i = 0; i < catalog.index_count(); ++i) {
    if (catalog.Find(ProductIndex(i)) != nullptr) {
      changes.push_back(ChangeOf(ProductIndex(i), catalog, locale, *made.analyzer, facets));
    }
    if (changes.size() < kDocumentsPerStep && i + 1 < catalog.index_count()) continue;
    if (is_stopping) return made;
    index = index->With(changes);
    changes.clear();
    while (const auto plan = search::SearchIndex::PickMerge(index)) {
      index = index->WithMerged(*plan, search::SearchIndex::Merge(*plan));
    }
  }
  const auto plan = search::SearchIndex::MergeAll(index);
  made.index = index->WithMerged(plan, search::SearchIndex::Merge(plan));
  return made;
}

// Whether the catalogue is another one, by its size, than that which the vocabulary was learned from.
bool IsOutgrown(const search::LocaleIndex& one, const catalog::CatalogView& catalog) {
  if (!text::WritesCompounds(one.analyzer->language())) return false;
  const double products = catalog.product_count();
  const double learned = one.vocabulary == nullptr ? 0 : one.vocabulary->product_count();
  return products > 0 && (products > learned * kOutgrownRatio || products * kOutgrownRatio < learned);
}

}  // namespace

SearchKeeperSettings SearchKeeperSettingsOf(const StoreSettings& settings) {
  return {settings.default_locale, settings.search.facets};
}

std::string SearchLocaleOf(const catalog::CatalogView& catalog, std::string_view locale,
                           const SearchKeeperSettings& settings) {
  search::IndexSet set;
  for (const std::string& one : LocalesOf(catalog, settings.locale)) set.locales.push_back({one, {}, {}});
  return set.For(locale)->locale;
}

search::LocaleIndex MakeLocaleIndex(const catalog::CatalogView& catalog, const std::string& locale,
                                    const std::vector<std::string>& facets,
                                    std::shared_ptr<const search::LearnedVocabulary> vocabulary) {
  const std::atomic<bool> never{false};
  return MakeUnlessStopped(catalog, locale, facets, std::move(vocabulary), never);
}

SearchKeeper::SearchKeeper(Parts parts)
    : parts_(std::move(parts)), indexes_(std::make_shared<const search::IndexSet>()) {}

SearchKeeper::~SearchKeeper() {
  is_stopping_ = true;
  std::thread thread;
  {
    MutexLock lock(mutex_);
    thread = std::move(thread_);
  }
  if (thread.joinable()) thread.join();
}

void SearchKeeper::Log(http::LogLevel level, std::string_view what, std::string_view locale,
                       std::string_view reason) const {
  if (parts_.log == nullptr) return;
  parts_.log->Write(
      level, what,
      {{"store", parts_.store_id}, {"locale", std::string(locale)}, {"reason", std::string(reason)}});
}

std::string SearchKeeper::PathOf(std::string_view locale) const {
  return parts_.folder + "/" + Hex(StableHash64(locale)) + std::string(kSuffix);
}

void SearchKeeper::Open(const SearchKeeperSettings& settings, Sequence applied, Sequence catalog_changed) {
  const auto catalog = parts_.catalogs->Acquire();
  MutexLock lock(mutex_);
  settings_ = settings;
  seen_ = applied;
  auto none = std::make_shared<search::IndexSet>();
  none->catalog = catalog;
  indexes_.Publish(std::move(none));
  locales_ = LocalesOf(*catalog, settings_.locale);
  std::vector<std::string> missing;
  for (const std::string& locale : locales_) {
    auto loaded = Load(locale, applied, catalog_changed);
    if (loaded.ok()) {
      ++loaded_count_;
      Install(std::move(loaded).value());
      continue;
    }
    missing.push_back(locale);
    if (loaded.status().code() == StatusCode::kNotFound) continue;  // Never saved.
    Log(http::LogLevel::kWarning, "search index not read; it is made anew", locale,
        loaded.status().message());
  }
  MakeAll(missing);
}

Result<search::LocaleIndex> SearchKeeper::Load(const std::string& locale, Sequence applied,
                                               Sequence catalog_changed) const {
  ASSIGN_OR_RETURN(std::string bytes, models::ReadModelFileBytes(PathOf(locale)));
  ASSIGN_OR_RETURN(search::LoadedIndex read,
                   search::LoadIndex(std::move(bytes), MadeBy(locale, settings_.facets)));
  if (read.sequence > applied) return Conflict("it is ahead of the log");
  const auto catalog = parts_.catalogs->Acquire();
  search::LocaleIndex loaded{locale, search::MakeAnalyzer(locale, read.vocabulary), read.index,
                             read.vocabulary};
  if (read.sequence < catalog_changed) {
    ASSIGN_OR_RETURN(const std::vector<ProductIndex> changed, ChangedSince(read.sequence));
    loaded.index = WithChanged(loaded, changed, *catalog);
  }
  if (!HasAllProducts(*loaded.index, *catalog)) return Conflict("its products are not those of the store");
  return loaded;
}

Result<std::vector<ProductIndex>> SearchKeeper::ChangedSince(Sequence sequence) const {
  const Sequence last = parts_.engine->last_sequence();
  if (sequence.value() + 1 < parts_.engine->first_sequence().value()) {
    return Conflict("the log does not go back to it");
  }
  if (last.value() > sequence.value() + kSearchRecordsMax) return Conflict("it is far behind the log");
  std::set<ProductIndex> changed;
  Status read;
  RETURN_IF_ERROR(parts_.engine->ScanLog(Sequence(sequence.value() + 1), [&](const storage::Record& record) {
    if (record.kind != storage::RecordKind::kProduct) return true;
    const auto decoded = catalog::DecodeProductRecord(record.payload);
    read = decoded.status();
    if (!decoded.ok()) return false;
    for (const catalog::IndexedChange& change : decoded->changes) changed.insert(change.index);
    return true;
  }));
  RETURN_IF_ERROR(read);
  return std::vector<ProductIndex>(changed.begin(), changed.end());
}

void SearchKeeper::MakeAll(const std::vector<std::string>& locales) {
  if (parts_.catalogs->Acquire()->product_count() <= parts_.inline_products_max) {
    for (const std::string& locale : locales) Install(Make(locale, *parts_.catalogs->Acquire()));
    return;
  }
  for (const std::string& locale : locales) {
    if (std::find(waiting_.begin(), waiting_.end(), locale) == waiting_.end()) waiting_.push_back(locale);
  }
  StartThread();
}

search::LocaleIndex SearchKeeper::Make(const std::string& locale, const catalog::CatalogView& catalog) {
  ++made_count_;
  unsaved_.insert(locale);
  changed_since_learned_.erase(locale);
  return MakeLocaleIndex(catalog, locale, settings_.facets,
                         search::LearnedVocabulary::Learn(catalog, locale));
}

bool SearchKeeper::RelearnsAtOnce(const search::LocaleIndex& one, const catalog::CatalogView& catalog,
                                  size_t changed) const {
  const uint32_t products = catalog.product_count();
  const bool is_cheap = products <= kRelearnInlineMax || changed >= products / 2;
  return is_cheap && products <= parts_.inline_products_max && IsOutgrown(one, catalog);
}

bool SearchKeeper::IsVocabularyDue(const search::LocaleIndex& one,
                                   const catalog::CatalogView& catalog) const {
  if (!text::WritesCompounds(one.analyzer->language()) || catalog.product_count() == 0) return false;
  if (IsOutgrown(one, catalog)) return true;
  const auto changed = changed_since_learned_.find(one.locale);
  if (changed != changed_since_learned_.end() && changed->second > catalog.product_count()) return true;
  // In the older half of the log.
  const uint64_t first = parts_.engine->first_sequence().value();
  const uint64_t last = parts_.engine->last_sequence().value();
  return first > 1 && one.vocabulary_sequence().value() < first + (last - std::min(first, last)) / 2;
}

void SearchKeeper::RelearnOutgrown() {
  const auto set = indexes_.Acquire();
  for (const search::LocaleIndex& one : set->locales) {
    if (is_making_ || !IsVocabularyDue(one, *set->catalog)) continue;
    waiting_.push_back(one.locale);
    StartThread();
  }
}

void SearchKeeper::StartThread() {
  if (is_making_ || waiting_.empty()) return;
  is_making_ = true;
  // The one before has said that it ends, which was the last that it did under the lock.
  if (thread_.joinable()) thread_.join();
  thread_ = std::thread([this] { RunThread(); });
}

void SearchKeeper::RunThread() {
  for (;;) {
    std::string locale;
    std::vector<std::string> facets;
    {
      MutexLock lock(mutex_);
      if (is_stopping_ || waiting_.empty()) {
        is_making_ = false;
        made_.NotifyAll();
        return;
      }
      locale = waiting_.front();
      waiting_.erase(waiting_.begin());
      facets = settings_.facets;
      changed_meanwhile_.clear();
    }
    // Pinned after the list of changes was begun: what is not in it is in the list.
    const auto catalog = parts_.catalogs->Acquire();
    search::LocaleIndex made = MakeUnlessStopped(
        *catalog, locale, facets, search::LearnedVocabulary::Learn(*catalog, locale), is_stopping_);
    if (made.index != nullptr) Finish(std::move(made));
  }
}

void SearchKeeper::Finish(search::LocaleIndex made) {
  for (;;) {
    std::vector<ProductIndex> changed;
    {
      MutexLock lock(mutex_);
      changed.swap(changed_meanwhile_);
      if (changed.size() <= kChangedUnderLockMax) {
        made.index = WithChanged(made, changed, *indexes_.Acquire()->catalog);
        ++made_count_;
        unsaved_.insert(made.locale);
        return Install(std::move(made));
      }
    }
    made.index = WithChanged(made, changed, *parts_.catalogs->Acquire());
  }
}

void SearchKeeper::Install(search::LocaleIndex made) {
  changed_since_learned_.erase(made.locale);
  auto next = std::make_shared<search::IndexSet>(*indexes_.Acquire());
  const auto same = std::find_if(next->locales.begin(), next->locales.end(),
                                 [&](const search::LocaleIndex& one) { return one.locale == made.locale; });
  if (same != next->locales.end()) {
    *same = std::move(made);
  } else if (made.locale == settings_.locale) {
    next->locales.insert(next->locales.begin(), std::move(made));
  } else {
    next->locales.push_back(std::move(made));
  }
  indexes_.Publish(std::move(next));
}

void SearchKeeper::Apply(const std::vector<ProductIndex>& changed, Sequence applied) {
  MutexLock lock(mutex_);
  seen_ = applied;
  const auto catalog = parts_.catalogs->Acquire();
  if (changed.empty() && indexes_.Acquire()->catalog == catalog) return;
  if (is_making_) changed_meanwhile_.insert(changed_meanwhile_.end(), changed.begin(), changed.end());
  const size_t known = locales_.size();
  for (const ProductIndex product : changed) {
    if (const catalog::Product* found = catalog->Find(product)) AddLocalesOf(*found, locales_);
  }
  const bool makes_all = changed.size() > parts_.inline_products_max;
  auto next = std::make_shared<search::IndexSet>(*indexes_.Acquire());
  next->catalog = catalog;
  for (search::LocaleIndex& one : next->locales) {
    if (changed.empty() || makes_all) break;
    unsaved_.insert(one.locale);
    changed_since_learned_[one.locale] += changed.size();
    if (RelearnsAtOnce(one, *catalog, changed.size())) {
      one = Make(one.locale, *catalog);
    } else {
      one.index = WithChanged(one, changed, *catalog);
    }
  }
  indexes_.Publish(std::move(next));
  if (makes_all) {
    MakeAll(locales_);
  } else if (locales_.size() > known) {
    MakeAll({locales_.begin() + static_cast<std::ptrdiff_t>(known), locales_.end()});
  }
}

void SearchKeeper::Configure(const SearchKeeperSettings& settings) {
  MutexLock lock(mutex_);
  if (settings_ == settings) return;
  const bool is_other_locale = settings_.locale != settings.locale;
  settings_ = settings;
  if (is_other_locale) {
    // The languages keep their indexes; the new default stands first once it is made.
    locales_ = LocalesOf(*parts_.catalogs->Acquire(), settings_.locale);
    auto next = std::make_shared<search::IndexSet>(*indexes_.Acquire());
    const std::vector<std::string> known = locales_;
    std::erase_if(next->locales, [&known](const search::LocaleIndex& one) {
      return std::find(known.begin(), known.end(), one.locale) == known.end();
    });
    const auto first =
        std::find_if(next->locales.begin(), next->locales.end(),
                     [&](const search::LocaleIndex& one) { return one.locale == settings.locale; });
    if (first != next->locales.end()) std::rotate(next->locales.begin(), first, first + 1);
    indexes_.Publish(std::move(next));
  }
  MakeAll(locales_);
}

void SearchKeeper::MergeSmall(const search::LocaleIndex& one) {
  const auto plan = search::SearchIndex::PickMerge(one.index);
  if (!plan) return;
  const auto merged = search::SearchIndex::Merge(*plan);
  MutexLock lock(mutex_);
  auto next = std::make_shared<search::IndexSet>(*indexes_.Acquire());
  for (search::LocaleIndex& now : next->locales) {
    // An index that was made anew meanwhile has an analyzer of its own.
    if (now.locale == one.locale && now.analyzer == one.analyzer) {
      now.index = now.index->WithMerged(*plan, merged);
    }
  }
  indexes_.Publish(std::move(next));
}

void SearchKeeper::Maintain() {
  const auto set = indexes_.Acquire();
  for (const search::LocaleIndex& one : set->locales) MergeSmall(one);
  {
    MutexLock lock(mutex_);
    RelearnOutgrown();
    if (unsaved_.empty()) return;
  }
  const int64_t now_ms = parts_.clock->NowMs();
  if (save_at_ms_ == 0) save_at_ms_ = now_ms + kSaveSearchEveryMs;
  if (now_ms < save_at_ms_) return;
  save_at_ms_ = 0;
  Save();
}

void SearchKeeper::Save() {
  std::shared_ptr<const search::IndexSet> set;
  std::set<std::string> unsaved;
  Sequence seen;
  {
    MutexLock lock(mutex_);
    set = indexes_.Acquire();
    seen = seen_;
    unsaved.swap(unsaved_);
  }
  std::error_code error;
  if (!unsaved.empty()) fs::create_directories(parts_.folder, error);
  for (const search::LocaleIndex& one : set->locales) {
    if (!unsaved.contains(one.locale)) continue;
    const Status written = models::WriteFileAtomically(
        PathOf(one.locale), search::SaveIndex(*one.index, {MadeBy(one.locale, one.index->facet_fields()),
                                                           seen, one.vocabulary.get()}));
    if (written.ok()) continue;
    Log(http::LogLevel::kWarning, "search index not saved", one.locale, written.message());
    MutexLock lock(mutex_);
    unsaved_.insert(one.locale);
  }
}

SearchStatistics SearchKeeper::statistics() const {
  SearchStatistics statistics;
  {
    MutexLock lock(mutex_);
    statistics.made = made_count_;
    statistics.loaded = loaded_count_;
    statistics.is_making = is_making_;
  }
  for (const search::LocaleIndex& one : indexes_.Acquire()->locales) {
    statistics.locales.push_back(
        {one.locale, one.index->document_count(), one.index->parts().size(), one.index->memory().total()});
  }
  return statistics;
}

void SearchKeeper::WaitUntilMade() {
  MutexLock lock(mutex_);
  while (is_making_) made_.Wait(lock);
}

}  // namespace attune::server
