// The features of many candidates at once against what they mean, worked out one by one from the texts: bit
// for bit, for a ranker that was trained with other code must find the same numbers.

#include "models/ranker_features.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "base/random.h"
#include "features/affinities.h"
#include "features/category_price_table.h"
#include "features/decayed_value.h"
#include "features/limits.h"
#include "features/price_band.h"
#include "models/catalog_of_products.h"

namespace attune::models {
namespace {

using catalog::Attribute;
using features::Affinity;
using enum RankerFeature;

constexpr uint32_t kProducts = 300;
constexpr int64_t kNow = 400 * kDayMs;
constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

template <size_t N>
std::string OneOf(const char* const (&words)[N], Random& random) {
  return words[random.NextBelow(N)];
}

// Names that look like each other, and some that look like two.
catalog::Product MakeProduct(uint32_t number, Random& random) {
  catalog::Product product;
  if (number % 11 == 10) return product;
  product.product_id = "p" + std::to_string(number);
  product.brand = OneOf({"", "Lumo", "Luma", "Zenit", "a=b"}, random);
  for (uint64_t paths = random.NextBelow(3); paths > 0; --paths) {
    catalog::CategoryPath& path = product.categories.emplace_back();
    const uint64_t deepest = random.NextBelow(8) == 0 ? features::kCategoryLevelsMax + 3 : 4;
    for (uint64_t depth = random.NextBelow(deepest); depth > 0; --depth) {
      path.push_back(OneOf({"Home", "Hole", "Home > Hole", "Garden"}, random));
    }
  }
  std::vector<Attribute> leaves;
  for (uint64_t count = random.NextBelow(10); count > 0; --count) {
    leaves.push_back({OneOf({"colour", "strap", "a=b", "size.eu"}, random),
                      random.NextBelow(4) == 0 ? Attribute::Type::kNumber : Attribute::Type::kText,
                      OneOf({"", "black", "blank", "b=c", "red", "x"}, random), 7});
  }
  product.attributes = catalog::AttributeList(std::move(leaves));
  if (random.NextBelow(8) > 0) product.price.price_minor = static_cast<int64_t>(random.NextBelow(4) * 700);
  if (random.NextBelow(3) == 0) product.price.sale_price_minor = 690;
  if (random.NextBelow(6) == 0) product.price.sale_until_ms = kNow;
  if (random.NextBelow(6) == 0) product.price.currency = *Currency::Parse("USD");
  return product;
}

std::shared_ptr<const catalog::CatalogView> MakeCatalog(uint64_t seed) {
  Random random(seed);
  std::vector<catalog::Product> products;
  for (uint32_t i = 0; i < kProducts; ++i) products.push_back(MakeProduct(i, random));
  return CatalogOfProducts(std::move(products));
}

features::ShopperProfile MakeProfile(const catalog::CatalogView& catalog, uint64_t seed) {
  Random random(seed);
  features::ShopperProfile profile;
  const features::FeatureSettings settings;
  for (uint32_t i = 0; i < seed % 9; ++i) {
    const ProductIndex index(static_cast<uint32_t>(random.NextBelow(kProducts)));
    profile.recent.push_back({index, events::EventType::kProductViewed, kNow - i * kHourMs, 1});
    const catalog::Product* const product = catalog.Find(index);
    if (product == nullptr) continue;
    const double weight = random.NextBelow(5) == 0 ? -1.0 : 1.0 + random.NextUnit();
    features::AddProductAffinities(*product, weight, kNow - i * kDayMs, settings.affinity_half_life_ms,
                                   profile.affinities);
    features::AddToPriceBand(random.NextUnit(), 1, kNow, settings.price_band_half_life_ms,
                             profile.price_band);
  }
  if (seed % 4 == 1) {
    features::AddAffinity(Affinity::Kind::kAttribute, "no equals sign", 1, kNow, kDayMs, profile.affinities);
    features::AddAffinity(Affinity::Kind::kAttribute, "colour=", 1, kNow, kDayMs, profile.affinities);
  }
  return profile;
}

// The features that are worked out for many candidates at once, straight from their meaning.
class ByMeaning {
 public:
  explicit ByMeaning(const RankerContext& context) : context_(context) {
    for (const Affinity::Kind kind :
         {Affinity::Kind::kCategory, Affinity::Kind::kBrand, Affinity::Kind::kAttribute}) {
      for (const features::AffinityStrength& liked : features::StrongestAffinities(
               context.profile->affinities, kind, context.now_ms, context.settings.affinity_half_life_ms,
               std::numeric_limits<size_t>::max())) {
        shares_[{kind, PartsOf(kind, liked.value)}] = static_cast<float>(liked.share);
      }
    }
    if (!context.profile->recent.empty()) {
      anchor_ = context.catalog->Find(context.profile->recent.front().product);
    }
    if (context.page) anchor_ = context.catalog->Find(*context.page);
  }

