// Vectors of products' texts that were not trained here: those that the shop supplies with its products
// (supplied_vectors.h), and those that a service made (server/embedding_runner.h), brought to a size that
// similarity is searched in.
//
//   x_p   the given vector, made length 1
//   m     the mean of a sample of at most kAxesProductsMax products
//   A     the principal axes of x - m of that sample, the longest first, at most `dimensions` of them
//   v_p = A' (x_p - m), made length 1
//
// An encoder puts all texts of one shop into a narrow cone: what they share is longer than what tells them
// apart, so it is taken away.  128 axes hold most of the rest, for a tenth of the memory and of the work.
// Vectors of at most `dimensions` numbers keep all of their axes.
//
// They are used when at least kExternalShareMin of the visible products have one.  With fewer, products of
// both kinds could not be compared, and the vectors that are trained on the catalogue know all of it.  Nor
// are supplied and fetched ones ever mixed, whatever their length: two encoders' numbers have nothing to say
// to each other.  ChooseExternalVectors() takes the supplied ones when they are enough, else the fetched
// ones.
//
// Deterministic.  Thread safety: pure functions.

#ifndef ATTUNE_MODELS_EXTERNAL_VECTORS_H_
#define ATTUNE_MODELS_EXTERNAL_VECTORS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/status.h"
#include "catalog/catalog_view.h"
#include "models/text_vectors.h"
#include "models/training_control.h"

namespace attune::models {

// Of the result; a multiple of 8.
inline constexpr uint32_t kExternalDimensions = 128;

// Where they are kept.  All have dimensions() finite numbers.
class ExternalVectors {
 public:
  virtual ~ExternalVectors() = default;
  // 0: there are none.
  virtual size_t dimensions() const = 0;
  // Visits each product that has one, once, by index, until `visit` returns false.
  using Visit = std::function<bool(uint32_t product, std::span<const float> vector)>;
  virtual Status ForEach(const Visit& visit) const = 0;
};

enum class VectorOrigin : uint8_t { kTrained = 1, kSupplied = 2, kFetched = 3 };

struct ExternalVectorsUse {
  std::optional<ProductVectors> vectors;
  VectorOrigin origin = VectorOrigin::kTrained;  // Of `vectors`; kTrained: there are none.
  // Why those that come first are not used, in words; empty: they are, or nobody has given any.
  std::string why_not;
};

// Of the visible products, those with a vector, when they are used.
bool AreEnoughVectors(uint32_t have, uint32_t visible);

// `dimensions`: of the result at most, a multiple of 8.  Fails with kUnavailable when cancelled, and as
// given.ForEach() does.
Result<ExternalVectorsUse> UseExternalVectors(const ExternalVectors& given, VectorOrigin origin,
                                              const catalog::CatalogView& catalog, uint32_t dimensions,
                                              const TrainingControl& control);

// Those that are supplied, else `fetched` (null: none), as above.  What cannot be read is no reason to be
// without vectors: it is told in why_not.
Result<ExternalVectorsUse> ChooseExternalVectors(const ExternalVectors* fetched,
                                                 const catalog::CatalogView& catalog, uint32_t dimensions,
                                                 const TrainingControl& control);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_EXTERNAL_VECTORS_H_
