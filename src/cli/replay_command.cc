// attune replay: makes recorded decisions again from the log, and holds the bytes against each other; with a
// draft of merchandising rules it tells what they would have changed.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "cli/commands.h"
#include "cli/local_store.h"
#include "decisions/rule_json.h"
#include "server/replay_store.h"
#include "server/store_registry.h"

namespace attune::cli {
namespace {

struct ReplayOptions {
  std::string data;
  std::string store;
  std::string decision;
  uint64_t last = 1000;
  std::string rules;  // A file; empty: none.
};

Result<std::optional<decisions::RuleDraft>> ReadDraft(const std::string& path) {
  if (path.empty()) return std::optional<decisions::RuleDraft>();
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) return NotFound("cannot read " + path);
  ASSIGN_OR_RETURN(decisions::RuleDraft draft, decisions::ParseRuleDraft(text.str()));
  return std::optional<decisions::RuleDraft>(std::move(draft));
}

int Replay(const ReplayOptions& options) {
  const auto draft = ReadDraft(options.rules);
  if (!draft.ok()) return Fail(draft.status());
  const auto report = server::ReplayStore(server::StoreFolder(options.data, options.store), options.decision,
                                          options.last, *draft ? &**draft : nullptr);
  if (!report.ok()) return Fail(report.status());
  for (const auto& [id, difference] : report->differences)
    std::printf("%s  %s\n", id.c_str(), difference.c_str());
  std::printf(
      "%llu decisions made again: %llu the same bytes, %llu differ, %llu not replayable (generation gone), "
      "%llu too old (retention)\n",
      static_cast<unsigned long long>(report->replayed), static_cast<unsigned long long>(report->same),
      static_cast<unsigned long long>(report->differences.size()),
      static_cast<unsigned long long>(report->not_replayable),
      static_cast<unsigned long long>(report->too_old.size()));
  if (!report->dry_run.empty()) std::printf("%s\n", report->dry_run.c_str());
  return report->differences.empty() ? 0 : 1;
}

}  // namespace

void AddReplay(CLI::App& app, std::vector<Verb>& verbs) {
  auto options = std::make_shared<ReplayOptions>();
  CLI::App* verb = app.add_subcommand("replay", "make recorded decisions again and compare the bytes");
  verb->add_option("--data", options->data, "the data folder")->required();
  verb->add_option("--store", options->store, "the store")->required();
  verb->add_option("--decision", options->decision, "one decision id; the latest ones when left out");
  verb->add_option("--last", options->last, "how many of the latest");
  verb->add_option("--rules", options->rules, "a draft of rules: also say what they would have changed");
  verbs.push_back({verb, [options] { return Replay(*options); }});
}

}  // namespace attune::cli