  std::map<RankerFeature, float> Of(ProductIndex index) const {
    std::map<RankerFeature, float> row;
    for (const RankerFeature feature :
         {kCategory1, kCategory2, kCategoryLeaf, kBrand, kAttributes, kLogPrice, kPriceRatio, kPriceBandGap,
          kAnchorCategory, kAnchorBrand, kAnchorPrice}) {
      row[feature] = kNone;
    }
    Counts(context_.statistics.Of(index), row);
    const catalog::Product* const product = context_.catalog->Find(index);
    if (product == nullptr) return row;
    if (!shares_.empty()) Taste(*product, row);
    Price(*product, context_.statistics.Of(index), row);
    if (anchor_ != nullptr) Anchor(*product, row);
    return row;
  }

 private:
  using Parts = std::vector<std::string>;

  static Parts PartsOf(Affinity::Kind kind, std::string_view value) {
    if (kind == Affinity::Kind::kCategory) return features::SplitCategory(value);
    const size_t cut = value.find('=');
    if (kind == Affinity::Kind::kBrand || cut == std::string_view::npos) return {std::string(value)};
    return {std::string(value.substr(0, cut)), std::string(value.substr(cut + 1))};
  }

  float Share(Affinity::Kind kind, const Parts& parts) const {
    const auto found = shares_.find({kind, parts});
    return found == shares_.end() ? 0.0f : found->second;
  }

  void Taste(const catalog::Product& product, std::map<RankerFeature, float>& row) const {
    Parts above;
    for (const std::string& level : product.categories.empty() ? Parts() : product.categories.front()) {
      if (above.size() == features::kCategoryLevelsMax) break;
      above.push_back(level);
      row[kCategoryLeaf] = Share(Affinity::Kind::kCategory, above);
      if (above.size() == 1) row[kCategory1] = row[kCategoryLeaf];
      if (above.size() == 2) row[kCategory2] = row[kCategoryLeaf];
    }
    if (!product.brand.empty()) row[kBrand] = Share(Affinity::Kind::kBrand, {product.brand});
    size_t texts = 0;
    for (const Attribute& leaf : product.attributes) {
      if (leaf.type != Attribute::Type::kText || leaf.text.empty()) continue;
      if (++texts > features::kAttributesPerProductMax) break;
      const float share = Share(Affinity::Kind::kAttribute, {leaf.path, leaf.text});
      row[kAttributes] = std::isnan(row[kAttributes]) ? share : std::max(row[kAttributes], share);
    }
  }

  void Counts(const ProductStatistics::Row& known, std::map<RankerFeature, float>& row) const {
    const int64_t age_ms = context_.now_ms - context_.statistics.as_of_ms();
    const auto fade =
        static_cast<float>(features::DecayFactor(age_ms, context_.settings.product_long_half_life_ms));
    for (const auto& [feature, count] :
         {std::pair(kViewsLong, known.views_long), std::pair(kCartsLong, known.carts_long),
          std::pair(kOrdersLong, known.orders_long)}) {
      row[feature] = static_cast<float>(std::log1p(std::max(0.0, static_cast<double>(count * fade))));
    }
  }

  void Price(const catalog::Product& product, const ProductStatistics::Row& known,
             std::map<RankerFeature, float>& row) const {
    const auto price = LogPrice(product);
    if (!price) return;
    row[kLogPrice] = static_cast<float>(*price);
    const auto list = features::LogListPrice(product, context_.base_currency);
    if (!list || std::isnan(known.log_median_price)) return;
    const double ratio = *list - static_cast<double>(known.log_median_price);
    row[kPriceRatio] = static_cast<float>(ratio);
    const auto band =
        features::PriceRatio(context_.profile->price_band, context_.settings.price_band_half_life_ms);
    if (band) row[kPriceBandGap] = static_cast<float>(std::abs(ratio - std::log(*band)));
  }

  void Anchor(const catalog::Product& product, std::map<RankerFeature, float>& row) const {
    if (!product.categories.empty() && !anchor_->categories.empty()) {
      const Parts& a = product.categories.front();
      const Parts& b = anchor_->categories.front();
      const size_t deeper = std::max(a.size(), b.size());
      const auto shared = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
      if (deeper > 0) row[kAnchorCategory] = static_cast<float>(shared) / static_cast<float>(deeper);
    }
    if (!product.brand.empty() && !anchor_->brand.empty()) {
      row[kAnchorBrand] = product.brand == anchor_->brand ? 1.0f : 0.0f;
    }
    const auto own = LogPrice(product);
    const auto other = LogPrice(*anchor_);
    if (own && other) row[kAnchorPrice] = static_cast<float>(*own - *other);
  }

