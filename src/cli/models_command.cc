// attune models: which generation of models a store has, how it was trained, and whether all is well.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/import_target.h"
#include "cli/local_store.h"
#include "server/model_keeper.h"
#include "server/store_registry.h"
#include "server/training_status.h"

namespace attune::cli {
namespace {

struct ModelsOptions {
  std::string data;
  std::string store;
  std::string url;
  std::string key;
  bool json = false;
};

Result<server::TrainingStatus> ReadStatus(const ModelsOptions& options) {
  if (!options.url.empty()) {
    ASSIGN_OR_RETURN(const std::string text,
                     GetFromServer(options.url, options.key, options.store, "/v1/models"));
    return server::ParseTrainingStatus(text);
  }
  if (!server::IsStoreName(options.store)) {
    return InvalidArgument("must be 1 to 64 lower-case letters, digits, '_' and '-'", "store");
  }
  // The file alone: a server that runs on the folder is not disturbed.
  auto status =
      server::ModelKeeper::ReadTrainingStatus(server::StoreFolder(options.data, options.store) + "/models");
  if (!status.ok() && status.status().code() == StatusCode::kNotFound) {
    return NotFound("no generation was trained in this store yet, or there is no such store");
  }
  return status;
}

// 1 also when something is wrong with the models: for scripts that watch them.
int Models(const ModelsOptions& options) {
  if (options.url.empty() && (options.data.empty() || options.store.empty())) {
    return Fail(InvalidArgument("give --data and --store, or --url and --key"));
  }
  const auto status = ReadStatus(options);
  if (!status.ok()) return Fail(status.status());
  std::fputs(server::FormatTrainingStatus(*status).c_str(), stdout);
  if (options.json) std::puts(server::TrainingStatusToJson(*status).c_str());
  return status->is_alert() ? 1 : 0;
}

}  // namespace

void AddModels(CLI::App& app, std::vector<Verb>& verbs) {
  auto options = std::make_shared<ModelsOptions>();
  CLI::App* verb =
      app.add_subcommand("models", "the generation of models that serves, and how the last training went");
  verb->add_option("--data", options->data, "the data folder");
  verb->add_option("--store", options->store, "the store");
  verb->add_option("--url", options->url, "a running server instead");
  verb->add_option("--key", options->key, "a secret key with the scope read")->envname("ATTUNE_KEY");
  verb->add_flag("--json", options->json, "one JSON object on the last line");
  verbs.push_back({verb, [options] { return Models(*options); }});
}

}  // namespace attune::cli
