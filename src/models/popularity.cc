#include "models/popularity.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "models/limits.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

constexpr double kViewWeight = 1;
constexpr double kCartWeight = 3;
constexpr double kPurchaseWeight = 5;

double WeightOf(InteractionKind kind) {
  switch (kind) {
    case InteractionKind::kView:
      return kViewWeight;
    case InteractionKind::kCart:
      return kCartWeight;
    case InteractionKind::kPurchase:
      return kPurchaseWeight;
  }
  return 0;
}

// 2^(-age / half_life); rows dated after now count in full.
double Decay(int64_t at_ms, int64_t now_ms, int64_t half_life_ms) {
  const auto age = static_cast<double>(std::max<int64_t>(now_ms - at_ms, 0));
  return std::exp2(-age / static_cast<double>(std::max<int64_t>(half_life_ms, 1)));
}

uint64_t NotStoreKey(uint64_t hash) { return hash == ProductShelves::kStoreKey ? 1 : hash; }

using Ranking = std::vector<std::pair<uint32_t, float>>;

struct Activity {
  std::vector<double> sales;
  std::vector<double> recent;
  std::vector<double> usual;
};

Activity Measure(const InteractionLog& log, const PopularityOptions& options, int64_t now_ms) {
  Activity activity;
  activity.sales.assign(log.product_index_count(), 0);
  activity.recent = activity.usual = activity.sales;
  const bool has_orders = log.count(InteractionKind::kPurchase) > 0;
  log.ForEachRow([&](const Interaction& row) {
    const size_t i = row.product.value();
    const double weight = WeightOf(row.kind);
    activity.recent[i] += weight * Decay(row.at_ms, now_ms, options.trend_short_half_life_ms);
    activity.usual[i] += weight * Decay(row.at_ms, now_ms, options.trend_long_half_life_ms);
    if (has_orders && row.kind != InteractionKind::kPurchase) return;
    activity.sales[i] +=
        (has_orders ? 1 : weight) * Decay(row.at_ms, now_ms, options.bestseller_half_life_ms);
  });
  return activity;
}

// Products with a positive score, best first.  Scores are sums in the order of the log's rows; rounding them
// to float before comparing makes ranks independent of that order in all but contrived cases.
Ranking RankPositive(const std::vector<double>& scores, const catalog::CatalogView* catalog,
                     const ProductTies& ties) {
  Ranking ranking;
  for (uint32_t i = 0; i < scores.size(); ++i) {
    const auto score = static_cast<float>(scores[i]);
    if (!(score > 0)) continue;
    if (catalog != nullptr) {
      const catalog::Product* product = catalog->Find(ProductIndex(i));
      if (product == nullptr || product->is_hidden) continue;
    }
    ranking.emplace_back(i, score);
  }
  std::sort(ranking.begin(), ranking.end(), [&ties](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : ties.IsBefore(a.first, b.first);
  });
  return ranking;
}

std::vector<double> TrendScores(const Activity& activity, const PopularityOptions& options) {
  double recent_all = 0;
  double usual_all = 0;
  for (size_t i = 0; i < activity.recent.size(); ++i) {
    recent_all += activity.recent[i];
    usual_all += activity.usual[i];
  }
  std::vector<double> scores(activity.recent.size(), 0);
  if (usual_all <= 0) return scores;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (activity.recent[i] < options.trend_support_min) continue;
    const double expected = activity.usual[i] * recent_all / usual_all;
    scores[i] = (activity.recent[i] - expected) / std::sqrt(expected + options.trend_prior);
  }
  return scores;
}

Ranking RankNewest(const catalog::CatalogView* catalog, const ProductTies& ties) {
  std::vector<std::pair<int64_t, uint32_t>> dated;
  for (uint32_t i = 0; catalog != nullptr && i < catalog->index_count(); ++i) {
    const catalog::Product* product = catalog->Find(ProductIndex(i));
    if (product != nullptr && !product->is_hidden) dated.emplace_back(product->created_at_ms, i);
  }
  std::sort(dated.begin(), dated.end(), [&ties](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : ties.IsBefore(a.second, b.second);
  });
  Ranking ranking;
  for (size_t i = 0; i < dated.size(); ++i) {
    ranking.emplace_back(dated[i].second,
                         1.0f / static_cast<float>(i + 1));  // By rank: dates do not fit a float.
  }
  return ranking;
}

}  // namespace

