// Records of delimited text (RFC 4180): quotes, doubled quotes, line ends inside quotes, a byte order mark.
//
//   a,"b ""x""\nc",d      =>  [a] [b "x"<newline>c] [d]
//
// With a tab between cells, a quote that does not close before the next tab is an ordinary character: many
// TSV exports quote nothing.  A cell that does not begin with a quote is taken as it is.
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_CATALOG_IMPORT_CSV_H_
#define ATTUNE_CATALOG_IMPORT_CSV_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "catalog/import_source.h"

namespace attune::catalog {

// Of comma, semicolon, tab and bar, the one that cuts this line into most cells; comma when none does.
char GuessDelimiter(std::string_view header_line);

class CsvReader {
 public:
  // `buffer` must outlive the reader.
  CsvReader(ImportBuffer* buffer, char delimiter) : buffer_(buffer), delimiter_(delimiter) {}

  enum class Outcome : uint8_t { kRecord, kMalformed, kEnd };

  // kMalformed: a quote does not close before the file ends or 4 MB pass, or there are more than
  // kFeedColumnsMax cells; what was read is lost and the next call goes on behind it.  Empty lines are
  // skipped.
  Result<Outcome> Next(std::vector<std::string>& cells);

  uint64_t line() const { return record_line_; }  // On which the last record began, from 1.

 private:
  // Cuts `record_` from where the last call stopped; false while a quote is open.
  bool Cut(std::vector<std::string>& cells);

  ImportBuffer* const buffer_;
  const char delimiter_;
  std::string record_;
  size_t cell_begin_ = 0;  // Of the cell to cut next.
  size_t scanned_ = 0;     // Up to here its closing quote was looked for.
  uint64_t lines_read_ = 0;
  uint64_t record_line_ = 0;
};

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_IMPORT_CSV_H_
