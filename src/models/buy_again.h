// "Buy again": what this shopper has bought and is about to need once more.
//
// A shopper bought a product n times, first at f, last at l.  Repeats come like a Poisson process whose rate
// differs from shopper to shopper (a Gamma distribution around the product's mean rate m):
//
//   rate  = (shape + n - 1) / (shape / m + now - f)         the posterior mean: own history against the
//   product's ready = e / (e + readiness * interval),  e = now - l     near 0 right after the purchase, near
//   1 after an interval score = 1 - exp(-rate * ready * horizon)                the chance of a repeat within
//   `horizon`
//
// m is repeats per day of exposure of the product, shrunk towards its leaf category's, and that towards the
// store's; `interval` is the typical time between two purchases, backed off the same way.  `shape` is fitted
// to the store by moments.  After Bhagat et al., "Buy It Again: Modeling Repeat Purchase Recommendations",
// KDD 2018.
//
// The shopper's own history comes with the query, so an order counts from the next request on.
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_BUY_AGAIN_H_
#define ATTUNE_MODELS_BUY_AGAIN_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "models/candidate_source.h"
#include "models/interaction_log.h"
#include "models/product_ties.h"
#include "models/training_control.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

struct BuyAgainOptions {
  // Exposure days that a product's own rate must have to count as much as its category's; the same one level
  // up.
  double backoff_days = 500;
  double readiness = 0.1;
  double horizon_days = 7;
  // Used when the store has no repeat purchase at all yet.
  double default_interval_days = 30;
};

class BuyAgainModel final : public CandidateSource {
 public:
  static constexpr std::string_view kName = "buy_again";

  static Result<std::shared_ptr<const BuyAgainModel>> Train(const InteractionLog& log,
                                                            const catalog::CatalogView* catalog,
                                                            std::shared_ptr<const ProductTies> ties,
                                                            const BuyAgainOptions& options,
                                                            const TrainingControl& control);

  std::string_view name() const override { return kName; }
  // Answers products of query.purchases only.
  void Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const override;

  // The chance that the shopper of `purchase` buys the product again within the horizon.
  double RepeatChance(const Seed& purchase, int64_t now_ms) const;
  double shape() const { return shape_; }
  double RatePerDay(ProductIndex product) const;
  double IntervalDays(ProductIndex product) const;
  size_t memory_bytes() const { return (rates_.size() + intervals_.size()) * sizeof(float); }

  void Save(SectionWriter& out) const;
  static Result<std::shared_ptr<const BuyAgainModel>> Load(SectionReader& in,
                                                           std::shared_ptr<const ProductTies> ties);

 private:
  BuyAgainModel() = default;

  std::shared_ptr<const ProductTies> ties_;
  double readiness_ = 0;
  double horizon_days_ = 0;
  double shape_ = 1;
  double store_rate_ = 0;  // For products that came after training.
  double store_interval_ = 1;
  std::vector<float> rates_;      // By product, per day.
  std::vector<float> intervals_;  // By product, in days.
};

// "Bought often": the shopper's own products by the number of orders that hold them, the latest first among
// equals. Needs no training, so it answers from the first order on.
class OwnFrequencySource final : public CandidateSource {
 public:
  static constexpr std::string_view kName = "own_frequency";

  explicit OwnFrequencySource(std::shared_ptr<const ProductTies> ties) : ties_(std::move(ties)) {}
  std::string_view name() const override { return kName; }
  void Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const override;

 private:
  const std::shared_ptr<const ProductTies> ties_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_BUY_AGAIN_H_
