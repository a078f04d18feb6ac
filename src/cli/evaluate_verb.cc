#include "cli/evaluate_verb.h"

#include "catalog/import_source.h"

namespace attune::cli {
namespace {

constexpr size_t kReadBytes = 1 << 20;

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

}  // namespace attune::cli
