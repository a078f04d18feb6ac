#include "models/self_attention.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "base/random.h"
#include "base/status.h"

namespace attune::models {
namespace {

template <class Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Scalar>
using Row = Eigen::Matrix<Scalar, 1, Eigen::Dynamic>;

constexpr double kNormFloor = 1e-6;
constexpr double kInitialDeviation = 0.02;

enum Linear : uint8_t {
  kQuery = 0,
  kKey = 1,
  kValue = 2,
  kOut = 3,
  kInner = 4,
  kOuter = 5,
  kLinearCount = 6
};
enum Norm : uint8_t { kNorm1 = 0, kNorm2 = 1, kNorm3 = 2, kNormCount = 3 };

size_t PlaceSize(const AttentionShape& shape) { return size_t{shape.length_max} * shape.dimensions; }
size_t LinearSize(const AttentionShape& shape) { return (size_t{shape.dimensions} + 1) * shape.dimensions; }

// The parts of a block's numbers, of the parameters or of their gradient.
template <class Scalar>
class Block {
 public:
  Block(const AttentionShape& shape, Scalar* numbers) : shape_(shape), numbers_(numbers) {}

  auto places() const { return Map(numbers_, shape_.length_max); }
  auto matrix(Linear linear) const { return Map(Of(linear), shape_.dimensions); }
  auto offset(Linear linear) const {
    return MapRow(Of(linear) + size_t{shape_.dimensions} * shape_.dimensions);
  }
  auto gain(Norm norm) const { return MapRow(Of(norm)); }
  auto shift(Norm norm) const { return MapRow(Of(norm) + shape_.dimensions); }

 private:
  using Plain = std::remove_const_t<Scalar>;
  using MatrixType = std::conditional_t<std::is_const_v<Scalar>, const Matrix<Plain>, Matrix<Plain>>;
  using RowType = std::conditional_t<std::is_const_v<Scalar>, const Row<Plain>, Row<Plain>>;

  Eigen::Map<MatrixType> Map(Scalar* at, uint32_t rows) const {
    return Eigen::Map<MatrixType>(at, static_cast<Eigen::Index>(rows),
                                  static_cast<Eigen::Index>(shape_.dimensions));
  }
  Eigen::Map<RowType> MapRow(Scalar* at) const {
    return Eigen::Map<RowType>(at, static_cast<Eigen::Index>(shape_.dimensions));
  }
  Scalar* Of(Linear linear) const { return numbers_ + PlaceSize(shape_) + linear * LinearSize(shape_); }
  Scalar* Of(Norm norm) const {
    return numbers_ + PlaceSize(shape_) + kLinearCount * LinearSize(shape_) +
           size_t{2} * norm * shape_.dimensions;
  }

  const AttentionShape& shape_;
  Scalar* const numbers_;
};

// Centred and scaled rows; what the gradient needs is kept.
template <class Scalar>
struct Normed {
  Matrix<Scalar> unit;  // Before gain and shift.
  Eigen::Matrix<Scalar, Eigen::Dynamic, 1> inverse_deviation;

  Matrix<Scalar> Forward(const Matrix<Scalar>& input, const Block<const Scalar>& block, Norm norm) {
    const Eigen::Matrix<Scalar, Eigen::Dynamic, 1> mean = input.rowwise().mean();
    unit = input.colwise() - mean;
    inverse_deviation =
        ((unit.rowwise().squaredNorm() / static_cast<Scalar>(input.cols())).array() + Scalar(kNormFloor))
            .rsqrt()
            .matrix();
    unit.array().colwise() *= inverse_deviation.array();
    Matrix<Scalar> output = unit;
    output.array().rowwise() *= block.gain(norm).array();
    output.rowwise() += block.shift(norm);
    return output;
  }

