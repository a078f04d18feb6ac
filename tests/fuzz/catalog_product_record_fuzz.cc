// Fuzzes the decoding of catalogue records and stored products: any bytes give a value or kCorruption.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "catalog/catalog_state.h"
#include "catalog/product_record.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  attune::catalog::CatalogState state;
  const attune::Status status =
      state.Apply({attune::Sequence(1), 1, attune::storage::RecordKind::kProduct, bytes});
  CHECK(status.ok() || status.code() == attune::StatusCode::kCorruption);
  const auto stored = attune::catalog::DecodeStoredProduct(bytes);
  CHECK(stored.ok() || stored.status().code() == attune::StatusCode::kCorruption);
  return 0;
}
