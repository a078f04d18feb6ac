// What a shopper typed, as words, each with the terms of the index that it may stand for.
//
//   "wireles hedphones"  ->  wireles    {wireless: 1 edit}
//                            hedphones  {headphon: 1 edit}
//   "t light"            ->  t          {t: exact}  {tlight: joined, covers both}
//                            light      {light: exact}
//   "iphone7 ca"         ->  iphone7    {iphone7: exact}  {iphone and 7: split}
//                            ca         {case: prefix}  {camera: prefix}  ...
//
// Rules
//   exact    the word's own term: all its inflections.
//   prefix   of the last word, when asked for: the most frequent words that begin with it.
//   typo     of words of letters, from kOneTypoLetters on, one edit, from kTwoTyposLetters on, two; never of
//            numbers and codes. Of the words found those with the fewest edits, the most frequent first.  A
//            word that the index knows is taken to be right unless one edit leads to a word kRareTimes as
//            frequent.
//   joined   of two neighbours, and of what a hyphen links.
//   split    a word that is two words of the index in a row; the parts of a code, and of a compound.
//   synonym  what a shop says that words mean (synonyms.h).
//   id       a word with digits that is the sku, ean or id of a product.
// What is less sure weighs less beside what is surer; the best alternative of each word weighs 1.
//
// Thread safety: pure functions and value types.

#ifndef ATTUNE_SEARCH_QUERY_WORDS_H_
#define ATTUNE_SEARCH_QUERY_WORDS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "search/search_index.h"
#include "search/synonyms.h"
#include "text/analyzer.h"

namespace attune::search {

enum class AlternativeKind : uint8_t { kExact, kPrefix, kTypo, kJoined, kSplit, kId, kSynonym };

std::string_view AlternativeKindName(AlternativeKind kind);

struct Alternative {
  AlternativeKind kind = AlternativeKind::kExact;
  std::vector<uint32_t> terms;  // A document must hold all of them; kId: none.
  uint64_t name = 0;            // kId: HashName().
  float weight = 1;             // In (0, 1].
  uint32_t covers = 0;          // Bit of each query word that is found where this is found.
  uint32_t documents = 0;       // How many hold it, or more.
  std::string text;             // As a person would write it: "headphones".
};

struct QueryWord {
  std::string text;                       // Folded.
  bool is_optional = false;               // A stop word beside words that are none.
  std::vector<Alternative> alternatives;  // Empty: no document has anything like it.
  double idf = 0;
};

struct QueryWords {
  std::vector<QueryWord> words;  // At most kQueryWordsMax.
  uint64_t id_name = 0;  // The whole query as an id, a title or a brand (exact_name.h); 0 when it is empty.
  uint64_t title_name = 0;
  uint64_t brand_name = 0;

  // Bits of the words that are not optional.
  uint32_t required() const;
};

enum class PrefixUse : uint8_t {
  kNever,
  kUnknownWord,  // Only when the index does not know the last word.
  kAlways,       // While it is typed.
};

struct QueryOptions {
  PrefixUse prefix = PrefixUse::kUnknownWord;
  bool forgives_typos = true;
  const Synonyms* synonyms = nullptr;  // Null: none.
};

QueryWords ReadQuery(std::string_view text, const text::Analyzer& analyzer, const SearchIndex& index,
                     const QueryOptions& options);
// The same of a text that is analyzed already.
QueryWords ReadQuery(std::string_view text, const std::vector<text::Token>& tokens, const SearchIndex& index,
                     const QueryOptions& options);

// What was probably meant, as a person would write it, when a word that stands for nothing else was
// corrected: "wireless headphones"; empty when none was.
std::string CorrectedText(const QueryWords& query);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_QUERY_WORDS_H_
