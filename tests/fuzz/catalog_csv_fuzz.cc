// Fuzzes the import of delimited text (CSV, TSV, Shopify).

#include "catalog_feed.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  attune::catalog::ImportBytes(data, size, attune::catalog::FeedFormat::kDelimited);
  return 0;
}
