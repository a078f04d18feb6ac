// The attributes document of a product or variant: checking, and flattening for filters.
//
//   {"size": {"eu": 42}, "fits": ["a", "b"], "new": true, "note": null}
//     => fits = "a", fits = "b", new = true, size.eu = 42
//
// Thread safety: any thread; parsers are kept per thread.

#ifndef ATTUNE_CATALOG_ATTRIBUTES_JSON_H_
#define ATTUNE_CATALOG_ATTRIBUTES_JSON_H_

#include <string>
#include <string_view>

#include "base/status.h"
#include "catalog/attribute_list.h"

namespace attune::catalog {

struct AttributesDocument {
  std::string json;  // Without white space; empty for an object without members.
  AttributeList leaves;
};

// `field` is the path to name in errors ("attributes", "variants[2].attributes").
Result<AttributesDocument> ParseAttributes(std::string_view json, std::string_view field);

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_ATTRIBUTES_JSON_H_
