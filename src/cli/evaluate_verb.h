// What the verbs of `attune evaluate` share: reading benchmark files, progress, and the table with its JSON.
//
// Thread safety: one thread, main's.

#ifndef ATTUNE_CLI_EVALUATE_VERB_H_
#define ATTUNE_CLI_EVALUATE_VERB_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/status.h"
#include "cli/commands.h"
#include "models/tuning.h"

namespace attune::cli {

// Benchmark files are small enough to be held: .gz and .xz are read like plain ones.
Result<std::istringstream> ReadText(const std::string& path);

// One line on standard error that is written over; ended when share is 1.
void ShowProgress(std::string_view stage, double share);

// The table on standard output, and one JSON object on the last line when `json`.
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

// --tune, --tune-seconds and --tune-trials: tuned settings beside the defaults.
struct TuneFlags {
  bool is_on = false;
  double seconds = 0;
  uint64_t trials = 0;

  // Ten minutes when neither limit is given; with trials alone the machine's speed changes nothing.
  std::optional<models::TuningOptions> Tuning() const;
};

// The option --tune.  `flags` must live as long as the verb.
CLI::Option* AddTuneFlags(CLI::App& verb, TuneFlags& flags);

// next-basket, lifetime-value and order-completion: what shoppers buy again, and together.
void AddPurchaseEvaluations(CLI::App& evaluate, std::vector<Verb>& verbs);

// off-policy, experiment and uplift: what decisions cause.
void AddDecisionEvaluations(CLI::App& evaluate, std::vector<Verb>& verbs);

// search: how products are found.
void AddSearchEvaluations(CLI::App& evaluate, std::vector<Verb>& verbs);

}  // namespace attune::cli

#endif  // ATTUNE_CLI_EVALUATE_VERB_H_
