// attune evaluate: published protocols on the code that serves.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "catalog/import_source.h"
#include "cli/commands.h"
#include "cli/local_store.h"
#include "models/evaluate_next_item.h"
#include "models/evaluate_purchase.h"
#include "models/evaluate_sessions.h"
#include "models/evaluate_store.h"
#include "models/evaluate_top_n.h"

namespace attune::cli {
namespace {

struct EvaluateOptions {
  std::string sequences;
  std::string train;
  std::string test;
  std::string orders;
  std::string events;
  bool json = false;
  bool validation = false;
  bool attention = false;
  int seeds = 3;
  int threads = 2;
};

constexpr size_t kReadBytes = 1 << 20;

// Benchmark files are small enough to be held: .gz and .xz are read like plain ones.
Result<std::istringstream> ReadText(const std::string& path) {
  ASSIGN_OR_RETURN(auto source, catalog::OpenImportFile(path));
  std::string text;
  std::string part(kReadBytes, '\0');
  while (true) {
    ASSIGN_OR_RETURN(const size_t count, source->Read(part.data(), part.size()));
    if (count == 0) break;
    text.append(part, 0, count);
  }
  return std::istringstream(std::move(text));
}

void ShowProgress(std::string_view stage, double share) {
  std::fprintf(stderr, "\r  %-40.*s %3.0f %%", static_cast<int>(stage.size()), stage.data(), 100 * share);
  if (share >= 1) std::fputc('\n', stderr);
}

template <class Evaluation>
void Print(const Evaluation& evaluation, std::string (*format)(const Evaluation&),
           void (*write)(const Evaluation&, JsonWriter&), bool json) {
  std::fputc('\n', stderr);
  std::puts(format(evaluation).c_str());
  if (!json) return;
  JsonWriter writer;
  write(evaluation, writer);
  std::puts(writer.TakeText().c_str());
}

Status NextItem(const EvaluateOptions& options) {
  ASSIGN_OR_RETURN(std::istringstream sequences, ReadText(options.sequences));
  models::NextItemEvaluationOptions evaluation;
  using Target = models::NextItemEvaluationOptions::Target;
  evaluation.target = options.validation ? Target::kValidation : Target::kTest;
  evaluation.threads = static_cast<uint32_t>(options.threads);
  evaluation.progress = &ShowProgress;
  if (options.attention) evaluation.attention = models::AttentionOptions();
  std::vector<models::NextItemEvaluation> results;
  for (int seed = 1; seed <= (options.attention ? options.seeds : 1); ++seed) {
    evaluation.attention.seed = static_cast<uint64_t>(seed);
    sequences.clear();
    sequences.seekg(0);
    ASSIGN_OR_RETURN(results.emplace_back(), models::EvaluateNextItem(sequences, SystemClock(), evaluation));
  }
  Print(models::MeanOfSeeds(results), &models::FormatNextItemTable, &models::WriteNextItemJson, options.json);
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

Status Sessions(const EvaluateOptions& options) {
  ASSIGN_OR_RETURN(std::istringstream train, ReadText(options.train));
  std::istringstream test;
  if (!options.validation) {
    ASSIGN_OR_RETURN(test, ReadText(options.test));
  }
  models::SessionEvaluationOptions evaluation;
  evaluation.validation = options.validation;
  evaluation.threads = static_cast<uint32_t>(options.threads);
  evaluation.progress = &ShowProgress;
  ASSIGN_OR_RETURN(const auto result, models::EvaluateSessions(train, test, SystemClock(), evaluation));
  Print(result, &models::FormatSessionTable, &models::WriteSessionJson, options.json);
  return Status();
}

Status Purchase(const EvaluateOptions& options) {
  ASSIGN_OR_RETURN(std::istringstream events, ReadText(options.events));
  ASSIGN_OR_RETURN(std::istringstream test, ReadText(options.test));
  models::PurchaseEvaluationOptions evaluation;
  evaluation.threads = static_cast<uint32_t>(options.threads);
  evaluation.progress = &ShowProgress;
  ASSIGN_OR_RETURN(const auto result, models::EvaluatePurchase(events, test, SystemClock(), evaluation));
  Print(result, &models::FormatPurchaseTable, &models::WritePurchaseJson, options.json);
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
  next_item->add_flag("--attention", options->attention, "with the self-attentive model, where it helps");
  next_item->add_option("--seeds", options->seeds, "runs of --attention that are averaged")
      ->check(CLI::Range(1, 100));
  CLI::App* top_n = add("top-n", "a train and a test file, full ranking", &TopN);
  top_n->add_option("--train", options->train, "`user item item ...` per line")->required();
  top_n->add_option("--test", options->test, "the same; what is to be found")->required();
  CLI::App* sessions = add("sessions", "the next click of a visit, full ranking", &Sessions);
  sessions->add_option("--train", options->train, "a session per line, oldest first")->required();
  sessions->add_option("--test", options->test, "`item item ...<TAB>next` per line")->required();
  sessions->add_flag("--validation", options->validation, "ask the newest training sessions instead");
  CLI::App* purchase = add("purchase", "the next purchase from views, carts and purchases", &Purchase);
  purchase->add_option("--events", options->events, "TSV: user, item, behavior, unix_time")->required();
  purchase->add_option("--test", options->test, "`user item` per line: what was bought next")->required();
  CLI::App* store = add("store", "a shop's own order lines: last orders, and a split by time", &Store);
  store->add_option("--orders", options->orders, "order lines like Online Retail's")->required();
  store->add_flag("--validation", options->validation, "ask for the order before the last instead");
}

}  // namespace attune::cli
