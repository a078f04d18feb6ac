// How well a product is found by a title that is mistyped (`attune evaluate search --typos N`).
//
// Queries: typo_queries.h.  Each search is asked both spellings: how often is the product first, and among
// the first ten?
//
// Thread safety: pure functions.

#ifndef ATTUNE_SEARCH_EVALUATE_TYPOS_H_
#define ATTUNE_SEARCH_EVALUATE_TYPOS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "search/measured_search.h"

namespace attune::search {

struct TypoEvaluationOptions {
  uint32_t count = 2000;
  uint64_t seed = 1;
  std::string locale = "en";
  std::vector<OtherSearch> others = {};
};

struct TypoRates {
  uint64_t queries = 0;
  double first = 0;      // Of the mistyped ones.
  double among_ten = 0;  // Likewise.
  double first_right = 0;
  double among_ten_right = 0;
};

struct TypoEvaluation {
  uint64_t products = 0;
  std::map<std::string, std::map<std::string, TypoRates>> rates;  // By search, by kind; attune is "attune".
};

// kInvalidArgument when the catalogue gives no query.
Result<TypoEvaluation> EvaluateTypos(const catalog::CatalogView& catalog,
                                     const TypoEvaluationOptions& options);

std::string FormatTypoTable(const TypoEvaluation& evaluation);
void WriteTypoJson(const TypoEvaluation& evaluation, JsonWriter& json);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_EVALUATE_TYPOS_H_
