// attune evaluate: published protocols on the code that serves.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/evaluate_verb.h"
#include "cli/local_store.h"
#include "models/evaluate_cold.h"
#include "models/evaluate_next_item.h"
#include "models/evaluate_purchase.h"
#include "models/evaluate_sessions.h"
#include "models/evaluate_store.h"
#include "models/evaluate_top_n.h"
#include "models/report_page.h"
#include "models/store_report.h"
#include "server/model_keeper.h"

namespace attune::cli {
namespace {

struct EvaluateOptions {
  std::string sequences;
  std::string train;
  std::string test;
  std::string orders;
  std::string titles;
  std::string attributes;
  std::string vectors;
  double vector_share = models::ContentOptions().external_vector_share;
  std::string data;
  std::string store;
  std::string report;
  std::string events;
  bool json = false;
  bool validation = false;
  bool attention = false;
  int seeds = 3;
  bool ranker = false;
  TuneFlags tune;
  double budget_seconds = models::TopNBudget().processor_seconds;
  double budget_mb = static_cast<double>(models::TopNBudget().memory_bytes) / 1e6;
  double hold_out = 0;
  int threads = 2;
};

Status NextItem(const EvaluateOptions& options) {
  ASSIGN_OR_RETURN(std::istringstream sequences, ReadText(options.sequences));
  models::NextItemEvaluationOptions evaluation;
  using Target = models::NextItemEvaluationOptions::Target;
  evaluation.target = options.validation ? Target::kValidation : Target::kTest;
  evaluation.tuning = options.tune.Tuning();
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
  evaluation.choose = true;
  evaluation.choice.tuning = options.tune.Tuning();
  evaluation.choice.budget.processor_seconds = options.budget_seconds;
  evaluation.choice.budget.memory_bytes = static_cast<uint64_t>(options.budget_mb * 1e6);
  evaluation.hold_out_share = options.hold_out;
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
  evaluation.tuning = options.tune.Tuning();
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
  evaluation.tuning = options.tune.Tuning();
  evaluation.threads = static_cast<uint32_t>(options.threads);
  evaluation.progress = &ShowProgress;
  ASSIGN_OR_RETURN(const auto result, models::EvaluatePurchase(events, test, SystemClock(), evaluation));
  Print(result, &models::FormatPurchaseTable, &models::WritePurchaseJson, options.json);
  return Status();
}

// Generations come every week here; each ranker trains the models several times over.
constexpr int64_t kRankerRetrainEveryMs = 56 * kDayMs;

Status WriteText(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.flush();
  return file ? Status() : Unavailable("cannot write " + path);
}

// The page, and its picture beside it.
Status WriteReport(const models::StoreReport& report, const std::string& input, const std::string& path) {
  const std::filesystem::path picture = std::filesystem::path(path).replace_extension(".svg");
  const std::string command = "attune evaluate store " + input + " --report " + path;
  RETURN_IF_ERROR(WriteText(path, models::StoreReportPage(report, command, picture.filename().string())));
  return WriteText(picture.string(), models::StoreReportChart(report));
}

Status Report(const models::InteractionLog& log, const catalog::CatalogView* catalog,
              const std::string& input, const EvaluateOptions& options) {
  models::StoreReportOptions reporting;
  reporting.threads = options.threads;
  reporting.progress = &ShowProgress;
  ASSIGN_OR_RETURN(const auto report, models::MakeStoreReport(log, catalog, SystemClock(), reporting));
  Print(report, &models::FormatStoreReport, &models::WriteStoreReportJson, options.json);
  return options.report.empty() ? Status() : WriteReport(report, input, options.report);
}

// Models on the log of a store of one's own; the folder is ours while it is read.
Status OwnStore(const EvaluateOptions& options) {
  ASSIGN_OR_RETURN(const auto local, LocalStore::Open(options.data, options.store, false));
  server::Store& store = **local;
  server::ModelKeeper keeper(&store.engine(), &store.state().identities(), store.folder() + "/models",
                             &local->clock(), nullptr, models::kInteractionRowsMax);
  ASSIGN_OR_RETURN(const models::InteractionLog* const log, keeper.Interactions());
  const auto catalog = store.state().catalog_view();
  return Report(*log, catalog.get(), "--data " + options.data + " --store " + options.store, options);
}

Status Store(const EvaluateOptions& options) {
  if (!options.data.empty()) return OwnStore(options);
  if (options.orders.empty()) return InvalidArgument("give --orders, or --data and --store");
  if (!options.report.empty()) {
    ASSIGN_OR_RETURN(std::istringstream orders, ReadText(options.orders));
    ASSIGN_OR_RETURN(const models::ColdData data, models::ReadColdOrders(orders));
    return Report(data.log, data.catalog.get(), "--orders " + options.orders, options);
  }
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

Result<models::ColdData> ReadColdData(const EvaluateOptions& options) {
  std::optional<std::istringstream> vectors;
  if (!options.vectors.empty()) {
    ASSIGN_OR_RETURN(vectors, ReadText(options.vectors));
  }
  if (!options.orders.empty()) {
    ASSIGN_OR_RETURN(std::istringstream orders, ReadText(options.orders));
    return models::ReadColdOrders(orders, vectors ? &*vectors : nullptr);
  }
  if (options.sequences.empty() || options.titles.empty()) {
    return InvalidArgument("give --orders, or --sequences and --titles");
  }
  ASSIGN_OR_RETURN(std::istringstream sequences, ReadText(options.sequences));
  ASSIGN_OR_RETURN(std::istringstream titles, ReadText(options.titles));
  std::optional<std::istringstream> attributes;
  if (!options.attributes.empty()) {
    ASSIGN_OR_RETURN(attributes, ReadText(options.attributes));
  }
  return models::ReadColdSequences(sequences, titles, attributes ? &*attributes : nullptr,
                                   vectors ? &*vectors : nullptr);
}

Status Cold(const EvaluateOptions& options) {
  ASSIGN_OR_RETURN(const models::ColdData data, ReadColdData(options));
  models::ColdEvaluationOptions evaluation;
  evaluation.is_validation = options.validation;
  evaluation.threads = options.threads;
  evaluation.content.external_vector_share = static_cast<float>(options.vector_share);
  evaluation.progress = &ShowProgress;
  ASSIGN_OR_RETURN(const auto result, models::EvaluateCold(data, SystemClock(), evaluation));
  Print(result, &models::FormatColdTable, &models::WriteColdJson, options.json);
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
  AddTuneFlags(*next_item, options->tune)->excludes("--validation")->excludes("--attention");
  CLI::App* top_n = add("top-n", "a train and a test file, full ranking", &TopN);
  top_n->add_option("--train", options->train, "`user item item ...` per line")->required();
  top_n->add_option("--test", options->test, "the same; what is to be found")->required();
  AddTuneFlags(*top_n, options->tune);
  top_n
      ->add_option("--budget-seconds", options->budget_seconds,
                   "processor seconds for the choice and the training")
      ->check(CLI::Range(1.0, 1e6));
  top_n->add_option("--budget-mb", options->budget_mb, "memory that a method may take")
      ->check(CLI::Range(1.0, 1e6));
  top_n->add_option("--hold-out", options->hold_out, "measure on this share of the training file instead")
      ->check(CLI::Range(0.0, 0.9));
  CLI::App* sessions = add("sessions", "the next click of a visit, full ranking", &Sessions);
  sessions->add_option("--train", options->train, "a session per line, oldest first")->required();
  sessions->add_option("--test", options->test, "`item item ...<TAB>next` per line")->required();
  sessions->add_flag("--validation", options->validation, "ask the newest training sessions instead");
  AddTuneFlags(*sessions, options->tune)->excludes("--validation");
  CLI::App* purchase = add("purchase", "the next purchase from views, carts and purchases", &Purchase);
  purchase->add_option("--events", options->events, "TSV: user, item, behavior, unix_time")->required();
  purchase->add_option("--test", options->test, "`user item` per line: what was bought next")->required();
  AddTuneFlags(*purchase, options->tune);
  CLI::App* store = add("store", "a shop's own log: last orders, a split by time, every model", &Store);
  store->add_option("--orders", options->orders, "order lines like Online Retail's");
  store->add_option("--data", options->data,
                    "or a data folder, with --store: the log of a store of one's own");
  store->add_option("--store", options->store, "the store");
  store->add_option("--report", options->report,
                    "split by one moment, every model apart, as a Markdown page with a picture beside it");
  store->add_flag("--validation", options->validation, "ask for the order before the last instead");
  store->add_flag("--ranker", options->ranker,
                  "train a ranker with the generations, and show its order, too");
  CLI::App* cold =
      add("cold", "products that nobody has touched yet: a tenth is hidden from training", &Cold);
  cold->add_option("--orders", options->orders, "order lines like Online Retail's");
  cold->add_option("--sequences", options->sequences, "or `user item item ...` per line, with");
  cold->add_option("--titles", options->titles, "item, id, title: tab separated, with a header");
  cold->add_option("--attributes", options->attributes, "{\"item\":[attribute,..],..}");
  cold->add_option("--vectors", options->vectors, "of the products' texts, instead of those trained here");
  cold->add_option("--vector-share", options->vector_share, "of --vectors in likeness; for choosing it")
      ->check(CLI::Range(0.0, 1.0));
  cold->add_flag("--validation", options->validation, "hide another tenth, for choosing options");
  AddPurchaseEvaluations(*evaluate, verbs);
  AddDecisionEvaluations(*evaluate, verbs);
  AddSearchEvaluations(*evaluate, verbs);
}

}  // namespace attune::cli
