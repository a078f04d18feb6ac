// What the vectors of "for shoppers like you" know beside recommendations: which products are alike in the
// eyes of shoppers, and which shoppers are alike.
//
//   NearestProducts products(model);
//   products.Find(ProductIndex(7), 10, out);             // by the cosine of their vectors, without itself
//
//   LookAlikeShoppers shoppers = LookAlikeShoppers::Make(*model, log, options, control);
//   shoppers.Find(best_customers, 1000, out);            // the audience most like these, without them
//
// A group of shoppers is looked for by the mean of their unit vectors, so that nobody counts for more because
// they bought more.  Every person of the log is folded in: 4 bytes * dimensions each, and as much again for
// the index.  Both are made when somebody asks, not with a generation.
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_ALS_NEIGHBOURS_H_
#define ATTUNE_MODELS_ALS_NEIGHBOURS_H_

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "models/als.h"
#include "models/interaction_log.h"
#include "models/nearest_neighbours.h"
#include "models/training_control.h"

namespace attune::models {

struct AlikeProduct {
  ProductIndex product;
  float similarity = 0;  // Cosine.
};

class NearestProducts {
 public:
  explicit NearestProducts(std::shared_ptr<const AlsModel> model);

  // Sets `out` to at most `limit`, the most alike first; empty for a product without a vector.
  void Find(ProductIndex product, size_t limit, std::vector<AlikeProduct>& out) const;

 private:
  const std::shared_ptr<const AlsModel> model_;
  const std::shared_ptr<const NearestNeighbours> index_;
};

struct AlikeShopper {
  ShopperHandle shopper;
  float similarity = 0;  // Cosine.
};

class LookAlikeShoppers {
 public:
  // kUnavailable when cancelled.  `options` are those that the model was trained with.
  static Result<LookAlikeShoppers> Make(const AlsModel& model, const InteractionLog& log,
                                        const AlsOptions& options, const TrainingControl& control);

  // Sets `out` to at most `limit` shoppers who are not among `group`, the most alike first.  Unknown handles
  // are passed over; empty when all of them are.
  void Find(std::span<const ShopperHandle> group, size_t limit, std::vector<AlikeShopper>& out) const;

  // With a vector.
  size_t shopper_count() const { return shoppers_.size(); }

 private:
  LookAlikeShoppers() = default;

  std::vector<ShopperHandle> shoppers_;  // Row -> shopper, increasing.
  std::shared_ptr<const VectorTable> table_;
  std::shared_ptr<const NearestNeighbours> index_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_ALS_NEIGHBOURS_H_
