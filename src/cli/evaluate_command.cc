// attune evaluate: published protocols on the code that serves.

#include <CLI/CLI.hpp>
#include <memory>
#include <sstream>
#include <string>

#include "cli/commands.h"
#include "cli/evaluate_verb.h"
#include "cli/local_store.h"
#include "models/evaluate_next_item.h"
#include "models/evaluate_store.h"
#include "models/evaluate_top_n.h"

namespace attune::cli {
namespace {

struct EvaluateOptions {
  std::string sequences;
  std::string train;
  std::string test;
  std::string orders;
  bool json = false;
  bool validation = false;
  int threads = 2;
};

Status NextItem(const EvaluateOptions& options) {
  ASSIGN_OR_RETURN(std::istringstream sequences, ReadText(options.sequences));
  models::NextItemEvaluationOptions evaluation;
  using Target = models::NextItemEvaluationOptions::Target;
  evaluation.target = options.validation ? Target::kValidation : Target::kTest;
  evaluation.threads = static_cast<uint32_t>(options.threads);
  evaluation.progress = &ShowProgress;
  ASSIGN_OR_RETURN(const auto result, models::EvaluateNextItem(sequences, SystemClock(), evaluation));
  Print(result, &models::FormatNextItemTable, &models::WriteNextItemJson, options.json);
  return Status();
}

Status TopN(const EvaluateOptions& options) {
  ASSIGN_OR_RETURN(std::istringstream train, ReadText(options.train));
  ASSIGN_OR_RETURN(std::istringstream test, ReadText(options.test));
  models::TopNEvaluationOptions evaluation;
  evaluation.threads = static_cast<uint32_t>(options.threads);
  evaluation.progress = &ShowProgress;
  ASSIGN_OR_RETURN(const auto result, models::EvaluateTopN(train, test, SystemClock(), evaluation));
  Print(result, &models::FormatTopNTable, &models::WriteTopNJson, options.json);
  return Status();
}

Status Store(const EvaluateOptions& options) {
  ASSIGN_OR_RETURN(std::istringstream orders, ReadText(options.orders));
  models::StoreEvaluationOptions evaluation;
  using Target = models::StoreEvaluationOptions::Target;
  evaluation.target = options.validation ? Target::kSecondLastOrder : Target::kLastOrder;
  evaluation.threads = options.threads;
  evaluation.progress = &ShowProgress;
  ASSIGN_OR_RETURN(const auto result, models::EvaluateStore(orders, SystemClock(), evaluation));
  Print(result, &models::FormatStoreTable, &models::WriteStoreJson, options.json);
  return Status();
}

}  // namespace

void AddEvaluate(CLI::App& app, std::vector<Verb>& verbs) {
  auto options = std::make_shared<EvaluateOptions>();
  CLI::App* evaluate = app.add_subcommand("evaluate", "published protocols on the code that serves");
  evaluate->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, Status (*run)(const EvaluateOptions&)) {
    CLI::App* verb = evaluate->add_subcommand(name, help);
    verb->add_flag("--json", options->json, "one JSON object on the last line");
    verb->add_option("--threads", options->threads, "threads; the result does not depend on it")
        ->check(CLI::Range(1, 64));
    verbs.push_back({verb, [options, run] {
                       const Status done = run(*options);
                       return done.ok() ? 0 : Fail(done);
                     }});
    return verb;
  };
  CLI::App* next_item = add("next-item", "leave the last item of each sequence out", &NextItem);
  next_item->add_option("--sequences", options->sequences, "`user item item ...` per line, oldest first")
      ->required();
  next_item->add_flag("--validation", options->validation, "ask for the item before the last instead");
  CLI::App* top_n = add("top-n", "a train and a test file, full ranking", &TopN);
  top_n->add_option("--train", options->train, "`user item item ...` per line")->required();
  top_n->add_option("--test", options->test, "the same; what is to be found")->required();
  CLI::App* store = add("store", "a shop's own order lines: last orders, and a split by time", &Store);
  store->add_option("--orders", options->orders, "order lines like Online Retail's")->required();
  store->add_flag("--validation", options->validation, "ask for the order before the last instead");
  AddPurchaseEvaluations(*evaluate, verbs);
}

}  // namespace attune::cli
