#include "features/profile_fields.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/clock.h"
#include "features/affinities.h"
#include "features/fold_event.h"
#include "features/price_band.h"

namespace attune::features {
namespace {

using Lookup = std::optional<double> (*)(const ShopperProfile&, const FieldContext&);

std::optional<double> DaysSince(int64_t at_ms, bool is_known, const FieldContext& context) {
  if (!is_known) return std::nullopt;
  return static_cast<double>(std::max<int64_t>(0, context.now_ms - at_ms)) / static_cast<double>(kDayMs);
}

double Revenue(const ShopperProfile& profile, const FieldContext& context) {
  return MajorFromMinor(profile.revenue_minor, context.base_currency);
}

std::optional<double> AverageOrderValue(const ShopperProfile& profile, const FieldContext& context) {
  if (profile.order_count == 0) return std::nullopt;
  return Revenue(profile, context) / profile.order_count;
}

std::optional<double> CartUnits(const ShopperProfile& profile, const FieldContext& context) {
  double units = 0;
  for (const CartLine& line : ActiveCart(profile, context.now_ms, context.settings)) {
    units += static_cast<double>(line.quantity);
  }
  return units;
}

struct NamedField {
  std::string_view name;
  Lookup lookup;
};

// Sorted by name.
constexpr std::array<NamedField, 15> kFields = {{
    {"average_order_value", AverageOrderValue},
    {"cart_lines",
     [](const ShopperProfile& p, const FieldContext& c) -> std::optional<double> {
       return static_cast<double>(ActiveCart(p, c.now_ms, c.settings).size());
     }},
    {"cart_units", CartUnits},
    {"days_since_first_order",
     [](const ShopperProfile& p, const FieldContext& c) {
       return DaysSince(p.first_order_at_ms, p.order_count > 0, c);
     }},
    {"days_since_first_seen",
     [](const ShopperProfile& p, const FieldContext& c) {
       return DaysSince(p.first_seen_ms, p.event_count > 0, c);
     }},
    {"days_since_last_order",
     [](const ShopperProfile& p, const FieldContext& c) {
       return DaysSince(p.last_order_at_ms, p.order_count > 0, c);
     }},
    {"days_since_last_seen",
     [](const ShopperProfile& p, const FieldContext& c) {
       return DaysSince(p.last_seen_ms, p.event_count > 0, c);
     }},
    {"events",
     [](const ShopperProfile& p, const FieldContext&) -> std::optional<double> {
       return static_cast<double>(p.event_count);
     }},
    {"is_customer",
     [](const ShopperProfile& p, const FieldContext&) -> std::optional<double> {
       return p.is_customer ? 1 : 0;
     }},
    {"orders",
     [](const ShopperProfile& p, const FieldContext&) -> std::optional<double> { return p.order_count; }},
    {"price_ratio",
     [](const ShopperProfile& p, const FieldContext& c) {
       return PriceRatio(p.price_band, c.settings.price_band_half_life_ms);
     }},
    {"products_bought",
     [](const ShopperProfile& p, const FieldContext&) -> std::optional<double> {
       return static_cast<double>(p.purchases.size());
     }},
    {"revenue",
     [](const ShopperProfile& p, const FieldContext& c) -> std::optional<double> { return Revenue(p, c); }},
    {"sessions",
     [](const ShopperProfile& p, const FieldContext&) -> std::optional<double> {
       return static_cast<double>(p.session.session_number);
     }},
    {"views",
     [](const ShopperProfile& p, const FieldContext&) -> std::optional<double> {
       return static_cast<double>(p.view_count);
     }},
}};

constexpr std::array<std::string_view, kFields.size()> MakeNames() {
  std::array<std::string_view, kFields.size()> names;
  for (size_t i = 0; i < kFields.size(); ++i) names[i] = kFields[i].name;
  return names;
}
constexpr std::array<std::string_view, kFields.size()> kNames = MakeNames();

}  // namespace

std::span<const std::string_view> NumberFieldNames() { return kNames; }

std::optional<double> NumberField(const ShopperProfile& profile, std::string_view name,
                                  const FieldContext& context) {
  const auto found =
      std::lower_bound(kFields.begin(), kFields.end(), name,
                       [](const NamedField& field, std::string_view wanted) { return field.name < wanted; });
  if (found == kFields.end() || found->name != name) return std::nullopt;
  return found->lookup(profile, context);
}

std::optional<Affinity::Kind> ParseAffinityKind(std::string_view name) {
  if (name == "category") return Affinity::Kind::kCategory;
  if (name == "brand") return Affinity::Kind::kBrand;
  if (name == "attribute") return Affinity::Kind::kAttribute;
  return std::nullopt;
}

double AffinityField(const ShopperProfile& profile, Affinity::Kind kind, std::string_view value,
                     const FieldContext& context) {
  const auto strongest =
      StrongestAffinities(profile.affinities, kind, context.now_ms, context.settings.affinity_half_life_ms,
                          std::numeric_limits<size_t>::max());
  for (const AffinityStrength& strength : strongest) {
    if (strength.value == value) return strength.share;
  }
  return 0;
}

}  // namespace attune::features
