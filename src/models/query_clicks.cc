#include "models/query_clicks.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/hash.h"
#include "models/model_file.h"
#include "models/position_bias.h"
#include "models/ranking_cases.h"
#include "models/search_log.h"

namespace attune::models {
namespace {

constexpr double kCartValue = 3;
constexpr double kPurchaseValue = 10;
// A lift that moves nothing is not kept.
constexpr double kLiftMin = 0.02;
// Of all queries, from which on they say how much products differ.
constexpr double kClicksMin = 200;

struct Sums {
  double clicks = 0;
  double chance = 0;  // What chance alone adds to the square of the clicks; they fade twice.
  double value = 0;
  double looks = 0;
};

double ValueOf(uint8_t outcome) {
  double value = 0;
  if ((outcome & kTurned) != 0) value += 1;
  if ((outcome & kCarted) != 0) value += kCartValue;
  if ((outcome & kBought) != 0) value += kPurchaseValue;
  return value;
}

class Trainer {
 public:
  Trainer(const SearchLog& log, int64_t now_ms) : log_(log), now_ms_(now_ms) {}

  using Products = std::map<ProductIndex, Sums>;
  using Kept = std::vector<std::pair<uint64_t, std::vector<QueryClicks::Product>>>;

  Kept Run() {
    EstimateBias();
    for (const SearchPage& page : log_.pages()) AddPage(page);
    double value = 0;
    double looks = 0;
    for (const auto& [query, products] : queries_) {
      for (const auto& [product, sums] : products) {
        value += sums.value;
        looks += sums.looks;
      }
    }
    if (value <= 0 || looks <= 0) return {};
    const std::optional<double> strength = StrengthOfPrior();
    if (!strength) return {};
    Kept kept;
    for (const auto& [query, products] : queries_) {
      auto strongest = LiftsOf(products, value / looks, *strength);
      if (!strongest.empty()) kept.emplace_back(query, std::move(strongest));
    }
    KeepMostWanted(kept);
    return kept;
  }

 private:
  void EstimateBias() {
    std::vector<ShownProduct> shown;
    for (const SearchPage& page : log_.pages()) {
      for (const SearchPage::Line& line : page.lines) {
        shown.push_back(
            {MixHash64(page.query, line.product.value()), line.position, (line.outcome & kTurned) != 0});
      }
    }
    bias_ = PositionBias::Estimate(shown);
  }

  double LookedAt(uint32_t position) const {
    return bias_ ? bias_->LookedAt(position) : 1 / std::log2(static_cast<double>(position) + 2);
  }

  void AddPage(const SearchPage& page) {
    const auto age_ms = static_cast<double>(std::max<int64_t>(now_ms_ - page.at_ms, 0));
    const double weight = std::exp2(-age_ms / static_cast<double>(QueryClicks::kFadeMs));
    Products& products = queries_[page.query];
    for (const SearchPage::Line& line : page.lines) {
      Sums& sums = products[line.product];
      sums.looks += weight * LookedAt(line.position);
      if (line.outcome == kNothing) continue;
      // Somebody who comes back to the same page again and again has one opinion.
      const uint64_t opinion = MixHash64(MixHash64(page.query, line.product.value()),
                                         MixHash64(page.shopper.value(), line.outcome));
      if (page.shopper != ShopperHandle() && !opinions_.insert(opinion).second) continue;
      sums.value += weight * ValueOf(line.outcome);
      sums.clicks += weight;
      sums.chance += weight * weight;
    }
  }

  // 1 / t, in clicks; 0: too few to tell; nothing: products do not differ.
  std::optional<double> StrengthOfPrior() const {
    double clicks = 0;
    double spread = 0;
    double squares = 0;
    for (const auto& [query, products] : queries_) {
      const Sums total = Total(products);
      clicks += total.clicks;
      if (total.looks <= 0) continue;
      for (const auto& [product, sums] : products) {
        const double expected = sums.looks * total.clicks / total.looks;
        spread += (sums.clicks - expected) * (sums.clicks - expected) - sums.chance;
        squares += expected * expected;
      }
    }
    if (clicks < kClicksMin) return 0;
    if (spread <= 0 || squares <= 0) return std::nullopt;
    return squares / spread;
  }

  static Sums Total(const Products& products) {
    Sums total;
    for (const auto& [product, sums] : products) {
      total.clicks += sums.clicks;
      total.value += sums.value;
      total.looks += sums.looks;
    }
    return total;
  }

