#include "models/ranker_features.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/clock.h"
#include "base/hash.h"
#include "features/affinities.h"
#include "features/category_price_table.h"
#include "features/decayed_value.h"
#include "features/fold_event.h"
#include "features/limits.h"
#include "features/price_band.h"

namespace attune::models {
namespace {

using features::Affinity;
using enum RankerFeature;

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
constexpr size_t kSourceFeatureCount = kRankerSources.size() + kScoredSourceCount;
// Keys of shares of interest begin with the kind.
constexpr uint64_t kCategorySeed = 1;
constexpr uint64_t kBrandSeed = 2;
constexpr uint64_t kAttributeSeed = 3;
constexpr int64_t kEpochWeekday = 3;  // 1970-01-01 was a Thursday.

constexpr std::string_view kNames[] = {"fused_score",
                                       "source_count",
                                       "category_1",
                                       "category_2",
                                       "category_leaf",
                                       "brand",
                                       "attributes",
                                       "log_price",
                                       "price_ratio",
                                       "price_band_gap",
                                       "discount",
                                       "margin",
                                       "views_short",
                                       "views_long",
                                       "carts_long",
                                       "orders_short",
                                       "orders_long",
                                       "conversion",
                                       "cart_rate",
                                       "trend",
                                       "days_known",
                                       "own_views",
                                       "days_since_own_view",
                                       "own_orders",
                                       "days_since_own_order",
                                       "own_rhythm",
                                       "in_cart",
                                       "is_page",
                                       "anchor_category",
                                       "anchor_brand",
                                       "anchor_price",
                                       "visit_products",
                                       "visit_minutes",
                                       "shopper_orders",
                                       "days_since_order",
                                       "hour",
                                       "weekday",
                                       "position"};
static_assert(std::size(kNames) + kSourceFeatureCount == kRankerFeatureCount);

// Names of the features of sources, made once.
const std::array<std::string, kSourceFeatureCount>& SourceFeatureNames() {
  static const auto* const names = [] {
    auto* made = new std::array<std::string, kSourceFeatureCount>();
    for (size_t i = 0; i < kSourceFeatureCount; ++i) {
      const bool is_rank = i < kRankerSources.size();
      (*made)[i] = std::string(is_rank ? "rank_of_" : "score_of_") +
                   std::string(kRankerSources[is_rank ? i : i - kRankerSources.size()]);
    }
    return made;
  }();
  return *names;
}

float& At(std::span<float> row, RankerFeature feature) { return row[static_cast<size_t>(feature)]; }

// log(1 + value): counts differ by powers, not by sums.
float LogCount(double value) { return static_cast<float>(std::log1p(std::max(0.0, value))); }

double DaysBetween(int64_t from_ms, int64_t to_ms) {
  return static_cast<double>(std::max<int64_t>(0, to_ms - from_ms)) / static_cast<double>(kDayMs);
}

uint64_t LevelKey(std::string_view level, uint64_t above) { return StableHash64(level, above); }

// "Home > Lighting", level by level, as a product's path is hashed.
uint64_t CategoryKey(std::string_view joined) {
  uint64_t key = kCategorySeed;
  while (true) {
    const size_t cut = joined.find(features::kCategorySeparator);
    key = LevelKey(joined.substr(0, cut), key);
    if (cut == std::string_view::npos) return key;
    joined.remove_prefix(cut + features::kCategorySeparator.size());
  }
}

// "colour=black".
uint64_t AttributeKey(std::string_view value) {
  const size_t cut = std::min(value.find('='), value.size());
  const std::string_view text = value.substr(std::min(cut + 1, value.size()));
  return StableHash64(text, StableHash64(value.substr(0, cut), kAttributeSeed));
}

uint64_t AffinityKey(Affinity::Kind kind, std::string_view value) {
  switch (kind) {
    case Affinity::Kind::kCategory:
      return CategoryKey(value);
    case Affinity::Kind::kBrand:
      return StableHash64(value, kBrandSeed);
    case Affinity::Kind::kAttribute:
      return AttributeKey(value);
  }
  return 0;
}

// Levels that two paths share from the top, in share of the deeper one.
float SharedLevels(const catalog::CategoryPath& a, const catalog::CategoryPath& b) {
  const size_t deeper = std::max(a.size(), b.size());
  if (deeper == 0) return kNone;
  size_t shared = 0;
  while (shared < std::min(a.size(), b.size()) && a[shared] == b[shared]) ++shared;
  return static_cast<float>(shared) / static_cast<float>(deeper);
}

std::optional<double> LogPrice(const catalog::Product& product, int64_t now_ms) {
  const std::optional<int64_t> price = PriceMinorAt(product, now_ms);
  if (!price || *price <= 0) return std::nullopt;
  return std::log(static_cast<double>(*price));
}

}  // namespace

std::string_view FeatureGroupWords(FeatureGroup group) {
  constexpr std::string_view kWords[kFeatureGroupCount] = {"how the sources rank it",
                                                           "the shopper's taste",
                                                           "its price",
                                                           "how the shop's customers take to it",
                                                           "what the shopper did with it",
                                                           "this visit",
                                                           "how often the shopper orders",
                                                           "the time"};
  return kWords[static_cast<size_t>(group)];
}

std::string_view RankerFeatureName(size_t feature) {
  return feature < kSourceFeatureCount ? std::string_view(SourceFeatureNames()[feature])
                                       : kNames[feature - kSourceFeatureCount];
}

FeatureGroup GroupOfFeature(size_t feature) {
  constexpr std::pair<RankerFeature, FeatureGroup> kFirstOfGroups[] = {
      {kHour, FeatureGroup::kTime},          {kShopperOrders, FeatureGroup::kShopper},
      {kIsPage, FeatureGroup::kVisit},       {kOwnViews, FeatureGroup::kOwnHistory},
      {kViewsShort, FeatureGroup::kProduct}, {kLogPrice, FeatureGroup::kPrice},
      {kCategory1, FeatureGroup::kTaste}};
  for (const auto& [first, group] : kFirstOfGroups) {
    if (feature >= static_cast<size_t>(first)) return group;
  }
  return FeatureGroup::kSources;
}

std::optional<int64_t> PriceMinorAt(const catalog::Product& product, int64_t now_ms) {
  const catalog::PriceTag& tag = product.price;
  const bool is_on_sale = tag.sale_price_minor && (!tag.sale_from_ms || *tag.sale_from_ms <= now_ms) &&
                          (!tag.sale_until_ms || now_ms < *tag.sale_until_ms);
  return is_on_sale ? tag.sale_price_minor : tag.price_minor;
}

RankerFeatures::RankerFeatures(const RankerContext& context) : context_(context) {
  common_.fill(kNone);
  const int64_t age_ms = context.now_ms - context.statistics.as_of_ms();
  fade_short_ =
      static_cast<float>(features::DecayFactor(age_ms, context.settings.product_short_half_life_ms));
  fade_long_ = static_cast<float>(features::DecayFactor(age_ms, context.settings.product_long_half_life_ms));
  At(common_, kHour) = static_cast<float>(context.now_ms / kHourMs % 24);
  At(common_, kWeekday) = static_cast<float>((context.now_ms / kDayMs + kEpochWeekday) % 7);
  At(common_, kPosition) = 0;
  At(common_, kIsPage) = context.page ? 1.0f : 0.0f;
  if (context.profile != nullptr) {
    ReadAffinities();
    ReadHistory();
    ReadVisit();
  }
  for (const ProductIndex product : context.cart) own_[product.value()].is_in_cart = true;
  if (context.page && context.catalog != nullptr) {
    anchor_.product = context.catalog->Find(*context.page);
    anchor_.is_page = true;
  }
  if (anchor_.product != nullptr) anchor_.log_price = LogPrice(*anchor_.product, context.now_ms);
}

void RankerFeatures::ReadAffinities() {
  for (const Affinity::Kind kind :
       {Affinity::Kind::kCategory, Affinity::Kind::kBrand, Affinity::Kind::kAttribute}) {
    for (const features::AffinityStrength& strength : features::StrongestAffinities(
             context_.profile->affinities, kind, context_.now_ms, context_.settings.affinity_half_life_ms,
             std::numeric_limits<size_t>::max())) {
      shares_[AffinityKey(kind, strength.value)] = static_cast<float>(strength.share);
    }
  }
  const auto ratio =
      features::PriceRatio(context_.profile->price_band, context_.settings.price_band_half_life_ms);
  if (ratio) log_price_band_ = std::log(*ratio);
}

void RankerFeatures::ReadHistory() {
  const features::ShopperProfile& profile = *context_.profile;
  for (const features::RecentProduct& recent : profile.recent) own_[recent.product.value()].recent = &recent;
  for (const features::Purchase& purchase : profile.purchases) {
    own_[purchase.product.value()].purchase = &purchase;
  }
  if (context_.cart.empty()) {
    for (const features::CartLine& line : features::ActiveCart(profile, context_.now_ms, context_.settings)) {
      own_[line.product.value()].is_in_cart = true;
    }
  }
  At(common_, kShopperOrders) = LogCount(profile.order_count);
  if (profile.order_count > 0) {
    At(common_, kDaysSinceOrder) = LogCount(DaysBetween(profile.last_order_at_ms, context_.now_ms));
  }
}

void RankerFeatures::ReadVisit() {
  const features::SessionState& session = context_.profile->session;
  const bool is_under_way = session.session_number > 0 &&
                            context_.now_ms - session.last_event_at_ms < context_.settings.session_idle_ms;
  At(common_, kVisitProducts) = is_under_way ? static_cast<float>(session.products.size()) : 0.0f;
  At(common_, kVisitMinutes) =
      is_under_way
          ? LogCount(static_cast<double>(context_.now_ms - session.started_at_ms) / double{kMinuteMs})
          : 0.0f;
  if (context_.catalog == nullptr || context_.profile->recent.empty()) return;
  anchor_.product = context_.catalog->Find(context_.profile->recent.front().product);
}

float RankerFeatures::Share(uint64_t key) const {
  const auto found = shares_.find(key);
  return found == shares_.end() ? 0.0f : found->second;
}

void RankerFeatures::Fill(const FusionResult& fused, std::span<const std::vector<Candidate>> answers,
                          size_t first, std::span<float> rows) const {
  const size_t count = rows.size() / kRankerFeatureCount;
  CHECK(rows.size() == count * kRankerFeatureCount && first + count <= fused.products.size());
  for (size_t i = 0; i < count; ++i) {
    const std::span<float> row = rows.subspan(i * kRankerFeatureCount, kRankerFeatureCount);
    std::copy(common_.begin(), common_.end(), row.begin());
    const ProductIndex index = fused.products[first + i].product;
    const catalog::Product* const product =
        context_.catalog == nullptr ? nullptr : context_.catalog->Find(index);
    const ProductStatistics::Row& known = context_.statistics.Of(index);
    if (product != nullptr) {
      if (!shares_.empty()) FillTaste(*product, row);
      FillPrice(*product, known, row);
      if (anchor_.product != nullptr) FillAnchor(*product, row);
    }
    FillProduct(product, known, row);
    FillOwn(index, row);
  }
  FillSources(fused, answers, first, rows);
}

void RankerFeatures::FillSources(const FusionResult& fused, std::span<const std::vector<Candidate>> answers,
                                 size_t first, std::span<float> rows) const {
  const size_t count = rows.size() / kRankerFeatureCount;
  absl::flat_hash_map<uint32_t, uint32_t> row_of;
  row_of.reserve(count);
  const double best = fused.products.empty() ? 0 : fused.products.front().score;
  for (size_t i = 0; i < count; ++i) {
    const std::span<float> row = rows.subspan(i * kRankerFeatureCount, kRankerFeatureCount);
    row_of.try_emplace(fused.products[first + i].product.value(), static_cast<uint32_t>(i));
    if (best > 0) At(row, kFusedScore) = static_cast<float>(fused.products[first + i].score / best);
    At(row, kSourceCount) = 0;
  }
  for (size_t part = 0; part < answers.size(); ++part) {
    const auto known = std::find(kRankerSources.begin(), kRankerSources.end(),
                                 std::string_view(context_.recipe.parts[part].source));
    if (known == kRankerSources.end()) continue;
    const auto slot = static_cast<size_t>(known - kRankerSources.begin());
    const float top = answers[part].empty() ? 0 : answers[part].front().score;
    for (size_t rank = 0; rank < answers[part].size(); ++rank) {
      const auto found = row_of.find(answers[part][rank].product.value());
      if (found == row_of.end()) continue;
      const std::span<float> row = rows.subspan(found->second * kRankerFeatureCount, kRankerFeatureCount);
      At(row, kSourceCount) += 1;
      row[slot] = 1 / static_cast<float>(1 + rank);
      if (slot < kScoredSourceCount && top > 0) {
        row[kRankerSources.size() + slot] = answers[part][rank].score / top;
      }
    }
  }
}

void RankerFeatures::FillTaste(const catalog::Product& product, std::span<float> row) const {
  if (!product.categories.empty()) {
    const catalog::CategoryPath& path = product.categories.front();
    uint64_t key = kCategorySeed;
    for (size_t level = 0; level < std::min(path.size(), features::kCategoryLevelsMax); ++level) {
      key = LevelKey(path[level], key);
      const float share = Share(key);
      if (level == 0) At(row, kCategory1) = share;
      if (level == 1) At(row, kCategory2) = share;
      At(row, kCategoryLeaf) = share;
    }
  }
  if (!product.brand.empty()) At(row, kBrand) = Share(StableHash64(product.brand, kBrandSeed));
  size_t seen = 0;
  float strongest = kNone;
  for (auto at = product.attributes.begin(); at != product.attributes.end(); ++at) {
    if (seen == features::kAttributesPerProductMax) break;
    const catalog::AttributeView leaf = at.view();
    if (leaf.type != catalog::Attribute::Type::kText || leaf.text.empty()) continue;
    ++seen;
    const float share = Share(StableHash64(leaf.text, StableHash64(leaf.path, kAttributeSeed)));
    if (!(strongest >= share)) strongest = share;
  }
  At(row, kAttributes) = strongest;
}

void RankerFeatures::FillPrice(const catalog::Product& product, const ProductStatistics::Row& known,
                               std::span<float> row) const {
  const std::optional<int64_t> price = PriceMinorAt(product, context_.now_ms);
  if (!price || *price <= 0) return;
  const auto amount = static_cast<double>(*price);
  At(row, kLogPrice) = static_cast<float>(std::log(amount));
  if (product.price.price_minor && *product.price.price_minor > 0) {
    At(row, kDiscount) = static_cast<float>(1 - amount / static_cast<double>(*product.price.price_minor));
  }
  if (product.cost_minor) {
    At(row, kMargin) = static_cast<float>((amount - static_cast<double>(*product.cost_minor)) / amount);
  }
  // Shoppers' bands are of list prices (features/price_band.h).
  const auto log_list = features::LogListPrice(product, context_.base_currency);
  if (!log_list || std::isnan(known.log_median_price)) return;
  const double ratio = *log_list - static_cast<double>(known.log_median_price);
  At(row, kPriceRatio) = static_cast<float>(ratio);
  if (log_price_band_) At(row, kPriceBandGap) = static_cast<float>(std::abs(ratio - *log_price_band_));
}

void RankerFeatures::FillProduct(const catalog::Product* product, const ProductStatistics::Row& known,
                                 std::span<float> row) const {
  At(row, kViewsShort) = LogCount(static_cast<double>(known.views_short * fade_short_));
  At(row, kViewsLong) = LogCount(static_cast<double>(known.views_long * fade_long_));
  At(row, kCartsLong) = LogCount(static_cast<double>(known.carts_long * fade_long_));
  At(row, kOrdersShort) = LogCount(static_cast<double>(known.orders_short * fade_short_));
  At(row, kOrdersLong) = LogCount(static_cast<double>(known.orders_long * fade_long_));
  At(row, kConversion) = known.conversion;
  At(row, kCartRate) = known.cart_rate;
  At(row, kTrend) = known.trend;
  const double today = static_cast<double>(context_.now_ms) / static_cast<double>(kDayMs);
  if (product != nullptr && product->created_at_ms > 0) {
    At(row, kDaysKnown) = LogCount(DaysBetween(product->created_at_ms, context_.now_ms));
  } else if (!std::isnan(known.first_day)) {
    At(row, kDaysKnown) = LogCount(today - static_cast<double>(known.first_day));
  }
}

void RankerFeatures::FillOwn(ProductIndex product, std::span<float> row) const {
  const auto found = own_.find(product.value());
  At(row, kInCart) = found != own_.end() && found->second.is_in_cart ? 1.0f : 0.0f;
  At(row, kOwnViews) = 0;
  At(row, kOwnOrders) = 0;
  if (found == own_.end()) return;
  const Own& own = found->second;
  if (own.recent != nullptr) {
    At(row, kOwnViews) = LogCount(own.recent->view_count);
    At(row, kDaysSinceOwnView) = LogCount(DaysBetween(own.recent->last_at_ms, context_.now_ms));
  }
  if (own.purchase == nullptr) return;
  At(row, kOwnOrders) = LogCount(own.purchase->order_count);
  const double since = DaysBetween(own.purchase->last_at_ms, context_.now_ms);
  At(row, kDaysSinceOwnOrder) = LogCount(since);
  const double span = DaysBetween(own.purchase->first_at_ms, own.purchase->last_at_ms);
  if (own.purchase->order_count < 2 || span <= 0) return;
  At(row, kOwnRhythm) = LogCount(since / (span / (own.purchase->order_count - 1)));
}

void RankerFeatures::FillAnchor(const catalog::Product& product, std::span<float> row) const {
  const catalog::Product& anchor = *anchor_.product;
  if (!product.categories.empty() && !anchor.categories.empty()) {
    At(row, kAnchorCategory) = SharedLevels(product.categories.front(), anchor.categories.front());
  }
  if (!product.brand.empty() && !anchor.brand.empty()) {
    At(row, kAnchorBrand) = product.brand == anchor.brand ? 1.0f : 0.0f;
  }
  const std::optional<double> log_price = LogPrice(product, context_.now_ms);
  if (log_price && anchor_.log_price)
    At(row, kAnchorPrice) = static_cast<float>(*log_price - *anchor_.log_price);
}

}  // namespace attune::models
