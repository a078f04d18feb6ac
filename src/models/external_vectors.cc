#include "models/external_vectors.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/random.h"
#include "models/limits.h"
#include "models/supplied_vectors.h"

namespace attune::models {
namespace {

using Eigen::MatrixXf;
using Eigen::VectorXf;

// DotProduct reads eight numbers at a time.
constexpr size_t kWidthStep = 8;
constexpr int kIterations = 6;
constexpr uint64_t kSeed = 1;
// The mean of fewer products is mostly those products themselves.
constexpr Eigen::Index kMeanProductsMin = 50;

// Of length 1; zero for a vector without direction.
VectorXf UnitOf(std::span<const float> vector) {
  const Eigen::Map<const VectorXf> given(vector.data(), static_cast<Eigen::Index>(vector.size()));
  const double length = std::sqrt(given.cast<double>().squaredNorm());
  if (!(length > 0) || !std::isfinite(length)) return VectorXf::Zero(given.size());
  return (given.cast<double>() / length).cast<float>();
}

struct Sample {
  uint32_t visible_count = 0;  // That have a vector.
  MatrixXf vectors;            // A column each.
};

// Chosen by the hash of the product's id, so that it does not depend on the order of arrival.
Result<Sample> TakeSample(const ExternalVectors& given, const catalog::CatalogView& catalog,
                          const TrainingControl& control) {
  Sample sample;
  const uint64_t one_of = catalog.product_count() / kAxesProductsMax + 1;
  std::vector<VectorXf> taken;
  RETURN_IF_ERROR(given.ForEach([&](uint32_t product, std::span<const float> vector) {
    const catalog::Product* const known = catalog.Find(ProductIndex(product));
    if (known == nullptr || known->is_hidden) return true;
    ++sample.visible_count;
    const uint64_t hash = StableHash64(known->product_id);
    if (hash % one_of == 0 && taken.size() < kAxesProductsMax) taken.push_back(UnitOf(vector));
    return !control.IsCancelled();
  }));
  RETURN_IF_ERROR(control.Check());
  sample.vectors.resize(static_cast<Eigen::Index>(given.dimensions()),
                        static_cast<Eigen::Index>(taken.size()));
  for (size_t i = 0; i < taken.size(); ++i) sample.vectors.col(static_cast<Eigen::Index>(i)) = taken[i];
  return sample;
}

VectorXf MeanOf(const MatrixXf& vectors) {
  if (vectors.cols() < kMeanProductsMin) return VectorXf::Zero(vectors.rows());
  return vectors.rowwise().mean();
}

// The longest principal axes of the columns, by subspace iteration (Halko, Martinsson, Tropp 2011).
Result<MatrixXf> AxesOf(const MatrixXf& centred, Eigen::Index count, const TrainingControl& control) {
  const Eigen::Index size = centred.rows();
  if (size <= count) return MatrixXf(MatrixXf::Identity(size, size));
  Random random(kSeed);
  MatrixXf axes(size, count);
  for (Eigen::Index k = 0; k < count; ++k) {
    for (Eigen::Index i = 0; i < size; ++i) axes(i, k) = static_cast<float>(random.NextNormal());
  }
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    const MatrixXf along = centred.transpose() * axes;
    const MatrixXf next = centred * along;
    axes = Eigen::HouseholderQR<MatrixXf>(next).householderQ() * MatrixXf::Identity(size, count);
    RETURN_IF_ERROR(control.Check());
  }
  return axes;
}

std::string TooFew(uint32_t have, uint32_t visible, VectorOrigin origin) {
  return std::to_string(have) + " of " + std::to_string(visible) + " visible products have a " +
         (origin == VectorOrigin::kSupplied ? "supplied" : "fetched") + " vector";
}

}  // namespace

bool AreEnoughVectors(uint32_t have, uint32_t visible) {
  return have > 0 && have >= kExternalShareMin * visible;
}

Result<ExternalVectorsUse> UseExternalVectors(const ExternalVectors& given, VectorOrigin origin,
                                              const catalog::CatalogView& catalog, uint32_t dimensions,
                                              const TrainingControl& control) {
  CHECK(dimensions % kWidthStep == 0);
  uint32_t visible_count = 0;
  for (uint32_t i = 0; i < catalog.index_count(); ++i) {
    const catalog::Product* const product = catalog.Find(ProductIndex(i));
    visible_count += product == nullptr || product->is_hidden ? 0 : 1;
  }
  ASSIGN_OR_RETURN(Sample sample, TakeSample(given, catalog, control));
  ExternalVectorsUse use;
  if (!AreEnoughVectors(sample.visible_count, visible_count)) {
    use.why_not = TooFew(sample.visible_count, visible_count, origin);
    return use;
  }
  const VectorXf mean = MeanOf(sample.vectors);
  sample.vectors.colwise() -= mean;
  ASSIGN_OR_RETURN(const MatrixXf axes, AxesOf(sample.vectors, dimensions, control));
  const auto axis_count = static_cast<size_t>(axes.cols());
  ProductVectors made;
  made.is_external = true;
  made.dimensions = static_cast<uint32_t>((axis_count + kWidthStep - 1) / kWidthStep * kWidthStep);
  made.values.assign(size_t{catalog.index_count()} * made.dimensions, 0);
  RETURN_IF_ERROR(given.ForEach([&](uint32_t product, std::span<const float> vector) {
    if (product >= catalog.index_count()) return false;  // Came after this view.
    const VectorXf unit = UnitOf(vector);
    if (unit.isZero(0)) return true;
    const VectorXf turned = axes.transpose() * (unit - mean);
    const VectorXf along = UnitOf({turned.data(), axis_count});
    std::copy(along.data(), along.data() + axis_count,
              made.values.begin() + static_cast<std::ptrdiff_t>(size_t{product} * made.dimensions));
    return !control.IsCancelled();
  }));
  RETURN_IF_ERROR(control.Check());
  use.vectors = std::move(made);
  use.origin = origin;
  return use;
}

Result<ExternalVectorsUse> ChooseExternalVectors(const ExternalVectors* fetched,
                                                 const catalog::CatalogView& catalog, uint32_t dimensions,
                                                 const TrainingControl& control) {
  const SuppliedVectors supplied(catalog);
  ExternalVectorsUse chosen;
  std::string why_not;
  const auto use = [&](const ExternalVectors& given, VectorOrigin origin) -> Status {
    Result<ExternalVectorsUse> used = UseExternalVectors(given, origin, catalog, dimensions, control);
    RETURN_IF_ERROR(control.Check());
    const std::string reason = used.ok() ? used->why_not : used.status().message();
    if (!reason.empty()) why_not += (why_not.empty() ? "" : "; ") + reason;
    if (used.ok()) chosen = std::move(used).value();
    return {};
  };
  if (supplied.dimensions() > 0) RETURN_IF_ERROR(use(supplied, VectorOrigin::kSupplied));
  if (!chosen.vectors && fetched != nullptr) RETURN_IF_ERROR(use(*fetched, VectorOrigin::kFetched));
  chosen.why_not = std::move(why_not);
  return chosen;
}

}  // namespace attune::models
