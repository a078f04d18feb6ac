#include "features/affinities.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/hash.h"
#include "features/decayed_value.h"
#include "features/limits.h"

namespace attune::features {
namespace {

struct KindBound {
  Affinity::Kind kind;
  size_t max;
  size_t kept;
};
constexpr std::array<KindBound, 3> kKindBounds = {{
    {Affinity::Kind::kCategory, kCategoryAffinitiesMax, kCategoryAffinitiesKept},
    {Affinity::Kind::kBrand, kBrandAffinitiesMax, kBrandAffinitiesKept},
    {Affinity::Kind::kAttribute, kAttributeAffinitiesMax, kAttributeAffinitiesKept},
}};

bool IsBefore(const Affinity& affinity, Affinity::Kind kind, std::string_view value) {
  if (affinity.kind != kind) return affinity.kind < kind;
  return affinity.value < value;
}

std::vector<Affinity>::const_iterator LowerBound(const std::vector<Affinity>& affinities, Affinity::Kind kind,
                                                 std::string_view value) {
  return std::lower_bound(
      affinities.begin(), affinities.end(), value,
      [kind](const Affinity& affinity, std::string_view wanted) { return IsBefore(affinity, kind, wanted); });
}

uint32_t HashOf(Affinity::Kind kind, std::string_view value) {
  return static_cast<uint32_t>(StableHash64(value, static_cast<uint64_t>(kind)));
}

// Null when it is not held.
const Affinity* Find(const std::vector<Affinity>& affinities, Affinity::Kind kind, uint32_t hash,
                     std::string_view value) {
  for (const Affinity& affinity : affinities) {
    if (affinity.hash == hash && affinity.kind == kind && affinity.value == value) return &affinity;
  }
  return nullptr;
}

size_t LevelOf(std::string_view category) {
  size_t level = 0;
  for (size_t at = category.find(kCategorySeparator); at != std::string_view::npos;
       at = category.find(kCategorySeparator, at + kCategorySeparator.size())) {
    ++level;
  }
  return level;
}

// Goes down to `level` in a joined path.
void AppendLevel(const catalog::CategoryPath& path, size_t level, std::string& joined) {
  if (level > 0) joined += kCategorySeparator;
  joined += path[level];
}

// Whether an earlier path of the product begins with the first `levels` levels of `path`.
bool IsSharedWithEarlier(const std::vector<catalog::CategoryPath>& paths, size_t path_index, size_t levels) {
  const catalog::CategoryPath& path = paths[path_index];
  for (size_t earlier = 0; earlier < path_index; ++earlier) {
    const catalog::CategoryPath& other = paths[earlier];
    if (other.size() >= levels &&
        std::equal(path.begin(), path.begin() + static_cast<ptrdiff_t>(levels), other.begin())) {
      return true;
    }
  }
  return false;
}

void PruneKind(const KindBound& bound, int64_t half_life_ms, std::vector<Affinity>& affinities) {
  const auto is_of_kind = [&bound](const Affinity& affinity) { return affinity.kind == bound.kind; };
  const auto begin = std::find_if(affinities.begin(), affinities.end(), is_of_kind);
  const auto end = std::find_if_not(begin, affinities.end(), is_of_kind);
  const auto count = static_cast<size_t>(end - begin);
  if (count <= bound.max) return;

  int64_t newest_ms = begin->weight.as_of_ms;
  for (auto it = begin; it != end; ++it) newest_ms = std::max(newest_ms, it->weight.as_of_ms);
  // All fade alike, so the order at one moment is the order at every later one.
  std::vector<std::pair<double, size_t>> by_strength;
  by_strength.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    by_strength.emplace_back(-ValueAt(begin[static_cast<ptrdiff_t>(i)].weight, newest_ms, half_life_ms), i);
  }
  std::sort(by_strength.begin(), by_strength.end());

  std::vector<bool> stays(count, false);
  for (size_t rank = 0; rank < bound.kept; ++rank) stays[by_strength[rank].second] = true;
  auto out = begin;
  for (size_t i = 0; i < count; ++i) {
    if (!stays[i]) continue;
    const auto from = begin + static_cast<ptrdiff_t>(i);
    if (out != from) *out = std::move(*from);
    ++out;
  }
  affinities.erase(out, end);
}

}  // namespace

Affinity::Affinity(Kind its_kind, std::string its_value, DecayedValue its_weight)
    : kind(its_kind), hash(HashOf(its_kind, its_value)), value(std::move(its_value)), weight(its_weight) {}

void JoinCategory(const catalog::CategoryPath& path, std::string& joined) {
  joined.clear();
  for (size_t level = 0; level < path.size(); ++level) AppendLevel(path, level, joined);
}

catalog::CategoryPath SplitCategory(std::string_view joined) {
  catalog::CategoryPath levels;
  while (true) {
    const size_t cut = joined.find(kCategorySeparator);
    levels.emplace_back(joined.substr(0, cut));
    if (cut == std::string_view::npos) return levels;
    joined.remove_prefix(cut + kCategorySeparator.size());
  }
}

