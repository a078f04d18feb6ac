#include "models/exact_neighbours.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "base/status.h"
#include "models/als_solver.h"

namespace attune::models {
namespace {

// Of the squares of all coordinates, what the heads hold at least.  More makes the bounds tighter and the
// scan of them longer.
constexpr double kHeadEnergy = 0.9;

// Widths of heads are multiples of what DotProduct needs and of what lies abreast.
constexpr size_t kHeadStep = 8;
static_assert(kHeadStep % kCoordinatesAbreast == 0);

// Lengths are rounded; this covers it.
constexpr float kLengthSlack = 1.0001f;

// Rows between two looks at whether the scan may stop.
constexpr size_t kBlockRows = 512;
static_assert(kBlockRows % kRowsAbreast == 0);

float LengthOf(std::span<const float> vector) {
  return std::sqrt(DotProduct(vector.data(), vector.data(), vector.size()));
}

// The axes along which the rows, each times its factor, are longest, the longest first; and the sum of
// squares along each.
struct PrincipalAxes {
  std::vector<float> axes;
  std::vector<double> energies;
};

PrincipalAxes FindPrincipalAxes(const VectorTable& table, std::span<const float> factors) {
  const auto size = static_cast<Eigen::Index>(table.dimensions);
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(size, size);
  for (size_t begin = 0; begin < factors.size(); begin += kBlockRows) {
    const size_t count = std::min(kBlockRows, factors.size() - begin);
    const Eigen::Map<const Eigen::MatrixXf> block(table.Row(begin).data(), size,
                                                  static_cast<Eigen::Index>(count));
    const Eigen::Map<const Eigen::VectorXf> scale(factors.data() + begin, static_cast<Eigen::Index>(count));
    const Eigen::MatrixXd scaled = (block * scale.asDiagonal()).cast<double>();
    gram.selfadjointView<Eigen::Lower>().rankUpdate(scaled);
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram);
  CHECK(solver.info() == Eigen::Success);
  PrincipalAxes found;
  for (Eigen::Index i = size; i-- > 0;) {  // Eigenvalues come in rising order.
    for (Eigen::Index k = 0; k < size; ++k) {
      found.axes.push_back(static_cast<float>(solver.eigenvectors()(k, i)));
    }
    found.energies.push_back(std::max(0.0, solver.eigenvalues()[i]));
  }
  return found;
}

// The fewest coordinates that hold kHeadEnergy.
size_t HeadWidth(const std::vector<double>& energies) {
  const double wanted = kHeadEnergy * std::accumulate(energies.begin(), energies.end(), 0.0);
  double held = 0;
  size_t width = 0;
  while (width < energies.size() && held < wanted) held += energies[width++];
  return (width + kHeadStep - 1) / kHeadStep * kHeadStep;
}

// The `count` largest of the numbers offered: a heap, the smallest of them in front.
class Largest {
 public:
  explicit Largest(size_t count) : count_(count) {}
  void Offer(float value) {
    if (heap_.size() == count_) {
      if (value <= heap_.front()) return;
      std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
      heap_.pop_back();
    }
    heap_.push_back(value);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }
  // The least of the largest; below everything while there are fewer than `count`.
  float least() const { return heap_.size() == count_ ? heap_.front() : -INFINITY; }

