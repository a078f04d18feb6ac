#include "catalog/attributes_json.h"

#include <simdjson.h>

#include <utility>
#include <vector>

#include "base/utf8.h"
#include "catalog/limits.h"
#include "catalog/product_dom.h"

namespace attune::catalog {

Result<AttributesDocument> ParseAttributes(std::string_view json, std::string_view field) {
  if (json.empty()) return AttributesDocument();
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element document;
  const simdjson::error_code error = parser.parse(json.data(), json.size()).get(document);
  if (error != simdjson::SUCCESS) {
    return InvalidArgument(std::string("not JSON: ") + simdjson::error_message(error), std::string(field));
  }
  return ReadAttributes(document, field);
}

namespace {

Status Flatten(const simdjson::dom::element& value, const std::string& path, size_t depth,
               std::string_view field, std::vector<Attribute>& leaves);

Status FlattenObject(const simdjson::dom::object& object, const std::string& path, size_t depth,
                     std::string_view field, std::vector<Attribute>& leaves) {
  for (const simdjson::dom::key_value_pair member : object) {
    if (!IsCleanText(member.key)) {
      return InvalidArgument("a name holds NUL or is not UTF-8", std::string(field));
    }
    const std::string inner = path.empty() ? std::string(member.key) : path + "." + std::string(member.key);
    RETURN_IF_ERROR(Flatten(member.value, inner, depth, field, leaves));
  }
  return Status();
}

Status Flatten(const simdjson::dom::element& value, const std::string& path, size_t depth,
               std::string_view field, std::vector<Attribute>& leaves) {
  using simdjson::dom::element_type;
  switch (value.type()) {
    case element_type::OBJECT:
    case element_type::ARRAY:
      if (depth == kAttributesDepthMax) {
        return InvalidArgument("attributes are nested deeper than 8 levels", std::string(field));
      }
      if (value.type() == element_type::OBJECT) {
        return FlattenObject(simdjson::dom::object(value), path, depth + 1, field, leaves);
      }
      for (const simdjson::dom::element element : simdjson::dom::array(value)) {
        RETURN_IF_ERROR(Flatten(element, path, depth + 1, field, leaves));
      }
      return Status();
    case element_type::STRING: {
      const std::string_view text = std::string_view(value);
      if (!IsCleanText(text)) {
        return InvalidArgument("a text holds NUL or is not UTF-8", std::string(field) + "." + path);
      }
      leaves.push_back({path, Attribute::Type::kText, std::string(text), 0});
      return Status();
    }
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
      leaves.push_back({path, Attribute::Type::kNumber, {}, double(value)});
      return Status();
    case element_type::BOOL:
      leaves.push_back({path, Attribute::Type::kBool, {}, bool(value) ? 1.0 : 0.0});
      return Status();
    case element_type::NULL_VALUE:
      return Status();
  }
  return Status();
}

}  // namespace

Result<AttributesDocument> ReadAttributes(const simdjson::dom::element& value, std::string_view field) {
  if (value.is_null()) return AttributesDocument();
  if (!value.is_object()) return InvalidArgument("attributes must be an object", std::string(field));
  AttributesDocument document;
  if (simdjson::dom::object(value).size() == 0) return document;
  document.json = simdjson::minify(value);
  if (document.json.size() > kAttributesBytesMax) {
    return InvalidArgument("attributes are longer than 32 kB", std::string(field));
  }
  std::vector<Attribute> leaves;
  RETURN_IF_ERROR(Flatten(value, std::string(), 0, field, leaves));
  document.leaves = AttributeList(std::move(leaves));
  return document;
}

}  // namespace attune::catalog
