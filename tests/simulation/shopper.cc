#include "simulation/shopper.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"

namespace attune::simulation {
namespace {

constexpr int kViewsMax = 40;  // A bound for the geometric tail.
constexpr int64_t kSecondsPerViewMax = 90;

double Gumbel(Random& random) { return -std::log(-std::log(1.0 - random.NextUnit() * (1.0 - 1e-12))); }

double UtilityOf(const Shopper& shopper, const ShopProduct& product, const Parameters& parameters) {
  double affinity = 0;
  for (const uint32_t category : shopper.categories)
    affinity = std::max(affinity, category == product.category ? 0.6 : 0.0);
  for (const uint32_t brand : shopper.brands) {
    if (brand == product.brand) {
      affinity += 0.4;
      break;
    }
  }
  const double distance = std::abs(std::log(product.price) - shopper.log_price);
  return parameters.taste_weight * affinity - parameters.price_weight * distance + product.appeal;
}

// The product of `category` with the highest utility plus noise, among those that one page shows.
uint32_t PickFromPage(const Shopper& shopper, const Shop& shop, const Parameters& parameters,
                      uint32_t category, Random& random) {
  const std::vector<uint32_t>& members = shop.InCategory(category);
  uint32_t best = members[random.NextBelow(members.size())];
  double best_utility = -1e300;
  for (int i = 0; i < parameters.page_products; ++i) {
    // Squaring favours the front of the list: pages are sorted by appeal.
    const double unit = random.NextUnit();
    const uint32_t product = members[static_cast<size_t>(unit * unit * static_cast<double>(members.size()))];
    const double utility = UtilityOf(shopper, shop.products()[product], parameters) + Gumbel(random);
    if (utility > best_utility) {
      best_utility = utility;
      best = product;
    }
  }
  return best;
}

}  // namespace

Shopper Shopper::Draw(uint32_t number, const Shop& shop, const Parameters& parameters, uint64_t seed) {
  Random random(MixHash64(seed, number));
  Shopper shopper;
  shopper.number = number;
  shopper.is_customer = random.NextUnit() < parameters.customer_share;
  for (uint32_t& category : shopper.categories) category = shop.DrawCategory(random);
  for (uint32_t& brand : shopper.brands)
    brand = shop.products()[random.NextBelow(shop.products().size())].brand;
  shopper.log_price = std::log(shop.products()[random.NextBelow(shop.products().size())].price);
  return shopper;
}

void SimulateSession(const Shopper& shopper, const Shop& shop, const Parameters& parameters, int64_t start_ms,
                     Random& random, std::vector<SimulatedEvent>& events) {
  const bool is_own_need = random.NextUnit() < parameters.need_from_taste;
  uint32_t category = is_own_need ? shopper.categories[random.NextBelow(3)] : shop.DrawCategory(random);
  int64_t now_ms = start_ms;
  std::vector<uint32_t> cart;
  events.push_back({.type = "product_list_viewed",
                    .at_ms = now_ms,
                    .shopper = shopper.number,
                    .products = {},
                    .category = category,
                    .order_id = {}});
  const double stop = 1.0 / parameters.views_per_session;
  for (int view = 0; view < kViewsMax; ++view) {
    now_ms += 1000 * (2 + static_cast<int64_t>(random.NextBelow(kSecondsPerViewMax)));
    const uint32_t product = PickFromPage(shopper, shop, parameters, category, random);
    events.push_back({.type = "product_viewed",
                      .at_ms = now_ms,
                      .shopper = shopper.number,
                      .products = {product},
                      .category = 0,
                      .order_id = {}});
    if (random.NextUnit() < parameters.add_per_view) {
      now_ms += 3000;
      cart.push_back(product);
      events.push_back({.type = "product_added",
                        .at_ms = now_ms,
                        .shopper = shopper.number,
                        .products = {product},
                        .category = 0,
                        .order_id = {}});
    }
    if (random.NextUnit() < stop) break;
  }
  if (cart.empty() || random.NextUnit() >= parameters.order_per_cart) return;
  if (random.NextUnit() < parameters.complement_per_order) {
    const uint32_t bought = shop.products()[cart.front()].category;
    cart.push_back(PickFromPage(shopper, shop, parameters, shop.ComplementOf(bought), random));
  }
  std::sort(cart.begin(), cart.end());
  cart.erase(std::unique(cart.begin(), cart.end()), cart.end());
  now_ms += kSecondsPerViewMax * 1000;
  events.push_back({.type = "order_completed",
                    .at_ms = now_ms,
                    .shopper = shopper.number,
                    .products = cart,
                    .category = 0,
                    .order_id = "sim-o" + std::to_string(shopper.number) + "-" + std::to_string(now_ms)});
}

}  // namespace attune::simulation
