// Reading single values out of a parsed JSON document, with the field named in every refusal.
//
// For the .cc files of this room that parse products; it includes simdjson, which is dear to compile.
//
// Thread safety: functions of their arguments.

#ifndef ATTUNE_CATALOG_PRODUCT_DOM_H_
#define ATTUNE_CATALOG_PRODUCT_DOM_H_

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/money.h"
#include "base/status.h"
#include "catalog/attributes_json.h"

namespace attune::catalog {

Result<AttributesDocument> ReadAttributes(const simdjson::dom::element& value, std::string_view field);

// A string of clean text, at most `bytes_max`; a number when `or_number` (ids are often numbers in exports).
Result<std::string> ReadText(const simdjson::dom::element& value, std::string_view field, size_t bytes_max,
                             bool or_number = false);

// True or false; also the words "true" and "false".
Result<bool> ReadBool(const simdjson::dom::element& value, std::string_view field);

// A whole number within [min, max]; a decimal string of one counts.
Result<int64_t> ReadInteger(const simdjson::dom::element& value, std::string_view field, int64_t min,
                            int64_t max);

// A number or a decimal string, not negative.
Result<int64_t> ReadMoney(const simdjson::dom::element& value, std::string_view field, Currency currency);

Result<Currency> ReadCurrency(const simdjson::dom::element& value, std::string_view field);

// RFC 3339 text or milliseconds since the epoch.
Result<int64_t> ReadTime(const simdjson::dom::element& value, std::string_view field);

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_PRODUCT_DOM_H_
