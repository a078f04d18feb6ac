// Fuzzes the import of feeds of any format, compressed ones too.

#include "catalog_feed.h"
#include "fuzz_target.h"

std::vector<std::string> attune::fuzz::Seeds() {
  return {
      "{\"product_id\":\"p1\",\"title\":\"Lamp\",\"price\":\"24.90\"}\n{\"product_id\":\"p2\",\"stock\":1}\n",
      "id;title;price\np1;Lamp;24.90 EUR\n",
      "<rss><channel><item><id>p1</id><title>Lamp</title><price>24.90 EUR</price></item></channel></rss>"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  attune::catalog::ImportBytes(data, size, attune::catalog::FeedFormat::kAuto);
  return 0;
}
