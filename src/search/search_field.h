// The texts of a product that words are found in, from the most to the least telling.
//
// Ids are none of them: they are matched as a whole (exact_name.h).
//
// Thread safety: values.

#ifndef ATTUNE_SEARCH_SEARCH_FIELD_H_
#define ATTUNE_SEARCH_SEARCH_FIELD_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace attune::search {

// The numbers are stored with saved indexes, and are bits of postings: at most 6 without another layout.
enum class SearchField : uint8_t {
  kTitle = 0,
  kBrand = 1,
  kCategory = 2,
  kTags = 3,
  kAttributes = 4,
  kDescription = 5,
};
inline constexpr size_t kSearchFieldCount = 6;

template <class T>
using PerField = std::array<T, kSearchFieldCount>;

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SEARCH_FIELD_H_
