#include "cli/evaluate_verb.h"

#include "base/clock.h"
#include "catalog/import_source.h"

namespace attune::cli {
namespace {

constexpr size_t kReadBytes = 1 << 20;
constexpr double kTuneSeconds = 600;

}  // namespace

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

std::optional<models::TuningOptions> TuneFlags::Tuning() const {
  if (!is_on) return std::nullopt;
  static const SystemClock clock;
  models::TuningOptions tuning;
  tuning.trials_max = trials;
  tuning.seconds_max = seconds > 0 || trials > 0 ? seconds : kTuneSeconds;
  tuning.clock = &clock;
  return tuning;
}

CLI::Option* AddTuneFlags(CLI::App& verb, TuneFlags& flags) {
  CLI::Option* const tune =
      verb.add_flag("--tune", flags.is_on, "look for better settings on a validation cut, and compare");
  verb.add_option("--tune-seconds", flags.seconds, "no trial begins later; 600 when no limit is given")
      ->check(CLI::Range(0.1, 1e6))
      ->needs(tune);
  verb.add_option("--tune-trials", flags.trials, "settings tried; alone it gives the same result everywhere")
      ->check(CLI::Range(1, 1'000'000))
      ->needs(tune);
  return tune;
}

}  // namespace attune::cli
