// The values that a shopper has ticked: products with one of the values of each field.
//
//   brand: Sony or Bose   and   price: 50 to 100
//
// Counts of a field are made without its own selection, so that a second value can be ticked ("disjunctive").
//
// Thread safety: immutable.

#ifndef ATTUNE_SEARCH_FACET_SELECTION_H_
#define ATTUNE_SEARCH_FACET_SELECTION_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "search/search_index.h"

namespace attune::search {

struct FacetSelection {
  std::string field = {};                // At most one selection of a field.
  std::vector<std::string> values = {};  // Any of them; a category also by the levels above ("Home").
  // Or a number within both ends; without values only.
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

// What a product has of a field that is not in the index as the request sees it: the price of a market, an
// attribute that is no facet field.
struct ProductValues {
  std::vector<std::string> texts;
  std::vector<double> numbers;
};
struct OutsideField {
  std::string field;
  std::function<void(ProductIndex, ProductValues&)> read;  // Adds to what is empty.
};

class SelectionCheck {
 public:
  // A field that is neither among `outside` nor in the index is missed by every document.  All must outlive
  // it.
  SelectionCheck(const std::vector<FacetSelection>& selections, const std::vector<OutsideField>& outside,
                 const SearchIndex& index);

  size_t size() const { return fields_.size(); }
  // Bit of each selection that the document misses.
  uint64_t Misses(const Segment& segment, uint32_t document) const;

 private:
  struct Field {
    int field = -1;
    const OutsideField* outside = nullptr;  // Null: it is in the index.
    const FacetSelection* selection = nullptr;
    std::vector<uint32_t> values;  // Ascending.
    bool is_range = false;
    double low = 0;
    double high = 0;
  };
  static bool Has(const Field& field, const Segment& segment, uint32_t document);
  static bool HasOutside(const Field& field, ProductIndex product);

  std::vector<Field> fields_;
};

// The number of a value in the index's lexicon of values; Lexicon::kNone when no product has it.
uint32_t FindFacetValue(const SearchIndex& index, size_t field, std::string_view value);
// The text of such a number.
std::string_view FacetValueText(const SearchIndex& index, uint32_t value);
// Null when there is none of this name.
const OutsideField* FindOutside(const std::vector<OutsideField>& outside, std::string_view name);
// The field's number; -1 when the index does not have it.
int FindFacetField(const SearchIndex& index, std::string_view name);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_FACET_SELECTION_H_
