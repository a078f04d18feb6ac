// Where the words of a query stand in a text, for people.
//
//   query "wireles lamp", text "Lamps & <b>wireless</b> chargers"
//     => "<em>Lamps</em> &amp; &lt;b&gt;<em>wireless</em>&lt;/b&gt; chargers"
//
// What matched is what the index matched: inflections, corrected and completed words.  The answer is HTML:
// everything of the text is escaped, and the only tags are <em> and </em>.
//
// Thread safety: immutable; what it is made of must outlive it.

#ifndef ATTUNE_SEARCH_HIGHLIGHT_H_
#define ATTUNE_SEARCH_HIGHLIGHT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "search/index_set.h"
#include "search/query_words.h"

namespace attune::search {

class Highlighter {
 public:
  Highlighter(const QueryWords& query, const LocaleIndex& texts);

  // The whole text.
  std::string Mark(std::string_view text) const;
  // The part of about kSnippetBytes that holds the most of the words, with "…" where something is cut off.
  std::string Snippet(std::string_view text) const;

 private:
  struct Place {
    uint32_t begin = 0;
    uint32_t end = 0;
    uint32_t term = 0;
  };
  // Ascending, apart from each other.
  std::vector<Place> Find(std::string_view text) const;

  const LocaleIndex& texts_;
  absl::flat_hash_set<uint32_t> terms_;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_HIGHLIGHT_H_
