// Fuzzes the import of Google Merchant XML.

#include "catalog_feed.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  attune::catalog::ImportBytes(data, size, attune::catalog::FeedFormat::kXml);
  return 0;
}
