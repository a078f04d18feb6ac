// attune evaluate next-basket, lifetime-value, order-completion: what shoppers buy again, and together.

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "base/clock.h"
#include "cli/evaluate_verb.h"
#include "cli/local_store.h"
#include "models/evaluate_lifetime_value.h"
#include "models/evaluate_next_basket.h"
#include "models/evaluate_order_completion.h"

namespace attune::cli {
namespace {

struct PurchaseEvaluationOptions {
  std::string transactions;
  std::string history;
  std::string future;
  std::string orders;
  bool json = false;
  bool validation = false;
  TuneFlags tune;
  int threads = 2;
};

Status LifetimeValue(const PurchaseEvaluationOptions& options) {
  ASSIGN_OR_RETURN(std::istringstream transactions, ReadText(options.transactions));
  ASSIGN_OR_RETURN(const auto result, models::EvaluateLifetimeValue(transactions, SystemClock(), {}));
  Print(result, &models::FormatLifetimeValueTable, &models::WriteLifetimeValueJson, options.json);
  return Status();
}

Status NextBasket(const PurchaseEvaluationOptions& options) {
  ASSIGN_OR_RETURN(const std::istringstream history, ReadText(options.history));
  ASSIGN_OR_RETURN(const std::istringstream future, ReadText(options.future));
  ASSIGN_OR_RETURN(const auto result,
                   models::EvaluateNextBasket(history.view(), future.view(), SystemClock(), {}));
  Print(result, &models::FormatNextBasketTable, &models::WriteNextBasketJson, options.json);
  return Status();
}

Status OrderCompletion(const PurchaseEvaluationOptions& options) {
  ASSIGN_OR_RETURN(std::istringstream orders, ReadText(options.orders));
  models::OrderCompletionOptions evaluation;
  evaluation.is_validation = options.validation;
  evaluation.tuning = options.tune.Tuning();
  evaluation.threads = options.threads;
  evaluation.progress = &ShowProgress;
  ASSIGN_OR_RETURN(const auto result, models::EvaluateOrderCompletion(orders, evaluation));
  Print(result, &models::FormatOrderCompletionTable, &models::WriteOrderCompletionJson, options.json);
  return Status();
}

}  // namespace

void AddPurchaseEvaluations(CLI::App& evaluate, std::vector<Verb>& verbs) {
  auto options = std::make_shared<PurchaseEvaluationOptions>();
  const auto add = [&](const char* name, const char* help, Status (*run)(const PurchaseEvaluationOptions&)) {
    CLI::App* verb = evaluate.add_subcommand(name, help);
    verb->add_flag("--json", options->json, "one JSON object on the last line");
    verbs.push_back({verb, [options, run] {
                       const Status done = run(*options);
                       return done.ok() ? 0 : Fail(done);
                     }});
    return verb;
  };
  CLI::App* lifetime =
      add("lifetime-value", "repeat purchases forecast by BG/NBD and Gamma-Gamma", &LifetimeValue);
  lifetime->add_option("--transactions", options->transactions, "customer, date, units, value, as in CDNOW")
      ->required();
  CLI::App* basket =
      add("next-basket", "the next basket of every user of a history and a future file", &NextBasket);
  basket->add_option("--history", options->history, "{user: [[-1], basket, ..., [-1]]}")->required();
  basket->add_option("--future", options->future, "the same; the first basket is to be found")->required();
  CLI::App* completion =
      add("order-completion", "what else is in an order, by bought_together and by counts", &OrderCompletion);
  completion->add_option("--orders", options->orders, "order lines like Online Retail's")->required();
  completion->add_flag("--validation", options->validation, "ask for the end of the training part instead");
  AddTuneFlags(*completion, options->tune)->excludes("--validation");
  completion->add_option("--threads", options->threads, "threads; the result does not depend on it")
      ->check(CLI::Range(1, 64));
}

}  // namespace attune::cli
