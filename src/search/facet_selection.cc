#include "search/facet_selection.h"

#include <algorithm>

#include "base/status.h"
#include "search/limits.h"

namespace attune::search {

SelectionCheck::SelectionCheck(const std::vector<FacetSelection>& selections,
                               const std::vector<OutsideField>& outside, const SearchIndex& index) {
  CHECK(selections.size() <= kFacetFieldsMax);
  for (const FacetSelection& selection : selections) {
    Field& field = fields_.emplace_back();
    field.field = FindFacetField(index, selection.field);
    field.is_range = selection.values.empty();
    field.low = selection.low;
    field.high = selection.high;
    field.selection = &selection;
    field.outside = FindOutside(outside, selection.field);
    if (field.field < 0) continue;
    for (const std::string& value : selection.values) {
      const uint32_t number = FindFacetValue(index, static_cast<size_t>(field.field), value);
      if (number != Lexicon::kNone) field.values.push_back(number);
    }
    std::sort(field.values.begin(), field.values.end());
  }
}

uint64_t SelectionCheck::Misses(const Segment& segment, uint32_t document) const {
  uint64_t misses = 0;
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (!Has(fields_[i], segment, document)) misses |= uint64_t{1} << i;
  }
  return misses;
}

bool SelectionCheck::HasOutside(const Field& field, ProductIndex product) {
  ProductValues values;
  field.outside->read(product, values);
  if (field.is_range) {
    return std::any_of(values.numbers.begin(), values.numbers.end(),
                       [&](double value) { return value >= field.low && value <= field.high; });
  }
  const std::vector<std::string>& wanted = field.selection->values;
  return std::any_of(values.texts.begin(), values.texts.end(), [&](const std::string& value) {
    return std::find(wanted.begin(), wanted.end(), value) != wanted.end();
  });
}

bool SelectionCheck::Has(const Field& field, const Segment& segment, uint32_t document) {
  if (field.outside != nullptr) return HasOutside(field, segment.ProductOf(document));
  if (field.field < 0) return false;
  const auto number = static_cast<size_t>(field.field);
  if (field.is_range) {
    const auto numbers = segment.NumbersOf(number, document);
    return std::any_of(numbers.begin(), numbers.end(),
                       [&](double value) { return value >= field.low && value <= field.high; });
  }
  const auto values = segment.ValuesOf(number, document);
  return std::any_of(values.begin(), values.end(), [&](uint32_t value) {
    return std::binary_search(field.values.begin(), field.values.end(), value);
  });
}

uint32_t FindFacetValue(const SearchIndex& index, size_t field, std::string_view value) {
  std::string key(1, static_cast<char>(field));
  key += value;
  return index.values().Find(key);
}

std::string_view FacetValueText(const SearchIndex& index, uint32_t value) {
  return index.values().TextOf(value).substr(1);
}

const OutsideField* FindOutside(const std::vector<OutsideField>& outside, std::string_view name) {
  const auto found = std::find_if(outside.begin(), outside.end(),
                                  [name](const OutsideField& field) { return field.field == name; });
  return found == outside.end() ? nullptr : &*found;
}

int FindFacetField(const SearchIndex& index, std::string_view name) {
  const auto& names = index.facet_fields();
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

}  // namespace attune::search
