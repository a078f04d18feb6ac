// The shop as simulated shoppers see it: products in categories, with a price and a hidden appeal.
//
// Read from a product file (NDJSON with id, category, brand or supplier, price), or made up: a synthetic
// catalogue with Zipf-sized categories for load tests.
//
// Thread safety: immutable after construction.

#ifndef ATTUNE_TESTS_SIMULATION_SHOP_H_
#define ATTUNE_TESTS_SIMULATION_SHOP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "simulation/parameters.h"

namespace attune::simulation {

struct ShopProduct {
  std::string product_id;
  uint32_t category = 0;
  uint32_t brand = 0;
  double price = 0;
  double appeal = 0;  // Hidden from the engine: drawn once.
};

class Shop {
 public:
  // `path` is plain NDJSON.  Prices are divided by `price_divisor` (100 for cents).
  static Result<Shop> Read(const std::string& path, double price_divisor, const Parameters& parameters,
                           uint64_t seed);
  static Shop MakeUp(uint32_t product_count, const Parameters& parameters, uint64_t seed);

  const std::vector<ShopProduct>& products() const { return products_; }
  // Indices of a category's products, most appealing first.
  const std::vector<uint32_t>& InCategory(uint32_t category) const { return by_category_[category]; }
  uint32_t category_count() const { return static_cast<uint32_t>(by_category_.size()); }
  uint32_t brand_count() const { return brand_count_; }
  // The category that goes with this one: the next in a fixed shuffled circle.
  uint32_t ComplementOf(uint32_t category) const { return complement_[category]; }
  // From broad to narrow: "Printing > Ink and Toner".
  const std::string& CategoryName(uint32_t category) const { return category_names_[category]; }
  // A category drawn in proportion to its number of products.
  uint32_t DrawCategory(Random& random) const;

  // The made-up catalogue as product JSON, one a line.
  std::string ToNdjson() const;

 private:
  Shop(std::vector<ShopProduct> products, std::vector<std::string> category_names, uint32_t brand_count,
       const Parameters& parameters, uint64_t seed);

  std::vector<ShopProduct> products_;
  std::vector<std::vector<uint32_t>> by_category_;
  std::vector<std::string> category_names_;
  std::vector<uint32_t> complement_;
  uint32_t brand_count_ = 0;
};

}  // namespace attune::simulation

#endif  // ATTUNE_TESTS_SIMULATION_SHOP_H_
