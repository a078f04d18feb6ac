// What the catalogue says of its products beside their words: the values that a query may name, what kind of
// thing each is, and what it costs.  Queries are understood by it (understanding.h) and products ranked.
//
//   values   brand, category (each level), tags, attributes of text, and measures of the title ("500 ml"), in
//            the language of the index where they are translated.
//            Known by how they are spelled: the terms of at most kValueWordsMax words, so "Headphone" is
//            found by "headphones".
//   kinds    categories, and which attributes a product has at all: what has a focal length is a camera, even
//            in a shop without categories.  Those of two products to kKindShareMax of all.
//
// Made from a picture of the catalogue in the background; a product that came later has no facts yet, and is
// ranked by its words.
//
// Cost: the analysis of titles and of distinct values; about 150 bytes a product.
// Thread safety: immutable.

#ifndef ATTUNE_SEARCH_SEARCH_FACTS_H_
#define ATTUNE_SEARCH_SEARCH_FACTS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "catalog/catalog_view.h"
#include "text/analyzer.h"

namespace attune::search {

inline constexpr size_t kValueWordsMax = 4;

// How a value is spelled where values are found: its terms with one space between; empty when it has no
// words, more than kValueWordsMax of them, or is too long.
std::string ValueTerms(std::string_view text, const text::Analyzer& analyzer);

class SearchFacts {
 public:
  struct Value {
    std::string field;  // As in filters: "brand", "category", "attributes.colour"; "measure".
    std::string text;   // As the first product has it.
    uint32_t products = 0;
  };

  // Null when it was told to stop.
  static std::shared_ptr<const SearchFacts> Build(const catalog::CatalogView& catalog,
                                                  std::string_view locale, const text::Analyzer& analyzer,
                                                  const std::atomic<bool>* is_stopping = nullptr);

  const Value& ValueOf(uint32_t value) const { return values_[value]; }
  uint32_t value_count() const { return static_cast<uint32_t>(values_.size()); }
  // Values by their terms with one space between; of a measure, its text after "=".
  std::span<const uint32_t> ValuesSpelled(std::string_view terms) const;

  // Ascending; none for a product that is not known.
  std::span<const uint32_t> ValuesOf(ProductIndex product) const;
  std::span<const uint32_t> KindsOf(ProductIndex product) const;
  // NaN: none.
  float PriceOf(ProductIndex product) const;
  uint32_t AttributesOf(ProductIndex product) const;

  // The least and the largest of all; NaN both when no product has one.  Looks at every product.
  std::pair<float, float> PriceRange() const;

  uint32_t product_count() const { return product_count_; }
  uint32_t kind_count() const { return static_cast<uint32_t>(kind_products_.size()); }
  uint32_t ProductsOfKind(uint32_t kind) const { return kind_products_[kind]; }
  size_t memory_bytes() const;

 private:
  class Builder;
  SearchFacts() = default;

  std::vector<Value> values_;
  absl::flat_hash_map<std::string, std::vector<uint32_t>> by_terms_;
  std::vector<std::vector<uint32_t>> values_of_;  // By product.
  std::vector<std::vector<uint32_t>> kinds_of_;
  std::vector<float> prices_;
  std::vector<uint32_t> attributes_;
  std::vector<uint32_t> kind_products_;
  uint32_t product_count_ = 0;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SEARCH_FACTS_H_
