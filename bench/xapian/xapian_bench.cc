// `attune evaluate search` with rows for Xapian over the same texts.
//
//   build/release/bench/xapian/xapian_bench CATALOG JUDGEMENTS [MADE_QUERIES [TYPOS]]

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "base/clock.h"
#include "search/evaluate_search.h"
#include "search/evaluate_typos.h"
#include "search/feed_catalog.h"
#include "xapian_search.h"

namespace attune::search {
namespace {

int Fail(const Status& status) {
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}

int Print(const Result<SearchEvaluation>& evaluation) {
  if (!evaluation.ok()) return Fail(evaluation.status());
  std::puts(FormatSearchTable(*evaluation).c_str());
  return 0;
}

int Run(const std::string& catalog_path, const std::string& judgements_path, uint32_t made_queries,
        uint32_t typos) {
  const auto catalog = ReadFeedCatalog(catalog_path);
  if (!catalog.ok()) return Fail(catalog.status());
  SearchEvaluationOptions options;
  options.others = {XapianSearch(false), XapianSearch(true)};
  const SystemClock clock;
  std::ifstream judgements(judgements_path);
  if (Print(EvaluateSearch(**catalog, judgements, clock, options)) != 0) return 1;
  if (made_queries > 0 &&
      Print(EvaluateMadeQueries(**catalog, {.count = made_queries}, clock, options)) != 0) {
    return 1;
  }
  if (typos == 0) return 0;
  const auto typed = EvaluateTypos(**catalog, {.count = typos, .others = options.others});
  if (!typed.ok()) return Fail(typed.status());
  std::puts(FormatTypoTable(*typed).c_str());
  return 0;
}

}  // namespace
}  // namespace attune::search

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "xapian_bench CATALOG JUDGEMENTS [MADE_QUERIES]\n");
    return 1;
  }
  const auto made = static_cast<uint32_t>(argc > 3 ? std::atoi(argv[3]) : 0);
  const auto typos = static_cast<uint32_t>(argc > 4 ? std::atoi(argv[4]) : 0);
  return attune::search::Run(argv[1], argv[2], made, typos);
}
