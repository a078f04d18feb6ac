#include "events/preference_json.h"

#include <cmath>
#include <string>
#include <utility>

#include "events/limits.h"

namespace attune::events {
namespace {

namespace dom = simdjson::dom;

Status LimitExceeded(std::string message, const std::string& field) {
  return {StatusCode::kResourceExhausted, std::move(message), field};
}

class PreferenceReader {
 public:
  Status Read(const dom::object& object) {
    for (const auto field : object) {
      if (field.value.is_null()) continue;
      if (field.key == "categories") RETURN_IF_ERROR(ReadCategories(field.value));
      if (field.key == "brands") RETURN_IF_ERROR(ReadBrands(field.value));
      if (field.key == "attributes") RETURN_IF_ERROR(ReadAttributes(field.value));
    }
    return {};
  }

  std::vector<DeclaredPreference> preferences;

 private:
  Status Add(PreferenceKind kind, std::string value, double weight, const std::string& field) {
    if (value.empty()) return InvalidArgument("must not be empty", field);
    if (value.size() > kNameBytesMax) {
      return LimitExceeded("is longer than the limit in bytes: " + std::to_string(kNameBytesMax), field);
    }
    if (value.find('\0') != std::string::npos) return InvalidArgument("must not contain NUL", field);
    if (preferences.size() >= kPreferencesPerEventMax) {
      return LimitExceeded("more preferences than " + std::to_string(kPreferencesPerEventMax), field);
    }
    preferences.push_back({kind, std::move(value), static_cast<uint32_t>(std::lround(weight * 1000))});
    return {};
  }

  // {"value":...,"weight":...}: its value and its weight; anything else is its own value, of weight 1.
  static Status Unwrap(const dom::element& entry, const std::string& field, dom::element& value,
                       double& weight) {
    value = entry;
    weight = 1;
    dom::object object;
    if (entry.get(object) != simdjson::SUCCESS) return {};
    if (object["value"].get(value) != simdjson::SUCCESS) return InvalidArgument("needs a value", field);
    dom::element given;
    if (object["weight"].get(given) != simdjson::SUCCESS || given.is_null()) return {};
    if (given.get(weight) != simdjson::SUCCESS || !(weight >= 0 && weight <= 1)) {
      return InvalidArgument("must be a number from 0 to 1", field + ".weight");
    }
    return {};
  }

  static Status ReadText(const dom::element& value, const std::string& field, std::string& text) {
    std::string_view view;
    if (value.get(view) != simdjson::SUCCESS) return InvalidArgument("must be text", field);
    text = view;
    return {};
  }

  // "Home > Lighting" and ["Home", "Lighting"], both as the former.
  static Status ReadPath(const dom::element& value, const std::string& field, std::string& path) {
    dom::array levels;
    if (value.get(levels) != simdjson::SUCCESS) return ReadText(value, field, path);
    for (const dom::element level : levels) {
      std::string name;
      RETURN_IF_ERROR(ReadText(level, field, name));
      path += (path.empty() ? "" : " > ") + name;
    }
    return {};
  }

  Status ReadCategories(const dom::element& list) {
    dom::array entries;
    if (list.get(entries) != simdjson::SUCCESS) return InvalidArgument("must be an array", "categories");
    size_t index = 0;
    for (const dom::element entry : entries) {
      const std::string field = "categories[" + std::to_string(index++) + "]";
      dom::element value;
      double weight = 1;
      std::string path;
      RETURN_IF_ERROR(Unwrap(entry, field, value, weight));
      RETURN_IF_ERROR(ReadPath(value, field, path));
      RETURN_IF_ERROR(Add(PreferenceKind::kCategory, std::move(path), weight, field));
    }
    return {};
  }

  Status ReadBrands(const dom::element& list) {
    dom::array entries;
    if (list.get(entries) != simdjson::SUCCESS) return InvalidArgument("must be an array", "brands");
    size_t index = 0;
    for (const dom::element entry : entries) {
      const std::string field = "brands[" + std::to_string(index++) + "]";
      dom::element value;
      double weight = 1;
      std::string name;
      RETURN_IF_ERROR(Unwrap(entry, field, value, weight));
      RETURN_IF_ERROR(ReadText(value, field, name));
      RETURN_IF_ERROR(Add(PreferenceKind::kBrand, std::move(name), weight, field));
    }
    return {};
  }

  Status ReadAttribute(std::string_view path, const dom::element& entry, const std::string& field) {
    dom::element value;
    double weight = 1;
    std::string text;
    RETURN_IF_ERROR(Unwrap(entry, field, value, weight));
    RETURN_IF_ERROR(ReadText(value, field, text));
    if (text.empty()) return InvalidArgument("must not be empty", field);
    return Add(PreferenceKind::kAttribute, std::string(path) + "=" + text, weight, field);
  }

  Status ReadAttributes(const dom::element& value) {
    dom::object attributes;
    if (value.get(attributes) != simdjson::SUCCESS) return InvalidArgument("must be an object", "attributes");
    for (const auto attribute : attributes) {
      if (attribute.key.size() > kNameBytesMax) {
        return LimitExceeded("has a name longer than " + std::to_string(kNameBytesMax) + " bytes",
                             "attributes");
      }
      const std::string field = "attributes." + std::string(attribute.key);
      dom::array several;
      if (attribute.value.get(several) != simdjson::SUCCESS) {
        RETURN_IF_ERROR(ReadAttribute(attribute.key, attribute.value, field));
        continue;
      }
      for (const dom::element entry : several) RETURN_IF_ERROR(ReadAttribute(attribute.key, entry, field));
    }
    return {};
  }
};

}  // namespace

Result<std::vector<DeclaredPreference>> ReadPreferences(const dom::element& value) {
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) {
    return InvalidArgument("must be an object with categories, brands and attributes");
  }
  PreferenceReader reader;
  RETURN_IF_ERROR(reader.Read(object));
  return std::move(reader.preferences);
}

}  // namespace attune::events
