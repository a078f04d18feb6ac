#include "expressions/schema.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "expressions/limits.h"

namespace attune::expressions {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Edits (insert, drop, replace, swap two neighbours) that turn `a` into `b`: the optimal string alignment
// distance.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1);
  std::vector<size_t> above(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool is_same = Lower(a[i - 1]) == Lower(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (is_same ? 0 : 1)});
      if (i > 1 && j > 1 && Lower(a[i - 1]) == Lower(b[j - 2]) && Lower(a[i - 2]) == Lower(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view FieldTypeName(FieldType type) {
  switch (type) {
    case FieldType::kNumber:
      return "a number";
    case FieldType::kText:
      return "text";
    case FieldType::kBool:
      return "true or false";
    case FieldType::kTime:
      return "a time";
    case FieldType::kDuration:
      return "a duration";
    case FieldType::kPath:
      return "a category path";
    case FieldType::kAny:
      return "any value";
  }
  return "unknown";
}

void Schema::AddField(std::string name, uint16_t number, FieldType type) {
  CHECK(FindField(name) == nullptr);
  fields_.push_back({std::move(name), number, type, false});
}

void Schema::AddOpenField(std::string name, uint16_t number) {
  CHECK(FindField(name) == nullptr);
  fields_.push_back({std::move(name), number, FieldType::kAny, true});
}

void Schema::AddFunction(std::string name, uint16_t number, FieldType result,
                         std::vector<Parameter> parameters) {
  CHECK(FindFunction(name) == nullptr);
  CHECK(parameters.size() <= kArgumentsMax);
  functions_.push_back({std::move(name), number, result, std::move(parameters)});
}

const FieldInfo* Schema::FindField(std::string_view name) const {
  const auto found =
      std::find_if(fields_.begin(), fields_.end(), [&](const auto& f) { return f.name == name; });
  return found == fields_.end() ? nullptr : &*found;
}

const FunctionInfo* Schema::FindFunction(std::string_view name) const {
  const auto found =
      std::find_if(functions_.begin(), functions_.end(), [&](const auto& f) { return f.name == name; });
  return found == functions_.end() ? nullptr : &*found;
}

std::string ClosestName(std::string_view wrong, const std::vector<std::string_view>& names) {
  if (wrong.empty() || wrong.size() > kNameBytesMax) return {};
  size_t best = std::max<size_t>(1, wrong.size() / 3) + 1;
  std::string_view closest;
  for (const std::string_view name : names) {
    const size_t distance = EditDistance(wrong, name.substr(0, kNameBytesMax));
    if (distance < best) {
      best = distance;
      closest = name;
    }
  }
  return std::string(closest);
}

std::string Schema::SuggestField(std::string_view wrong) const {
  std::vector<std::string_view> names;
  for (const FieldInfo& field : fields_) names.push_back(field.name);
  return ClosestName(wrong, names);
}

std::string Schema::SuggestFunction(std::string_view wrong) const {
  std::vector<std::string_view> names;
  for (const FunctionInfo& function : functions_) names.push_back(function.name);
  return ClosestName(wrong, names);
}

}  // namespace attune::expressions
