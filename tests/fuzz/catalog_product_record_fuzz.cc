// Fuzzes the decoding of catalogue records and stored products: any bytes give a value or kCorruption.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "catalog/catalog_state.h"
#include "catalog/product_json.h"
#include "catalog/product_record.h"
#include "fuzz_target.h"

std::vector<std::string> attune::fuzz::Seeds() {
  using namespace attune::catalog;
  ProductParseOptions options;
  options.kind = ProductChange::Kind::kPut;
  options.default_currency = *Currency::Parse("EUR");
  options.now_ms = 1000;
  auto change = ParseProductChange(R"({"product_id":"p","title":"Lamp","price":"24.90",
    "categories":[["Home","Light"]],
    "tags":["new"],"attributes":{"color":"red"},"stock_at":{"berlin":3},
    "vectors":{"image":[1,-0.5],"text":[0.25,2e1,3]},"variants":[{"variant_id":"v","stock":1}]})",
                                   options);
  CHECK(change.ok());
  change->removed.push_back({ProductField::kMarkets, "de"});
  const IndexedChange indexed = {ProductIndex(0), *change};
  FieldClocks clocks;
  clocks.SetFirst(kAllProductFields, 5);
  clocks.Set(ProductField::kPrice, 9);
  return {EncodeProductRecord({{{ProductIndex(0), "p"}}, {indexed}}),
          EncodeStoredProduct("p", &change->values, clocks)};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  attune::catalog::CatalogState state;
  const attune::Status status =
      state.Apply({attune::Sequence(1), 1, attune::storage::RecordKind::kProduct, bytes});
  if (status.ok()) ++attune::fuzz::accepted_count;
  CHECK(status.ok() || status.code() == attune::StatusCode::kCorruption);
  const auto stored = attune::catalog::DecodeStoredProduct(bytes);
  if (stored.ok()) ++attune::fuzz::accepted_count;
  CHECK(stored.ok() || stored.status().code() == attune::StatusCode::kCorruption);
  return 0;
}
