// Random shops, shoppers and requests against the promises of the pipeline, and against a slow pipeline that
// reads like the definition: filter everything first, then fuse, then cut.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/clock.h"
#include "base/random.h"
#include "decisions/decide.h"
#include "decisions/shop_for_tests.h"

namespace attune::decisions {
namespace {

struct RandomCase {
  ShopForTests shop;
  ResolvedRequest request;
  std::map<std::string, std::vector<ProductIndex>> sources;
  bool is_personalized = true;
};

std::vector<ProductIndex> RandomList(Random& random, size_t product_count) {
  std::vector<ProductIndex> list;
  std::set<uint32_t> seen;
  for (uint64_t i = random.NextBelow(product_count + 1); i > 0; --i) {
    const auto index = static_cast<uint32_t>(random.NextBelow(product_count + 2));  // Also unknown ones.
    if (seen.insert(index).second) list.push_back(ProductIndex(index));
  }
  return list;
}

void AddProducts(Random& random, RandomCase& out) {
  const size_t count = 1 + random.NextBelow(60);
  for (size_t i = 0; i < count; ++i) {
    const std::string leaf(1, static_cast<char>('A' + random.NextBelow(4)));
    const std::string brand = random.NextBelow(5) == 0 ? "" : "brand" + std::to_string(random.NextBelow(3));
    const ProductIndex product = out.shop.Add("p" + std::to_string(i), {"Top", leaf}, brand,
                                              static_cast<int64_t>(random.NextBelow(10'000)));
    catalog::Product& made = out.shop.At(product);
    if (random.NextBelow(6) == 0) made.is_hidden = true;
    if (random.NextBelow(6) == 0) made.stock = 0;
    if (random.NextBelow(9) == 0) made.in_stock = false;
    if (random.NextBelow(5) == 0) made.markets["DE"].is_available = false;
    if (random.NextBelow(12) == 0) made.product_id.clear();  // An index without a product.
  }
}

void AddProfile(Random& random, RandomCase& out) {
  const size_t count = out.shop.products.size();
  const auto any = [&] { return ProductIndex(static_cast<uint32_t>(random.NextBelow(count))); };
  features::ShopperProfile& profile = out.shop.profile;
  for (uint64_t i = random.NextBelow(5); i > 0; --i) {
    profile.recent.push_back(
        {any(), events::EventType::kProductViewed, kTestNowMs - static_cast<int64_t>(i), 1});
    profile.cart.push_back({any(), "", 1, kTestNowMs - 5});
    features::Purchase purchase;
    purchase.product = any();
    purchase.order_count = 1;
    purchase.last_at_ms = kTestNowMs - static_cast<int64_t>(random.NextBelow(20)) * kDayMs;
    const bool is_new = std::none_of(profile.purchases.begin(), profile.purchases.end(),
                                     [&](const auto& known) { return known.product == purchase.product; });
    if (is_new) profile.purchases.push_back(purchase);
    profile.session.products.push_back(any());
  }
  profile.session.last_event_at_ms = kTestNowMs - 1000;
}

RandomCase MakeCase(uint64_t seed) {
  Random random(seed);
  RandomCase out;
  AddProducts(random, out);
  AddProfile(random, out);
  const size_t count = out.shop.products.size();
  for (const char* name : {"bestsellers", "newest", "also_viewed", "s1", "s2", "s3"}) {
    if (random.NextBelow(4) == 0) continue;
    out.sources[name] = RandomList(random, count);
    out.shop.Source(name, out.sources[name]);
  }
  Placement placement = out.shop.Get("home_trending");
  placement.recipe = {static_cast<double>(random.NextBelow(80)),
                      {{"s1", 1, static_cast<uint32_t>(1 + random.NextBelow(30))},
                       {"s2", 0.5, 100},
                       {"s3", 0.25, static_cast<uint32_t>(1 + random.NextBelow(10))}},
                      false};
  placement.diversity = {static_cast<uint32_t>(random.NextBelow(4)),
                         static_cast<uint32_t>(random.NextBelow(4))};
  placement.exclude.bought_within_days = static_cast<int>(random.NextBelow(15));
  placement.seeds = {.page = 1, .cart = 1, .session = 1, .profile = 1};
  placement.recipe.may_repeat = true;
  if (random.NextBelow(3) == 0) placement.fallback.clear();
  out.shop.Put(placement);
  out.request.placement = "home_trending";
  out.request.limit = static_cast<uint32_t>(1 + random.NextBelow(25));
  if (random.NextBelow(2) == 0) out.request.market = "DE";
  if (random.NextBelow(3) == 0) out.request.filter = "price < " + std::to_string(random.NextBelow(100));
  for (uint64_t i = random.NextBelow(4); i > 0; --i) {
    out.request.excluded.push_back(ProductIndex(static_cast<uint32_t>(random.NextBelow(count))));
    out.request.page_products.push_back(ProductIndex(static_cast<uint32_t>(random.NextBelow(count))));
  }
  out.is_personalized = random.NextBelow(4) != 0;
  return out;
}

bool Contains(const std::vector<ProductIndex>& list, ProductIndex product) {
  return std::find(list.begin(), list.end(), product) != list.end();
}

// Written from the words of filter.h, without its code.
bool IsEligible(const RandomCase& in, ProductIndex index) {
  if (index.value() >= in.shop.products.size()) return false;
  const catalog::Product& product = in.shop.products[index.value()];
  if (product.product_id.empty() || product.is_hidden || !product.in_stock || product.stock == 0)
    return false;
  if (in.request.market == "DE" && product.markets.contains("DE")) return false;
  if (Contains(in.request.excluded, index) || Contains(in.request.page_products, index)) return false;
  if (!in.request.filter.empty()) {
    const double bound = std::stod(in.request.filter.substr(8));
    if (!(static_cast<double>(*product.price.price_minor) / 100.0 < bound)) return false;
  }
  if (!in.is_personalized) return true;
  for (const auto& line : in.shop.profile.cart) {
    if (line.product == index) return false;
  }
  const int days = in.shop.Get("home_trending").exclude.bought_within_days;
  for (const auto& purchase : in.shop.profile.purchases) {
    if (purchase.product == index && days > 0 && purchase.last_at_ms > kTestNowMs - days * kDayMs)
      return false;
  }
  return true;
}

// Score of every eligible candidate: filter first, then fuse.
std::map<uint32_t, double> SlowScores(const RandomCase& in) {
  std::map<uint32_t, double> scores;
  const Placement placement = in.shop.Get("home_trending");
  double unit = 0;
  for (const models::FusionPart& part : placement.recipe.parts)
    unit += part.weight / (placement.recipe.k + 1);
  for (const models::FusionPart& part : placement.recipe.parts) {
    const auto found = in.sources.find(part.source);
    if (found == in.sources.end()) continue;
    uint32_t rank = 0;
    for (const ProductIndex product : found->second) {
      if (!IsEligible(in, product)) continue;
      if (++rank > part.limit) break;
      scores[product.value()] += part.weight / (placement.recipe.k + rank) / unit;
    }
  }
  return scores;
}

void ExpectCaps(const RandomCase& in, const Decision& decision) {
  const Diversity caps = in.shop.Get("home_trending").diversity;
  std::map<std::string, uint32_t> brands;
  std::map<std::string, uint32_t> leaves;
  for (const DecidedProduct& product : decision.products) {
    const catalog::Product& shown = in.shop.products[product.product.value()];
    if (caps.brand_max > 0 && !shown.brand.empty()) {
      EXPECT_LE(++brands[shown.brand], caps.brand_max);
    }
    if (caps.category_max > 0) {
      EXPECT_LE(++leaves[shown.categories[0].back()], caps.category_max);
    }
  }
}

void ExpectWhyNotAgrees(const RandomCase& in, const ShopForTests::Made& made) {
  const std::map<uint32_t, double> scores = SlowScores(in);
  for (uint32_t i = 0; i < in.shop.products.size() + 1; ++i) {
    const ProductIndex product(i);
    const WhyNot why = in.shop.Why(in.request, product, in.is_personalized);
    const auto shown = std::find_if(made.decision.products.begin(), made.decision.products.end(),
                                    [&](const DecidedProduct& p) { return p.product == product; });
    if (shown != made.decision.products.end()) {
      EXPECT_EQ(why.outcome, WhyNot::Outcome::kShown);
      EXPECT_EQ(why.position, shown->position);
    } else if (!IsEligible(in, product)) {
      EXPECT_EQ(why.outcome, WhyNot::Outcome::kFiltered);
      EXPECT_NE(why.verdict, FilterVerdict::kEligible);
    } else if (why.outcome == WhyNot::Outcome::kNotCandidate) {
      EXPECT_EQ(scores.count(i), 0u);
    } else {
      EXPECT_TRUE(why.outcome == WhyNot::Outcome::kRankedBelow || why.outcome == WhyNot::Outcome::kCapped);
      EXPECT_EQ(made.decision.products.size(), in.request.limit) << "a full slate is what keeps it out";
    }
    EXPECT_FALSE(why.sentence.empty());
  }
}

TEST(DecideRandomTest, KeepsItsPromisesOnRandomShops) {
  int with_fallback = 0;
  int with_relaxed_caps = 0;
  for (uint64_t seed = 1; seed <= 600; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomCase in = MakeCase(seed);
    const ShopForTests::Made made = in.shop.Decide(in.request, in.is_personalized);
    size_t eligible_count = 0;
    for (uint32_t i = 0; i < in.shop.products.size(); ++i)
      eligible_count += IsEligible(in, ProductIndex(i)) ? 1 : 0;
    EXPECT_EQ(made.decision.products.size(), std::min<size_t>(in.request.limit, eligible_count));

    std::set<uint32_t> distinct;
    const std::map<uint32_t, double> scores = SlowScores(in);
    double previous = 2;
    for (const DecidedProduct& product : made.decision.products) {
      EXPECT_TRUE(IsEligible(in, product.product)) << product.product_id;
      EXPECT_TRUE(distinct.insert(product.product.value()).second);
      EXPECT_FALSE(product.reason.empty());
      const auto expected = scores.find(product.product.value());
      EXPECT_NEAR(product.score, expected == scores.end() ? 0 : expected->second, 1e-6);
      EXPECT_EQ(product.source.starts_with("fallback/"), expected == scores.end());
      if (!made.record.are_caps_relaxed) {
        EXPECT_LE(product.score, previous + 1e-6);
        previous = product.score;
      }
    }
    if (!made.record.are_caps_relaxed) ExpectCaps(in, made.decision);
    with_fallback += made.decision.fallback.empty() ? 0 : 1;
    with_relaxed_caps += made.record.are_caps_relaxed ? 1 : 0;
    ExpectWhyNotAgrees(in, made);
  }
  EXPECT_GT(with_fallback, 100);
  EXPECT_GT(with_relaxed_caps, 50);
  EXPECT_LT(with_relaxed_caps, 550);
}

// The case of the seed, with all that a placement can change about an order.
RandomCase MakeCaseWithEverything(uint64_t seed) {
  RandomCase out = MakeCase(seed);
  Random random(seed ^ 0x5eed);
  Placement placement = out.shop.Get("home_trending");
  placement.diversity.method = static_cast<Diversity::Method>(random.NextBelow(3));
  placement.diversity.relevance = 0.99 * random.NextUnit();
  placement.rotation = {static_cast<uint32_t>(random.NextBelow(4)), random.NextUnit()};
  placement.popularity_exponent = random.NextUnit();
  placement.exploration.epsilon = random.NextBelow(2) == 0 ? 0 : random.NextUnit();
  placement.exploration.new_slots = static_cast<uint32_t>(random.NextBelow(kThompsonSlotsMax + 1));
  placement.exploration.new_impressions_max = 5;
  out.shop.Put(placement);
  std::vector<float> popularity;
  std::vector<models::SlateOutcomes> outcomes;
  for (size_t i = 0; i < out.shop.products.size(); ++i) {
    popularity.push_back(static_cast<float>(random.NextBelow(50)));
    outcomes.push_back({static_cast<uint32_t>(random.NextBelow(10)), 1, 0});
    if (random.NextBelow(3) == 0) {
      out.shop.profile.shown.push_back({ProductIndex(static_cast<uint32_t>(i)), i % 3, kTestNowMs - 5});
    }
  }
  out.shop.Tally(std::move(popularity), std::move(outcomes));
  return out;
}

TEST(DecideRandomTest, WithEverythingOnTooAndEveryChoiceHasItsChance) {
  int explored = 0;
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomCase in = MakeCaseWithEverything(seed);
    const ShopForTests::Made made = in.shop.Decide(in.request, in.is_personalized);
    size_t eligible_count = 0;
    for (uint32_t i = 0; i < in.shop.products.size(); ++i)
      eligible_count += IsEligible(in, ProductIndex(i)) ? 1 : 0;
    EXPECT_EQ(made.decision.products.size(), std::min<size_t>(in.request.limit, eligible_count));
    std::set<uint32_t> distinct;
    for (const DecidedProduct& product : made.decision.products) {
      EXPECT_TRUE(IsEligible(in, product.product)) << product.product_id;
      EXPECT_TRUE(distinct.insert(product.product.value()).second) << product.product_id;
      EXPECT_GT(product.propensity, 0);
      EXPECT_LE(product.propensity, 1);
      EXPECT_LE(product.score, 1 + 1e-9);
      const auto row = made.trace.row_of.find(product.product);
      ASSERT_NE(row, made.trace.row_of.end());
      explored += made.trace.rows[row->second].explored_by == ExploredBy::kNothing ? 0 : 1;
    }
    for (uint32_t i = 0; i < in.shop.products.size(); ++i) {
      const WhyNot why = in.shop.Why(in.request, ProductIndex(i), in.is_personalized);
      EXPECT_EQ(why.outcome == WhyNot::Outcome::kShown, distinct.contains(i));
    }
    const auto replay = ReplayDecision(made.record, {in.shop.view, &in.shop.profile, *made.catalog}, nullptr);
    ASSERT_TRUE(replay.ok());
    EXPECT_TRUE(replay->is_same) << replay->difference;
  }
  EXPECT_GT(explored, 100);
}

TEST(DecideRandomTest, SameInputSameBytesAndReplayMakesThemAgain) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomCase in = MakeCase(seed);
    const RandomCase again = MakeCase(seed);
    const std::string bytes = EncodeDecisionRecord(in.shop.Decide(in.request, in.is_personalized).record);
    EXPECT_EQ(bytes, EncodeDecisionRecord(again.shop.Decide(again.request, again.is_personalized).record));

    const Result<DecisionRecord> record = DecodeDecisionRecord(DecisionId{1, 2}, bytes);
    ASSERT_TRUE(record.ok());
    const auto catalog = again.shop.Catalog();
    const Result<Replay> replay =
        ReplayDecision(*record, {again.shop.view, &again.shop.profile, *catalog}, nullptr);
    ASSERT_TRUE(replay.ok());
    EXPECT_TRUE(replay->is_same) << replay->difference;
    EXPECT_EQ(replay->replayed_bytes, bytes);
  }
}

}  // namespace
}  // namespace attune::decisions