  // Adds to the gradient of gain and shift; the result is the gradient of the input.
  Matrix<Scalar> Backward(const Matrix<Scalar>& of_output, const Block<const Scalar>& block, Norm norm,
                          const Block<Scalar>& gradient) const {
    gradient.gain(norm) += of_output.cwiseProduct(unit).colwise().sum();
    gradient.shift(norm) += of_output.colwise().sum();
    Matrix<Scalar> of_unit = of_output;
    of_unit.array().rowwise() *= block.gain(norm).array();
    const Eigen::Matrix<Scalar, Eigen::Dynamic, 1> mean = of_unit.rowwise().mean();
    const Eigen::Matrix<Scalar, Eigen::Dynamic, 1> along =
        of_unit.cwiseProduct(unit).rowwise().sum() / static_cast<Scalar>(unit.cols());
    Matrix<Scalar> of_input = of_unit.colwise() - mean;
    of_input -= (unit.array().colwise() * along.array()).matrix();
    of_input.array().colwise() *= inverse_deviation.array();
    return of_input;
  }
};

template <class Scalar>
Matrix<Scalar> Apply(const Matrix<Scalar>& input, const Block<const Scalar>& block, Linear linear) {
  Matrix<Scalar> output = input * block.matrix(linear);
  output.rowwise() += block.offset(linear);
  return output;
}

// Adds to the gradient of the matrix and its offset; the result is the gradient of the input.
template <class Scalar>
Matrix<Scalar> ApplyBackward(const Matrix<Scalar>& of_output, const Matrix<Scalar>& input,
                             const Block<const Scalar>& block, Linear linear, const Block<Scalar>& gradient) {
  gradient.matrix(linear).noalias() += input.transpose() * of_output;
  gradient.offset(linear) += of_output.colwise().sum();
  return of_output * block.matrix(linear).transpose();
}

// 0 or 1 / (1 - dropout) for each number; empty without dropout.
template <class Scalar>
Matrix<Scalar> MakeMask(Eigen::Index rows, Eigen::Index columns, const AttentionNoise& noise,
                        uint64_t layer) {
  Matrix<Scalar> mask;
  if (noise.dropout <= 0) return mask;
  mask.resize(rows, columns);
  Random random(MixHash64(noise.seed, layer));
  const auto bound = static_cast<uint32_t>(noise.dropout * 65536);
  const auto kept = static_cast<Scalar>(1 / (1 - noise.dropout));
  uint64_t word = 0;
  for (Eigen::Index i = 0; i < mask.size(); ++i) {
    if (i % 4 == 0) word = random.Next();
    mask.data()[i] = (word & 0xffff) < bound ? Scalar(0) : kept;
    word >>= 16;
  }
  return mask;
}

template <class Scalar>
void Drop(const Matrix<Scalar>& mask, Matrix<Scalar>& values) {
  if (mask.size() > 0) values.array() *= mask.array();
}

// One pass over a pack, and back.
template <class Scalar>
class Pass {
 public:
  Pass(const AttentionShape& shape, const AttentionParameters<Scalar>& parameters, const AttentionPack& pack,
       const AttentionNoise& noise)
      : shape_(shape),
        pack_(pack),
        block_(shape, parameters.block.data()),
        embeddings_(parameters.products.data(), shape.product_count, shape.dimensions),
        product_scale_(std::sqrt(static_cast<Scalar>(shape.dimensions))),
        attention_scale_(1 / std::sqrt(static_cast<Scalar>(shape.dimensions))) {
    const auto rows = static_cast<Eigen::Index>(pack.products.size());
    const auto columns = static_cast<Eigen::Index>(shape.dimensions);
    input_mask_ = MakeMask<Scalar>(rows, columns, noise, 1);
    inner_mask_ = MakeMask<Scalar>(rows, columns, noise, 2);
    outer_mask_ = MakeMask<Scalar>(rows, columns, noise, 3);
  }

