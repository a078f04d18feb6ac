// Rows of a feed that belong to one product, written as the JSON that the API takes.
//
//   handle,title,option1_value,variant_price      {"product_id":"lamp","title":"Lamp","variants":[
//   lamp,Lamp,black,24.90                    =>      {"variant_id":"lamp/black","price":24.90,...},
//   lamp,,white,24.90                                {"variant_id":"lamp/white","price":24.90,...}]}
//
// So every feed passes through the one parser and its checks (product_json.h).  A cell that is empty clears
// its field: a feed owns the fields of its columns.
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_CATALOG_IMPORT_ASSEMBLE_H_
#define ATTUNE_CATALOG_IMPORT_ASSEMBLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/status.h"
#include "catalog/import_mapping.h"
#include "catalog/import_rows.h"

namespace attune::catalog {

struct FeedValue {
  std::string text;
  bool is_json = false;

  bool is_empty() const { return is_json ? text == "null" : text.empty(); }
};

// A row after mapping.
struct MappedRow {
  uint64_t number = 0;  // In the feed, from 1.
  uint64_t line = 0;
  std::string product_id;
  bool is_variant = false;  // Rows with the same product_id are its variants.
  std::map<std::string, std::vector<FeedValue>, std::less<>> fields;  // By target.
};

struct AssembleOptions {
  Currency default_currency;
  bool decimal_comma = false;
  // Amounts say their currency also where the feed does not: for a reader with another default.
  bool says_currency = false;
};

// Fails with kInvalidArgument when the row names no product.
Result<MappedRow> MapRow(ImportRow row, FieldMapping& mapping);

// REQUIRES: rows is not empty and all have one product_id; more than one only when they are variants.
// Fails with kInvalidArgument, naming the field, when a value cannot be meant.
Result<std::string> AssembleProductJson(const std::vector<MappedRow>& rows, FeedKind kind,
                                        const AssembleOptions& options);

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_IMPORT_ASSEMBLE_H_
