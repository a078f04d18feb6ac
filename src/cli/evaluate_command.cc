// attune evaluate: published protocols on the code that serves.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>

#include "base/json_writer.h"
#include "catalog/import_source.h"
#include "cli/commands.h"
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
  bool ranker = false;
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

// Generations come every week here; each ranker trains the models several times over.
constexpr int64_t kRankerRetrainEveryMs = 56 * kDayMs;

Status Store(const EvaluateOptions& options) {
  ASSIGN_OR_RETURN(std::istringstream orders, ReadText(options.orders));
  models::StoreEvaluationOptions evaluation;
  using Target = models::StoreEvaluationOptions::Target;
  evaluation.target = options.validation ? Target::kSecondLastOrder : Target::kLastOrder;
  evaluation.threads = options.threads;
  evaluation.progress = &ShowProgress;
  if (options.ranker) {
    evaluation.models.ranker.emplace();
    evaluation.models.ranker->retrain_every_ms = kRankerRetrainEveryMs;
    evaluation.models.ranker->retrain_growth = 1;
  }
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
  store->add_flag("--ranker", options->ranker,
                  "train a ranker with the generations, and show its order, too");
}

}  // namespace attune::cli
