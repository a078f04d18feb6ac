#include "models/als_solver.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "models/als.h"

namespace attune::models {
namespace {

typedef float Float4 __attribute__((vector_size(16)));

constexpr size_t kGramBlockRows = 512;
// Below this squared length of the residual a row is solved.
constexpr float kResidualEnough = 1e-12f;

Float4 Load(const float* from) {
  Float4 value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

void Store(Float4 value, float* to) { std::memcpy(to, &value, sizeof(value)); }

// y += a x
void AddScaled(float a, const float* x, float* y, size_t size) {
  const Float4 scale = {a, a, a, a};
  for (size_t i = 0; i < size; i += 4) Store(Load(y + i) + scale * Load(x + i), y + i);
}

}  // namespace

float DotProduct(const float* a, const float* b, size_t size) {
  Float4 even = {0, 0, 0, 0};
  Float4 odd = {0, 0, 0, 0};
  for (size_t i = 0; i < size; i += 8) {
    even += Load(a + i) * Load(b + i);
    odd += Load(a + i + 4) * Load(b + i + 4);
  }
  const Float4 sum = even + odd;
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

std::vector<float> ScaledGram(std::span<const float> factors, size_t dimensions, float scale,
                              const TrainingControl& control) {
  const size_t row_count = factors.size() / dimensions;
  const size_t block_count = (row_count + kGramBlockRows - 1) / kGramBlockRows;
  const size_t cells = dimensions * dimensions;
  std::vector<float> partial(block_count * cells, 0);
  ForEachTrainingBlock(block_count, 1, control, [&](size_t begin, size_t end, size_t) {
    for (size_t block = begin; block < end; ++block) {
      float* gram = partial.data() + block * cells;
      const size_t last = std::min(row_count, (block + 1) * kGramBlockRows);
      for (size_t row = block * kGramBlockRows; row < last; ++row) {
        const float* y = factors.data() + row * dimensions;
        for (size_t i = 0; i < dimensions; ++i) AddScaled(y[i], y, gram + i * dimensions, dimensions);
      }
    }
  });
  std::vector<double> sum(cells, 0);
  for (size_t block = 0; block < block_count; ++block) {
    for (size_t i = 0; i < cells; ++i) sum[i] += static_cast<double>(partial[block * cells + i]);
  }
  std::vector<float> gram(cells);
  for (size_t i = 0; i < cells; ++i) gram[i] = static_cast<float>(sum[i] * static_cast<double>(scale));
  return gram;
}

void SolveRow(std::span<const float> gram, std::span<const float> factors,
              const AlsObservations& observations, float ridge, size_t steps, std::span<float> x) {
  const size_t size = x.size();
  std::array<float, kAlsDimensionsMax> residual{};
  std::array<float, kAlsDimensionsMax> direction;
  std::array<float, kAlsDimensionsMax> image;
  // image = (gram + sum w y y' + ridge I) v
  const auto multiply = [&](const float* v) {
    for (size_t i = 0; i < size; ++i) image[i] = ridge * v[i];
    for (size_t i = 0; i < size; ++i) AddScaled(v[i], gram.data() + i * size, image.data(), size);
    for (size_t k = 0; k < observations.rows.size(); ++k) {
      const float* y = factors.data() + observations.rows[k] * size;
      AddScaled(observations.weights[k] * DotProduct(y, v, size), y, image.data(), size);
    }
  };
  for (size_t k = 0; k < observations.rows.size(); ++k) {
    AddScaled(observations.weights[k], factors.data() + observations.rows[k] * size, residual.data(), size);
  }
  multiply(x.data());
  AddScaled(-1, image.data(), residual.data(), size);
  direction = residual;
  float length = DotProduct(residual.data(), residual.data(), size);
  for (size_t step = 0; step < steps && length > kResidualEnough; ++step) {
    multiply(direction.data());
    const float curvature = DotProduct(direction.data(), image.data(), size);
    if (!(curvature > 0)) return;
    const float rate = length / curvature;
    AddScaled(rate, direction.data(), x.data(), size);
    AddScaled(-rate, image.data(), residual.data(), size);
    const float next_length = DotProduct(residual.data(), residual.data(), size);
    const float turn = next_length / length;
    for (size_t i = 0; i < size; ++i) direction[i] = residual[i] + turn * direction[i];
    length = next_length;
  }
}

}  // namespace attune::models
