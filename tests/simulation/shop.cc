#include "simulation/shop.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <utility>

#include "base/hash.h"
#include "base/json_writer.h"

namespace attune::simulation {
namespace {

// Numbers names in the order in which they come.
class Names {
 public:
  uint32_t IndexOf(const std::string& name) {
    return index_.emplace(name, static_cast<uint32_t>(index_.size())).first->second;
  }
  uint32_t count() const { return static_cast<uint32_t>(index_.size()); }
  std::vector<std::string> InOrder() const {
    std::vector<std::string> names(index_.size());
    for (const auto& [name, index] : index_) names[index] = name;
    return names;
  }

 private:
  std::map<std::string, uint32_t> index_;
};

std::string TextOf(simdjson::dom::element row, const char* key) {
  std::string_view text;
  return row[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::string CategoryOf(simdjson::dom::element row) {
  simdjson::dom::array path;
  if (row["category"].get(path) != simdjson::SUCCESS) return TextOf(row, "category");
  std::string joined;
  for (const auto part : path) {
    std::string_view text;
    if (part.get(text) != simdjson::SUCCESS) continue;
    if (!joined.empty()) joined += " > ";
    joined += text;
  }
  return joined;
}

}  // namespace

Shop::Shop(std::vector<ShopProduct> products, std::vector<std::string> category_names, uint32_t brand_count,
           const Parameters& parameters, uint64_t seed)
    : products_(std::move(products)),
      by_category_(category_names.size()),
      category_names_(std::move(category_names)),
      brand_count_(brand_count) {
  const auto category_count = static_cast<uint32_t>(category_names_.size());
  Random random(seed);
  for (uint32_t i = 0; i < products_.size(); ++i) {
    products_[i].appeal = parameters.appeal_deviation * random.NextNormal();
    by_category_[products_[i].category].push_back(i);
  }
  for (std::vector<uint32_t>& members : by_category_) {
    std::sort(members.begin(), members.end(), [this](uint32_t a, uint32_t b) {
      if (products_[a].appeal != products_[b].appeal) return products_[a].appeal > products_[b].appeal;
      return a < b;
    });
  }
  std::vector<uint32_t> circle(category_count);
  for (uint32_t c = 0; c < category_count; ++c) circle[c] = c;
  for (uint32_t c = category_count; c > 1; --c) std::swap(circle[c - 1], circle[random.NextBelow(c)]);
  complement_.resize(category_count);
  for (uint32_t c = 0; c < category_count; ++c) complement_[circle[c]] = circle[(c + 1) % category_count];
}

Result<Shop> Shop::Read(const std::string& path, double price_divisor, const Parameters& parameters,
                        uint64_t seed) {
  std::ifstream file(path);
  if (!file) return NotFound("cannot open " + path);
  simdjson::dom::parser parser;
  Names categories;
  Names brands;
  std::vector<ShopProduct> products;
  std::string line;
  while (std::getline(file, line)) {
    simdjson::dom::element row;
    if (parser.parse(line).get(row) != simdjson::SUCCESS) continue;
    ShopProduct product;
    product.product_id = TextOf(row, "product_id");
    if (product.product_id.empty()) product.product_id = TextOf(row, "id");
    double price = 0;
    if (product.product_id.empty() || row["price"].get(price) != simdjson::SUCCESS || price <= 0) continue;
    product.price = price / price_divisor;
    product.category = categories.IndexOf(CategoryOf(row));
    const std::string brand = TextOf(row, "brand");
    product.brand = brands.IndexOf(brand.empty() ? TextOf(row, "supplier") : brand);
    products.push_back(std::move(product));
  }
  if (products.empty()) return InvalidArgument("no product with an id and a price in " + path);
  return Shop(std::move(products), categories.InOrder(), brands.count(), parameters, seed);
}

Shop Shop::MakeUp(uint32_t product_count, const Parameters& parameters, uint64_t seed) {
  const uint32_t category_count = std::max(1u, product_count / 250);
  const uint32_t brand_count = std::max(1u, product_count / 200);
  Random random(MixHash64(seed, 1));
  std::vector<ShopProduct> products(product_count);
  for (uint32_t i = 0; i < product_count; ++i) {
    ShopProduct& product = products[i];
    product.product_id = "p" + std::to_string(i);
    // Squares make some categories and brands much larger than others.
    const double c = random.NextUnit();
    const double b = random.NextUnit();
    product.category = static_cast<uint32_t>(c * c * category_count);
    product.brand = static_cast<uint32_t>(b * b * brand_count);
    product.price = std::round(std::exp(3.0 + 1.1 * random.NextNormal()) * 100.0) / 100.0 + 0.99;
  }
  std::vector<std::string> names;
  for (uint32_t c = 0; c < category_count; ++c) {
    names.push_back("Area " + std::to_string(c / 20) + " > Kind " + std::to_string(c));
  }
  return Shop(std::move(products), std::move(names), brand_count, parameters, seed);
}

uint32_t Shop::DrawCategory(Random& random) const {
  return products_[random.NextBelow(products_.size())].category;
}

std::string Shop::ToNdjson() const {
  std::string text;
  for (const ShopProduct& product : products_) {
    JsonWriter json;
    json.BeginObject().Key("product_id").String(product.product_id);
    json.Key("title").String("Product " + product.product_id.substr(1) + " of kind " +
                             std::to_string(product.category));
    json.Key("brand").String("Brand " + std::to_string(product.brand));
    json.Key("category").String(category_names_[product.category]);
    json.Key("price").Fixed(product.price, 2).Key("currency").String("EUR").Key("in_stock").Bool(true);
    json.Key("attributes").BeginObject().Key("colour").String(product.brand % 3 == 0 ? "black" : "white");
    json.EndObject().EndObject();
    text += json.text();
    text += '\n';
  }
  return text;
}

}  // namespace attune::simulation
