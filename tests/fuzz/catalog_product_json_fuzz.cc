// Fuzzes the reading of products from JSON: any bytes give a product or a refusal that names a field or says
// why.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "catalog/catalog_state.h"
#include "catalog/product_json.h"
#include "fuzz_target.h"

using attune::catalog::CatalogState;
using attune::catalog::ParseProductBatch;
using attune::catalog::ProductBatch;
using attune::catalog::ProductChange;
using attune::catalog::ProductParseOptions;

std::vector<std::string> attune::fuzz::Seeds() {
  return {R"({"product_id":"p","title":"Lamp","brand":"Lumo","sku":"s","ean":"4006381333931","price":"24.90",
    "categories":[["Home","Light"]],"cost":9.1,"in_stock":false,"stock":3,"tags":["new"],"hidden":true,
    "attributes":{"color":"red","deep":{"watts":[5,6]}},"stock_at":{"berlin":3},
    "updated_at":"2026-01-01T00:00:00Z","vectors":{"image":[1,-0.5],"text":[0.25,2e1,3]},
    "variants":[{"variant_id":"v","stock":1,"attributes":{"size":"L"}}]})",
          R"({"products":[{"product_id":"a","price":1},{"product_id":"b","title":null}]})"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const auto kind :
       {ProductChange::Kind::kPut, ProductChange::Kind::kPatch, ProductChange::Kind::kMerge}) {
    ProductParseOptions options;
    options.kind = kind;
    options.now_ms = 1'800'000'000'000;
    const attune::Result<ProductBatch> batch = ParseProductBatch(body, options);
    if (!batch.ok()) continue;
    ++attune::fuzz::accepted_count;
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
