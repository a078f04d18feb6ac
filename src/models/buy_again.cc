#include "models/buy_again.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "models/limits.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

// Fits outside these say that the store is too small to fit anything.
constexpr double kShapeMin = 0.05;
constexpr double kShapeMax = 20;
constexpr double kShapeDefault = 0.5;
// Two purchases on one day are one need.
constexpr double kExposureDaysMin = 1;
// Repeat purchases that a product's own interval must have to count as much as its category's.
constexpr double kBackoffGaps = 10;

double Days(int64_t ms) { return static_cast<double>(ms) / static_cast<double>(kDayMs); }

struct Repeats {
  double repeat_count = 0;
  double exposure_days = 0;
  double gap_count = 0;
  double log_gap_sum = 0;

  void Add(const Repeats& other) {
    repeat_count += other.repeat_count;
    exposure_days += other.exposure_days;
    gap_count += other.gap_count;
    log_gap_sum += other.log_gap_sum;
  }
  double RateOr(double broader_rate, double backoff_days) const {
    return (repeat_count + backoff_days * broader_rate) / (exposure_days + backoff_days);
  }
  double LogIntervalOr(double broader_log_interval) const {
    return (log_gap_sum + kBackoffGaps * broader_log_interval) / (gap_count + kBackoffGaps);
  }
};

// One shopper and product.
struct History {
  int64_t first_at_ms = 0;
  int64_t last_at_ms = 0;
  uint64_t last_order = 0;
  Repeats repeats;
};

void AddPurchase(const Interaction& row, History& history) {
  if (history.last_order == 0) {
    history.first_at_ms = row.at_ms;
  } else if (row.order_hash == history.last_order) {
    return;
  } else if (const double gap = Days(row.at_ms - history.last_at_ms); gap >= kExposureDaysMin) {
    ++history.repeats.repeat_count;
    ++history.repeats.gap_count;
    history.repeats.log_gap_sum += std::log(gap);
  }
  history.last_at_ms = row.at_ms;
  history.last_order = row.order_hash == 0 ? 1 : row.order_hash;
}

uint64_t LeafOf(const catalog::CatalogView* catalog, uint32_t product) {
  const catalog::Product* found = catalog == nullptr ? nullptr : catalog->Find(ProductIndex(product));
  if (found == nullptr || found->categories.empty()) return 0;
  uint64_t hash = 1;
  for (const std::string& level : found->categories.front()) hash = MixHash64(hash, StableHash64(level));
  return hash;
}

struct StoreRepeats {
  std::vector<Repeats> by_product;
  Repeats store;
  std::vector<std::pair<double, double>> pairs;  // Repeats and exposure of every (shopper, product).
};

StoreRepeats Collect(const InteractionLog& log) {
  StoreRepeats all;
  all.by_product.resize(log.product_index_count());
  const int64_t now_ms = log.latest_at_ms();
  absl::btree_map<uint32_t, History> histories;
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    histories.clear();
    for (const Interaction& row : rows) {
      if (row.kind == InteractionKind::kPurchase) AddPurchase(row, histories[row.product.value()]);
    }
    for (auto& [product, history] : histories) {
      history.repeats.exposure_days = std::max(Days(now_ms - history.first_at_ms), kExposureDaysMin);
      all.by_product[product].Add(history.repeats);
      all.store.Add(history.repeats);
      all.pairs.emplace_back(history.repeats.repeat_count, history.repeats.exposure_days);
    }
  });
  return all;
}

double FitShape(const StoreRepeats& all, double mean_rate) {
  double excess = 0;
  double exposure_squares = 0;
  for (const auto& [repeat_count, exposure_days] : all.pairs) {
    const double expected = mean_rate * exposure_days;
    excess += (repeat_count - expected) * (repeat_count - expected) - expected;
    exposure_squares += exposure_days * exposure_days;
  }
  if (!(excess > 0) || !(mean_rate > 0)) return kShapeDefault;
  return std::clamp(mean_rate * mean_rate * exposure_squares / excess, kShapeMin, kShapeMax);
}

}  // namespace

