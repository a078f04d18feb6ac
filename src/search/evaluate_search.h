// How well products are found (`attune evaluate search`): by the judgements of people, or by queries that are
// made from the catalogue (made_queries.h).  What the measures mean: judged_queries.h.
//
// Queries without a product of grade 1 or more have no ideal list and are left out.  Times are those of one
// query on one thread, from its text to ten hits.
//
// Rows: plain BM25 (plain_bm25.h) over title, name, brand and description; other searches over the same text;
// the index with parts of it off, each row with one part more than the row before, up to what is served; then
// with weights that are learned by fold (linear_ranker.h), and without those with kinds, vectors and trees
// that are learned by fold (search_ranker.h), where there are enough queries (folded_rankers.h).  Gains are
// of the condensed list: in made queries, too, a product of which the rule knows nothing is not a wrong
// answer.
//
// Thread safety: pure functions.

#ifndef ATTUNE_SEARCH_EVALUATE_SEARCH_H_
#define ATTUNE_SEARCH_EVALUATE_SEARCH_H_

#include <cstdint>
#include <functional>
#include <istream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "models/bootstrap.h"
#include "search/judged_queries.h"
#include "search/made_queries.h"
#include "search/measured_search.h"
#include "search/product_search.h"

namespace attune::search {

struct SearchEvaluationOptions {
  std::string locale = "en";
  std::vector<OtherSearch> others = {};
  std::function<void(std::string_view stage, double share)> progress = {};
  ProductSearchOptions served = {};  // What the rows build up to.
};

struct SearchQuality {
  std::string name;
  double ndcg_at_10 = 0;
  double ndcg_condensed_at_10 = 0;
  double judged_at_10 = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  models::BootstrapInterval gain;                   // Over the first row, over queries.
  models::BootstrapInterval step_gain;              // Over the row before.
  std::map<std::string, double> condensed_by_kind;  // Of made queries.
};

struct SearchEvaluation {
  uint64_t products = 0;
  uint64_t queries = 0;
  uint64_t queries_left_out = 0;
  bool is_made = false;
  double index_seconds = 0;
  std::vector<SearchQuality> rows;  // Plain BM25 first.
  size_t served_row = 0;            // As it is served; what is behind is not.

  const SearchQuality& served() const { return rows[served_row]; }
};

// Fails with kInvalidArgument, naming line and column, and when no query has a relevant product.
Result<SearchEvaluation> EvaluateSearch(const catalog::CatalogView& catalog, std::istream& judgements,
                                        const Clock& clock, const SearchEvaluationOptions& options);

// Only blind products are looked for.
Result<SearchEvaluation> EvaluateMadeQueries(const catalog::CatalogView& catalog,
                                             const MadeQueriesOptions& made, const Clock& clock,
                                             const SearchEvaluationOptions& options);

// A table for people, with a line per row.
std::string FormatSearchTable(const SearchEvaluation& evaluation);
// {"ndcg@10":..,"ndcg_condensed@10":..,"judged@10":..,"p50_ms":..,"p99_ms":..,...,"rows":{..}}
void WriteSearchJson(const SearchEvaluation& evaluation, JsonWriter& json);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_EVALUATE_SEARCH_H_
