// The indexes of a store at one moment, and the catalogue that they were made of: one per language that its
// products are told in.
//
//   locales   the store's own first, then those of translations ("de", "fr-CA")
//   For("de-AT")  =>  that of "de-AT", else of "de", else the store's own
//
// Thread safety: immutable.

#ifndef ATTUNE_SEARCH_INDEX_SET_H_
#define ATTUNE_SEARCH_INDEX_SET_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "catalog/catalog_view.h"
#include "search/learned_vocabulary.h"
#include "search/search_index.h"
#include "text/analyzer.h"

namespace attune::search {

struct LocaleIndex {
  std::string locale;
  std::shared_ptr<const text::Analyzer> analyzer;
  std::shared_ptr<const SearchIndex> index;
  // Of the analyzer; null: nothing is taken apart.
  std::shared_ptr<const LearnedVocabulary> vocabulary = nullptr;

  // The catalogue that the vocabulary was learned from; 0: there is none.
  Sequence vocabulary_sequence() const {
    return vocabulary == nullptr ? Sequence() : vocabulary->learned_from();
  }
};

struct IndexSet {
  // The first is the store's own; empty: it is being made.
  std::vector<LocaleIndex> locales;
  std::shared_ptr<const catalog::CatalogView> catalog;  // Null before there was one.

  // Null when there is none at all.
  const LocaleIndex* For(std::string_view locale) const {
    for (const std::string_view name : {locale, locale.substr(0, locale.find_first_of("-_"))}) {
      for (const LocaleIndex& one : locales) {
        if (one.locale == name) return &one;
      }
    }
    return locales.empty() ? nullptr : &locales.front();
  }
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_INDEX_SET_H_
