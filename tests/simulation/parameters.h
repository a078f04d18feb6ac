// Every number that shapes a simulated shopper, with the reason for its value, at three levels.
//
//   easy       tastes are strong: a sanity check; any recommender that works must win here.
//   realistic  what we believe of shops: observable features explain at most 15 % of what a shopper picks.
//   null       no taste exists: picks follow popularity alone.  Whoever claims an effect here is wrong.
//
// A shopper's choice among the products of a page is a multinomial logit:
//     utility = taste * affinity(shopper, product) + price_weight * fit(price) + appeal(product) + Gumbel
//     noise
// The Gumbel noise has variance pi^2 / 6 = 1.645.  With affinity in {0, 1} balanced, taste t explains about
// t^2 / 4 / (t^2 / 4 + appeal variance + 1.645) of the variance of utility.
//
// Thread safety: constants.

#ifndef ATTUNE_TESTS_SIMULATION_PARAMETERS_H_
#define ATTUNE_TESTS_SIMULATION_PARAMETERS_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace attune::simulation {

struct Parameters {
  // Weight of a shopper's hidden taste for a category and a brand.  easy 3.0: 51 % of the variance;
  // realistic 1.1: 13 %; null 0.
  double taste_weight;
  // Weight of the distance between a price and what the shopper likes to pay, in log units.  Half of the
  // taste's.
  double price_weight;
  // Standard deviation of a product's own appeal: the long tail of a shop; the same at every level, because
  // popularity exists without taste.
  double appeal_deviation = 0.5;
  // Sessions a shopper starts in a month.  Most shops see most shoppers once or twice.
  double sessions_per_month = 1.6;
  // Chance that a session looks for what the shopper likes, not for a category drawn by popularity.
  double need_from_taste;
  // Products looked at in a session: geometric with this mean; published e-commerce sessions have 3 to 6
  // clicks.
  double views_per_session = 4.5;
  // Products that a category page shows at once.
  int page_products = 12;
  // Of viewed products, the part that is put into the cart; of carts, the part that is bought.  Usual
  // funnels: 6-10 % add, 30 % of carts end in an order.
  double add_per_view = 0.08;
  double order_per_cart = 0.32;
  // Chance that an order also takes a product of a category that goes with it (ink with a printer).
  double complement_per_order = 0.25;
  // Share of shoppers who log in, so that both ids are seen.
  double customer_share = 0.35;
};

inline constexpr Parameters kEasy{.taste_weight = 3.0, .price_weight = 1.5, .need_from_taste = 0.95};
inline constexpr Parameters kRealistic{.taste_weight = 1.1, .price_weight = 0.5, .need_from_taste = 0.5};
inline constexpr Parameters kNull{.taste_weight = 0.0, .price_weight = 0.0, .need_from_taste = 0.0};

inline std::optional<Parameters> ParametersOf(std::string_view level) {
  if (level == "easy") return kEasy;
  if (level == "realistic") return kRealistic;
  if (level == "null") return kNull;
  return std::nullopt;
}

}  // namespace attune::simulation

#endif  // ATTUNE_TESTS_SIMULATION_PARAMETERS_H_
