// The search touchpoint of one store: pins what a query needs, answers it, and hands the record to the log.
//
//   view (models, settings)  ->  profile of the shopper, if it may be read  ->  indexes and catalogue
//   ->  RunSearch  ->  record (search/search_record.h)
//
// Indexes come with the catalogue that they were made of, so an answer is a function of one state of the
// products; they are pinned last, so a product sold out before the request came is in no answer.
// A preview (decisions/rule_preview.h) goes through the same pipeline, and leaves no record.
//
// Nothing here waits for a writer; a profile that cannot be read makes the order impersonal, and the answer
// says so.
//
// Thread safety: Search from any thread.  What the constructor is given must outlive it.

#ifndef ATTUNE_SEARCH_SEARCHER_H_
#define ATTUNE_SEARCH_SEARCHER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/published.h"
#include "base/random.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "decisions/decision_log.h"
#include "decisions/profile_reader.h"
#include "decisions/store_view.h"
#include "search/asked_meanings.h"
#include "search/facts_set.h"
#include "search/index_set.h"
#include "search/run_search.h"
#include "search/search_request.h"
#include "search/synonym_cache.h"

namespace attune::search {

// An answer together with all that it was made from, pinned.
struct SearchResult {
  DecisionId id;
  SearchRequest request;
  decisions::ResolvedRequest resolved;
  std::shared_ptr<const decisions::StoreView> view;
  std::shared_ptr<const IndexSet> indexes;
  std::shared_ptr<const catalog::CatalogView> catalog;  // That of `indexes`.
  const LocaleIndex* texts = nullptr;                   // Of `indexes`.
  std::shared_ptr<const SearchFacts> facts;             // Null: none yet.
  std::shared_ptr<const Synonyms> synonyms;             // Null: none.
  decisions::ProfileReading shopper;
  bool is_personalized = false;  // The shopper's profile was read.
  uint32_t dial = 0;
  std::vector<std::string> degraded;
  int64_t now_ms = 0;
  SearchOutcome outcome;
  AddedMeaning meant;  // By an LLM, of `facts`.

  bool is_preview() const { return request.base.preview != nullptr; }
  // Good as long as this object stays where it is.
  SearchInput input() const {
    return {
        request, resolved, *view,       *catalog,      *texts, is_personalized ? &shopper.profile : nullptr,
        dial,    now_ms,   facts.get(), synonyms.get()};
  }
};

class Searcher {
 public:
  struct Parts {
    const Published<decisions::StoreView>* views = nullptr;
    const Published<IndexSet>* indexes = nullptr;
    const Published<FactsSet>* facts = nullptr;
    const decisions::ProfileReader* profiles = nullptr;
    AskedMeanings* meanings = nullptr;  // Null: no LLM is asked.
    decisions::DecisionLog* log = nullptr;
    std::function<uint32_t()> dial_default;  // Of searches that name none: the store's setting.
    const Clock* clock = nullptr;
    RandomSource* random = nullptr;  // For decision ids.
    uint16_t store_tag = 0;
  };
  explicit Searcher(const Parts& parts) : parts_(parts) {}

  // Fails with kInvalidArgument when the request is wrong, and with kUnavailable while the first index is
  // made.
  Result<std::unique_ptr<const SearchResult>> Search(const SearchRequest& request) const;

 private:
  // Whatever the dial: rules for segments ask who it is, and so do the analytics and recent searches.
  void ReadShopper(SearchResult& made) const;

  const Parts parts_;
  mutable SynonymCache synonyms_;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SEARCHER_H_
