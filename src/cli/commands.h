// The verbs of `attune`, one file each.
//
// Each function adds its verb to `app` and returns what to run when that verb was given; the result is the
// exit code: 0 done, 1 it failed (one sentence on standard error), 2 the command line is wrong, 3 an import
// is done and some rows were not taken.
//
// Thread safety: called once, by main.

#ifndef ATTUNE_CLI_COMMANDS_H_
#define ATTUNE_CLI_COMMANDS_H_

#include <functional>
#include <vector>

namespace CLI {
class App;
}

namespace attune::cli {

struct Verb {
  const CLI::App* app = nullptr;
  std::function<int()> run;
};

void AddServe(CLI::App& app, std::vector<Verb>& verbs);
void AddDemo(CLI::App& app, std::vector<Verb>& verbs);
void AddImport(CLI::App& app, std::vector<Verb>& verbs);
void AddEvaluate(CLI::App& app, std::vector<Verb>& verbs);
void AddKeys(CLI::App& app, std::vector<Verb>& verbs);
void AddBackup(CLI::App& app, std::vector<Verb>& verbs);
void AddModels(CLI::App& app, std::vector<Verb>& verbs);
void AddReplay(CLI::App& app, std::vector<Verb>& verbs);
void AddSimulate(CLI::App& app, std::vector<Verb>& verbs);

}  // namespace attune::cli

#endif  // ATTUNE_CLI_COMMANDS_H_
