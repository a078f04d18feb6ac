// Products to bytes and back, for the log and for the products column.
//
// Protocol Buffers wire format; the fields are listed in docs/formats/products.md.  Unknown fields are
// skipped.
//
// Thread safety: any thread.

#ifndef ATTUNE_CATALOG_PRODUCT_CODEC_H_
#define ATTUNE_CATALOG_PRODUCT_CODEC_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "catalog/product.h"
#include "catalog/product_change.h"

namespace attune::catalog {

// `variant_fields` is written beside each variant when it is as long as the variants, else nothing is.
std::string EncodeProduct(const Product& product, const std::vector<VariantFields>& variant_fields = {});

// `variant_fields`, when given, gets one entry per variant (all fields for one that names none).  Fails with
// kCorruption when the bytes are not what EncodeProduct wrote.
Result<Product> DecodeProduct(std::string_view bytes, std::vector<VariantFields>* variant_fields = nullptr);

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_PRODUCT_CODEC_H_
