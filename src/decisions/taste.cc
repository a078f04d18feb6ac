#include "decisions/taste.h"

#include <algorithm>

#include "features/affinities.h"
#include "features/decayed_value.h"
#include "features/preferences.h"

namespace attune::decisions {
namespace {

using Kind = features::Affinity::Kind;

constexpr double kCategoryShare = 0.6;
constexpr double kBrandShare = 0.25;
constexpr double kAttributeShare = 0.15;

size_t LevelOf(Kind kind, std::string_view value) {
  if (kind != Kind::kCategory) return 0;
  size_t level = 0;
  for (size_t at = value.find(features::kCategorySeparator); at != std::string_view::npos;
       at = value.find(features::kCategorySeparator, at + features::kCategorySeparator.size())) {
    ++level;
  }
  return level;
}

// Calls visit("colour=black") for each text attribute until it returns true.
template <class Visit>
bool AnyAttribute(const catalog::Product& product, const Visit& visit) {
  std::string text;
  for (auto at = product.attributes.begin(); at != product.attributes.end(); ++at) {
    const catalog::AttributeView attribute = at.view();
    if (attribute.type != catalog::Attribute::Type::kText || attribute.text.empty()) continue;
    text.assign(attribute.path).append("=").append(attribute.text);
    if (visit(text)) return true;
  }
  return false;
}

}  // namespace

Taste::Taste(const features::ShopperProfile* profile, int64_t now_ms,
             const features::FeatureSettings& settings) {
  if (profile == nullptr) return;
  const auto add = [this](Kind kind, std::string_view value, double weight) {
    weights_[{static_cast<uint8_t>(kind), std::string(value)}] += weight;
  };
  for (const features::Affinity& affinity : profile->affinities) {
    const double weight = features::ValueAt(affinity.weight, now_ms, settings.affinity_half_life_ms);
    if (weight > 0) add(affinity.kind, affinity.value, weight);
  }
  for (const features::PreferenceStrength& said :
       features::StrongestPreferences(profile->preferences, now_ms, settings)) {
    add(said.kind, said.value, said.weight);
  }
  for (const auto& [name, weight] : weights_) {
    double& largest = largest_[{name.first, LevelOf(static_cast<Kind>(name.first), name.second)}];
    largest = std::max(largest, weight);
  }
}

double Taste::Share(Kind kind, std::string_view value, size_t level) const {
  const auto found = weights_.find(std::pair(static_cast<uint8_t>(kind), std::string(value)));
  if (found == weights_.end()) return 0;
  return found->second / largest_.at({static_cast<uint8_t>(kind), level});
}

double Taste::Of(const catalog::Product& product) const {
  if (weights_.empty()) return 0;
  double taste = 0;
  if (!product.categories.empty()) {
    catalog::CategoryPath path = product.categories.front();
    std::string joined;
    for (; !path.empty(); path.pop_back()) {
      features::JoinCategory(path, joined);
      const double share = Share(Kind::kCategory, joined, path.size() - 1);
      if (share <= 0) continue;
      taste += kCategoryShare * share;
      break;
    }
  }
  if (!product.brand.empty()) taste += kBrandShare * Share(Kind::kBrand, product.brand, 0);
  double strongest = 0;
  AnyAttribute(product, [&](const std::string& text) {
    strongest = std::max(strongest, Share(Kind::kAttribute, text, 0));
    return false;
  });
  return taste + kAttributeShare * strongest;
}

bool Matches(Kind kind, std::string_view value, const catalog::Product& product) {
  switch (kind) {
    case Kind::kCategory:
      return std::any_of(
          product.categories.begin(), product.categories.end(), [value](const catalog::CategoryPath& path) {
            std::string joined;
            features::JoinCategory(path, joined);
            if (!joined.starts_with(value)) return false;
            return joined.size() == value.size() ||
                   std::string_view(joined).substr(value.size()).starts_with(features::kCategorySeparator);
          });
    case Kind::kBrand:
      return product.brand == value;
    case Kind::kAttribute:
      return AnyAttribute(product, [value](const std::string& text) { return text == value; });
  }
  return false;
}

}  // namespace attune::decisions
