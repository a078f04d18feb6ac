// attune evaluate off-policy, experiment, uplift: what decisions cause.

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/evaluate_verb.h"
#include "cli/local_store.h"
#include "experiments/evaluate_off_policy.h"
#include "experiments/simulate_experiments.h"
#include "models/evaluate_uplift.h"

namespace attune::cli {
namespace {

struct DecisionEvaluationOptions {
  std::string logs;
  std::string target;
  experiments::BanditColumns bandit;
  std::string simulate;
  experiments::SimulationOptions simulation;
  std::string data;
  models::UpliftColumns uplift;
  bool json = false;
  uint32_t threads = 2;
};

Status OffPolicy(const DecisionEvaluationOptions& options) {
  ASSIGN_OR_RETURN(const std::istringstream logs, ReadText(options.logs));
  std::istringstream target;
  if (!options.target.empty()) {
    ASSIGN_OR_RETURN(target, ReadText(options.target));
  }
  experiments::OffPolicyOptions evaluation;
  evaluation.columns = options.bandit;
  evaluation.bootstrap.threads = options.threads;
  evaluation.progress = &ShowProgress;
  const auto target_text =
      options.target.empty() ? std::nullopt : std::optional<std::string_view>(target.view());
  ASSIGN_OR_RETURN(const auto result, experiments::EvaluateOffPolicy(logs.view(), target_text, evaluation));
  Print(result, &experiments::FormatOffPolicyTable, &experiments::WriteOffPolicyJson, options.json);
  return Status();
}

Status Experiment(const DecisionEvaluationOptions& options) {
  experiments::SimulationOptions simulation = options.simulation;
  simulation.threads = options.threads;
  simulation.progress = &ShowProgress;
  ASSIGN_OR_RETURN(const auto result, experiments::SimulateExperiments(simulation));
  Print(result, &experiments::FormatSimulationTable, &experiments::WriteSimulationJson, options.json);
  return Status();
}

Status Uplift(const DecisionEvaluationOptions& options) {
  ASSIGN_OR_RETURN(const std::istringstream data, ReadText(options.data));
  models::UpliftEvaluationOptions evaluation;
  evaluation.columns = options.uplift;
  evaluation.threads = options.threads;
  evaluation.progress = &ShowProgress;
  ASSIGN_OR_RETURN(const auto result, models::EvaluateUplift(data.view(), evaluation));
  Print(result, &models::FormatUpliftTable, &models::WriteUpliftJson, options.json);
  return Status();
}

}  // namespace

void AddDecisionEvaluations(CLI::App& evaluate, std::vector<Verb>& verbs) {
  auto options = std::make_shared<DecisionEvaluationOptions>();
  const auto add = [&](const char* name, const char* help, Status (*run)(const DecisionEvaluationOptions&)) {
    CLI::App* verb = evaluate.add_subcommand(name, help);
    verb->add_flag("--json", options->json, "one JSON object on the last line");
    verb->add_option("--threads", options->threads, "threads; the result does not depend on it")
        ->check(CLI::Range(1, 64));
    verbs.push_back({verb, [options, run] {
                       const Status done = run(*options);
                       return done.ok() ? 0 : Fail(done);
                     }});
    return verb;
  };
  CLI::App* off_policy = add("off-policy", "what another policy would have earned", &OffPolicy);
  off_policy->add_option("--logs", options->logs, "CSV with action, reward, propensity, position")
      ->required();
  off_policy->add_option("--target", options->target,
                         "a log of the policy to judge; without it, every action alike is judged");
  off_policy->add_option("--action", options->bandit.action, "the column's name; else action or item_id");
  off_policy->add_option("--reward", options->bandit.reward, "else reward or click");
  off_policy->add_option("--propensity", options->bandit.propensity, "else propensity or propensity_score");
  off_policy->add_option("--position", options->bandit.position, "else position");

  CLI::App* experiment =
      add("experiment", "how often the tests are wrong, where the truth is known", &Experiment);
  experiment->add_option("--simulate", options->simulate, "a-a: arms that are equal, and beside them A/B")
      ->required()
      ->check(CLI::IsMember({"a-a"}));
  experiment->add_option("--experiments", options->simulation.experiments, "how many")
      ->check(CLI::Range(uint64_t{1}, uint64_t{10'000'000}))
      ->capture_default_str();
  experiment->add_option("--shoppers", options->simulation.shoppers, "of one experiment, both arms")
      ->check(CLI::Range(uint64_t{4}, uint64_t{100'000'000}))
      ->capture_default_str();
  experiment->add_option("--effect", options->simulation.effect, "of A/B: relative change of the conversion")
      ->capture_default_str();
  experiment->add_option("--seed", options->simulation.seed, "of all draws")->capture_default_str();

  CLI::App* uplift = add("uplift", "whom a treatment moves, from a randomised experiment", &Uplift);
  uplift->add_option("--data", options->data, "CSV; columns that are not named are features")->required();
  uplift->add_option("--treatment", options->uplift.treatment, "COL=VALUE of treated rows, or COL of 0 and 1")
      ->required();
  uplift->add_option("--control", options->uplift.control,
                     "COL=VALUE of untreated rows; without it, all that are not treated");
  uplift->add_option("--outcome", options->uplift.outcome, "the column to be moved: a number")->required();
  uplift->add_option("--ignore", options->uplift.ignore, "columns that are no features: other outcomes, ids");
}

}  // namespace attune::cli
