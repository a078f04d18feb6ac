// How well products are found, by the judgements of people (`attune evaluate search`).
//
// Protocol: judgements are `query, product_id, grade`, grades 0 to 3; the gain of a product is 2^grade - 1,
// and nDCG@10 is the sum of gain / log2(place + 1) over the first ten, divided by the same of the ideal list,
// which is made of all judged products of the query.
//
//   ndcg@10            products that nobody judged gain nothing: a lower bound, and kind to the system whose
//                      results were judged
//   ndcg_condensed@10  products that nobody judged are taken out of the list first (Sakai, "Alternatives to
//                      Bpref", SIGIR 2007)
//   judged@10          share of the first ten that somebody judged
//
// Queries without a product of grade 1 or more have no ideal list and are left out.  Times are those of one
// query on one thread, from its text to ten hits.
//
// Rows: plain BM25 (plain_bm25.h) over title, name, brand and description; the index as it is served, and
// with parts of it off.
//
// Thread safety: pure function.

#ifndef ATTUNE_SEARCH_EVALUATE_SEARCH_H_
#define ATTUNE_SEARCH_EVALUATE_SEARCH_H_

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "models/bootstrap.h"

namespace attune::search {

struct SearchEvaluationOptions {
  std::string locale = "en";
};

struct SearchQuality {
  std::string name;
  double ndcg_at_10 = 0;
  double ndcg_condensed_at_10 = 0;
  double judged_at_10 = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  // Condensed nDCG minus that of the first row, over queries.
  models::BootstrapInterval gain;
};

struct SearchEvaluation {
  uint64_t products = 0;
  uint64_t queries = 0;
  uint64_t queries_left_out = 0;
  double index_seconds = 0;
  std::vector<SearchQuality> rows;  // Plain BM25 first, the index as it is served last.

  const SearchQuality& served() const { return rows.back(); }
};

// Fails with kInvalidArgument, naming line and column, and when no query has a relevant product.
Result<SearchEvaluation> EvaluateSearch(const catalog::CatalogView& catalog, std::istream& judgements,
                                        const Clock& clock, const SearchEvaluationOptions& options);

// A table for people, with a line per row.
std::string FormatSearchTable(const SearchEvaluation& evaluation);
// {"ndcg@10":..,"ndcg_condensed@10":..,"judged@10":..,"p50_ms":..,"p99_ms":..,...,"rows":{..}}
void WriteSearchJson(const SearchEvaluation& evaluation, JsonWriter& json);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_EVALUATE_SEARCH_H_