  static std::vector<QueryClicks::Product> LiftsOf(const Products& products, double mean, double strength) {
    const Sums total = Total(products);
    if (total.value < QueryClicks::kValueMin) return {};
    const double usual =
        (total.value + mean * QueryClicks::kQueryLooks) / (total.looks + QueryClicks::kQueryLooks);
    const double prior_looks =
        strength > 0 ? strength * total.looks / total.clicks : QueryClicks::kProductLooks;
    std::vector<QueryClicks::Product> lifts;
    for (const auto& [product, sums] : products) {
      const double rate = (sums.value + usual * prior_looks) / (sums.looks + prior_looks);
      const double lift = std::clamp(std::log(rate / usual) / QueryClicks::kLiftEnd, -1.0, 1.0);
      if (std::abs(lift) < kLiftMin) continue;
      lifts.push_back({product, static_cast<float>(lift), static_cast<float>(sums.value)});
    }
    std::sort(lifts.begin(), lifts.end(), [](const auto& a, const auto& b) {
      return std::pair(-std::abs(a.lift), a.product) < std::pair(-std::abs(b.lift), b.product);
    });
    if (lifts.size() > QueryClicks::kProductsMax) lifts.resize(QueryClicks::kProductsMax);
    std::sort(lifts.begin(), lifts.end(), [](const auto& a, const auto& b) { return a.product < b.product; });
    return lifts;
  }

  static void KeepMostWanted(Kept& kept) {
    if (kept.size() <= QueryClicks::kQueriesMax) return;
    const auto value_of = [](const auto& query) {
      double value = 0;
      for (const QueryClicks::Product& product : query.second) value += static_cast<double>(product.value);
      return value;
    };
    std::sort(kept.begin(), kept.end(), [&](const auto& a, const auto& b) {
      return std::pair(-value_of(a), a.first) < std::pair(-value_of(b), b.first);
    });
    kept.resize(QueryClicks::kQueriesMax);
  }

  const SearchLog& log_;
  const int64_t now_ms_;
  std::optional<PositionBias> bias_;
  std::map<uint64_t, Products> queries_;
  absl::flat_hash_set<uint64_t> opinions_;
};

}  // namespace

std::shared_ptr<const QueryClicks> QueryClicks::Train(const SearchLog& log, int64_t now_ms) {
  auto kept = Trainer(log, now_ms).Run();
  std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  auto made = std::make_shared<QueryClicks>();
  for (auto& [query, products] : kept) {
    made->queries_.push_back(query);
    made->products_.insert(made->products_.end(), products.begin(), products.end());
    made->ends_.push_back(static_cast<uint32_t>(made->products_.size()));
  }
  return made;
}

std::span<const QueryClicks::Product> QueryClicks::Of(uint64_t query) const {
  const auto found = std::lower_bound(queries_.begin(), queries_.end(), query);
  if (found == queries_.end() || *found != query) return {};
  const auto place = static_cast<size_t>(found - queries_.begin());
  const uint32_t begin = place == 0 ? 0 : ends_[place - 1];
  return std::span(products_).subspan(begin, ends_[place] - begin);
}

size_t QueryClicks::memory_bytes() const {
  return queries_.size() * (sizeof(uint64_t) + sizeof(uint32_t)) + products_.size() * sizeof(Product);
}

void QueryClicks::Save(SectionWriter& out) const {
  std::vector<uint32_t> products;
  std::vector<float> lifts;
  std::vector<float> values;
  for (const Product& product : products_) {
    products.push_back(product.product.value());
    lifts.push_back(product.lift);
    values.push_back(product.value);
  }
  out.PutArray(queries_);
  out.PutArray(ends_);
  out.PutArray(products);
  out.PutArray(lifts);
  out.PutArray(values);
}

Result<std::shared_ptr<const QueryClicks>> QueryClicks::Load(SectionReader& in) {
  auto made = std::make_shared<QueryClicks>();
  made->queries_ = in.TakeArray<uint64_t>();
  made->ends_ = in.TakeArray<uint32_t>();
  const std::vector<uint32_t> products = in.TakeArray<uint32_t>();
  const std::vector<float> lifts = in.TakeArray<float>();
  const std::vector<float> values = in.TakeArray<float>();
  in.Require(made->ends_.size() == made->queries_.size() && lifts.size() == products.size() &&
             values.size() == products.size() &&
             (made->ends_.empty() ? products.empty() : made->ends_.back() == products.size()) &&
             std::is_sorted(made->ends_.begin(), made->ends_.end()) &&
             std::is_sorted(made->queries_.begin(), made->queries_.end()) &&
             std::all_of(lifts.begin(), lifts.end(), [](float lift) { return lift >= -1 && lift <= 1; }) &&
             std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); }));
  RETURN_IF_ERROR(in.Finish());
  for (size_t i = 0; i < products.size(); ++i) {
    made->products_.push_back({ProductIndex(products[i]), lifts[i], values[i]});
  }
  return std::shared_ptr<const QueryClicks>(std::move(made));
}

}  // namespace attune::models
