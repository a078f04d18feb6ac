// attune simulate: runs the simulator, which is a program of its own beside this one.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/local_store.h"
#include "cli/simulator_program.h"

namespace attune::cli {

std::string SimulatorPath() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path() / "attune-simulator").string();
}

void AddSimulate(CLI::App& app, std::vector<Verb>& verbs) {
  CLI::App* verb =
      app.add_subcommand("simulate", "simulated shoppers (attune-simulator); --help-all for its options");
  verb->prefix_command();
  verbs.push_back({verb, [verb] {
                     std::vector<std::string> words = verb->remaining();
                     words.insert(words.begin(), SimulatorPath());
                     std::vector<char*> arguments;
                     for (std::string& word : words) arguments.push_back(word.data());
                     arguments.push_back(nullptr);
                     execv(arguments[0], arguments.data());
                     return Fail(Unavailable("cannot run " + words[0] + ": error " + std::to_string(errno)));
                   }});
}

}  // namespace attune::cli
