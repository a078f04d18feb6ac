// Fuzzes the reading of products from JSON: any bytes give a product or a refusal that names a field or says
// why.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "catalog/catalog_state.h"
#include "catalog/product_json.h"

using attune::catalog::CatalogState;
using attune::catalog::ParseProductBatch;
using attune::catalog::ProductBatch;
using attune::catalog::ProductChange;
using attune::catalog::ProductParseOptions;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const auto kind :
       {ProductChange::Kind::kPut, ProductChange::Kind::kPatch, ProductChange::Kind::kMerge}) {
    ProductParseOptions options;
    options.kind = kind;
    options.now_ms = 1'800'000'000'000;
    const attune::Result<ProductBatch> batch = ParseProductBatch(body, options);
    if (!batch.ok()) continue;
    // What is accepted must go into the log, and come back.
    CatalogState state;
    for (const ProductChange& change : batch->changes) {
      const attune::Result<std::string> payload = state.PrepareChange(change);
      if (!payload.ok()) continue;
      CHECK(state.Apply({attune::Sequence(1), 1, attune::storage::RecordKind::kProduct, *payload}).ok());
    }
  }
  return 0;
}