void AddAffinity(Affinity::Kind kind, std::string_view value, double weight, int64_t at_ms,
                 int64_t half_life_ms, std::vector<Affinity>& affinities) {
  if (value.empty() || value.size() > kAffinityValueBytesMax || weight == 0) return;
  const Affinity* const found = Find(affinities, kind, HashOf(kind, value), value);
  if (found == nullptr) {
    Affinity affinity(kind, std::string(value), {});
    AddDecayed(weight, at_ms, half_life_ms, affinity.weight);
    affinities.insert(LowerBound(affinities, kind, value), std::move(affinity));
    return;
  }
  const auto place = affinities.begin() + (found - affinities.data());
  AddDecayed(weight, at_ms, half_life_ms, place->weight);
  if (std::abs(place->weight.value) < kAffinityWeightMin) affinities.erase(place);
}

void AddCategoryAffinity(const catalog::CategoryPath& path, double weight, int64_t at_ms,
                         int64_t half_life_ms, std::vector<Affinity>& affinities) {
  std::string joined;
  const size_t level_count = std::min(path.size(), kCategoryLevelsMax);
  for (size_t level = 0; level < level_count; ++level) {
    AppendLevel(path, level, joined);
    AddAffinity(Affinity::Kind::kCategory, joined, weight, at_ms, half_life_ms, affinities);
  }
}

void AddProductAffinities(const catalog::Product& product, double weight, int64_t at_ms, int64_t half_life_ms,
                          std::vector<Affinity>& affinities) {
  // Each event comes here: the text keeps its memory from one to the next.
  static thread_local std::string value;
  const size_t path_count = std::min(product.categories.size(), kCategoryPathsPerProductMax);
  for (size_t i = 0; i < path_count; ++i) {
    const catalog::CategoryPath& path = product.categories[i];
    value.clear();
    const size_t level_count = std::min(path.size(), kCategoryLevelsMax);
    for (size_t level = 0; level < level_count; ++level) {
      AppendLevel(path, level, value);
      if (IsSharedWithEarlier(product.categories, i, level + 1)) continue;
      AddAffinity(Affinity::Kind::kCategory, value, weight, at_ms, half_life_ms, affinities);
    }
  }
  AddAffinity(Affinity::Kind::kBrand, product.brand, weight, at_ms, half_life_ms, affinities);

  size_t attribute_count = 0;
  for (auto at = product.attributes.begin(); at != product.attributes.end(); ++at) {
    if (attribute_count == kAttributesPerProductMax) break;
    const catalog::AttributeView attribute = at.view();
    // Numbers (weights, sizes in millimetres) rarely repeat and rarely are a taste.
    if (attribute.type != catalog::Attribute::Type::kText || attribute.text.empty()) continue;
    value.assign(attribute.path).append("=").append(attribute.text);
    AddAffinity(Affinity::Kind::kAttribute, value, weight, at_ms, half_life_ms, affinities);
    ++attribute_count;
  }
}

void PruneAffinities(int64_t half_life_ms, std::vector<Affinity>& affinities) {
  if (affinities.size() <= kBrandAffinitiesMax)
    return;  // The smallest of the bounds: nothing can have passed it.
  for (const KindBound& bound : kKindBounds) PruneKind(bound, half_life_ms, affinities);
}

std::vector<AffinityStrength> StrongestAffinities(const std::vector<Affinity>& affinities,
                                                  Affinity::Kind kind, int64_t now_ms, int64_t half_life_ms,
                                                  size_t limit) {
  std::vector<AffinityStrength> strongest;
  std::vector<double> sums;  // By level; brands and attributes have one.
  for (const Affinity& affinity : affinities) {
    if (affinity.kind != kind) continue;
    const double weight = ValueAt(affinity.weight, now_ms, half_life_ms);
    if (weight <= 0) continue;
    const size_t level = kind == Affinity::Kind::kCategory ? LevelOf(affinity.value) : 0;
    if (level >= sums.size()) sums.resize(level + 1, 0.0);
    sums[level] += weight;
    strongest.push_back({affinity.value, weight, 0});
  }
  for (AffinityStrength& strength : strongest) {
    strength.share = strength.weight / sums[kind == Affinity::Kind::kCategory ? LevelOf(strength.value) : 0];
  }
  std::sort(strongest.begin(), strongest.end(), [](const AffinityStrength& a, const AffinityStrength& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.value < b.value;
  });
  if (strongest.size() > limit) strongest.resize(limit);
  return strongest;
}

double AffinityWeight(const std::vector<Affinity>& affinities, Affinity::Kind kind, std::string_view value,
                      int64_t now_ms, int64_t half_life_ms) {
  const Affinity* const found = Find(affinities, kind, HashOf(kind, value), value);
  if (found == nullptr) return 0;
  return std::max(0.0, ValueAt(found->weight, now_ms, half_life_ms));
}

}  // namespace attune::features
