// What a shopper who has typed a few letters may be about to type.
//
//   "des"     desk lamp, desk chair, standing desk       a prefix of the whole text, or of any word in it
//   "dekc l"  desk lamp                                  with typing errors, where nothing else fits
//
// Two sorts of texts: queries that shoppers typed (SuggestedQueries), and for a shop without traffic what its
// catalogue is about (SuggestedTexts): brands, categories, brand with category, heads of titles.
//
// A text is worth its weight, a whole prefix kWholePrefix times that; one with typing errors comes behind all
// others.  Find() looks up two ends in a sorted list and takes the best between; with typing errors it
// compares the texts with words of the same first letter, at most kComparedMax of them.
//
// Thread safety: immutable.

#ifndef ATTUNE_SEARCH_SUGGESTIONS_H_
#define ATTUNE_SEARCH_SUGGESTIONS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog_view.h"
#include "search/search_analytics.h"

namespace attune::search {

struct Suggestion {
  std::string text;      // As people write it.
  std::string normal;    // NormalQuery() of it.
  std::string language;  // "de"; empty: of any.
  double weight = 0;     // Of queries: searches, fading; of the catalogue: products.
};

class Suggestions {
 public:
  static constexpr double kWholePrefix = 2;
  static constexpr size_t kComparedMax = 20'000;

  Suggestions() = default;
  explicit Suggestions(std::vector<Suggestion> texts);

  // At most `limit`, best first; `typed` is a NormalQuery(), and empty for the best of all.  `language`: of
  // others nothing is suggested; empty: of all.
  std::vector<const Suggestion*> Find(std::string_view typed, std::string_view language, size_t limit) const;

  size_t size() const { return texts_.size(); }

 private:
  struct WordStart {
    uint32_t text = 0;
    uint32_t offset = 0;
  };
  struct Fit {
    uint32_t text = 0;
    int edits = 0;
    double worth = 0;
  };
  std::string_view From(const WordStart& start) const {
    return std::string_view(texts_[start.text].normal).substr(start.offset);
  }
  void FindPrefixes(std::string_view typed, std::string_view language, std::vector<Fit>& fits) const;
  void FindMistyped(std::string_view typed, std::string_view language, std::vector<Fit>& fits) const;
  std::vector<const Suggestion*> Best(std::vector<Fit> fits, size_t limit) const;

  std::vector<Suggestion> texts_;  // The heaviest first.
  std::vector<WordStart> starts_;  // In the order of what begins there.
};

// Of queries that two shoppers typed and that still find something.  `language` is the store's own.
std::vector<Suggestion> SuggestedQueries(const SearchAnalytics& analytics, std::string_view language,
                                         int64_t now_ms);
std::vector<Suggestion> SuggestedTexts(const catalog::CatalogView& catalog, std::string_view language);

// HTML: escaped, and in <em> the beginnings of words that were typed.
std::string MarkTyped(std::string_view text, std::string_view typed);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SUGGESTIONS_H_
