// attune <verb>: see commands.h.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/commands.h"

int main(int argc, char** argv) {
  CLI::App app("attune: recommendations and more for a shop, from one process.");
  app.require_subcommand(1);
  std::vector<attune::cli::Verb> verbs;
  attune::cli::AddServe(app, verbs);
  attune::cli::AddDemo(app, verbs);
  attune::cli::AddImport(app, verbs);
  attune::cli::AddEvaluate(app, verbs);
  attune::cli::AddKeys(app, verbs);
  attune::cli::AddBackup(app, verbs);
  attune::cli::AddModels(app, verbs);
  attune::cli::AddReplay(app, verbs);
  attune::cli::AddSimulate(app, verbs);
  CLI11_PARSE(app, argc, argv);
  for (const auto& verb : verbs) {
    if (verb.app->parsed()) return verb.run();
  }
  std::fputs(app.help().c_str(), stderr);
  return 2;
}