  std::optional<double> LogPrice(const catalog::Product& product) const {
    const std::optional<int64_t> price = PriceMinorAt(product, context_.now_ms);
    if (!price || *price <= 0) return std::nullopt;
    return std::log(static_cast<double>(*price));
  }

  const RankerContext& context_;
  std::map<std::pair<Affinity::Kind, Parts>, float> shares_;
  const catalog::Product* anchor_ = nullptr;
};

FusionResult AllProducts() {
  FusionResult fused;
  for (uint32_t i = 0; i < kProducts; ++i) fused.products.push_back({ProductIndex(i), 1, 0, {}, false});
  return fused;
}

// No page, no cart.
RankerContext ContextOf(const FusionRecipe& recipe, const features::ShopperProfile& profile,
                        const catalog::CatalogView& catalog, const ProductStatistics& statistics,
                        Currency base_currency) {
  return {.recipe = recipe,
          .profile = &profile,
          .catalog = &catalog,
          .statistics = statistics,
          .page = {},
          .cart = {},
          .now_ms = kNow,
          .base_currency = base_currency,
          .settings = {}};
}

TEST(RankerFeaturesTest, AreBitForBitWhatTheyMean) {
  const FusionRecipe recipe;
  const FusionResult fused = AllProducts();
  std::map<RankerFeature, std::set<uint32_t>> values;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const auto catalog = MakeCatalog(seed);
    const features::ShopperProfile profile = MakeProfile(*catalog, seed);
    const Currency base = *Currency::Parse("EUR");
    Random random(1000 + seed);
    InteractionLog log;
    for (uint32_t i = 0; i < 20 * kProducts; ++i) {
      const auto product = static_cast<uint32_t>(random.NextBelow(1 + random.NextBelow(kProducts)));
      log.Add({ShopperHandle(1), ProductIndex(product), static_cast<InteractionKind>(1 + i % 3), 1,
               kNow - static_cast<int64_t>(random.NextBelow(90 * kDayMs)), i});
    }
    const auto statistics = ProductStatistics::Count(log, catalog.get(), {}, base, kNow - kHourMs);
    RankerContext context = ContextOf(recipe, profile, *catalog, *statistics, base);
    if (seed % 2 == 0) context.page = ProductIndex(static_cast<uint32_t>(seed));
    std::vector<float> rows(kProducts * kRankerFeatureCount);
    RankerFeatures(context).Fill(fused, {}, 0, rows);
    const ByMeaning by_meaning(context);
    for (uint32_t i = 0; i < kProducts; ++i) {
      for (const auto& [feature, wanted] : by_meaning.Of(ProductIndex(i))) {
        const float filled = rows[i * kRankerFeatureCount + static_cast<size_t>(feature)];
        ASSERT_EQ(std::bit_cast<uint32_t>(filled), std::bit_cast<uint32_t>(wanted))
            << "seed " << seed << ", product " << i << ", " << RankerFeatureName(static_cast<size_t>(feature))
            << ": " << filled << ", not " << wanted;
        values[feature].insert(std::bit_cast<uint32_t>(filled));
      }
    }
  }
  // Every one of them was known and not known, and differed.
  for (const auto& [feature, seen] : values) {
    EXPECT_GE(seen.size(), 3u) << RankerFeatureName(static_cast<size_t>(feature));
  }
}

// A part of the candidates at a time gives the same rows.
TEST(RankerFeaturesTest, AnyPartOfTheCandidatesGivesTheSameRows) {
  const auto catalog = MakeCatalog(1);
  const features::ShopperProfile profile = MakeProfile(*catalog, 8);
  const auto statistics = ProductStatistics::Count(InteractionLog(), catalog.get(), {}, {}, kNow);
  const FusionRecipe recipe;
  const FusionResult fused = AllProducts();
  const RankerContext context = ContextOf(recipe, profile, *catalog, *statistics, {});
  const RankerFeatures features(context);
  std::vector<float> whole(kProducts * kRankerFeatureCount);
  features.Fill(fused, {}, 0, whole);
  for (uint32_t i = 0; i < kProducts; ++i) {
    std::vector<float> row(kRankerFeatureCount);
    features.Fill(fused, {}, i, row);
    for (size_t k = 0; k < kRankerFeatureCount; ++k) {
      ASSERT_EQ(std::bit_cast<uint32_t>(row[k]), std::bit_cast<uint32_t>(whole[i * kRankerFeatureCount + k]))
          << i << " " << RankerFeatureName(k);
    }
  }
}

}  // namespace
}  // namespace attune::models
