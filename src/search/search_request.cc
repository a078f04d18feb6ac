#include "search/search_request.h"

#include <array>
#include <cstddef>

namespace attune::search {
namespace {

constexpr std::array<std::string_view, 5> kSortOrderNames = {"relevance", "price_ascending",
                                                             "price_descending", "newest", "popularity"};

}  // namespace

std::string_view SortOrderName(SortOrder order) { return kSortOrderNames[static_cast<size_t>(order)]; }

std::optional<SortOrder> ParseSortOrder(std::string_view name) {
  for (size_t i = 0; i < kSortOrderNames.size(); ++i) {
    if (kSortOrderNames[i] == name) return static_cast<SortOrder>(i);
  }
  return std::nullopt;
}

}  // namespace attune::search