uint64_t ProductShelves::CategoryKey(std::span<const std::string> path) {
  uint64_t key = StableHash64("category");
  for (const std::string& level : path) key = MixHash64(key, StableHash64(level));
  return NotStoreKey(key);
}

uint64_t ProductShelves::BrandKey(std::string_view brand) {
  return NotStoreKey(MixHash64(StableHash64("brand"), StableHash64(brand)));
}

std::shared_ptr<const ProductShelves> ProductShelves::Make(const catalog::CatalogView* catalog) {
  auto shelves = std::make_shared<ProductShelves>();
  if (catalog == nullptr) return shelves;
  std::vector<uint64_t> keys;
  for (uint32_t i = 0; i < catalog->index_count(); ++i) {
    keys.clear();
    const catalog::Product* product = catalog->Find(ProductIndex(i));
    uint64_t brand_key = 0;
    if (product != nullptr) {
      for (const catalog::CategoryPath& path : product->categories) {
        for (size_t level = 1; level <= std::min<size_t>(path.size(), kCategoryLevelsMax); ++level) {
          keys.push_back(CategoryKey(std::span(path).first(level)));
        }
      }
      if (!product->brand.empty()) keys.push_back(brand_key = BrandKey(product->brand));
    }
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    shelves->keys_.insert(shelves->keys_.end(), keys.begin(), keys.end());
    shelves->offsets_.push_back(static_cast<uint32_t>(shelves->keys_.size()));
    shelves->brands_.push_back(brand_key);
  }
  return shelves;
}

std::span<const uint64_t> ProductShelves::KeysOf(uint32_t product) const {
  if (product >= product_count()) return {};
  return {keys_.data() + offsets_[product], keys_.data() + offsets_[product + 1]};
}

size_t ProductShelves::memory_bytes() const {
  return offsets_.size() * sizeof(uint32_t) + (keys_.size() + brands_.size()) * sizeof(uint64_t);
}

PopularityModel::PopularityModel(std::string_view name,
                                 const std::vector<std::pair<uint32_t, float>>& ranking,
                                 const ProductShelves& shelves, const PopularityOptions& options)
    : name_(name) {
  absl::flat_hash_map<uint64_t, std::vector<Entry>> building;
  std::vector<uint64_t> keys;  // In the order of first use, so that files are the same on every run.
  const auto put = [&](uint64_t key, size_t count_max, const Entry& entry) {
    auto found = building.find(key);
    if (found == building.end()) {
      if (building.size() >= kPopularityListsMax) return;
      keys.push_back(key);
      found = building.try_emplace(key).first;
    }
    if (found->second.size() < count_max) found->second.push_back(entry);
  };
  for (const auto& [product, score] : ranking) {
    const Entry entry{product, score, shelves.BrandOf(product)};
    put(ProductShelves::kStoreKey, options.store_list_max, entry);
    for (const uint64_t key : shelves.KeysOf(product)) put(key, options.category_list_max, entry);
  }
  for (const uint64_t key : keys) {
    const std::vector<Entry>& list = building[key];
    const auto begin = static_cast<uint32_t>(entries_.size());
    entries_.insert(entries_.end(), list.begin(), list.end());
    lists_[key] = {begin, static_cast<uint32_t>(entries_.size())};
  }
}

