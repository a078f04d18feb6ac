// What sells best, what is rising, and what is new: for the whole store, for every level of every category,
// per brand.
//
//   bestsellers  sum over order lines of 2^(-age / 30 d): how many orders hold the product, not how many
//   units, so that
//                one wholesale order makes no bestseller.  A store without orders counts carts and views
//                instead.
//   trending     what happens lately against what is usual.  With s and l the decayed activity at half-lives
//   of 3 and
//                30 days, S and L those of the whole store, and e = l * S / L what the product's usual share
//                of today's activity would be:  (s - e) / sqrt(e + prior), kept when positive and s >=
//                support.
//   newest       products by created_at, latest first; those without a date come last.
//
// All three answer with query.category (a path; every level has its list) and query.brand.  With both, the
// category's list is read for products of the brand.  Seeds of the query are left out, unless it may_repeat.
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_POPULARITY_H_
#define ATTUNE_MODELS_POPULARITY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/clock.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "models/candidate_source.h"
#include "models/interaction_log.h"
#include "models/product_ties.h"
#include "models/trending_shelves.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

struct PopularityOptions {
  int64_t bestseller_half_life_ms = 30 * kDayMs;
  int64_t trend_short_half_life_ms = 3 * kDayMs;
  int64_t trend_long_half_life_ms = 30 * kDayMs;
  double trend_prior = 3.0;
  // Decayed recent activity below this is no trend.  An order line counts 5, a cart 3, a view 1.
  double trend_support_min = 10.0;
  uint32_t store_list_max = 1000;    // Products of the list of the whole store.
  uint32_t category_list_max = 200;  // Of a category or brand.
};

// Which lists a product belongs to; shared by the three sources.
class ProductShelves {
 public:
  // Null: every product is on no shelf but the store's.
  static std::shared_ptr<const ProductShelves> Make(const catalog::CatalogView* catalog);

  static uint64_t CategoryKey(std::span<const std::string> path);
  static uint64_t BrandKey(std::string_view brand);
  static constexpr uint64_t kStoreKey = 0;

  // The keys of the categories (every level) and the brand of a product, without the store's.
  std::span<const uint64_t> KeysOf(uint32_t product) const;
  uint64_t BrandOf(uint32_t product) const { return product < brands_.size() ? brands_[product] : 0; }
  uint32_t product_count() const { return static_cast<uint32_t>(offsets_.size() - 1); }
  size_t memory_bytes() const;

 private:
  std::vector<uint32_t> offsets_{0};
  std::vector<uint64_t> keys_;
  std::vector<uint64_t> brands_;
};

// One ranking of products, cut into lists.
class PopularityModel final : public CandidateSource {
 public:
  static constexpr std::string_view kBestsellers = "bestsellers";
  static constexpr std::string_view kTrending = "trending";
  static constexpr std::string_view kNewest = "newest";

  std::string_view name() const override { return name_; }
  void Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const override;

  size_t list_count() const { return lists_.size(); }
  size_t memory_bytes() const;

  void Save(SectionWriter& out) const;
  static Result<std::shared_ptr<const PopularityModel>> Load(std::string_view name, SectionReader& in);

  // `ranking`: products with their scores, best first.
  PopularityModel(std::string_view name, const std::vector<std::pair<uint32_t, float>>& ranking,
                  const ProductShelves& shelves, const PopularityOptions& options);

 private:
  struct Entry {
    uint32_t product = 0;
    float score = 0;
    uint64_t brand_key = 0;
  };
  struct List {
    uint32_t begin = 0;
    uint32_t end = 0;
  };
  explicit PopularityModel(std::string_view name) : name_(name) {}

  std::string name_;
  absl::flat_hash_map<uint64_t, List> lists_;
  std::vector<Entry> entries_;
};

struct PopularityModels {
  std::shared_ptr<const PopularityModel> bestsellers;
  std::shared_ptr<const PopularityModel> trending;
  std::shared_ptr<const PopularityModel> newest;
  std::shared_ptr<const TrendingShelves> trending_shelves;
};

// With a catalogue, only products that it has and that are not hidden are ranked; without, every product of
// the log.
PopularityModels TrainPopularity(const InteractionLog& log, const catalog::CatalogView* catalog,
                                 const ProductTies& ties, const PopularityOptions& options, int64_t now_ms);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_POPULARITY_H_
