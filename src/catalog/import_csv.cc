#include "catalog/import_csv.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "catalog/import_rows.h"
#include "catalog/limits.h"

namespace attune::catalog {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The first quote at or after `from` that closes a quoted cell, which a doubled one does not; nothing when
// there is none.
std::optional<size_t> ClosingQuote(std::string_view record, size_t from) {
  for (size_t i = from; i < record.size(); ++i) {
    if (record[i] != '"') continue;
    if (i + 1 < record.size() && record[i + 1] == '"') {
      ++i;
      continue;
    }
    return i;
  }
  return std::nullopt;
}

std::string Unquoted(std::string_view inner) {
  std::string text;
  text.reserve(inner.size());
  for (size_t i = 0; i < inner.size(); ++i) {
    text += inner[i];
    if (inner[i] == '"') ++i;
  }
  return text;
}

// Rows of a CSV with a header.
class DelimitedReader final : public RowReader {
 public:
  DelimitedReader(std::unique_ptr<ImportBuffer> buffer, char delimiter)
      : buffer_(std::move(buffer)), csv_(buffer_.get(), delimiter) {}

  Status ReadHeader() {
    ASSIGN_OR_RETURN(const CsvReader::Outcome outcome, csv_.Next(header_));
    if (outcome != CsvReader::Outcome::kRecord) return InvalidArgument("the file has no header line");
    for (std::string& name : header_) {
      if (!IsCleanText(name)) return InvalidArgument("the header line is not UTF-8 text");
    }
    return Status();
  }

  Result<bool> Next(ImportRow& row) override {
    row.cells.clear();
    row.problem = Status();
    ASSIGN_OR_RETURN(const CsvReader::Outcome outcome, csv_.Next(cells_));
    if (outcome == CsvReader::Outcome::kEnd) return false;
    row.line = csv_.line();
    if (outcome == CsvReader::Outcome::kMalformed) {
      row.problem = InvalidArgument("a quote is never closed, or the row is too long");
      return true;
    }
    if (cells_.size() > header_.size()) {
      row.problem = InvalidArgument("the row has more cells than the header");
      return true;
    }
    for (size_t i = 0; i < cells_.size(); ++i) {
      if (!IsCleanText(cells_[i])) {
        row.problem = InvalidArgument("a cell is not UTF-8, or holds NUL", header_[i]);
        return true;
      }
      row.cells.push_back({header_[i], std::move(cells_[i]), false});
    }
    return true;
  }

  const ImportBuffer& buffer() const override { return *buffer_; }

 private:
  const std::unique_ptr<ImportBuffer> buffer_;
  CsvReader csv_;
  std::vector<std::string> header_;
  std::vector<std::string> cells_;
};

}  // namespace

char GuessDelimiter(std::string_view header_line) {
  char best = ',';
  size_t best_count = 0;
  for (const char candidate : {',', ';', '\t', '|'}) {
    size_t count = 0;
    bool is_quoted = false;
    for (const char c : header_line) {
      if (c == '"') is_quoted = !is_quoted;
      if (c == candidate && !is_quoted) ++count;
    }
    if (count > best_count) {
      best = candidate;
      best_count = count;
    }
  }
  return best;
}

bool CsvReader::Cut(std::vector<std::string>& cells) {
  const std::string_view record = record_;
  while (true) {
    if (cell_begin_ < record.size() && record[cell_begin_] == '"') {
      const std::optional<size_t> close = ClosingQuote(record, std::max(scanned_, cell_begin_ + 1));
      if (!close && delimiter_ != '\t') {
        scanned_ = record.size();
        return false;
      }
      const bool is_whole = close && (*close + 1 == record.size() || record[*close + 1] == delimiter_);
      const std::string_view inner =
          close ? record.substr(cell_begin_ + 1, *close - cell_begin_ - 1) : std::string_view();
      const bool crosses_tab = delimiter_ == '\t' && inner.find('\t') != std::string_view::npos;
      if (is_whole && !crosses_tab) {
        cells.push_back(Unquoted(inner));
        if (*close + 1 == record.size()) return true;
        cell_begin_ = *close + 2;
        continue;
      }
    }
    const size_t end = record.find(delimiter_, cell_begin_);
    cells.emplace_back(record.substr(cell_begin_, end == std::string_view::npos ? end : end - cell_begin_));
    if (end == std::string_view::npos) return true;
    cell_begin_ = end + 1;
  }
}

Result<CsvReader::Outcome> CsvReader::Next(std::vector<std::string>& cells) {
  std::string_view line;
  do {
    ASSIGN_OR_RETURN(const bool has_line, buffer_->ReadLine(line));
    if (!has_line) return Outcome::kEnd;
    if (lines_read_ == 0 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    ++lines_read_;
  } while (line.empty());
  record_line_ = lines_read_;
  record_ = line;
  cells.clear();
  cell_begin_ = 0;
  scanned_ = 0;
  while (!Cut(cells)) {
    if (record_.size() > kFeedRecordBytesMax) return Outcome::kMalformed;
    ASSIGN_OR_RETURN(const bool has_line, buffer_->ReadLine(line));
    if (!has_line) return Outcome::kMalformed;
    ++lines_read_;
    record_ += '\n';
    record_ += line;
  }
  return cells.size() > kFeedColumnsMax ? Outcome::kMalformed : Outcome::kRecord;
}

Result<std::unique_ptr<RowReader>> MakeDelimitedReader(std::unique_ptr<ImportBuffer> buffer, char delimiter) {
  if (delimiter == 0) {
    ASSIGN_OR_RETURN(std::string_view start, buffer->Peek(64 * 1024));
    delimiter = GuessDelimiter(start.substr(0, start.find('\n')));
  }
  auto reader = std::make_unique<DelimitedReader>(std::move(buffer), delimiter);
  RETURN_IF_ERROR(reader->ReadHeader());
  return std::unique_ptr<RowReader>(std::move(reader));
}

}  // namespace attune::catalog