  // y by place.
  Matrix<Scalar> Forward() {
    const auto rows = static_cast<Eigen::Index>(pack_.products.size());
    input_.resize(rows, static_cast<Eigen::Index>(shape_.dimensions));
    ForEachPlace([&](Eigen::Index row, Eigen::Index place) {
      input_.row(row) = product_scale_ * embeddings_.row(pack_.products[static_cast<size_t>(row)]) +
                        block_.places().row(place);
    });
    Drop(input_mask_, input_);
    attended_ = norm1_.Forward(input_, block_, kNorm1);
    query_ = Apply(attended_, block_, kQuery);
    key_ = Apply(input_, block_, kKey);
    value_ = Apply(input_, block_, kValue);
    AttendForward();
    const Matrix<Scalar> hidden = attended_ + Apply(mixed_, block_, kOut);
    normed_ = norm2_.Forward(hidden, block_, kNorm2);
    inner_ = Apply(normed_, block_, kInner).cwiseMax(Scalar(0));
    Drop(inner_mask_, inner_);
    Matrix<Scalar> outer = Apply(inner_, block_, kOuter);
    Drop(outer_mask_, outer);
    return norm3_.Forward(normed_ + outer, block_, kNorm3);
  }

  // Fills gradient.of_products and adds to the block's.
  void Backward(const Matrix<Scalar>& of_output, AttentionGradient<Scalar>& gradient) const {
    const Block<Scalar> of_block(shape_, gradient.block.data());
    Matrix<Scalar> of_normed = norm3_.Backward(of_output, block_, kNorm3, of_block);
    Matrix<Scalar> of_outer = of_normed;
    Drop(outer_mask_, of_outer);
    Matrix<Scalar> of_inner = ApplyBackward(of_outer, inner_, block_, kOuter, of_block);
    Drop(inner_mask_, of_inner);
    // A dropped or negative number is 0 in inner_, and neither gives a gradient.
    of_inner = (inner_.array() > Scalar(0)).select(of_inner, Scalar(0));
    of_normed += ApplyBackward(of_inner, normed_, block_, kInner, of_block);
    Matrix<Scalar> of_attended = norm2_.Backward(of_normed, block_, kNorm2, of_block);
    const Matrix<Scalar> of_mixed = ApplyBackward(of_attended, mixed_, block_, kOut, of_block);
    Matrix<Scalar> of_query, of_key, of_value;
    AttendBackward(of_mixed, of_query, of_key, of_value);
    of_attended += ApplyBackward(of_query, attended_, block_, kQuery, of_block);
    Matrix<Scalar> of_input = norm1_.Backward(of_attended, block_, kNorm1, of_block);
    of_input += ApplyBackward(of_key, input_, block_, kKey, of_block);
    of_input += ApplyBackward(of_value, input_, block_, kValue, of_block);
    Drop(input_mask_, of_input);
    auto of_places = of_block.places();
    ForEachPlace([&](Eigen::Index row, Eigen::Index place) { of_places.row(place) += of_input.row(row); });
    of_input *= product_scale_;
    gradient.of_products.assign(of_input.data(), of_input.data() + of_input.size());
  }

 private:
  template <class Visit>
  void ForEachPlace(const Visit& visit) const {
    for (size_t i = 0; i + 1 < pack_.offsets.size(); ++i) {
      const size_t end = pack_.offsets[i + 1];
      for (size_t row = pack_.offsets[i]; row < end; ++row) {
        visit(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(end - 1 - row));
      }
    }
  }

  template <class Visit>
  void ForEachSequence(const Visit& visit) const {
    for (size_t i = 0; i + 1 < pack_.offsets.size(); ++i) {
      const auto begin = static_cast<Eigen::Index>(pack_.offsets[i]);
      visit(i, begin, static_cast<Eigen::Index>(pack_.offsets[i + 1]) - begin);
    }
  }

  void AttendForward() {
    shares_.resize(pack_.offsets.size() - 1);
    mixed_.resize(input_.rows(), input_.cols());
    ForEachSequence([&](size_t i, Eigen::Index begin, Eigen::Index count) {
      Matrix<Scalar>& shares = shares_[i];
      shares.noalias() = query_.middleRows(begin, count) * key_.middleRows(begin, count).transpose();
      shares *= attention_scale_;
      for (Eigen::Index row = 0; row < count; ++row) {
        auto seen = shares.row(row).head(row + 1).array();
        const Scalar largest = seen.maxCoeff();
        seen = (seen - largest).exp();
        seen /= seen.sum();
        shares.row(row).tail(count - row - 1).setZero();
      }
      mixed_.middleRows(begin, count).noalias() = shares * value_.middleRows(begin, count);
    });
  }

