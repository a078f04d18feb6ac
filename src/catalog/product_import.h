// A feed file as a stream of product changes: opens it, guesses what it is, maps columns, joins rows of
// variants.
//
//   auto import = ProductImport::Open(OpenImportFile("feed.csv.gz"), options);
//   print(import->mapping().ToText());
//   while (*import->Next(change)) ...;   print(import->report().ToText(seconds));
//
// Formats: NDJSON (also Icecat's), CSV and TSV, Google Merchant feeds (TSV and XML), Shopify product CSV;
// each also as .gz or .xz.  Rows of one product (same group_id, or Shopify handle) that follow each other
// become one change with its variants; rows that come later add variants, so nothing is lost when a feed is
// not sorted.
//
// Resuming: `skip_rows` of the next run is rows_done() of the last change that was durable.  The same file
// gives the same changes.
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_CATALOG_PRODUCT_IMPORT_H_
#define ATTUNE_CATALOG_PRODUCT_IMPORT_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "base/status.h"
#include "catalog/import_assemble.h"
#include "catalog/import_mapping.h"
#include "catalog/import_report.h"
#include "catalog/import_rows.h"
#include "catalog/product_change.h"

namespace attune::catalog {

enum class FeedFormat : uint8_t { kAuto, kNdjson, kDelimited, kXml };

struct ProductImportOptions {
  FeedFormat format = FeedFormat::kAuto;
  char delimiter = 0;                  // 0: guessed.
  std::vector<std::string> overrides;  // "column=field".
  Currency default_currency;           // The store's.
  bool decimal_comma = false;
  bool says_currency = false;  // In last_json(), also where the feed names none.
  // When the feed was made: the write time of its rows that have no updated_at of their own.
  int64_t feed_time_ms = 0;
  uint64_t skip_rows = 0;
};

struct ImportProgress {
  uint64_t rows_read = 0;
  uint64_t products = 0;
  uint64_t stored_position = 0;  // Bytes of the file, as stored.
  uint64_t stored_size = 0;      // 0: not known.
  double rows_per_second = 0;
};

class ProductImport {
 public:
  // Reads the first rows.  Fails with kInvalidArgument when the file is no feed, when an override is wrong,
  // or when no column fills product_id.
  static Result<std::unique_ptr<ProductImport>> Open(std::unique_ptr<ImportSource> source,
                                                     const ProductImportOptions& options);

  // The next change (kMerge); false at the end.  Rows that cannot be taken are in the report.  Fails when the
  // rest of the file cannot be read.
  Result<bool> Next(ProductChange& change);

  // What the last change was parsed from: the product as POST /v1/products takes it.
  const std::string& last_json() const { return last_json_; }
  const FieldMapping& mapping() const { return mapping_; }
  const ImportReport& report() const { return report_; }
  FeedFormat format() const { return format_; }
  // Rows that the last change, and those before it, were made of, with the refused rows between.
  uint64_t rows_done() const { return rows_done_; }
  // Without the rate.
  ImportProgress progress() const;

 private:
  ProductImport(const ProductImportOptions& options, FeedFormat format, std::unique_ptr<RowReader> reader);

  Status ReadSample();
  // The next row that can be mapped, or nothing at the end.
  Result<std::optional<MappedRow>> NextRow();
  // Rows of the next product; empty at the end.
  Result<std::vector<MappedRow>> NextGroup();

  const ProductImportOptions options_;
  const FeedFormat format_;
  const std::unique_ptr<RowReader> reader_;
  FieldMapping mapping_;
  ImportReport report_;
  std::deque<ImportRow> sample_;   // Read ahead for the guess.
  std::optional<MappedRow> held_;  // Read ahead for the end of a group.
  std::string last_json_;
  uint64_t row_number_ = 0;
  uint64_t rows_done_ = 0;
};

// Runs an import to its end.  `on_change` takes each change and may stop the run by failing; `on_progress` is
// called about once a second and at the end.
Status RunProductImport(ProductImport& import, const Clock& clock,
                        const std::function<Status(ProductChange)>& on_change,
                        const std::function<void(const ImportProgress&)>& on_progress);

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_PRODUCT_IMPORT_H_
