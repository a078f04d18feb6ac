// The values of one facet field of the products of a segment, side by side, for counting.
//
//   values   number of the text in the index's lexicon of values (colour, brand, "Home > Lighting"), or a
//   number (price)
//
// Most fields have at most one value a product; those take one place each.  Others have a list of starts.
//
// Thread safety: immutable once filled.

#ifndef ATTUNE_SEARCH_FACET_COLUMN_H_
#define ATTUNE_SEARCH_FACET_COLUMN_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace attune::search {

template <class T>
class FacetColumn {
 public:
  FacetColumn() = default;
  // `lists` has one list per product.
  explicit FacetColumn(const std::vector<std::vector<T>>& lists) {
    bool has_many = false;
    for (const auto& list : lists) has_many = has_many || list.size() > 1;
    has_one_.assign(has_many ? 0 : lists.size(), false);
    if (has_many) starts_.push_back(0);
    for (size_t i = 0; i < lists.size(); ++i) {
      values_.insert(values_.end(), lists[i].begin(), lists[i].end());
      if (has_many) {
        starts_.push_back(static_cast<uint32_t>(values_.size()));
      } else {
        has_one_[i] = !lists[i].empty();
        if (lists[i].empty()) values_.emplace_back();
      }
    }
  }

  // Empty for a product without a value.  REQUIRES: `document` is one of the lists.
  std::span<const T> Of(uint32_t document) const {
    if (!starts_.empty()) {
      return std::span(values_).subspan(starts_[document], starts_[document + 1] - starts_[document]);
    }
    return std::span(values_).subspan(document, has_one_[document] ? 1 : 0);
  }

  size_t memory_bytes() const {
    return values_.capacity() * sizeof(T) + starts_.capacity() * sizeof(uint32_t) + has_one_.capacity() / 8;
  }

 private:
  std::vector<T> values_;
  std::vector<uint32_t> starts_;  // Empty: each product has a place, used or not.
  std::vector<bool> has_one_;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_FACET_COLUMN_H_
