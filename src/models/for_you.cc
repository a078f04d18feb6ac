#include "models/for_you.h"

#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_map.h"
#include "models/limits.h"

namespace attune::models {
namespace {

constexpr float kViewSeedWeight = 0.5f;
constexpr float kCartSeedWeight = 0.8f;
constexpr float kPurchaseSeedWeight = 1.0f;

float SeedWeightOf(events::EventType type) {
  switch (type) {
    case events::EventType::kOrderCompleted:
      return kPurchaseSeedWeight;
    case events::EventType::kProductAdded:
    case events::EventType::kProductAddedToWishlist:
    case events::EventType::kWishlistProductAddedToCart:
      return kCartSeedWeight;
    case events::EventType::kProductRemoved:
    case events::EventType::kProductRemovedFromWishlist:
      return 0;
    default:
      return kViewSeedWeight;
  }
}

float Decayed(float weight, int64_t at_ms, int64_t now_ms, int64_t half_life_ms) {
  const auto age = static_cast<double>(std::max<int64_t>(now_ms - at_ms, 0));
  return weight *
         static_cast<float>(std::exp2(-age / static_cast<double>(std::max<int64_t>(half_life_ms, 1))));
}

// Collects seeds; of a product named twice the stronger mention counts, at the later time.
class SeedList {
 public:
  void Add(ProductIndex product, float weight, int64_t at_ms) {
    if (!(weight > 0)) return;
    const auto [found, is_new] = position_by_product_.try_emplace(product.value(), seeds_.size());
    if (is_new) {
      seeds_.push_back({product, weight, at_ms, 0});
      return;
    }
    Seed& seed = seeds_[found->second];
    seed.weight = std::max(seed.weight, weight);
    seed.at_ms = std::max(seed.at_ms, at_ms);
  }
  std::vector<Seed> TakeLatest(size_t count_max) {
    const auto place_of = [this](const Seed& seed) {
      return position_by_product_.find(seed.product.value())->second;
    };
    std::sort(seeds_.begin(), seeds_.end(), [&](const Seed& a, const Seed& b) {
      return a.at_ms != b.at_ms ? a.at_ms > b.at_ms : place_of(a) < place_of(b);
    });
    if (seeds_.size() > count_max) seeds_.resize(count_max);
    return std::move(seeds_);
  }

 private:
  std::vector<Seed> seeds_;
  absl::flat_hash_map<uint32_t, size_t> position_by_product_;
};

}  // namespace

ShopperSignals SignalsOf(const features::ShopperProfile& profile, int64_t now_ms,
                         const SignalOptions& options) {
  SeedList seeds;
  const int64_t browse = options.browse_half_life_ms;
  for (const features::RecentProduct& recent : profile.recent) {
    const bool is_purchase = recent.last_type == events::EventType::kOrderCompleted;
    seeds.Add(recent.product,
              Decayed(SeedWeightOf(recent.last_type), recent.last_at_ms, now_ms,
                      is_purchase ? options.purchase_half_life_ms : browse),
              recent.last_at_ms);
  }
  for (const features::CartLine& line : profile.cart) {
    seeds.Add(line.product, Decayed(kCartSeedWeight, line.added_at_ms, now_ms, browse), line.added_at_ms);
  }
  for (const features::OrderSummary& order : profile.orders) {
    const float weight =
        Decayed(kPurchaseSeedWeight, order.ordered_at_ms, now_ms, options.purchase_half_life_ms);
    for (const ProductIndex product : order.products) seeds.Add(product, weight, order.ordered_at_ms);
  }
  ShopperSignals signals;
  signals.seeds = seeds.TakeLatest(options.seeds_max);
  for (const features::Purchase& purchase : profile.purchases) {
    if (signals.purchases.size() == options.purchases_max) break;
    signals.purchases.push_back({purchase.product, static_cast<float>(purchase.order_count),
                                 purchase.last_at_ms, purchase.first_at_ms});
  }
  signals.order_times = OrderTimesOf(profile);
  return signals;
}

std::vector<int64_t> OrderTimesOf(const features::ShopperProfile& profile) {
  std::vector<int64_t> times;
  for (const features::OrderSummary& order : profile.orders) {
    if (times.size() == kOrderTimesMax) break;
    times.push_back(order.ordered_at_ms);
  }
  return times;
}

const FusionRecipe& ForYouRecipe() {
  // next_order learns its weights from the store.  Views stand beside it because they say what a shopper
  // wants now; the others count where a shopper has bought nothing yet, and fill up (docs/models/fusion.md).
  static const FusionRecipe recipe{.k = 10,
                                   .parts = {{"session_next", 2.0, 100},
                                             {"viewed_next", 0.6, 100},
                                             {"also_viewed", 1.0, 100},
                                             {"next_order", 2.0, 200},
                                             {"buy_again", 0.1, 200},
                                             {"for_shoppers_like_you", 0.1, 200},
                                             {"bought_after", 0.05, 200},
                                             {"bought_together", 0.05, 200},
                                             {"also_bought", 0.05, 200},
                                             {"own_frequency", 0.02, 200},
                                             {"content_similar", 0.05, 100},
                                             {"bestsellers", 0.05, 200},
                                             {"trending", 0.02, 200}},
                                   .may_repeat = true};
  return recipe;
}

}  // namespace attune::models
