// The synonyms of a store as its searches use them: compiled once for a set and a language, while they stay
// the same.
//
// Thread safety: For() from any thread.

#ifndef ATTUNE_SEARCH_SYNONYM_CACHE_H_
#define ATTUNE_SEARCH_SYNONYM_CACHE_H_

#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "decisions/synonym_set.h"
#include "search/index_set.h"
#include "search/synonyms.h"

namespace attune::search {

// Null when the set has none for the language, or is null itself.
std::shared_ptr<const Synonyms> CompileSynonyms(const decisions::SynonymSet* set, const LocaleIndex& texts);

class SynonymCache {
 public:
  std::shared_ptr<const Synonyms> For(const std::shared_ptr<const decisions::SynonymSet>& set,
                                      const LocaleIndex& texts);

 private:
  struct Entry {
    std::string locale;
    std::shared_ptr<const decisions::SynonymSet> set;  // Kept, so that its address names it.
    std::shared_ptr<const text::Analyzer> analyzer;
    std::shared_ptr<const Synonyms> compiled;
  };

  Mutex mutex_;
  std::vector<Entry> entries_ GUARDED_BY(mutex_);  // One per language.
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SYNONYM_CACHE_H_
