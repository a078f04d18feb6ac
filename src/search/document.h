// A product as search sees it, in one language: the words of its fields, what it is called exactly, and the
// values that are counted.
//
//   title         the translation of the locale, else the product's
//   brand         as it is
//   category      the names of all levels of all paths, each once; the translation's when it has any
//   tags          as they are
//   attributes    "colour: black" -> colour black; true -> its name; false -> nothing; those of variants, too
//                 with the translation's value of each that it names
//   description   like the title
//
// Facet fields are named as in filters: brand, category, tags, price, attributes.<path>.  A category counts
// for every level above it ("Home", "Home > Lighting").  `price` is that without market, price list and timed
// sale.
//
// Thread safety: pure functions and value types.

#ifndef ATTUNE_SEARCH_DOCUMENT_H_
#define ATTUNE_SEARCH_DOCUMENT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "catalog/product.h"
#include "search/search_field.h"
#include "text/analyzer.h"

namespace attune::catalog {
struct OfferTerms;
}

namespace attune::search {

// Raised whenever a product may give another document than before.  A saved index of another version is made
// again.
inline constexpr uint32_t kDocumentVersion = 1;

struct Document {
  ProductIndex product;
  std::string product_id;
  PerField<std::vector<text::Token>> fields;
  std::vector<uint64_t> names;                           // HashName(), in no order.
  std::vector<std::pair<uint16_t, std::string>> values;  // Facet field and value, in no order.
  std::vector<std::pair<uint16_t, double>> numbers;
};

// Limits: kFieldBytesMax of text a field, kNamesMax, kFacetValuesMax; what is beyond is left out.
Document MakeDocument(ProductIndex index, const catalog::Product& product, std::string_view locale,
                      const text::Analyzer& analyzer, const std::vector<std::string>& facet_fields);

// Whether both give the same document in every language: false where it is not sure.  Most changes of a shop
// are of stock, and need no new one.
bool MakeSameDocument(const catalog::Product& a, const catalog::Product& b);

// What MakeDocument gives the facet field of this name: appended to values and numbers of `document`, as
// those of field number `field`.  `terms`: whose price and translation it is.
void AddFacetValues(const catalog::Product& product, const catalog::OfferTerms& terms, std::string_view name,
                    uint16_t field, Document& document);

// The names of a path from the first level on: {"Home", "Lighting"} -> "Home > Lighting".
std::string CategoryText(const catalog::CategoryPath& path, size_t levels);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_DOCUMENT_H_
