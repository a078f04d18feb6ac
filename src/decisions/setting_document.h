// Opens a configuration document: its id and its size are right, and it is a JSON object.
//
// Thread safety: pure function.

#ifndef ATTUNE_DECISIONS_SETTING_DOCUMENT_H_
#define ATTUNE_DECISIONS_SETTING_DOCUMENT_H_

#include <simdjson.h>

#include <string_view>

#include "base/status.h"

namespace attune::decisions {

// `out` lives as long as `parser`.  Fails with kInvalidArgument, and "id" where that is wrong.
Status OpenSettingDocument(std::string_view id, std::string_view json, simdjson::dom::parser& parser,
                           simdjson::dom::object& out);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_SETTING_DOCUMENT_H_
