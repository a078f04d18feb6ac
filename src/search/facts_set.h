// What the queries of a store are understood by, per language.  It lags behind the indexes (index_set.h), and
// no order of hits depends on it: it says which values a query speaks of.
//
// Thread safety: immutable.

#ifndef ATTUNE_SEARCH_FACTS_SET_H_
#define ATTUNE_SEARCH_FACTS_SET_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "search/search_facts.h"

namespace attune::search {

struct LocaleFacts {
  std::string locale;
  std::shared_ptr<const SearchFacts> facts;
  Sequence catalog_sequence;  // Of the products that they were made of.
  int64_t made_at_ms = 0;
};

struct FactsSet {
  std::vector<LocaleFacts> locales;

  // Null: none were made.
  std::shared_ptr<const SearchFacts> For(std::string_view locale) const {
    for (const LocaleFacts& one : locales) {
      if (one.locale == locale) return one.facts;
    }
    return nullptr;
  }
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_FACTS_SET_H_
