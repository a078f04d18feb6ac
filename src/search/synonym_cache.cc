#include "search/synonym_cache.h"

#include <algorithm>

namespace attune::search {

std::shared_ptr<const Synonyms> CompileSynonyms(const decisions::SynonymSet* set, const LocaleIndex& texts) {
  if (set == nullptr) return nullptr;
  const std::vector<SynonymRule> rules = set->RulesFor(texts.locale);
  return rules.empty() ? nullptr : std::make_shared<const Synonyms>(rules, *texts.analyzer);
}

std::shared_ptr<const Synonyms> SynonymCache::For(const std::shared_ptr<const decisions::SynonymSet>& set,
                                                  const LocaleIndex& texts) {
  if (set == nullptr) return nullptr;
  MutexLock lock(mutex_);
  auto entry = std::find_if(entries_.begin(), entries_.end(),
                            [&](const Entry& one) { return one.locale == texts.locale; });
  if (entry == entries_.end())
    entry = entries_.insert(entries_.end(), {texts.locale, nullptr, nullptr, nullptr});
  if (entry->set != set || entry->analyzer != texts.analyzer) {
    *entry = {texts.locale, set, texts.analyzer, CompileSynonyms(set.get(), texts)};
  }
  return entry->compiled;
}

}  // namespace attune::search
