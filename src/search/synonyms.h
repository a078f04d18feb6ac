// Synonyms (decisions/synonym_set.h) in the terms of one language: what else a query may be looked for by.
//
// Texts go through the index's analyzer, so all inflections of a word have its synonyms.  A rule of several
// words is for these words in a row.  Rules are not chained.
//
// Thread safety: immutable.

#ifndef ATTUNE_SEARCH_SYNONYMS_H_
#define ATTUNE_SEARCH_SYNONYMS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "decisions/synonym_set.h"
#include "text/analyzer.h"

namespace attune::search {

using decisions::SynonymRule;

class Synonyms {
 public:
  static constexpr size_t kWordsMax = 4;  // Of one text; longer ones are left out.

  struct Replacement {
    std::string text;
    std::vector<std::string> terms;  // Each once.
  };

  Synonyms(const std::vector<SynonymRule>& rules, const text::Analyzer& analyzer);

  // Of words in a row, by their terms with one space between.
  std::span<const Replacement> Find(std::string_view terms) const;

 private:
  void Add(const std::string& from, const std::string& to, const text::Analyzer& analyzer);

  absl::flat_hash_map<std::string, std::vector<Replacement>> replacements_;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SYNONYMS_H_
