#include "decisions/setting_document.h"

#include <string>

#include "decisions/limits.h"
#include "decisions/setting_record.h"

namespace attune::decisions {

Status OpenSettingDocument(std::string_view id, std::string_view json, simdjson::dom::parser& parser,
                           simdjson::dom::object& out) {
  if (!IsSettingName(id)) {
    return InvalidArgument("an id is 1 to 64 lower-case letters, digits, _ and -", "id");
  }
  if (json.size() > kSettingBytesMax) {
    return InvalidArgument("the document is larger than " + std::to_string(kSettingBytesMax) + " bytes");
  }
  simdjson::dom::element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) {
    return InvalidArgument("the document is not JSON");
  }
  if (root.get(out) != simdjson::SUCCESS) return InvalidArgument("the document is not a JSON object");
  return {};
}

}  // namespace attune::decisions