  void AttendBackward(const Matrix<Scalar>& of_mixed, Matrix<Scalar>& of_query, Matrix<Scalar>& of_key,
                      Matrix<Scalar>& of_value) const {
    of_query.resize(of_mixed.rows(), of_mixed.cols());
    of_key.resize(of_mixed.rows(), of_mixed.cols());
    of_value.resize(of_mixed.rows(), of_mixed.cols());
    ForEachSequence([&](size_t i, Eigen::Index begin, Eigen::Index count) {
      const Matrix<Scalar>& shares = shares_[i];
      of_value.middleRows(begin, count).noalias() = shares.transpose() * of_mixed.middleRows(begin, count);
      Matrix<Scalar> of_shares =
          of_mixed.middleRows(begin, count) * value_.middleRows(begin, count).transpose();
      const Eigen::Matrix<Scalar, Eigen::Dynamic, 1> along = of_shares.cwiseProduct(shares).rowwise().sum();
      of_shares.colwise() -= along;
      of_shares.array() *= shares.array() * attention_scale_;
      of_query.middleRows(begin, count).noalias() = of_shares * key_.middleRows(begin, count);
      of_key.middleRows(begin, count).noalias() = of_shares.transpose() * query_.middleRows(begin, count);
    });
  }

  const AttentionShape& shape_;
  const AttentionPack& pack_;
  const Block<const Scalar> block_;
  const Eigen::Map<const Matrix<Scalar>> embeddings_;
  const Scalar product_scale_;
  const Scalar attention_scale_;
  Matrix<Scalar> input_mask_, inner_mask_, outer_mask_;
  Matrix<Scalar> input_, attended_, query_, key_, value_, mixed_, normed_, inner_;
  std::vector<Matrix<Scalar>> shares_;  // By sequence.
  Normed<Scalar> norm1_, norm2_, norm3_;
};

template <class Scalar>
Matrix<Scalar> RowsOf(const AttentionShape& shape, const AttentionParameters<Scalar>& parameters,
                      std::span<const uint32_t> products) {
  const Eigen::Map<const Matrix<Scalar>> embeddings(parameters.products.data(), shape.product_count,
                                                    shape.dimensions);
  Matrix<Scalar> rows(static_cast<Eigen::Index>(products.size()),
                      static_cast<Eigen::Index>(shape.dimensions));
  for (size_t i = 0; i < products.size(); ++i)
    rows.row(static_cast<Eigen::Index>(i)) = embeddings.row(products[i]);
  return rows;
}

// Turns the scores of the negatives and of the target of one place into gradients; the result is the loss.
template <class Scalar>
Scalar SoftmaxLoss(Eigen::Ref<Row<Scalar>> negatives, Scalar& target) {
  const Scalar largest = std::max(target, negatives.size() > 0 ? negatives.maxCoeff() : target);
  negatives = (negatives.array() - largest).exp().matrix();
  const Scalar target_power = std::exp(target - largest);
  const Scalar sum = target_power + negatives.sum();
  const Scalar loss = std::log(sum) - (target - largest);
  negatives /= sum;
  target = target_power / sum - 1;
  return loss;
}

}  // namespace

size_t AttentionShape::block_size() const {
  return PlaceSize(*this) + kLinearCount * LinearSize(*this) + size_t{2} * kNormCount * dimensions;
}

void AttentionPack::Clear() {
  products.clear();
  targets.clear();
  offsets.assign(1, 0);
}

void AttentionPack::Add(std::span<const uint32_t> added, std::span<const uint32_t> added_targets) {
  CHECK(added.size() == added_targets.size());
  products.insert(products.end(), added.begin(), added.end());
  targets.insert(targets.end(), added_targets.begin(), added_targets.end());
  offsets.push_back(products.size());
}

template <class Scalar>
AttentionParameters<Scalar> MakeAttentionParameters(const AttentionShape& shape, uint64_t seed) {
  Random random(seed);
  AttentionParameters<Scalar> parameters;
  parameters.products.resize(size_t{shape.product_count} * shape.dimensions);
  parameters.block.resize(shape.block_size());
  for (Scalar& number : parameters.products)
    number = static_cast<Scalar>(random.NextNormal() * kInitialDeviation);
  const Block<Scalar> block(shape, parameters.block.data());
  const size_t places = PlaceSize(shape);
  for (size_t i = 0; i < places; ++i) {
    parameters.block[i] = static_cast<Scalar>(random.NextNormal() * kInitialDeviation);
  }
  const double deviation = 1 / std::sqrt(static_cast<double>(shape.dimensions));
  for (uint8_t linear = 0; linear < kLinearCount; ++linear) {
    auto matrix = block.matrix(static_cast<Linear>(linear));
    for (Eigen::Index i = 0; i < matrix.size(); ++i) {
      matrix.data()[i] = static_cast<Scalar>(random.NextNormal() * deviation);
    }
  }
  for (uint8_t norm = 0; norm < kNormCount; ++norm) block.gain(static_cast<Norm>(norm)).setOnes();
  return parameters;
}

template <class Scalar>
Scalar AttentionLoss(const AttentionShape& shape, const AttentionParameters<Scalar>& parameters,
                     const AttentionPack& pack, std::span<const uint32_t> negatives, Scalar scale,
                     const AttentionNoise& noise, AttentionGradient<Scalar>& gradient) {
  gradient.block.assign(shape.block_size(), 0);
  Pass<Scalar> pass(shape, parameters, pack, noise);
  const Matrix<Scalar> output = pass.Forward();
  const Matrix<Scalar> target_rows = RowsOf<Scalar>(shape, parameters, pack.targets);
  const Matrix<Scalar> negative_rows = RowsOf<Scalar>(shape, parameters, negatives);
  Eigen::Matrix<Scalar, Eigen::Dynamic, 1> target_scores = output.cwiseProduct(target_rows).rowwise().sum();
  Matrix<Scalar> scores = output * negative_rows.transpose();
  Scalar loss = 0;
  for (Eigen::Index row = 0; row < output.rows(); ++row) {
    const uint32_t target = pack.targets[static_cast<size_t>(row)];
    for (size_t i = 0; i < negatives.size(); ++i) {
      if (negatives[i] == target) scores(row, static_cast<Eigen::Index>(i)) = Scalar(-1e9);
    }
    loss += SoftmaxLoss<Scalar>(scores.row(row), target_scores(row));
  }
  scores *= scale;
  target_scores *= scale;
  const Matrix<Scalar> of_targets = (output.array().colwise() * target_scores.array()).matrix();
  const Matrix<Scalar> of_negatives = scores.transpose() * output;
  Matrix<Scalar> of_output = scores * negative_rows;
  of_output += (target_rows.array().colwise() * target_scores.array()).matrix();
  gradient.of_targets.assign(of_targets.data(), of_targets.data() + of_targets.size());
  gradient.of_negatives.assign(of_negatives.data(), of_negatives.data() + of_negatives.size());
  pass.Backward(of_output, gradient);
  return loss * scale;
}

std::vector<float> EncodeSequence(const AttentionShape& shape, const AttentionParameters<float>& parameters,
                                  std::span<const uint32_t> products) {
  if (products.empty()) return {};
  AttentionPack pack;
  products = products.last(std::min<size_t>(products.size(), shape.length_max));
  pack.Add(products, products);
  Pass<float> pass(shape, parameters, pack, {});
  const Matrix<float> output = pass.Forward();
  const Row<float> last = output.row(output.rows() - 1);
  return {last.data(), last.data() + last.size()};
}

template AttentionParameters<float> MakeAttentionParameters<float>(const AttentionShape&, uint64_t);
template AttentionParameters<double> MakeAttentionParameters<double>(const AttentionShape&, uint64_t);
template float AttentionLoss<float>(const AttentionShape&, const AttentionParameters<float>&,
                                    const AttentionPack&, std::span<const uint32_t>, float,
                                    const AttentionNoise&, AttentionGradient<float>&);
template double AttentionLoss<double>(const AttentionShape&, const AttentionParameters<double>&,
                                      const AttentionPack&, std::span<const uint32_t>, double,
                                      const AttentionNoise&, AttentionGradient<double>&);

}  // namespace attune::models
