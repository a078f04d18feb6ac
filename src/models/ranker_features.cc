#include "models/ranker_features.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "base/clock.h"
#include "base/prefetch.h"
#include "catalog/product_groups.h"
#include "features/category_price_table.h"
#include "features/decayed_value.h"
#include "features/fold_event.h"
#include "features/price_band.h"

namespace attune::models {
namespace {

using enum RankerFeature;

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
constexpr size_t kSourceFeatureCount = kRankerSources.size() + kScoredSourceCount;
// Candidates whose attributes are on their way while one is filled in.
constexpr size_t kAttributesAhead = 8;
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

// log(1 + value), what std::log1p gives as a float: counts differ by powers, not by sums.
//
// std::log takes half as long.  log(1 + v) * v / ((1 + v) - 1) makes up for what v lost when it was added to
// 1, and is off by a few units of the sixteenth digit; where so little could change the float, which has
// seven, std::log1p is asked.
float LogCount(double value) {
  constexpr double kOff = 1e-14;
  if (!(value > 0)) return 0;
  const double sum = 1 + value;
  const double near = sum == 1 ? value : std::log(sum) * (value / (sum - 1));
  const auto low = static_cast<float>(near * (1 - kOff));
  return low == static_cast<float>(near * (1 + kOff)) ? low : static_cast<float>(std::log1p(value));
}

// Which row a product has.  Each answer of each source looks up what it names: a thousand a request.
class RowOfProduct {
 public:
  explicit RowOfProduct(size_t row_count) : slots_(std::bit_ceil(2 * row_count + 1)) {}

  // The first row of a product stays.
  void Add(ProductIndex product, size_t row) {
    Slot& slot = slots_[PlaceOf(product)];
    if (slot.row == 0) slot = {product.value(), static_cast<uint32_t>(row + 1)};
  }
  std::optional<size_t> Find(ProductIndex product) const {
    const Slot& slot = slots_[PlaceOf(product)];
    return slot.row == 0 ? std::nullopt : std::optional<size_t>(slot.row - 1);
  }

 private:
  struct Slot {
    uint32_t product = 0;
    uint32_t row = 0;  // From 1; 0: free.  More than half of them are.
  };

  // Where it is, or would be.
  size_t PlaceOf(ProductIndex product) const {
    constexpr uint32_t kOdd = 0x9e3779b1;  // Spreads neighbours.
    constexpr uint32_t kHigh = 16;
    size_t at = (product.value() * kOdd) >> kHigh & (slots_.size() - 1);
    while (slots_[at].row != 0 && slots_[at].product != product.value()) at = (at + 1) & (slots_.size() - 1);
    return at;
  }

