// Runs bytes through a product importer of one format, as the fuzz targets of feeds do.
//
// Thread safety: pure function.

#ifndef ATTUNE_TESTS_FUZZ_CATALOG_FEED_H_
#define ATTUNE_TESTS_FUZZ_CATALOG_FEED_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "catalog/product_import.h"
#include "fuzz_target.h"

namespace attune::catalog {

inline void ImportBytes(const uint8_t* data, size_t size, FeedFormat format) {
  ProductImportOptions options;
  options.format = format;
  options.feed_time_ms = 1'800'000'000'000;
  auto source = OpenImportText(std::string(reinterpret_cast<const char*>(data), size));
  if (!source.ok()) return;
  auto import = ProductImport::Open(std::move(source).value(), options);
  if (!import.ok()) return;
  while (true) {
    ProductChange change;
    const Result<bool> has_change = (*import)->Next(change);
    if (!has_change.ok() || !*has_change) break;
    ++fuzz::accepted_count;
    CHECK(!change.product_id.empty());
  }
  const ImportReport& report = (*import)->report();
  CHECK(report.rows_accepted + report.rows_rejected <= report.rows_read);
}

}  // namespace attune::catalog

#endif  // ATTUNE_TESTS_FUZZ_CATALOG_FEED_H_
