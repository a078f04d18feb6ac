// Every limit of search, with its unit and its reason.  Nothing of a product or a query is refused here: what
// is beyond a limit is left out of the index, or of the search, and the product is still sold.

#ifndef ATTUNE_SEARCH_LIMITS_H_
#define ATTUNE_SEARCH_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace attune::search {

// --- One product -----------------------------------------------------------------------------------------

// Longer "words" are tables, keys and encoded pictures.
inline constexpr size_t kWordBytesMax = 64;
// Bytes of one field that are read.  The end of a long description says little about what the product is.
inline constexpr size_t kFieldBytesMax = 8 * 1024;
// Words kept of one field; lengths are 16 bits.
inline constexpr size_t kFieldWordsMax = 1'000;
// Exact names (ids, skus, eans, variants, title, brand): a product has at most 200 variants with three each.
inline constexpr size_t kNamesMax = 1'000;

// --- One index -------------------------------------------------------------------------------------------

// Ids of words are shifted by a bit where they are stored.
inline constexpr uint32_t kWordsMax = 1u << 30;
// Small segments and small blocks of words are merged by the writer itself, up to this many products and
// words: about 50 us.
inline constexpr uint32_t kInlineMergeProducts = 32;
inline constexpr uint32_t kInlineMergeWords = 256;
// Segments of about one size before they are merged: the price of a query grows with the number of segments,
// that of writing with log(products) / log(this).
inline constexpr uint32_t kSegmentsPerTier = 6;
// Fields with counts.
inline constexpr size_t kFacetFieldsMax = 64;
// Values that one product may have of one field.
inline constexpr size_t kFacetValuesMax = 64;
inline constexpr size_t kFacetValueBytesMax = 256;

// --- One request -----------------------------------------------------------------------------------------

// Bytes of the text of a query; kQueryBytesMax of them are read.  A whole description that was pasted.  400.
inline constexpr size_t kQueryTextBytesMax = 8 * 1024;
// Queries that are sent together: a page with its categories, suggestions and rows of facets.  400.
inline constexpr size_t kQueriesPerRequestMax = 16;
// Facets of one query, values of one facet, and values ticked of one.  400.
inline constexpr size_t kFacetsPerQueryMax = 32;
inline constexpr uint32_t kFacetAnswerDefault = 20;
inline constexpr uint32_t kFacetAnswerMax = 1'000;
inline constexpr size_t kSelectedValuesMax = 256;
// Hits of one page.  400.
inline constexpr uint32_t kHitsPerPageMax = 200;
inline constexpr uint32_t kHitsDefault = 24;
// End of the dial of personal ranking.  400.
inline constexpr uint32_t kDialMax = 100;
// Bytes of a piece of the description around the words that were found, and how many of them may stand
// before the first of these.
inline constexpr size_t kSnippetBytes = 180;
inline constexpr size_t kSnippetLeadBytes = 40;

// --- One query -------------------------------------------------------------------------------------------

// Bytes of a query that are read: what a person types, and a pasted title.
inline constexpr size_t kQueryBytesMax = 512;
// Words of a query; matched words are a bit each.
inline constexpr size_t kQueryWordsMax = 16;
// Words that a prefix stands for, the most frequent ones.
inline constexpr size_t kPrefixWordsMax = 32;
// Words that a mistyped one may have meant.
inline constexpr size_t kTypoWordsMax = 8;
// Letters from which one and two edits are forgiven.
inline constexpr size_t kOneTypoLetters = 4;
inline constexpr size_t kTwoTyposLetters = 8;
// First hits, by words alone, whose texts are looked at for words that stand together.
inline constexpr uint32_t kProximityWindow = 128;
// Hits that one answer may reach down to.
inline constexpr uint32_t kHitsMax = 10'000;

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_LIMITS_H_