void PopularityModel::Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const {
  const bool by_category = !query.category.empty();
  const uint64_t brand_key = query.brand.empty() ? 0 : ProductShelves::BrandKey(query.brand);
  const uint64_t key = by_category      ? ProductShelves::CategoryKey(query.category)
                       : brand_key != 0 ? brand_key
                                        : ProductShelves::kStoreKey;
  const auto found = lists_.find(key);
  if (found == lists_.end()) return;
  size_t count = 0;
  for (uint32_t i = found->second.begin; i < found->second.end && count < limit; ++i) {
    const Entry& entry = entries_[i];
    if (brand_key != 0 && entry.brand_key != brand_key) continue;
    const auto is_this = [&entry](const Seed& seed) { return seed.product.value() == entry.product; };
    if (!query.may_repeat && std::any_of(query.seeds.begin(), query.seeds.end(), is_this)) continue;
    out.push_back({ProductIndex(entry.product), entry.score, {}, false});
    ++count;
  }
}

size_t PopularityModel::memory_bytes() const {
  return entries_.size() * sizeof(Entry) + lists_.capacity() * (sizeof(uint64_t) + sizeof(List) + 1);
}

void PopularityModel::Save(SectionWriter& out) const {
  std::vector<std::pair<uint32_t, uint64_t>> by_begin;
  for (const auto& [key, list] : lists_) by_begin.emplace_back(list.begin, key);
  std::sort(by_begin.begin(), by_begin.end());
  std::vector<uint64_t> keys;
  std::vector<uint32_t> ends;
  for (const auto& [begin, key] : by_begin) {
    keys.push_back(key);
    ends.push_back(lists_.at(key).end);
  }
  std::vector<uint32_t> products;
  std::vector<float> scores;
  std::vector<uint64_t> brand_keys;
  for (const Entry& entry : entries_) {
    products.push_back(entry.product);
    scores.push_back(entry.score);
    brand_keys.push_back(entry.brand_key);
  }
  out.PutArray(keys);
  out.PutArray(ends);
  out.PutArray(products);
  out.PutArray(scores);
  out.PutArray(brand_keys);
}

Result<std::shared_ptr<const PopularityModel>> PopularityModel::Load(std::string_view name,
                                                                     SectionReader& in) {
  const std::vector<uint64_t> keys = in.TakeArray<uint64_t>();
  const std::vector<uint32_t> ends = in.TakeArray<uint32_t>();
  const std::vector<uint32_t> products = in.TakeArray<uint32_t>();
  const std::vector<float> scores = in.TakeArray<float>();
  const std::vector<uint64_t> brand_keys = in.TakeArray<uint64_t>();
  in.Require(keys.size() == ends.size() && std::is_sorted(ends.begin(), ends.end()) &&
             (ends.empty() ? 0 : ends.back()) == products.size() && products.size() == scores.size() &&
             products.size() == brand_keys.size() && keys.size() <= kPopularityListsMax);
  RETURN_IF_ERROR(in.Finish());
  std::shared_ptr<PopularityModel> model(new PopularityModel(name));
  for (size_t i = 0; i < products.size(); ++i)
    model->entries_.push_back({products[i], scores[i], brand_keys[i]});
  for (size_t i = 0; i < keys.size(); ++i) model->lists_[keys[i]] = {i == 0 ? 0 : ends[i - 1], ends[i]};
  return std::shared_ptr<const PopularityModel>(std::move(model));
}

PopularityModels TrainPopularity(const InteractionLog& log, const catalog::CatalogView* catalog,
                                 const ProductTies& ties, const PopularityOptions& options, int64_t now_ms) {
  const std::shared_ptr<const ProductShelves> shelves = ProductShelves::Make(catalog);
  const Activity activity = Measure(log, options, now_ms);
  const auto make = [&](std::string_view name, const Ranking& ranking) {
    return std::make_shared<const PopularityModel>(name, ranking, *shelves, options);
  };
  PopularityModels models;
  models.bestsellers = make(PopularityModel::kBestsellers, RankPositive(activity.sales, catalog, ties));
  models.trending =
      make(PopularityModel::kTrending, RankPositive(TrendScores(activity, options), catalog, ties));
  models.trending_shelves = TrendingShelves::Make(catalog, activity.recent, activity.usual, options);
  models.newest = make(PopularityModel::kNewest, RankNewest(catalog, ties));
  return models;
}

}  // namespace attune::models
