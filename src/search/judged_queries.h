// Queries with what is known of the products for them, and how good a list is by that.
//
// The gain of a product is 2^grade - 1, and nDCG@10 is the sum of gain / log2(place + 1) over the first ten,
// divided by the same of the ideal list, which is made of all judged products of the query.
//
//   ndcg        products that nobody judged gain nothing: a lower bound, and kind to the system whose results
//               were judged
//   condensed   products that nobody judged are taken out of the list first (Sakai, "Alternatives to Bpref",
//               SIGIR 2007)
//   judged      share of the first ten that somebody judged
//
// Thread safety: pure functions and value types.

#ifndef ATTUNE_SEARCH_JUDGED_QUERIES_H_
#define ATTUNE_SEARCH_JUDGED_QUERIES_H_

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "catalog/catalog_view.h"

namespace attune::search {

inline constexpr size_t kJudgedPlaces = 10;

struct JudgedQuery {
  static constexpr int kUnjudged = -1;

  std::string text;
  std::string kind;                                  // What sort of query it is; empty for those of people.
  std::vector<std::pair<ProductIndex, int>> grades;  // By product, each once; 0 to 3, or kUnjudged.
  bool others_are_unwanted = false;                  // Products that are not in `grades` have grade 0.
  std::vector<int> grades_outside;                   // Of products that are not in the catalogue.

  // Nothing: not judged.
  std::optional<int> GradeOf(ProductIndex product) const;
};

// CSV: query, product_id, grade.  Fails with kInvalidArgument, naming line and column.
Result<std::vector<JudgedQuery>> ReadJudgements(std::istream& in, const catalog::CatalogView& catalog);

double GainOf(int grade);
// 0: no product of grade 1 or more.
double IdealGain(const JudgedQuery& query);

struct ListQuality {
  double ndcg = 0;
  double condensed = 0;
  double judged = 0;
};

// REQUIRES: IdealGain(query) > 0.
ListQuality QualityOf(const JudgedQuery& query, const std::vector<ProductIndex>& found);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_JUDGED_QUERIES_H_
