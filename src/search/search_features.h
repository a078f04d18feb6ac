// What tells a good hit from a bad one: the numbers that products are ranked by.
//
// All are of one query, its hits and the product, and are comparable between queries: sums over words are
// shares of the query's total idf, prices are places among the hits.  NaN: not known, or not asked.
//
// Thread safety: SearchFeatures is immutable and belongs to one answer.

#ifndef ATTUNE_SEARCH_SEARCH_FEATURES_H_
#define ATTUNE_SEARCH_SEARCH_FEATURES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "search/kind_profile.h"
#include "search/match.h"
#include "search/query_vectors.h"
#include "search/query_words.h"
#include "search/search_facts.h"
#include "search/search_index.h"
#include "search/understanding.h"

namespace attune::search {

enum SearchFeature : uint8_t {
  kScore,       // BM25F with proximity.
  kScoreShare,  // Of the best hit's.
  kScoreOfIdf,  // Of the query's idf.
  kCoverage,    // Idf of the words that are found.
  kProximity,   // Its part of the score.
  kExact,       // ExactMatch.
  kTitleScore,  // Saturated frequency in one field, over words; the fields in their order.
  kBrandScore,
  kCategoryScore,
  kTagScore,
  kAttributeScore,
  kDescriptionScore,
  kTitleMatched,  // Share of the title that the query says.
  kTitleFirst,    // Where in the title the first word stands, 0 to 1.
  kTitleLast,     // Words of the title behind the last.
  kTitleLength,
  kTitleAfterFor,  // 1: every word of the title that the query says stands behind "for" or "with".
  kValues,         // Idf of the words whose value it has, by confidence.
  kBrandMeant,     // 1: of the brand that is meant; 0: of another.
  kKind,           // KindProfile: place among the hits, 0 to 1.
  kKindScore,
  kPrice,       // ln.
  kPricePlace,  // Among the hits, 0 to 1.
  kPriceFits,   // 1: in the range that is asked for.
  kAttributes,  // ln of how many.
  kDescriptionLength,
  kQueryCosine,  // With the query's words.
  kHitsCosine,   // With the best hits.
  kQueryLength,
  kHead,      // 1: the title names what the query says (title_head.h).
  kHeadKind,  // Kind, by the first hits whose titles name it: place among the hits, 0 to 1.
  kHeadKindScore,
  kSearchFeatureCount,
};

std::string_view SearchFeatureName(size_t feature);

// What features are made of, beside the query; each may be null.
struct RankingSources {
  const SearchFacts* facts = nullptr;
  const QueryVectors* vectors = nullptr;
  const models::ProductVectors* product_vectors = nullptr;
  // In major units, as the request sees it; empty: that of the facts.
  std::function<std::optional<double>(ProductIndex)> price_of = {};
};

class SearchFeatures {
 public:
  using Row = std::array<float, kSearchFeatureCount>;

  // One row a hit.
  SearchFeatures(const QueryWords& query, const Understanding& understanding, std::span<const Hit> hits,
                 const SearchIndex& index, const RankingSources& sources);

  const std::vector<Row>& rows() const { return rows_; }
  double total_idf() const { return total_idf_; }

 private:
  void TakeTerms();
  void TakeTexts(size_t hit);
  void TakeFacts(size_t hit);
  void TakePrice(size_t hit);
  void TakeKinds();
  void TakeHeadKinds();
  void TakePlaces();
  void TakeVectors();

  const QueryWords& query_;
  const Understanding& understanding_;
  const std::span<const Hit> hits_;
  const SearchIndex& index_;
  const RankingSources sources_;
  double total_idf_ = 0;
  std::vector<std::pair<uint32_t, uint32_t>> terms_;  // Term, bits of the words that it stands for.
  std::array<uint32_t, 2> joining_ = {};              // "for", "with".
  std::vector<Row> rows_;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SEARCH_FEATURES_H_
