#include "decisions/json_fields.h"

#include <utility>

#include "base/json_writer.h"
#include "base/time_text.h"
#include "base/utf8.h"

namespace attune::decisions {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

Status WrongType(std::string_view expected, std::string field) {
  return InvalidArgument("expected " + std::string(expected), std::move(field));
}

bool IsAbsent(const object& from, std::string_view key, element& value) {
  return from[key].get(value) != simdjson::SUCCESS || value.is_null();
}

Status CheckText(std::string_view text, size_t bytes_max, const std::string& field) {
  if (text.size() > bytes_max)
    return InvalidArgument("at most " + std::to_string(bytes_max) + " bytes", field);
  if (!IsCleanText(text)) return InvalidArgument("not clean UTF-8 text", field);
  return {};
}

Status ReadText(const object& from, std::string_view key, const std::string& field, size_t bytes_max,
                std::string& out) {
  element value;
  if (IsAbsent(from, key, value)) return {};
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return WrongType("text", field);
  RETURN_IF_ERROR(CheckText(text, bytes_max, field));
  out = text;
  return {};
}

Status ReadNumber(const object& from, std::string_view key, const std::string& field, double min, double max,
                  double& out) {
  element value;
  if (IsAbsent(from, key, value)) return {};
  double number = 0;
  if (value.get(number) != simdjson::SUCCESS) return WrongType("a number", field);
  if (!(number >= min && number <= max)) {
    JsonWriter range;
    range.BeginArray().Double(min).Double(max).EndArray();
    return InvalidArgument("must lie within " + range.text(), field);
  }
  out = number;
  return {};
}

Status ReadWhole(const object& from, std::string_view key, const std::string& field, int64_t min, int64_t max,
                 int64_t& out) {
  element value;
  if (IsAbsent(from, key, value)) return {};
  int64_t number = 0;
  if (value.get(number) != simdjson::SUCCESS) return WrongType("a whole number", field);
  if (number < min || number > max) {
    return InvalidArgument("must lie between " + std::to_string(min) + " and " + std::to_string(max), field);
  }
  out = number;
  return {};
}

Status ReadBool(const object& from, std::string_view key, const std::string& field, bool& out) {
  element value;
  if (IsAbsent(from, key, value)) return {};
  if (value.get(out) != simdjson::SUCCESS) return WrongType("true or false", field);
  return {};
}

Status ReadTime(const object& from, std::string_view key, const std::string& field,
                std::optional<int64_t>& out) {
  element value;
  if (IsAbsent(from, key, value)) return {};
  int64_t ms = 0;
  std::string_view text;
  if (value.get(ms) == simdjson::SUCCESS && ms >= 0 && ms <= kTimeMaxMs) {
    out = ms;
    return {};
  }
  const auto parsed = value.get(text) == simdjson::SUCCESS ? ParseTime(text) : std::optional<int64_t>();
  if (!parsed) return WrongType("a time like 2026-12-01T09:00:00Z", field);
  out = parsed;
  return {};
}

Status ReadObject(const object& from, std::string_view key, const std::string& field, object& out,
                  bool& found) {
  element value;
  found = !IsAbsent(from, key, value);
  if (found && value.get(out) != simdjson::SUCCESS) return WrongType("an object", field);
  return {};
}

Status ReadArray(const object& from, std::string_view key, const std::string& field, size_t size_max,
                 array& out, bool& found) {
  element value;
  found = !IsAbsent(from, key, value);
  if (!found) return {};
  if (value.get(out) != simdjson::SUCCESS) return WrongType("an array", field);
  if (out.size() > size_max) {
    return InvalidArgument("at most " + std::to_string(size_max) + " entries", field);
  }
  return {};
}

Status ReadTexts(const object& from, std::string_view key, const std::string& field, size_t size_max,
                 size_t bytes_max, std::vector<std::string>& out) {
  array entries;
  bool found = false;
  RETURN_IF_ERROR(ReadArray(from, key, field, size_max, entries, found));
  if (!found) return {};
  out.clear();
  for (const element entry : entries) {
    const std::string entry_field = field + "[" + std::to_string(out.size()) + "]";
    std::string_view text;
    if (entry.get(text) != simdjson::SUCCESS) return WrongType("text", entry_field);
    if (text.empty()) return InvalidArgument("must not be empty", entry_field);
    RETURN_IF_ERROR(CheckText(text, bytes_max, entry_field));
    out.emplace_back(text);
  }
  return {};
}

std::vector<std::string> SplitCategoryPath(std::string_view text) {
  std::vector<std::string> levels;
  while (true) {
    const size_t cut = text.find('>');
    std::string_view level = text.substr(0, cut);
    while (level.starts_with(' ')) level.remove_prefix(1);
    while (level.ends_with(' ')) level.remove_suffix(1);
    levels.emplace_back(level);
    if (cut == std::string_view::npos) return levels;
    text.remove_prefix(cut + 1);
  }
}

}  // namespace attune::decisions
