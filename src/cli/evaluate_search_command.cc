// attune evaluate search: how well products are found, by judgements.

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "catalog/product_import.h"
#include "catalog/product_merge.h"
#include "cli/commands.h"
#include "cli/evaluate_verb.h"
#include "cli/local_store.h"
#include "models/catalog_of_products.h"
#include "search/evaluate_search.h"

namespace attune::cli {
namespace {

struct SearchEvaluationArguments {
  std::string catalog;
  std::string judgements;
  std::string locale = "en";
  bool json = false;
};

// Through the importer and the mapping that it guesses, as a shop's feed goes.
Result<std::vector<catalog::Product>> ReadProducts(const std::string& path) {
  ASSIGN_OR_RETURN(auto source, catalog::OpenImportFile(path));
  catalog::ProductImportOptions options;
  options.default_currency = *Currency::Parse("EUR");  // Prices decide nothing here.
  ASSIGN_OR_RETURN(auto import, catalog::ProductImport::Open(std::move(source), options));
  std::vector<catalog::Product> products;
  std::vector<catalog::FieldClocks> clocks;
  std::map<std::string, size_t> places;
  const auto fold = [&](const catalog::ProductChange& change) {
    const auto [place, is_new] = places.try_emplace(change.product_id, products.size());
    if (is_new) {
      products.emplace_back();
      clocks.emplace_back();
    }
    catalog::Product& product = products[place->second];
    catalog::MergeResult merged =
        catalog::MergeProduct(is_new ? nullptr : &product, change, 0, clocks[place->second]);
    if (merged.is_changed) product = std::move(merged.product);
    return Status();
  };
  RETURN_IF_ERROR(
      catalog::RunProductImport(*import, SystemClock(), fold, [](const catalog::ImportProgress&) {}));
  return products;
}

Status Search(const SearchEvaluationArguments& arguments) {
  ASSIGN_OR_RETURN(std::vector<catalog::Product> products, ReadProducts(arguments.catalog));
  const auto catalog = models::CatalogOfProducts(std::move(products));
  ASSIGN_OR_RETURN(std::istringstream judgements, ReadText(arguments.judgements));
  ASSIGN_OR_RETURN(const auto result,
                   search::EvaluateSearch(*catalog, judgements, SystemClock(), {.locale = arguments.locale}));
  Print(result, &search::FormatSearchTable, &search::WriteSearchJson, arguments.json);
  return Status();
}

}  // namespace

void AddSearchEvaluations(CLI::App& evaluate, std::vector<Verb>& verbs) {
  auto arguments = std::make_shared<SearchEvaluationArguments>();
  CLI::App* verb = evaluate.add_subcommand("search", "how well products are found, by judgements of people");
  verb->add_option("--catalog", arguments->catalog,
                   "a feed of products, as `attune import products` takes it")
      ->required();
  verb->add_option("--judgements", arguments->judgements, "CSV: query, product_id, grade (0 to 3)")
      ->required();
  verb->add_option("--locale", arguments->locale, "language of the texts and of the queries");
  verb->add_flag("--json", arguments->json, "one JSON object on the last line");
  verbs.push_back({verb, [arguments] {
                     const Status done = Search(*arguments);
                     return done.ok() ? 0 : Fail(done);
                   }});
}

}  // namespace attune::cli