  std::vector<Slot> slots_;
};

double DaysBetween(int64_t from_ms, int64_t to_ms) {
  return static_cast<double>(std::max<int64_t>(0, to_ms - from_ms)) / static_cast<double>(kDayMs);
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
    ReadTaste();
    ReadHistory();
    ReadVisit();
  }
  for (const ProductIndex product : context.cart) own_[product.value()].is_in_cart = true;
  if (context.page && context.catalog != nullptr) {
    anchor_.product = context.catalog->Find(*context.page);
  }
  if (anchor_.product == nullptr) return;
  anchor_.brand = catalog::BrandGroup(anchor_.product->brand);
  anchor_.log_price = LogPrice(*anchor_.product, context.now_ms);
}

void RankerFeatures::ReadTaste() {
  taste_ =
      TasteShares(context_.profile->affinities, context_.now_ms, context_.settings.affinity_half_life_ms);
  const auto ratio =
      features::PriceRatio(context_.profile->price_band, context_.settings.price_band_half_life_ms);
  if (ratio) log_price_band_ = std::log(*ratio);
}

void RankerFeatures::ReadHistory() {
  const features::ShopperProfile& profile = *context_.profile;
  own_.reserve(profile.recent.size() + profile.purchases.size() + profile.cart.size());
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

std::vector<RankerFeatures::Subject> RankerFeatures::SubjectsOf(const FusionResult& fused, size_t first,
                                                                size_t count) const {
  std::vector<Subject> subjects(count);
  for (size_t i = 0; i < count; ++i) {
    const ProductIndex index = fused.products[first + i].product;
    Subject& subject = subjects[i];
    subject.known = &context_.statistics.Of(index);
    Prefetch(*subject.known);
    if (context_.catalog == nullptr) continue;
    subject.product = context_.catalog->Find(index);
    if (subject.product == nullptr) continue;
    subject.groups = context_.catalog->GroupsOf(index);
    Prefetch(subject.product->categories);
    Prefetch(subject.product->price);
    Prefetch(subject.product->cost_minor);
    Prefetch(subject.product->attributes);
    Prefetch(subject.product->created_at_ms);
  }
  return subjects;
}

RankerFeatures::OfCategory RankerFeatures::CategoryOf(const catalog::Product& product) const {
  OfCategory category{.shares = {}, .anchor_levels = kNone};
  if (product.categories.empty()) return category;
  const catalog::CategoryPath& path = product.categories.front();
  category.shares = taste_.OfPath(path);
  if (anchor_.product != nullptr && !anchor_.product->categories.empty()) {
    category.anchor_levels = SharedLevels(path, anchor_.product->categories.front());
  }
  return category;
}

const RankerFeatures::OfCategory& RankerFeatures::CategoryOf(const Subject& subject,
                                                             Categories& categories) const {
  const auto [found, is_new] = categories.try_emplace(subject.groups.category);
  // Products without a path and those with an empty one have the same group: none.
  if (is_new || subject.groups.category == 0) found->second = CategoryOf(*subject.product);
  return found->second;
}

void RankerFeatures::Fill(const FusionResult& fused, std::span<const std::vector<Candidate>> answers,
                          size_t first, std::span<float> rows) const {
  const size_t count = rows.size() / kRankerFeatureCount;
  CHECK(rows.size() == count * kRankerFeatureCount && first + count <= fused.products.size());
  const std::vector<Subject> subjects = SubjectsOf(fused, first, count);
  Categories categories;
  for (size_t i = 0; i < count; ++i) {
    const std::span<float> row = rows.subspan(i * kRankerFeatureCount, kRankerFeatureCount);
    std::copy(common_.begin(), common_.end(), row.begin());
    const Subject& subject = subjects[i];
    if (i + kAttributesAhead < count && subjects[i + kAttributesAhead].product != nullptr) {
      subjects[i + kAttributesAhead].product->attributes.Prefetch();
    }
    if (subject.product != nullptr) {
      const OfCategory& category = CategoryOf(subject, categories);
      if (!taste_.empty()) FillTaste(subject, category, row);
      const std::optional<double> log_price = FillPrice(subject, row);
      if (anchor_.product != nullptr) FillAnchor(subject, category, log_price, row);
    }
    FillProduct(subject.product, *subject.known, row);
    FillOwn(fused.products[first + i].product, row);
  }
  FillSources(fused, answers, first, rows);
}

void RankerFeatures::FillSources(const FusionResult& fused, std::span<const std::vector<Candidate>> answers,
                                 size_t first, std::span<float> rows) const {
  const size_t count = rows.size() / kRankerFeatureCount;
  RowOfProduct row_of(count);
  const double best = fused.products.empty() ? 0 : fused.products.front().score;
  for (size_t i = 0; i < count; ++i) {
    const std::span<float> row = rows.subspan(i * kRankerFeatureCount, kRankerFeatureCount);
    row_of.Add(fused.products[first + i].product, i);
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
      const std::optional<size_t> found = row_of.Find(answers[part][rank].product);
      if (!found) continue;
      const std::span<float> row = rows.subspan(*found * kRankerFeatureCount, kRankerFeatureCount);
      At(row, kSourceCount) += 1;
      row[slot] = 1 / static_cast<float>(1 + rank);
      if (slot < kScoredSourceCount && top > 0) {
        row[kRankerSources.size() + slot] = answers[part][rank].score / top;
      }
    }
  }
}

void RankerFeatures::FillTaste(const Subject& subject, const OfCategory& category,
                               std::span<float> row) const {
  At(row, kCategory1) = category.shares.first;
  At(row, kCategory2) = category.shares.second;
  At(row, kCategoryLeaf) = category.shares.leaf;
  if (subject.groups.brand != 0) At(row, kBrand) = taste_.OfBrand(subject.groups.brand);
  At(row, kAttributes) = taste_.OfAttributes(subject.product->attributes);
}

std::optional<double> RankerFeatures::FillPrice(const Subject& subject, std::span<float> row) const {
  const catalog::Product& product = *subject.product;
  const std::optional<int64_t> price = PriceMinorAt(product, context_.now_ms);
  if (!price || *price <= 0) return std::nullopt;
  const auto amount = static_cast<double>(*price);
  const double log_price = std::log(amount);
  At(row, kLogPrice) = static_cast<float>(log_price);
  if (product.price.price_minor && *product.price.price_minor > 0) {
    At(row, kDiscount) = static_cast<float>(1 - amount / static_cast<double>(*product.price.price_minor));
  }
  if (product.cost_minor) {
    At(row, kMargin) = static_cast<float>((amount - static_cast<double>(*product.cost_minor)) / amount);
  }
  // Shoppers' bands are of list prices (features/price_band.h).
  const std::optional<int64_t> list = features::ListPriceMinor(product, context_.base_currency);
  if (!list || std::isnan(subject.known->log_median_price)) return log_price;
  const double log_list = *list == *price ? log_price : std::log(static_cast<double>(*list));
  const double ratio = log_list - static_cast<double>(subject.known->log_median_price);
  At(row, kPriceRatio) = static_cast<float>(ratio);
  if (log_price_band_) At(row, kPriceBandGap) = static_cast<float>(std::abs(ratio - *log_price_band_));
  return log_price;
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

void RankerFeatures::FillAnchor(const Subject& subject, const OfCategory& category,
                                std::optional<double> log_price, std::span<float> row) const {
  At(row, kAnchorCategory) = category.anchor_levels;
  if (subject.groups.brand != 0 && anchor_.brand != 0) {
    At(row, kAnchorBrand) = subject.groups.brand == anchor_.brand ? 1.0f : 0.0f;
  }
  if (log_price && anchor_.log_price) {
    At(row, kAnchorPrice) = static_cast<float>(*log_price - *anchor_.log_price);
  }
}

}  // namespace attune::models
