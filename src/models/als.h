// "For shoppers like you": implicit-feedback matrix factorisation by alternating least squares.
//
// Every shopper u and product i gets a vector; x_u . y_i is near 1 where u did something with i.  Minimised
// is
//
//   sum over observed (u,i) of w_ui (1 - x_u.y_i)^2  +  a sum over all (u,i) of (x_u.y_i)^2
//     +  r ( sum_u (n_u + a I) |x_u|^2  +  sum_i (n_i + a U) |y_i|^2 )
//
// with a = unobserved_weight, r = regularization, n_u and n_i the observations of a row, I and U the row
// counts: the frequency-scaled regularisation of Rendle et al., "Revisiting the Performance of iALS", 2021.
// Each half step improves every row by one sweep of Newton steps over blocks of dimensions (iALS++,
// als_solver.h).
//
// Only product vectors are kept.  A shopper's vector is folded in at request time from what the profile
// holds, so that it is right for shoppers unseen at training, and follows the last click. docs/models/als.md.
//
// Retrieval asks an index over the product vectors (nearest_neighbours.h).  What else the vectors are good
// for, products like a product and shoppers like a shopper, is in als_neighbours.h.
//
// Where a product starts is drawn from the hash of its id, so that its number does not show.
// Thread safety: the model is immutable; retrieval keeps its scratch per thread.  Training gives the same
// bytes for every thread count.

#ifndef ATTUNE_MODELS_ALS_H_
#define ATTUNE_MODELS_ALS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "models/candidate_source.h"
#include "models/interaction_log.h"
#include "models/nearest_neighbours.h"
#include "models/product_ties.h"
#include "models/training_control.h"
#include "models/vector_lookup.h"

namespace attune::models {

struct AlsOptions {
  uint32_t dimensions = 64;  // A multiple of 8, at most kAlsDimensionsMax.
  uint32_t iterations = 8;
  uint32_t block_dimensions = 32;  // Of one Newton step; a multiple of 8.
  float unobserved_weight = 0.2f;
  float regularization = 0.01f;
  // What one observation weighs; the sum over one shopper and product is cut at weight_max.
  float view_weight = 0.3f;
  float cart_weight = 0.6f;
  float purchase_weight = 1.0f;
  float weight_max = 2.0f;
  // A product that fewer shoppers touched gets no vector: it would only repeat those shoppers.
  uint32_t product_support_min = 3;
  uint32_t shopper_products_max = 500;  // Of one shopper, the latest.
  // Shoppers beyond this are left out, those with the largest handle hashes: a fair sample.
  uint32_t shoppers_max = 400'000;
  uint64_t seed = 1;
};

// A folded-in shopper reads its latest this many products.
inline constexpr size_t kAlsFoldInProductsMax = 100;
inline constexpr uint32_t kAlsDimensionsMax = kVectorDimensionsMax;

class AlsModel final : public CandidateSource, public VectorLookup {
 public:
  static constexpr std::string_view kName = "for_shoppers_like_you";

  // kInvalidArgument names a wrong option; kUnavailable when cancelled.
  static Result<std::shared_ptr<const AlsModel>> Train(const InteractionLog& log,
                                                       std::shared_ptr<const ProductTies> ties,
                                                       const AlsOptions& options,
                                                       const TrainingControl& control);

  std::string_view name() const override { return kName; }
  // Empty when nothing of the query has a vector.
  void Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const override;

  // The shopper's vector for weighted products; empty when none of them has a vector.
  std::vector<float> FoldIn(std::span<const Seed> products) const;
  // x . y of one product; 0 for a product without a vector.
  float Score(std::span<const float> shopper, ProductIndex product) const;
  // Empty for a product without one.
  std::span<const float> VectorOf(ProductIndex product) const override;
  // The vector of one person's rows of a log, weighed as training with these options weighs them; empty when
  // none of its products has a vector.
  std::vector<float> FoldInRows(std::span<const Interaction> rows, const AlsOptions& options) const;

  // All product vectors; row i is that of products()[i], which increase.
  const std::shared_ptr<const VectorTable>& table() const { return table_; }
  std::span<const uint32_t> products() const { return products_; }

  uint32_t dimensions() const { return options_.dimensions; }
  size_t product_count() const { return products_.size(); }
  size_t memory_bytes() const;

  void Save(SectionWriter& out) const;
  static Result<std::shared_ptr<const AlsModel>> Load(SectionReader& in,
                                                      std::shared_ptr<const ProductTies> ties);

 private:
  AlsModel() = default;
  // Takes the vectors, row-major, of products_.
  void Prepare(std::vector<float> factors, const ProductTies& ties);
  std::vector<float> FoldIn(std::span<const uint32_t> rows, std::span<const float> weights) const;

  AlsOptions options_;  // Only what fold-in needs is saved: dimensions, weights and regularisation.
  std::vector<uint32_t> products_;  // Row -> product, increasing.
  std::shared_ptr<const VectorTable> table_;
  // Derived by Prepare():
  std::vector<uint32_t> row_by_product_;  // UINT32_MAX: none.
  std::vector<float> gram_;               // unobserved_weight * Y'Y.
  std::shared_ptr<const NearestNeighbours> index_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_ALS_H_
