// Which categories and brands are rising: the trend of their products taken together.
//
//   s, l  activity of all products of the shelf at half-lives of 3 and 30 days (models/popularity.h)
//   e     l * S / L,  what the shelf's usual share of today's activity would be
//   score (s - e) / sqrt(e + prior), kept when positive and s >= support
//
// A product counts for every level of every category it stands in, once each, and for its brand.  So a wave
// on one product shows on its brand and categories only as far as it moves them.
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_TRENDING_SHELVES_H_
#define ATTUNE_MODELS_TRENDING_SHELVES_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "catalog/catalog_view.h"

namespace attune::models {

class SectionReader;
class SectionWriter;
struct PopularityOptions;

struct TrendingShelf {
  std::vector<std::string> path;  // Of a category, broad to narrow; of a brand, its name alone.
  float score = 0;

  friend bool operator==(const TrendingShelf&, const TrendingShelf&) = default;
};

class TrendingShelves {
 public:
  static constexpr std::string_view kName = "trending_shelves";

  // `recent` and `usual`: activity by product at the short and the long half-life.  Null catalogue: no
  // shelves.
  static std::shared_ptr<const TrendingShelves> Make(const catalog::CatalogView* catalog,
                                                     const std::vector<double>& recent,
                                                     const std::vector<double>& usual,
                                                     const PopularityOptions& options);

  // Strongest first, ties by name; at most kTrendingShelvesMax.
  const std::vector<TrendingShelf>& categories() const { return categories_; }
  const std::vector<TrendingShelf>& brands() const { return brands_; }

  void Save(SectionWriter& out) const;
  static Result<std::shared_ptr<const TrendingShelves>> Load(SectionReader& in);

 private:
  std::vector<TrendingShelf> categories_;
  std::vector<TrendingShelf> brands_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_TRENDING_SHELVES_H_
