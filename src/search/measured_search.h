// Searches that are measured side by side: the same question, and the same products to answer with.
//
// Thread safety: pure functions; a MeasuredSearch belongs to one thread unless its maker says otherwise.

#ifndef ATTUNE_SEARCH_MEASURED_SEARCH_H_
#define ATTUNE_SEARCH_MEASURED_SEARCH_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "catalog/catalog_view.h"
#include "search/search_index.h"
#include "text/analyzer.h"

namespace attune::search {

// Products, best first; the second argument is how many are looked at.
using MeasuredSearch = std::function<std::vector<ProductIndex>(const std::string& query, uint32_t hits)>;

using ProductTexts = std::vector<std::pair<ProductIndex, std::string>>;

// Another search to be measured beside.
struct OtherSearch {
  std::string name;
  std::function<MeasuredSearch(const ProductTexts& texts)> make;
};

// Title, name, brand and description of each product, as one text.
ProductTexts PlainTexts(const catalog::CatalogView& catalog);

// plain_bm25.h
MeasuredSearch PlainSearch(const ProductTexts& texts);

// All products in one segment, without facets.
std::shared_ptr<const SearchIndex> IndexCatalog(const catalog::CatalogView& catalog, std::string_view locale,
                                                const text::Analyzer& analyzer);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_MEASURED_SEARCH_H_
