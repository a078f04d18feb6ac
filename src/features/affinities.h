// How a shopper's leanings are counted: weights on categories (at every level), brands and attributes.
//
//   viewing a lamp of category {"Home", "Lighting"}, brand "Lumo", attribute colour=black adds 1 to
//   (category "Home"), (category "Home > Lighting"), (brand "Lumo"), (attribute "colour=black")
//
// Weights fade with one half-life.  They may be negative (more removed than added); such entries count as
// none when read, and leave first.
//
// Thread safety: functions of their arguments.

#ifndef ATTUNE_FEATURES_AFFINITIES_H_
#define ATTUNE_FEATURES_AFFINITIES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/product.h"
#include "features/shopper_profile.h"

namespace attune::features {

// Between the levels of a category in an affinity's value: "Home > Lighting".
inline constexpr std::string_view kCategorySeparator = " > ";

// Replaces `joined` by "Home > Lighting"; by nothing for an empty path.
void JoinCategory(const catalog::CategoryPath& path, std::string& joined);

// {"Home", "Lighting"}; one empty level for an empty text.
catalog::CategoryPath SplitCategory(std::string_view joined);

// Adds `weight` made at `at_ms` to one value.  Longer values than kAffinityValueBytesMax and empty ones are
// left out; what sums up to almost nothing is dropped.
void AddAffinity(Affinity::Kind kind, std::string_view value, double weight, int64_t at_ms,
                 int64_t half_life_ms, std::vector<Affinity>& affinities);

// Adds `weight` to every level of a category path.
void AddCategoryAffinity(const catalog::CategoryPath& path, double weight, int64_t at_ms,
                         int64_t half_life_ms, std::vector<Affinity>& affinities);

// Adds `weight` to what the product is: each level of its first category paths (a level that two paths share
// once), its brand, and its first text attributes by path.
void AddProductAffinities(const catalog::Product& product, double weight, int64_t at_ms, int64_t half_life_ms,
                          std::vector<Affinity>& affinities);

// Holds the bounds of limits.h: of a kind that passed its Max, the strongest Kept stay (ties: the smaller
// value).
void PruneAffinities(int64_t half_life_ms, std::vector<Affinity>& affinities);

struct AffinityStrength {
  std::string_view value;  // Lives as long as the profile's affinities.
  double weight = 0;
  double share = 0;  // Of the sum of positive weights of its kind; categories: of those on the same level.
};

// The strongest of a kind as of `now_ms`, only positive ones, strongest first (ties: the smaller value).
std::vector<AffinityStrength> StrongestAffinities(const std::vector<Affinity>& affinities,
                                                  Affinity::Kind kind, int64_t now_ms, int64_t half_life_ms,
                                                  size_t limit);

// The weight of one value as of `now_ms`; 0 when it is not held or negative.
double AffinityWeight(const std::vector<Affinity>& affinities, Affinity::Kind kind, std::string_view value,
                      int64_t now_ms, int64_t half_life_ms);

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_AFFINITIES_H_