 private:
  const size_t count_;
  std::vector<float> heap_;
};

}  // namespace

bool IsNearer(const VectorTable& table, const NearRow& a, const NearRow& b) {
  if (a.similarity != b.similarity) return a.similarity > b.similarity;
  const uint32_t hash_a = table.tie_hashes[a.row];
  const uint32_t hash_b = table.tie_hashes[b.row];
  return hash_a != hash_b ? hash_a < hash_b : a.row < b.row;
}

float InverseNorm(std::span<const float> vector) {
  const float square = DotProduct(vector.data(), vector.data(), vector.size());
  return square > 0 ? 1 / std::sqrt(square) : 0;
}

ExactNeighbours::ExactNeighbours(std::shared_ptr<const VectorTable> table, Similarity similarity)
    : table_(std::move(table)), similarity_(similarity), rows_(table_->row_count()) {
  CHECK(table_->dimensions % 8 == 0 && table_->dimensions <= kVectorDimensionsMax);
  CHECK(table_->values.size() == rows_.size() * table_->dimensions);
  std::vector<float> factors(rows_.size());
  std::vector<float> lengths(rows_.size());
  for (size_t row = 0; row < rows_.size(); ++row) {
    const std::span<const float> values = table_->Row(row);
    factors[row] = FactorOf(values);
    lengths[row] = factors[row] * LengthOf(values);
  }
  std::iota(rows_.begin(), rows_.end(), 0u);
  if (similarity_ == Similarity::kInnerProduct) {
    std::sort(rows_.begin(), rows_.end(), [&](uint32_t a, uint32_t b) {
      return lengths[a] != lengths[b] ? lengths[a] > lengths[b] : a < b;
    });
  }
  PrincipalAxes principal = FindPrincipalAxes(*table_, factors);
  axes_ = std::move(principal.axes);
  heads_ = CodedHeads(rows_.size(), HeadWidth(principal.energies));
  std::vector<float> turned;
  for (size_t place = 0; place < rows_.size(); ++place) {
    const uint32_t row = rows_[place];
    if (place % kBlockRows == 0) longest_.push_back(kLengthSlack * lengths[row]);
    // Cosines lie in no order, and their lengths are all the same but for rounding.
    longest_.back() = std::max(longest_.back(), kLengthSlack * lengths[row]);
    Turn(table_->Row(row), turned);
    for (float& value : turned) value *= factors[row];
    const std::span<const float> head = std::span<const float>(turned).first(heads_.width());
    heads_.Set(place, head, LengthOf(std::span<const float>(turned).subspan(head.size())));
  }
}

float ExactNeighbours::FactorOf(std::span<const float> row) const {
  return similarity_ == Similarity::kCosine ? InverseNorm(row) : 1;
}

void ExactNeighbours::Turn(std::span<const float> vector, std::vector<float>& turned) const {
  turned.resize(vector.size());
  for (size_t i = 0; i < vector.size(); ++i) {
    turned[i] = DotProduct(axes_.data() + i * vector.size(), vector.data(), vector.size());
  }
}

void ExactNeighbours::Find(std::span<const float> query, size_t limit, std::vector<NearRow>& out) const {
  static thread_local std::vector<float> turned;
  std::array<float, kBlockRows> bounds;
  CHECK(query.size() == table_->dimensions);
  out.clear();
  const float length = LengthOf(query);
  if (limit == 0 || !(length > 0) || !std::isfinite(length)) return;
  Turn(query, turned);
  const std::span<const float> head = std::span<const float>(turned).first(heads_.width());
  const CodedQuery coded = EncodeQuery(head, LengthOf(std::span<const float>(turned).subspan(head.size())));
  const float query_factor = FactorOf(query);
  Largest best(limit);
  for (size_t begin = 0; begin < rows_.size(); begin += kBlockRows) {
    if (query_factor * length * longest_[begin / kBlockRows] < best.least()) break;
    const size_t count = std::min(kBlockRows, rows_.size() - begin);
    const size_t padded = std::min(kBlockRows, heads_.padded_row_count() - begin);
    UpperBounds(heads_, coded, begin, std::span(bounds).first(padded));
    const float factor = coded.scale * query_factor;
    for (size_t i = 0; i < count; ++i) {
      if (factor * bounds[i] < best.least()) continue;
      const uint32_t row = rows_[begin + i];
      const std::span<const float> values = table_->Row(row);
      const float product = DotProduct(query.data(), values.data(), query.size());
      out.push_back({row, product * query_factor * FactorOf(values)});
      best.Offer(out.back().similarity);
    }
  }
  const auto is_nearer = [&](const NearRow& a, const NearRow& b) { return IsNearer(*table_, a, b); };
  if (limit < out.size()) {
    std::nth_element(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(limit), out.end(), is_nearer);
    out.resize(limit);
  }
  std::sort(out.begin(), out.end(), is_nearer);
}

size_t ExactNeighbours::memory_bytes() const {
  return heads_.memory_bytes() + axes_.size() * sizeof(float) + rows_.size() * sizeof(uint32_t) +
         longest_.size() * sizeof(float);
}

}  // namespace attune::models
