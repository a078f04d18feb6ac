#include "models/basket_file.h"

#include <simdjson.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "models/limits.h"

namespace attune::models {
namespace {

Status Bad(std::string_view name, std::string_view user) {
  return InvalidArgument("not a list of baskets of item numbers",
                         std::string(name) + ": " + std::string(user));
}

// A basket; empty for the mark [-1]; nothing for what is neither.
std::optional<Basket> ReadBasket(const simdjson::dom::element& value) {
  simdjson::dom::array items;
  if (value.get(items) != simdjson::SUCCESS) return std::nullopt;
  Basket basket;
  for (const simdjson::dom::element item : items) {
    int64_t number = 0;
    if (item.get(number) != simdjson::SUCCESS) return std::nullopt;
    if (number == -1 && items.size() == 1) return Basket{};
    if (number < 0 || number >= kProductIndexMax) return std::nullopt;
    basket.push_back(static_cast<uint32_t>(number));
  }
  std::sort(basket.begin(), basket.end());
  basket.erase(std::unique(basket.begin(), basket.end()), basket.end());
  return basket;
}

}  // namespace

Result<BasketsByUser> ReadBasketFile(std::string_view json, std::string_view name) {
  simdjson::dom::parser parser;
  simdjson::dom::object users;
  if (parser.parse(json.data(), json.size()).get(users) != simdjson::SUCCESS) {
    return InvalidArgument("not a JSON object", std::string(name));
  }
  BasketsByUser baskets;
  for (const simdjson::dom::key_value_pair user : users) {
    simdjson::dom::array list;
    if (user.value.get(list) != simdjson::SUCCESS) return Bad(name, user.key);
    std::vector<Basket>& of_user = baskets[std::string(user.key)];
    for (const simdjson::dom::element value : list) {
      std::optional<Basket> basket = ReadBasket(value);
      if (!basket) return Bad(name, user.key);
      if (!basket->empty()) of_user.push_back(std::move(*basket));
    }
  }
  return baskets;
}

}  // namespace attune::models