Result<std::shared_ptr<const BuyAgainModel>> BuyAgainModel::Train(const InteractionLog& log,
                                                                  const catalog::CatalogView* catalog,
                                                                  std::shared_ptr<const ProductTies> ties,
                                                                  const BuyAgainOptions& options,
                                                                  const TrainingControl& control) {
  std::shared_ptr<BuyAgainModel> model(new BuyAgainModel());
  model->ties_ = std::move(ties);
  model->readiness_ = options.readiness;
  model->horizon_days_ = options.horizon_days;
  const StoreRepeats all = Collect(log);
  RETURN_IF_ERROR(control.Check());
  const double store_rate = all.store.repeat_count / std::max(all.store.exposure_days, kExposureDaysMin);
  const double store_log_interval = all.store.LogIntervalOr(std::log(options.default_interval_days));
  model->store_rate_ = store_rate;
  model->store_interval_ = std::exp(store_log_interval);
  model->shape_ = FitShape(all, store_rate);
  absl::flat_hash_map<uint64_t, Repeats> by_leaf;
  std::vector<uint64_t> leaves(all.by_product.size());
  for (uint32_t i = 0; i < leaves.size(); ++i) {
    leaves[i] = LeafOf(catalog, i);
    if (leaves[i] != 0) by_leaf[leaves[i]].Add(all.by_product[i]);
  }
  model->rates_.resize(leaves.size());
  model->intervals_.resize(leaves.size());
  for (size_t i = 0; i < leaves.size(); ++i) {
    double rate = store_rate;
    double log_interval = store_log_interval;
    if (leaves[i] != 0) {
      const Repeats& leaf = by_leaf[leaves[i]];
      rate = leaf.RateOr(rate, options.backoff_days);
      log_interval = leaf.LogIntervalOr(log_interval);
    }
    model->rates_[i] = static_cast<float>(all.by_product[i].RateOr(rate, options.backoff_days));
    model->intervals_[i] = static_cast<float>(std::exp(all.by_product[i].LogIntervalOr(log_interval)));
  }
  return std::shared_ptr<const BuyAgainModel>(std::move(model));
}

double BuyAgainModel::RatePerDay(ProductIndex product) const {
  return product.value() < rates_.size() ? static_cast<double>(rates_[product.value()]) : store_rate_;
}

double BuyAgainModel::IntervalDays(ProductIndex product) const {
  return product.value() < intervals_.size() ? static_cast<double>(intervals_[product.value()])
                                             : store_interval_;
}

double BuyAgainModel::RepeatChance(const Seed& purchase, int64_t now_ms) const {
  const double mean_rate = RatePerDay(purchase.product);
  if (!(mean_rate > 0)) return 0;
  const int64_t first_at_ms = purchase.first_at_ms == 0 ? purchase.at_ms : purchase.first_at_ms;
  const double repeat_count = std::max(static_cast<double>(purchase.weight) - 1, 0.0);
  const double exposure_days = std::max(Days(now_ms - first_at_ms), 0.0);
  const double rate = (shape_ + repeat_count) / (shape_ / mean_rate + exposure_days);
  const double elapsed_days = std::max(Days(now_ms - purchase.at_ms), 0.0);
  const double pause_days = readiness_ * IntervalDays(purchase.product);
  const double ready = pause_days > 0 ? elapsed_days / (elapsed_days + pause_days) : 1;
  return -std::expm1(-rate * ready * horizon_days_);
}

void BuyAgainModel::Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const {
  const auto purchases = query.purchases.first(std::min(query.purchases.size(), kPurchasesMax));
  const size_t begin = out.size();
  for (const Seed& purchase : purchases) {
    const auto score = static_cast<float>(RepeatChance(purchase, query.now_ms));
    if (score > 0) out.push_back({purchase.product, score, purchase.product, true});
  }
  const auto first = out.begin() + static_cast<ptrdiff_t>(begin);
  std::sort(first, out.end(), [this](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : ties_->IsBefore(a.product.value(), b.product.value());
  });
  out.resize(std::min(out.size(), begin + limit));
}

void BuyAgainModel::Save(SectionWriter& out) const {
  out.PutF64(readiness_);
  out.PutF64(horizon_days_);
  out.PutF64(shape_);
  out.PutF64(store_rate_);
  out.PutF64(store_interval_);
  out.PutArray(rates_);
  out.PutArray(intervals_);
}

Result<std::shared_ptr<const BuyAgainModel>> BuyAgainModel::Load(SectionReader& in,
                                                                 std::shared_ptr<const ProductTies> ties) {
  std::shared_ptr<BuyAgainModel> model(new BuyAgainModel());
  model->ties_ = std::move(ties);
  model->readiness_ = in.TakeF64();
  model->horizon_days_ = in.TakeF64();
  model->shape_ = in.TakeF64();
  model->store_rate_ = in.TakeF64();
  model->store_interval_ = in.TakeF64();
  model->rates_ = in.TakeArray<float>();
  model->intervals_ = in.TakeArray<float>();
  in.Require(model->rates_.size() == model->intervals_.size());
  RETURN_IF_ERROR(in.Finish());
  return std::shared_ptr<const BuyAgainModel>(std::move(model));
}

void OwnFrequencySource::Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const {
  std::vector<Seed> purchases(
      query.purchases.begin(),
      query.purchases.begin() + static_cast<ptrdiff_t>(std::min(query.purchases.size(), kPurchasesMax)));
  std::sort(purchases.begin(), purchases.end(), [this](const Seed& a, const Seed& b) {
    if (a.weight != b.weight) return a.weight > b.weight;
    if (a.at_ms != b.at_ms) return a.at_ms > b.at_ms;
    return ties_->IsBefore(a.product.value(), b.product.value());
  });
  for (size_t i = 0; i < std::min(limit, purchases.size()); ++i) {
    out.push_back({purchases[i].product, purchases[i].weight, purchases[i].product, true});
  }
}

}  // namespace attune::models
