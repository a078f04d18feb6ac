// Reads the fields of a request or a configuration document, each with its bounds and the name that an error
// gives.
//
//   RETURN_IF_ERROR(ReadInteger(document, "priority", "priority", -1000, 1000, rule.priority));
//
// Every field is optional: absent and null leave `out` as it is.  All fail with kInvalidArgument and `field`.
//
// Thread safety: pure functions.

#ifndef ATTUNE_DECISIONS_JSON_FIELDS_H_
#define ATTUNE_DECISIONS_JSON_FIELDS_H_

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace attune::decisions {

// "expected <what>".
Status WrongType(std::string_view expected, std::string field);

// True when there is no such field, or it is null; else `value` is it.
bool IsAbsent(const simdjson::dom::object& from, std::string_view key, simdjson::dom::element& value);

// At most `bytes_max` bytes of clean UTF-8.
Status CheckText(std::string_view text, size_t bytes_max, const std::string& field);

Status ReadText(const simdjson::dom::object& from, std::string_view key, const std::string& field,
                size_t bytes_max, std::string& out);
Status ReadNumber(const simdjson::dom::object& from, std::string_view key, const std::string& field,
                  double min, double max, double& out);
Status ReadBool(const simdjson::dom::object& from, std::string_view key, const std::string& field, bool& out);
Status ReadWhole(const simdjson::dom::object& from, std::string_view key, const std::string& field,
                 int64_t min, int64_t max, int64_t& out);
// RFC 3339 text, or milliseconds since 1970.
Status ReadTime(const simdjson::dom::object& from, std::string_view key, const std::string& field,
                std::optional<int64_t>& out);
// Set `found` to whether the field is there.
Status ReadObject(const simdjson::dom::object& from, std::string_view key, const std::string& field,
                  simdjson::dom::object& out, bool& found);
Status ReadArray(const simdjson::dom::object& from, std::string_view key, const std::string& field,
                 size_t size_max, simdjson::dom::array& out, bool& found);
// Replaces `out` by the texts of an array, none of them empty.
Status ReadTexts(const simdjson::dom::object& from, std::string_view key, const std::string& field,
                 size_t size_max, size_t bytes_max, std::vector<std::string>& out);

// `min` and `max` must fit into Integer.
template <class Integer>
Status ReadInteger(const simdjson::dom::object& from, std::string_view key, const std::string& field,
                   int64_t min, int64_t max, Integer& out) {
  auto number = static_cast<int64_t>(out);
  RETURN_IF_ERROR(ReadWhole(from, key, field, min, max, number));
  out = static_cast<Integer>(number);
  return {};
}

// "Home > Lighting" => {"Home", "Lighting"}.
std::vector<std::string> SplitCategoryPath(std::string_view text);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_JSON_FIELDS_H_
