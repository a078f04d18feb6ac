#include "models/taste_shares.h"

#include <algorithm>

#include "base/hash.h"
#include "catalog/product_groups.h"
#include "features/affinities.h"
#include "features/limits.h"

namespace attune::models {
namespace {

using features::Affinity;

constexpr uint64_t kCategorySeed = 1;

// "Home > Lighting", level by level, as a product's path is hashed.
uint64_t CategoryKey(std::string_view joined) {
  uint64_t key = kCategorySeed;
  while (true) {
    const size_t cut = joined.find(features::kCategorySeparator);
    key = StableHash64(joined.substr(0, cut), key);
    if (cut == std::string_view::npos) return key;
    joined.remove_prefix(cut + features::kCategorySeparator.size());
  }
}

float Find(const absl::flat_hash_map<uint64_t, float>& shares, uint64_t key) {
  const auto found = shares.find(key);
  return found == shares.end() ? 0.0f : found->second;
}

}  // namespace

TasteShares::TasteShares(const std::vector<Affinity>& affinities, int64_t now_ms, int64_t half_life_ms) {
  const auto for_each = [&](Affinity::Kind kind, const auto& add) {
    for (const features::AffinityStrength& liked : features::StrongestAffinities(
             affinities, kind, now_ms, half_life_ms, std::numeric_limits<size_t>::max())) {
      add(liked.value, static_cast<float>(liked.share));
    }
  };
  for_each(Affinity::Kind::kCategory,
           [this](std::string_view value, float share) { categories_[CategoryKey(value)] = share; });
  for_each(Affinity::Kind::kBrand,
           [this](std::string_view value, float share) { brands_[catalog::BrandGroup(value)] = share; });
  for_each(Affinity::Kind::kAttribute,
           [this](std::string_view value, float share) { AddAttribute(value, share); });
}

TasteShares::Levels TasteShares::OfPath(const catalog::CategoryPath& path) const {
  Levels shares;
  uint64_t key = kCategorySeed;
  for (size_t level = 0; level < std::min(path.size(), features::kCategoryLevelsMax); ++level) {
    key = StableHash64(path[level], key);
    shares.leaf = Find(categories_, key);
    if (level == 0) shares.first = shares.leaf;
    if (level == 1) shares.second = shares.leaf;
  }
  return shares;
}

float TasteShares::OfBrand(uint64_t brand) const { return Find(brands_, brand); }

float TasteShares::OfAttributes(const catalog::AttributeList& attributes) const {
  float strongest = std::numeric_limits<float>::quiet_NaN();
  size_t seen = 0;
  for (auto at = attributes.begin(); at != attributes.end() && seen < features::kAttributesPerProductMax;) {
    const catalog::AttributeView leaf = at.Take();
    if (leaf.type != catalog::Attribute::Type::kText || leaf.text.empty()) continue;
    ++seen;
    const float share = OfAttribute(leaf);
    if (!(strongest >= share)) strongest = share;
  }
  return strongest;
}

// Any function of the text would do; this one reads two letters.  REQUIRES: text is not empty.
size_t TasteShares::SlotOf(std::string_view text) {
  const auto first = static_cast<uint8_t>(text.front());
  const auto last = static_cast<uint8_t>(text.back());
  constexpr size_t kLengthStep = 37;
  constexpr size_t kFirstStep = 7;
  return (text.size() * kLengthStep + first * kFirstStep + last) % kTextSlots;
}

// "colour=black".
void TasteShares::AddAttribute(std::string_view value, float share) {
  const size_t cut = std::min(value.find('='), value.size());
  const std::string_view text = value.substr(std::min(cut + 1, value.size()));
  uint32_t* const first = text.empty() ? nullptr : &first_[SlotOf(text)];  // Empty: no product's.
  attributes_.push_back({value.substr(0, cut), text, share, first == nullptr ? 0 : *first});
  if (first != nullptr) *first = static_cast<uint32_t>(attributes_.size());
}

float TasteShares::OfAttribute(const catalog::AttributeView& leaf) const {
  for (uint32_t at = first_[SlotOf(leaf.text)]; at != 0; at = attributes_[at - 1].next) {
    const LikedAttribute& liked = attributes_[at - 1];
    if (liked.text == leaf.text && liked.path == leaf.path) return liked.share;
  }
  return 0;
}

}  // namespace attune::models
