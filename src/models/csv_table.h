// A whole delimited file in memory, by named columns: what evaluations of decisions read.
//
//   segment,visit            =>  columns segment, visit; one row with its line number, 2
//   Womens E-Mail,1
//
// CSV with a header line (catalog/import_csv.h); the delimiter is guessed from the header.  Every row has as
// many cells as the header.
//
// Errors are kInvalidArgument, name the column as their field, and say on which line.
// Thread safety: immutable after Read.

#ifndef ATTUNE_MODELS_CSV_TABLE_H_
#define ATTUNE_MODELS_CSV_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace attune::models {

// The number that all of `text` is; nothing for any other text, and for infinities and NaN.
std::optional<double> NumberOf(std::string_view text);

class CsvTable {
 public:
  // kInvalidArgument for a file without header or rows, a column named twice, a row that is cut short or too
  // long, text that is not UTF-8; kResourceExhausted past kTableCellsMax cells.
  static Result<CsvTable> Read(std::string_view text);

  size_t row_count() const { return lines_.size(); }
  const std::vector<std::string>& columns() const { return columns_; }
  std::optional<size_t> FindColumn(std::string_view name) const;
  // The message lists the columns that there are.
  Result<size_t> Column(std::string_view name) const;

  // REQUIRES: row < row_count(), column < columns().size().
  const std::string& Cell(size_t row, size_t column) const { return cells_[row * columns_.size() + column]; }
  uint64_t line(size_t row) const { return lines_[row]; }  // In the file, from 1.

  // The cell as a finite number.
  Result<double> Number(size_t row, size_t column) const;
  // What is wrong with a cell: "reward on line 7 must be a number: x1".
  Status CellError(size_t row, size_t column, std::string_view must) const;

 private:
  std::vector<std::string> columns_;
  std::vector<std::string> cells_;  // Row after row.
  std::vector<uint64_t> lines_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_CSV_TABLE_H_
