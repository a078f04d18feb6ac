// The attribute values of a catalogue that shoppers may ask for: short words, on a number of products, which
// say them in their texts too.  For made queries (made_queries.h says the rule).
//
// Thread safety: immutable.

#ifndef ATTUNE_SEARCH_TOLD_VALUES_H_
#define ATTUNE_SEARCH_TOLD_VALUES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "catalog/catalog_view.h"
#include "text/analyzer.h"

namespace attune::search {

class ToldValues {
 public:
  struct Value {
    uint32_t path = 0;
    std::string text;                // As the words are spelled.
    std::vector<std::string> terms;  // Sorted.
    bool is_told = false;
    std::vector<uint32_t> products;
  };
  // A leaf of a product.
  struct Leaf {
    uint32_t path = 0;
    uint32_t value = 0;
  };
  enum class Verdict : uint8_t { kNo, kUnknown, kYes };

  ToldValues(const catalog::CatalogView& catalog, const text::Analyzer& analyzer);

  const std::vector<Value>& values() const { return values_; }
  const std::vector<std::string>& paths() const { return paths_; }
  // Whether the path has a told value: what the rule reads.
  bool IsRead(std::string_view path) const;
  // The told values of a product.
  std::vector<uint32_t> ToldOf(uint32_t product) const;
  Verdict Has(uint32_t product, uint32_t value) const;

 private:
  void TakeLeaves(const catalog::CatalogView& catalog, const text::Analyzer& analyzer);
  void ChooseTold(const catalog::CatalogView& catalog, const text::Analyzer& analyzer);

  std::vector<std::string> paths_;
  absl::flat_hash_map<std::string, uint32_t> path_numbers_;
  std::vector<uint8_t> is_read_;  // By path.
  std::vector<Value> values_;
  std::vector<std::vector<Leaf>> leaves_;  // By product.
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_TOLD_VALUES_H_
