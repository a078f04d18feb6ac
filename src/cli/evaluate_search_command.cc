// attune evaluate search: how well products are found, by judgements.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/evaluate_verb.h"
#include "cli/local_store.h"
#include "search/evaluate_search.h"
#include "search/evaluate_typos.h"
#include "search/feed_catalog.h"

namespace attune::cli {
namespace {

struct SearchEvaluationArguments {
  std::string catalog;
  std::string judgements;
  std::string locale = "en";
  uint32_t made_queries = 0;
  uint32_t typos = 0;
  uint64_t seed = 1;
  std::vector<double> field_weights;
  std::vector<float> ranking_weights;
  bool json = false;
};

// Settings other than the defaults, for deciding on those.
search::ProductSearchOptions ServedBy(const SearchEvaluationArguments& arguments) {
  search::ProductSearchOptions served;
  for (size_t field = 0; field < arguments.field_weights.size(); ++field) {
    served.match.scoring.fields[field].weight = arguments.field_weights[field];
  }
  if (const std::vector<float>& weights = arguments.ranking_weights; !weights.empty()) {
    served.weights = {weights[0], weights[1], weights[2], weights[3], weights[4]};
  }
  return served;
}

Status Search(const SearchEvaluationArguments& arguments) {
  ASSIGN_OR_RETURN(const auto catalog, search::ReadFeedCatalog(arguments.catalog));
  if (arguments.typos > 0) {
    ASSIGN_OR_RETURN(const auto typos, search::EvaluateTypos(*catalog, {.count = arguments.typos,
                                                                        .seed = arguments.seed,
                                                                        .locale = arguments.locale}));
    Print(typos, &search::FormatTypoTable, &search::WriteTypoJson, arguments.json);
    return Status();
  }
  const search::SearchEvaluationOptions options = {
      .locale = arguments.locale, .progress = &ShowProgress, .served = ServedBy(arguments)};
  search::SearchEvaluation result;
  if (arguments.made_queries > 0) {
    ASSIGN_OR_RETURN(result, search::EvaluateMadeQueries(
                                 *catalog, {.count = arguments.made_queries, .seed = arguments.seed},
                                 SystemClock(), options));
  } else {
    ASSIGN_OR_RETURN(std::istringstream judgements, ReadText(arguments.judgements));
    ASSIGN_OR_RETURN(result, search::EvaluateSearch(*catalog, judgements, SystemClock(), options));
  }
  Print(result, &search::FormatSearchTable, &search::WriteSearchJson, arguments.json);
  return Status();
}

}  // namespace

void AddSearchEvaluations(CLI::App& evaluate, std::vector<Verb>& verbs) {
  auto arguments = std::make_shared<SearchEvaluationArguments>();
  CLI::App* verb = evaluate.add_subcommand("search", "how well products are found, by judgements");
  verb->add_option("--catalog", arguments->catalog,
                   "a feed of products, as `attune import products` takes it")
      ->required();
  CLI::Option* judgements =
      verb->add_option("--judgements", arguments->judgements, "CSV: query, product_id, grade (0 to 3)");
  CLI::Option* made =
      verb->add_option("--made-queries", arguments->made_queries,
                       "instead of judgements: as many queries, made from the catalogue's attributes")
          ->excludes(judgements);
  verb->add_option("--typos", arguments->typos,
                   "instead of judgements: as many titles, mistyped; how often their products are found")
      ->excludes(judgements)
      ->excludes(made);
  verb->add_option("--seed", arguments->seed, "of the queries that are made");
  verb->add_option(
          "--field-weights", arguments->field_weights,
          "of title, brand, category, tags, attributes, description: to try others than the defaults")
      ->delimiter(',')
      ->expected(static_cast<int>(search::kSearchFieldCount));
  verb->add_option("--ranking-weights", arguments->ranking_weights,
                   "of values, kind, cheap, query vector, hits' vector: likewise")
      ->delimiter(',')
      ->expected(search::kRankingWeightCount);
  verb->add_option("--locale", arguments->locale, "language of the texts and of the queries");
  verb->add_flag("--json", arguments->json, "one JSON object on the last line");
  verbs.push_back({verb, [arguments] {
                     const Status done = Search(*arguments);
                     return done.ok() ? 0 : Fail(done);
                   }});
}

}  // namespace attune::cli
