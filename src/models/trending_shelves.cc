#include "models/trending_shelves.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "models/limits.h"
#include "models/model_file.h"
#include "models/popularity.h"

namespace attune::models {
namespace {

struct Activity {
  double recent = 0;
  double usual = 0;
};
// Walked in the order of names: sums and ties do not depend on hashing.
using Shelves = std::map<std::vector<std::string>, Activity>;

std::vector<TrendingShelf> Rank(const Shelves& shelves, double recent_all, double usual_all,
                                const PopularityOptions& options) {
  std::vector<TrendingShelf> ranked;
  for (const auto& [path, activity] : shelves) {
    if (activity.recent < options.trend_support_min) continue;
    const double expected = activity.usual * recent_all / usual_all;
    const auto score =
        static_cast<float>((activity.recent - expected) / std::sqrt(expected + options.trend_prior));
    if (score > 0) ranked.push_back({path, score});
  }
  std::sort(ranked.begin(), ranked.end(), [](const TrendingShelf& a, const TrendingShelf& b) {
    return a.score != b.score ? a.score > b.score : a.path < b.path;
  });
  if (ranked.size() > kTrendingShelvesMax) ranked.resize(kTrendingShelvesMax);
  return ranked;
}

void PutShelves(const std::vector<TrendingShelf>& shelves, SectionWriter& out) {
  out.PutU64(shelves.size());
  for (const TrendingShelf& shelf : shelves) {
    out.PutF32(shelf.score);
    out.PutU64(shelf.path.size());
    for (const std::string& level : shelf.path) out.PutArray(std::span<const char>(level));
  }
}

std::vector<TrendingShelf> TakeShelves(SectionReader& in) {
  const uint64_t count = in.TakeU64();
  in.Require(count <= kTrendingShelvesMax);
  std::vector<TrendingShelf> shelves;
  for (uint64_t i = 0; i < std::min<uint64_t>(count, kTrendingShelvesMax); ++i) {
    TrendingShelf shelf;
    shelf.score = in.TakeF32();
    const uint64_t levels = in.TakeU64();
    in.Require(levels >= 1 && levels <= kCategoryLevelsMax && std::isfinite(shelf.score));
    for (uint64_t level = 0; level < std::min<uint64_t>(levels, kCategoryLevelsMax); ++level) {
      const std::vector<char> text = in.TakeArray<char>();
      shelf.path.emplace_back(text.begin(), text.end());
    }
    shelves.push_back(std::move(shelf));
  }
  return shelves;
}

}  // namespace

std::shared_ptr<const TrendingShelves> TrendingShelves::Make(const catalog::CatalogView* catalog,
                                                             const std::vector<double>& recent,
                                                             const std::vector<double>& usual,
                                                             const PopularityOptions& options) {
  auto made = std::make_shared<TrendingShelves>();
  if (catalog == nullptr) return made;
  Shelves categories;
  Shelves brands;
  Activity all;
  std::set<std::vector<std::string>> own;  // Of one product, each once.
  for (uint32_t i = 0; i < recent.size(); ++i) {
    all.recent += recent[i];
    all.usual += usual[i];
    const catalog::Product* const product = catalog->Find(ProductIndex(i));
    if (product == nullptr || product->is_hidden || usual[i] <= 0) continue;
    own.clear();
    for (const catalog::CategoryPath& path : product->categories) {
      for (size_t levels = 1; levels <= std::min<size_t>(path.size(), kCategoryLevelsMax); ++levels) {
        own.emplace(path.begin(), path.begin() + static_cast<ptrdiff_t>(levels));
      }
    }
    for (const std::vector<std::string>& path : own) {
      categories[path].recent += recent[i];
      categories[path].usual += usual[i];
    }
    if (product->brand.empty()) continue;
    brands[{product->brand}].recent += recent[i];
    brands[{product->brand}].usual += usual[i];
  }
  if (all.usual <= 0) return made;
  made->categories_ = Rank(categories, all.recent, all.usual, options);
  made->brands_ = Rank(brands, all.recent, all.usual, options);
  return made;
}

void TrendingShelves::Save(SectionWriter& out) const {
  PutShelves(categories_, out);
  PutShelves(brands_, out);
}

Result<std::shared_ptr<const TrendingShelves>> TrendingShelves::Load(SectionReader& in) {
  auto loaded = std::make_shared<TrendingShelves>();
  loaded->categories_ = TakeShelves(in);
  loaded->brands_ = TakeShelves(in);
  RETURN_IF_ERROR(in.Finish());
  return std::shared_ptr<const TrendingShelves>(std::move(loaded));
}

}  // namespace attune::models
