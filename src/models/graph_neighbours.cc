#include "models/graph_neighbours.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

// The distances are ours (below): the library's own choose instructions when it is compiled.
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>

#include "base/status.h"
#include "models/als_solver.h"
#include "models/exact_neighbours.h"
#include "models/processor.h"

namespace attune::models {
namespace {

// Links per row, breadth of the search while adding, and least breadth of a request: usual values of the
// method; nearest_neighbours_test.cc holds the recall.
constexpr size_t kLinks = 16;
constexpr size_t kBuildBreadth = 150;
constexpr size_t kSearchBreadth = 200;
// Levels of rows are drawn from this; any number does.
constexpr size_t kLevelSeed = 100;
// The extra dimension, and zeros up to a full register.
constexpr size_t kExtra = 8;

using Point = std::array<float, kVectorDimensionsMax + kExtra>;

typedef float Float8 __attribute__((vector_size(32)));

__attribute__((always_inline)) inline float SquaredDistance(const void* a, const void* b, size_t size) {
  Float8 sum = {};
  for (size_t i = 0; i < size; i += 8) {
    Float8 left;
    Float8 right;
    std::memcpy(&left, static_cast<const float*>(a) + i, sizeof(left));
    std::memcpy(&right, static_cast<const float*>(b) + i, sizeof(right));
    left -= right;
    sum += left * left;
  }
  return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

float SquaredDistancePlain(const void* a, const void* b, const void* size) {
  return SquaredDistance(a, b, *static_cast<const size_t*>(size));
}

#if defined(__x86_64__)
__attribute__((target("avx2")))
#endif
float SquaredDistanceAvx2(const void* a, const void* b, const void* size) {
  return SquaredDistance(a, b, *static_cast<const size_t*>(size));
}

class EuclideanSpace final : public hnswlib::SpaceInterface<float> {
 public:
  explicit EuclideanSpace(size_t size) : size_(size) {}
  size_t get_data_size() override { return size_ * sizeof(float); }
  hnswlib::DISTFUNC<float> get_dist_func() override {
    return HasAvx2() ? SquaredDistanceAvx2 : SquaredDistancePlain;
  }
  void* get_dist_func_param() override { return &size_; }

 private:
  size_t size_;
};

}  // namespace

struct GraphNeighbours::Graph {
  Graph(size_t dimensions, size_t rows)
      : space(dimensions + kExtra), graph(&space, rows, kLinks, kBuildBreadth, kLevelSeed) {
    graph.setEf(kSearchBreadth);
  }
  EuclideanSpace space;
  hnswlib::HierarchicalNSW<float> graph;
};

GraphNeighbours::GraphNeighbours(std::shared_ptr<const VectorTable> table, Similarity similarity)
    : table_(std::move(table)),
      similarity_(similarity),
      graph_(table_->row_count() == 0 ? nullptr
                                      : std::make_unique<Graph>(table_->dimensions, table_->row_count())) {
  const size_t rows = table_->row_count();
  CHECK(table_->dimensions % 8 == 0 && table_->dimensions <= kVectorDimensionsMax);
  CHECK(table_->values.size() == rows * table_->dimensions);
  const auto square = [this](uint32_t row) {
    double sum = 0;
    for (const float value : table_->Row(row)) sum += static_cast<double>(value) * static_cast<double>(value);
    return sum;
  };
  double longest = 0;
  for (uint32_t row = 0; row < rows; ++row) longest = std::max(longest, square(row));
  std::vector<uint32_t> order(rows);
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) {
    return table_->tie_hashes[a] != table_->tie_hashes[b] ? table_->tie_hashes[a] < table_->tie_hashes[b]
                                                          : a < b;
  });
  for (const uint32_t row : order) {
    Point point{};
    const std::span<const float> values = table_->Row(row);
    const float factor = similarity_ == Similarity::kCosine ? InverseNorm(values) : 1;
    for (size_t i = 0; i < values.size(); ++i) point[i] = values[i] * factor;
    if (similarity_ == Similarity::kInnerProduct) {
      point[values.size()] = static_cast<float>(std::sqrt(std::max(longest - square(row), 0.0)));
    }
    graph_->graph.addPoint(point.data(), row);
  }
}

GraphNeighbours::~GraphNeighbours() = default;

void GraphNeighbours::Find(std::span<const float> query, size_t limit, std::vector<NearRow>& out) const {
  CHECK(query.size() == table_->dimensions);
  out.clear();
  const float inverse_norm = InverseNorm(query);
  if (limit == 0 || graph_ == nullptr || !(inverse_norm > 0) || !std::isfinite(inverse_norm)) return;
  Point point{};
  const float factor = similarity_ == Similarity::kCosine ? inverse_norm : 1;
  for (size_t i = 0; i < query.size(); ++i) point[i] = query[i] * factor;
  auto found = graph_->graph.searchKnn(point.data(), std::min(limit, table_->row_count()));
  for (; !found.empty(); found.pop()) {
    const auto row = static_cast<uint32_t>(found.top().second);
    const std::span<const float> values = table_->Row(row);
    const float row_factor = similarity_ == Similarity::kCosine ? InverseNorm(values) : 1;
    const float product = DotProduct(query.data(), values.data(), values.size());
    out.push_back({row, product * factor * row_factor});
  }
  std::sort(out.begin(), out.end(),
            [&](const NearRow& a, const NearRow& b) { return IsNearer(*table_, a, b); });
}

size_t GraphNeighbours::memory_bytes() const {
  if (graph_ == nullptr) return 0;
  // The upper levels hold a sixteenth of the rows with links of their own.
  return table_->row_count() *
         (graph_->graph.size_data_per_element_ + graph_->graph.size_links_per_element_ / kLinks + 128);
}

}  // namespace attune::models
