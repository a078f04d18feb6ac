// Fuzzes the import of feeds of any format, compressed ones too.

#include "catalog_feed.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  attune::catalog::ImportBytes(data, size, attune::catalog::FeedFormat::kAuto);
  return 0;
}
