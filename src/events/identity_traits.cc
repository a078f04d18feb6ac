#include "events/identity_traits.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "events/limits.h"

namespace attune::events {
namespace {

struct Trait {
  std::string name;
  std::string json;
};

// Puts the fields of one object over `traits`.
Status AddTraits(std::string_view json, std::vector<Trait>& traits) {
  simdjson::dom::parser parser(kBodyBytesMax);
  if (parser.allocate(std::max<size_t>(json.size(), 64), kNestingMax)) return Internal("traits: no memory");
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS) {
    return InvalidArgument("must be a JSON object", "traits");
  }
  for (const auto field : object) {
    const auto known = std::find_if(traits.begin(), traits.end(),
                                    [&](const Trait& trait) { return trait.name == field.key; });
    std::string value = field.value.is_null() ? std::string() : simdjson::minify(field.value);
    if (known != traits.end()) {
      known->json = std::move(value);
    } else {
      if (traits.size() == kTraitsMax) {
        return InvalidArgument("has more names than " + std::to_string(kTraitsMax), "traits");
      }
      traits.push_back({std::string(field.key), std::move(value)});
    }
  }
  return {};
}

}  // namespace

Result<std::string> MergeTraits(std::string_view known_json, std::string_view new_json) {
  std::vector<Trait> traits;
  RETURN_IF_ERROR(AddTraits(known_json, traits));
  RETURN_IF_ERROR(AddTraits(new_json, traits));
  JsonWriter json;
  json.BeginObject();
  for (const Trait& trait : traits) {
    if (!trait.json.empty()) json.Key(trait.name).Raw(trait.json);
  }
  json.EndObject();
  return json.TakeText();
}

}  // namespace attune::events
