#include "decisions/spread.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "base/hash.h"
#include "decisions/adjust.h"
#include "decisions/limits.h"
#include "models/vector_lookup.h"

namespace attune::decisions {
namespace {

constexpr double kVectorShare = 0.5;
constexpr double kCategoryShare = 0.35;
constexpr double kBrandShare = 0.15;
// Below this a candidate lies in the span of the chosen ones, up to rounding.
constexpr double kVolumeMin = 1e-9;

// What likeness looks at.
struct Shape {
  std::span<const float> vector;
  double vector_length = 0;
  uint64_t brand = 0;            // 0: none.
  std::vector<uint64_t> levels;  // Keys of the main category and of what it lies in, broadest first.
  double length = 0;             // Of all parts laid side by side.
};

double Dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

Shape ShapeOf(const DecideInput& input, ProductIndex index) {
  Shape shape;
  double squares = 0;
  if (const models::VectorLookup* const vectors = input.view.sources->vectors()) {
    shape.vector = vectors->VectorOf(index);
    shape.vector_length = std::sqrt(Dot(shape.vector, shape.vector));
    if (shape.vector_length > 0) squares += kVectorShare;
  }
  const catalog::Product* const product = input.catalog.Find(index);
  if (product != nullptr && !product->categories.empty() && !product->categories.front().empty()) {
    uint64_t key = 0;
    for (const std::string& level : product->categories.front()) {
      key = StableHash64(level, key + 1);
      shape.levels.push_back(key);
    }
    squares += kCategoryShare;
  }
  if (product != nullptr && !product->brand.empty()) {
    shape.brand = StableHash64(product->brand);
    squares += kBrandShare;
  }
  shape.length = std::sqrt(squares);
  return shape;
}

double LikenessOf(const Shape& a, const Shape& b) {
  if (a.length <= 0 || b.length <= 0) return 0;  // Nothing is known: like nothing.
  double sum = 0;
  if (a.vector_length > 0 && b.vector_length > 0 && a.vector.size() == b.vector.size()) {
    sum += kVectorShare * Dot(a.vector, b.vector) / (a.vector_length * b.vector_length);
  }
  if (!a.levels.empty() && !b.levels.empty()) {
    const size_t depth = std::min(a.levels.size(), b.levels.size());
    size_t shared = 0;
    while (shared < depth && a.levels[shared] == b.levels[shared]) ++shared;
    sum += kCategoryShare * static_cast<double>(shared) /
           std::sqrt(static_cast<double>(a.levels.size()) * static_cast<double>(b.levels.size()));
  }
  if (a.brand != 0 && a.brand == b.brand) sum += kBrandShare;
  return sum / (a.length * b.length);
}

struct Pool {
  std::vector<Shape> shapes;
  std::vector<double> relevance;  // In (0, 1]: of the best score.
  std::vector<bool> is_taken;

  size_t size() const { return shapes.size(); }
};

Pool MakePool(const DecideInput& input, const DecisionTrace& trace, const std::vector<uint32_t>& order) {
  Pool pool;
  const size_t count = std::min(order.size(), kSpreadPoolMax);
  const double best = ScoreOf(trace, order.front());
  for (size_t i = 0; i < count; ++i) {
    pool.shapes.push_back(ShapeOf(input, trace.rows[order[i]].product));
    pool.relevance.push_back(best > 0 ? ScoreOf(trace, order[i]) / best : 1);
  }
  pool.is_taken.assign(count, false);
  return pool;
}

// Of those not taken the one with the largest value; the earlier of equals.  pool.size() when all are taken.
template <class Value>
size_t Best(const Pool& pool, const Value& value) {
  size_t best = pool.size();
  double largest = -std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < pool.size(); ++i) {
    if (pool.is_taken[i]) continue;
    const double own = value(i);
    if (best < pool.size() && own <= largest) continue;
    largest = own;
    best = i;
  }
  return best;
}

std::vector<size_t> PickByMmr(Pool& pool, size_t count, double relevance) {
  std::vector<double> nearest(pool.size(), 0);  // Likeness to the nearest chosen; of nothing chosen, none.
  std::vector<size_t> picked;
  while (picked.size() < count) {
    const size_t next =
        Best(pool, [&](size_t i) { return relevance * pool.relevance[i] - (1 - relevance) * nearest[i]; });
    if (next == pool.size()) break;
    pool.is_taken[next] = true;
    for (size_t i = 0; i < pool.size(); ++i) {
      if (pool.is_taken[i]) continue;
      const double likeness = LikenessOf(pool.shapes[i], pool.shapes[next]);
      nearest[i] = picked.empty() ? likeness : std::max(nearest[i], likeness);
    }
    picked.push_back(next);
  }
  return picked;
}

// Chen et al., algorithm 1.  rows[i] is the Cholesky row of candidate i over what is chosen.
std::vector<size_t> PickByDpp(Pool& pool, size_t count, double relevance) {
  const double steepness = relevance / (2 * (1 - relevance));
  std::vector<double> quality;
  std::vector<double> volume;  // d_i^2: what candidate i would multiply the determinant by.
  for (const double own : pool.relevance) {
    // Relative to the best candidate: a common factor of all qualities changes no choice, and none overflows.
    quality.push_back(std::exp(steepness * (own - 1)));
    volume.push_back(quality.back() * quality.back());
  }
  std::vector<std::vector<double>> rows(pool.size());
  std::vector<size_t> picked;
  while (picked.size() < count) {
    const size_t next = Best(pool, [&](size_t i) { return volume[i]; });
    if (next == pool.size()) break;
    if (volume[next] < kVolumeMin * quality[next] * quality[next]) break;
    pool.is_taken[next] = true;
    const double depth = std::sqrt(volume[next]);
    for (size_t i = 0; i < pool.size(); ++i) {
      if (pool.is_taken[i]) continue;
      double along = LikenessOf(pool.shapes[next], pool.shapes[i]) * quality[next] * quality[i];
      for (size_t k = 0; k < rows[next].size(); ++k) along -= rows[next][k] * rows[i][k];
      along /= depth;
      rows[i].push_back(along);
      volume[i] -= along * along;
    }
    picked.push_back(next);
  }
  return picked;
}

}  // namespace

double Likeness(const DecideInput& input, ProductIndex a, ProductIndex b) {
  return LikenessOf(ShapeOf(input, a), ShapeOf(input, b));
}

void Spread(const DecideInput& input, DecisionTrace& trace) {
  const Diversity& diversity = input.placement.diversity;
  if (diversity.method == Diversity::Method::kNone || trace.ranked.empty()) return;
  std::vector<uint32_t> order = OrderOf(trace);
  std::erase_if(order, [&trace](uint32_t row) { return trace.rows[row].is_placed; });
  if (order.empty()) return;
  Pool pool = MakePool(input, trace, order);
  // Caps pass over some of what is picked, so more is picked than is shown.
  const bool has_caps = diversity.brand_max > 0 || diversity.category_max > 0;
  const size_t count = std::min<size_t>(pool.size(), size_t{trace.limit} * (has_caps ? 2 : 1));
  const std::vector<size_t> picked = diversity.method == Diversity::Method::kMmr
                                         ? PickByMmr(pool, count, diversity.relevance)
                                         : PickByDpp(pool, count, diversity.relevance);
  trace.order.clear();
  trace.order.reserve(order.size());
  for (const size_t place : picked) trace.order.push_back(order[place]);
  for (size_t i = 0; i < order.size(); ++i) {
    if (i >= pool.size() || !pool.is_taken[i]) trace.order.push_back(order[i]);
  }
}

}  // namespace attune::decisions
