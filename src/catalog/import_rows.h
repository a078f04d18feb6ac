// Feeds as rows of named cells, whatever file they came in: CSV, TSV, NDJSON, or the items of an XML feed.
//
// A row that cannot be read (a line that is not JSON, a quote that never closes) comes out with its problem
// set, so that one bad line costs one product and not the feed.
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_CATALOG_IMPORT_ROWS_H_
#define ATTUNE_CATALOG_IMPORT_ROWS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "catalog/import_source.h"

namespace attune::catalog {

struct ImportCell {
  std::string column;
  std::string value;
  bool is_json = false;  // `value` is JSON other than a text: a number, an array, null, ...
};

struct ImportRow {
  uint64_t line = 0;              // Where it begins, from 1; for XML the line of the item.
  std::vector<ImportCell> cells;  // Names may repeat.
  Status problem;                 // Not ok: cells are not to be used.
};

class RowReader {
 public:
  virtual ~RowReader() = default;

  // False at the end.  Fails when nothing more can be read.
  virtual Result<bool> Next(ImportRow& row) = 0;
  virtual const ImportBuffer& buffer() const = 0;
};

// NDJSON: one object per line.
std::unique_ptr<RowReader> MakeNdjsonReader(std::unique_ptr<ImportBuffer> buffer);

// The <item> (RSS) or <entry> (Atom) elements of a Google Merchant feed: each child is a cell, without its
// prefix; a child with children ("g:shipping") is left out.  No document type is accepted, so no entity can
// be defined.
std::unique_ptr<RowReader> MakeXmlReader(std::unique_ptr<ImportBuffer> buffer);

// CSV or TSV with a header line; `delimiter` 0: guessed from the header.
Result<std::unique_ptr<RowReader>> MakeDelimitedReader(std::unique_ptr<ImportBuffer> buffer, char delimiter);

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_IMPORT_ROWS_H_
