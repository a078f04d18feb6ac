// One search from text to ranked products: words, understanding, matching, and an order by more than words.
//
//   1. the query is read (query_words.h) and understood (understanding.h); words of prices are not looked for
//   2. products match (match.h); where a page is not filled, the nearest by vector follow
//   3. the first `ranked_hits` are scored: score / idf of the query + sum of weight * feature
//      (search_features.h)
//   4. order: exact names first, then what fits the price that is asked for, then the rung, then
//        in a store   the score with popularity, taste and boosts (rank_hits.h)
//        without      the score
//        learned      the first of that order by what a ranker makes of it and of the features
//                        (search_ranker.h)
//      what lies behind keeps its order
//
// Thread safety: const functions from any thread; what it points to must outlive it.

#ifndef ATTUNE_SEARCH_PRODUCT_SEARCH_H_
#define ATTUNE_SEARCH_PRODUCT_SEARCH_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "search/match.h"
#include "search/search_features.h"
#include "search/search_ranker.h"
#include "text/analyzer.h"

namespace attune::search {

// Hits that are ranked by more than their words.
inline constexpr uint32_t kRankedHits = 200;

// What gained nothing on made queries is off (docs/models/search.md).
struct RankingWeights {
  float values = 0;
  float kind = 0;
  float cheap = 0.6F;  // Of a wish for low prices, or for high ones.
  float query_cosine = 0;
  float hits_cosine = 0;
};

inline constexpr int kRankingWeightCount = 5;

struct ProductSearchOptions {
  QueryOptions query;
  MatchOptions match;
  bool understands = true;
  RankingWeights weights;
  uint32_t nearest_max = 0;  // Products that are added by vector where the words do not fill a page.
  uint32_t ranked_hits = kRankedHits;
  // False: features are made where the order needs them (a price that is asked for), and not for trees.
  bool makes_features = true;
};

// What was found, before it is ordered.
struct SearchCandidates {
  QueryWords query;
  Understanding understanding;
  MatchResult found;                          // Its hits: match.hits_max of them, at least ranked_hits.
  std::vector<SearchFeatures::Row> features;  // Of the first hits; empty when they are not needed.
  std::vector<float> scores;                  // Of the first hits, before a ranker; in units of total_idf.
  float total_idf = 0;                        // Of the query's words.

  // 1: the price is as the query asks; 0: it is not; between the two: nothing is asked, or it has none.
  float PriceFitOf(size_t hit) const;
};

class ProductSearch {
 public:
  ProductSearch(const SearchIndex& index, const text::Analyzer& analyzer, const RankingSources& sources)
      : index_(index), analyzer_(analyzer), sources_(sources) {}

  SearchCandidates Find(std::string_view text, const ProductSearchOptions& options) const;
  // Puts hits, features and scores in order.  `ranker` may be null.  REQUIRES: makes_features.
  static void Rank(const SearchRanker* ranker, SearchCandidates& candidates);

 private:
  void Score(const ProductSearchOptions& options, SearchCandidates& candidates) const;
  void AddNearest(const ProductSearchOptions& options, SearchCandidates& candidates) const;

  const SearchIndex& index_;
  const text::Analyzer& analyzer_;
  const RankingSources sources_;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_PRODUCT_SEARCH_H_
