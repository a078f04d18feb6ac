#include "models/csv_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/utf8.h"
#include "catalog/import_csv.h"
#include "catalog/import_source.h"
#include "models/limits.h"

namespace attune::models {
namespace {

constexpr size_t kShownCellBytes = 40;

using catalog::CsvReader;

std::string OnLine(uint64_t line) { return " on line " + std::to_string(line); }

}  // namespace

std::optional<double> NumberOf(std::string_view text) {
  double number = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [rest, error] = std::from_chars(begin, end, number);
  if (error != std::errc() || rest != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

Result<CsvTable> CsvTable::Read(std::string_view text) {
  ASSIGN_OR_RETURN(auto source, catalog::OpenImportText(std::string(text)));
  catalog::ImportBuffer buffer(std::move(source));
  CsvReader reader(&buffer, catalog::GuessDelimiter(text.substr(0, text.find('\n'))));
  CsvTable table;
  ASSIGN_OR_RETURN(const CsvReader::Outcome header, reader.Next(table.columns_));
  if (header != CsvReader::Outcome::kRecord) return InvalidArgument("the file has no header line");
  for (size_t i = 0; i < table.columns_.size(); ++i) {
    const std::string& name = table.columns_[i];
    if (!IsCleanText(name)) return InvalidArgument("the header line is not UTF-8 text");
    if (*table.FindColumn(name) != i) return InvalidArgument("two columns have the name " + name, name);
  }
  std::vector<std::string> cells;
  while (true) {
    ASSIGN_OR_RETURN(const CsvReader::Outcome outcome, reader.Next(cells));
    if (outcome == CsvReader::Outcome::kEnd) break;
    if (outcome == CsvReader::Outcome::kMalformed) {
      return InvalidArgument("a quote is never closed in the row" + OnLine(reader.line()));
    }
    if (cells.size() != table.columns_.size()) {
      return InvalidArgument("the row" + OnLine(reader.line()) + " has " + std::to_string(cells.size()) +
                             " cells, the header has " + std::to_string(table.columns_.size()));
    }
    table.lines_.push_back(reader.line());
    for (size_t i = 0; i < cells.size(); ++i) {
      if (!IsCleanText(cells[i])) {
        return InvalidArgument(table.columns_[i] + OnLine(reader.line()) + " is not UTF-8 text",
                               table.columns_[i]);
      }
      table.cells_.push_back(std::move(cells[i]));
    }
    if (table.cells_.size() > kTableCellsMax) {
      return ResourceExhausted("the file has more cells than fit: " + std::to_string(kTableCellsMax));
    }
  }
  if (table.lines_.empty()) return InvalidArgument("the file has a header, but no rows");
  return table;
}

std::optional<size_t> CsvTable::FindColumn(std::string_view name) const {
  const auto found = std::find(columns_.begin(), columns_.end(), name);
  if (found == columns_.end()) return std::nullopt;
  return static_cast<size_t>(found - columns_.begin());
}

Result<size_t> CsvTable::Column(std::string_view name) const {
  if (const std::optional<size_t> found = FindColumn(name)) return *found;
  std::string message = "there is no column " + std::string(name) + "; the file has";
  for (const std::string& column : columns_) message += " '" + column + "'";
  return InvalidArgument(std::move(message), std::string(name));
}

Result<double> CsvTable::Number(size_t row, size_t column) const {
  const std::optional<double> number = NumberOf(Cell(row, column));
  if (!number) return CellError(row, column, "must be a number");
  return *number;
}

Status CsvTable::CellError(size_t row, size_t column, std::string_view must) const {
  return InvalidArgument(columns_[column] + OnLine(line(row)) + " " + std::string(must) + ": '" +
                             Cell(row, column).substr(0, kShownCellBytes) + "'",
                         columns_[column]);
}

}  // namespace attune::models
