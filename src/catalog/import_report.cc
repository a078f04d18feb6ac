#include "catalog/import_report.h"

#include <algorithm>
#include <cstdio>

#include "catalog/limits.h"

namespace attune::catalog {
namespace {

// "variants[12].price" => "variants[].price", so that one mistake is one reason.
std::string WithoutPositions(const std::string& field) {
  std::string plain;
  bool is_inside = false;
  for (const char c : field) {
    if (c == ']') is_inside = false;
    if (!is_inside) plain += c;
    if (c == '[') is_inside = true;
  }
  return plain;
}

}  // namespace

void ImportReport::Reject(const Status& status, uint64_t line, uint64_t rows) {
  rows_rejected += rows;
  const std::string message = status.message().substr(0, status.message().find(": "));
  std::pair<std::string, std::string> key(WithoutPositions(status.field()), message);
  if (reasons_.size() >= kReportReasonsMax && !reasons_.contains(key)) key = {"", "further reasons"};
  ImportReason& reason = reasons_[key];
  reason.field = key.first;
  reason.message = key.second;
  reason.count += rows;
  if (reason.examples.size() < kReportExamplesMax) {
    const std::string where = status.field().empty() ? "" : status.field() + " ";
    reason.examples.push_back({line, where + status.message()});
  }
}

std::vector<ImportReason> ImportReport::reasons() const {
  std::vector<ImportReason> sorted;
  for (const auto& [key, reason] : reasons_) sorted.push_back(reason);
  std::sort(sorted.begin(), sorted.end(), [](const ImportReason& a, const ImportReason& b) {
    if (a.count != b.count) return a.count > b.count;
    return a.field != b.field ? a.field < b.field : a.message < b.message;
  });
  return sorted;
}

std::string ImportReport::ToText(double seconds) const {
  std::string text = "read " + std::to_string(rows_read) + " rows, took " + std::to_string(rows_accepted) +
                     ", refused " + std::to_string(rows_rejected) + ", made " + std::to_string(products) +
                     " products";
  if (seconds > 0) {
    char rate[64];
    std::snprintf(rate, sizeof(rate), " in %.1f s (%.0f rows/s)", seconds,
                  static_cast<double>(rows_read) / seconds);
    text += rate;
  }
  text += "\n";
  for (const ImportReason& reason : reasons()) {
    text += "  refused " + std::to_string(reason.count) + ": ";
    text += reason.field.empty() ? reason.message : reason.field + " " + reason.message;
    text += "\n";
    for (const ImportExample& example : reason.examples) {
      text += "    line " + std::to_string(example.line) + ": " + example.message + "\n";
    }
  }
  return text;
}

}  // namespace attune::catalog
