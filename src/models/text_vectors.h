// What products are about, as vectors: words that stand in one product, or in the products of one shopper,
// are near, and so are the products that they describe.  Trained in process on the catalogue and the log; a
// product that nobody has touched has its vector from its words.
//
//   x_p   features of product p: the terms of content_terms.h, and the parts of four letters of its title's
//         words (a part weighs subword_weight of its word), each times ln(1 + N / df), made length 1
//   M   = X' (I + shopper_share * R' R) X      N products, R: shoppers x products, rows of length 1
//   E   = the first `dimensions` eigenvectors of M, by subspace iteration from a start given by term hashes
//   v_p = E' x_p, column k divided by its norm to the power of `whitening`, made length 1
//
// With shopper_share = 0 this is latent semantic analysis of the catalogue (Deerwester et al. 1990) by
// randomized subspace iteration (Halko, Martinsson, Tropp 2011).  With it, a shopper's history is a document
// too: "shampoo" comes near "conditioner" though no title holds both.  Parts of words join what a language
// puts together ("nagellack", "nagelfeile") and what is misspelt (Bojanowski et al. 2017).
//
// Cost: iterations * (features of all products + interactions) * dimensions * 2, and terms * dimensions^2 for
// the orthonormal basis.  Memory: 4 * dimensions * (products + terms) bytes twice.
// Deterministic for any number of threads.  Thread safety: pure function.

#ifndef ATTUNE_MODELS_TEXT_VECTORS_H_
#define ATTUNE_MODELS_TEXT_VECTORS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "catalog/catalog_view.h"
#include "models/interaction_log.h"
#include "models/training_control.h"

namespace attune::models {

struct TextVectorOptions {
  uint32_t dimensions = 128;  // A multiple of 8.
  uint32_t iterations = 4;
  float subword_weight = 0.3f;
  float shopper_share = 3.0f;
  float whitening = 0.5f;
  uint32_t shopper_products_max = 50;  // Of one shopper, the latest.
  uint64_t seed = 1;
};

inline constexpr uint32_t kTextDimensionsMax = 256;

// One vector per product index, of length 1; zero for a product without one.  Whoever made it: trained here,
// supplied with the products, or fetched from a service.
struct ProductVectors {
  bool is_external = false;  // Not trained here (external_vectors.h).
  uint32_t dimensions = 0;
  std::vector<float> values;  // Row-major.

  uint32_t product_count() const {
    return dimensions == 0 ? 0 : static_cast<uint32_t>(values.size() / dimensions);
  }
  std::span<const float> Of(uint32_t product) const {
    if (product >= product_count()) return {};
    return std::span(values).subspan(size_t{product} * dimensions, dimensions);
  }
  // In [-1, 1]; 0 when one has no vector.
  float Cosine(uint32_t a, uint32_t b) const;
};

// Null `log`: from the catalogue alone.  Fails with kInvalidArgument, naming the option, and with
// kUnavailable when cancelled.
Result<ProductVectors> TrainTextVectors(const catalog::CatalogView& catalog, const InteractionLog* log,
                                        const TextVectorOptions& options, const TrainingControl& control);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_TEXT_VECTORS_H_
