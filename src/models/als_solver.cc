#include "models/als_solver.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "models/als.h"
#include "models/als_scan.h"

// The loops below are always inlined into two functions, one for AVX2 and one for every processor.  No
// lambdas in them: a lambda would be compiled for the one that needs less.
#define ATTUNE_INLINE __attribute__((always_inline)) inline
#if defined(__x86_64__)
#define ATTUNE_AVX2 __attribute__((target("avx2")))
#else
#define ATTUNE_AVX2
#endif

namespace attune::models {
namespace {

typedef float Float8 __attribute__((vector_size(32)));

constexpr size_t kLanes = 8;
constexpr size_t kGramBlockRows = 512;
// Observations whose outer products are added in one pass over the curvature.
constexpr size_t kTogether = 4;

using Row = std::array<float, kAlsDimensionsMax>;

// Of one thread; what is in it does not matter between calls.
struct Scratch {
  std::vector<float> predicted;                                                // x . y of each observation.
  std::array<float, size_t{kAlsDimensionsMax} * kAlsDimensionsMax> curvature;  // Upper half, rows of `block`.
  Row gradient;
  Row halfway;
  Row step;
};

Scratch& ScratchOfThread() {
  static thread_local Scratch scratch;
  return scratch;
}

// y += a x
ATTUNE_INLINE void AddScaled(float a, const float* x, float* y, size_t size) {
  for (size_t i = 0; i < size; i += kLanes) {
    Float8 from;
    Float8 to;
    std::memcpy(&from, x + i, sizeof(from));
    std::memcpy(&to, y + i, sizeof(to));
    to += a * from;
    std::memcpy(y + i, &to, sizeof(to));
  }
}

ATTUNE_INLINE float Dot(const float* a, const float* b, size_t size) {
  Float8 sum = {};
  for (size_t i = 0; i < size; i += kLanes) {
    Float8 left;
    Float8 right;
    std::memcpy(&left, a + i, sizeof(left));
    std::memcpy(&right, b + i, sizeof(right));
    sum += left * right;
  }
  return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

// The group of lanes that holds place i begins here.
ATTUNE_INLINE size_t GroupOf(size_t i) { return i / kLanes * kLanes; }

// curvature += w y y' for `count` observations at once, the upper half; in the order of the observations.
ATTUNE_INLINE void AddOuterProducts(const float* const* y, const float* weights, size_t count, size_t size,
                                    float* curvature) {
  for (size_t i = 0; i < size; ++i) {
    float* row = curvature + i * size;
    float factors[kTogether] = {};
    for (size_t k = 0; k < count; ++k) factors[k] = weights[k] * y[k][i];
    for (size_t j = GroupOf(i); j < size; j += kLanes) {
      Float8 sum;
      std::memcpy(&sum, row + j, sizeof(sum));
      for (size_t k = 0; k < count; ++k) {
        Float8 from;
        std::memcpy(&from, y[k] + j, sizeof(from));
        sum += factors[k] * from;
      }
      std::memcpy(row + j, &sum, sizeof(sum));
    }
  }
}

// step = curvature^-1 gradient by Cholesky, U'U = curvature; the gradient is used up.  False when the
// curvature is not positive definite.
ATTUNE_INLINE bool NewtonStep(size_t size, float* curvature, float* gradient, float* halfway, float* step) {
  for (size_t k = 0; k < size; ++k) {
    float* row = curvature + k * size;
    if (!(row[k] > 0)) return false;
    const float scale = 1 / std::sqrt(row[k]);
    for (size_t j = k; j < size; ++j) row[j] *= scale;
    for (size_t i = k + 1; i < size; ++i) {
      AddScaled(-row[i], row + GroupOf(i), curvature + i * size + GroupOf(i), size - GroupOf(i));
    }
    halfway[k] = gradient[k] / row[k];
    AddScaled(-halfway[k], row + GroupOf(k), gradient + GroupOf(k), size - GroupOf(k));
  }
  std::fill_n(step, size, 0.0f);  // What is left of the diagonal in a group meets a zero.
  for (size_t i = size; i-- > 0;) {
    const float* row = curvature + i * size;
    const size_t begin = GroupOf(i);
    step[i] = (halfway[i] - Dot(row + begin, step + begin, size - begin)) / row[i];
  }
  return true;
}

ATTUNE_INLINE void Solve(std::span<const float> gram, std::span<const float> factors,
                         const AlsObservations& observations, float ridge, size_t block_max,
                         std::span<float> x, Scratch& scratch) {
  const size_t size = x.size();
  const size_t count = observations.rows.size();
  scratch.predicted.resize(count);
  float* predicted = scratch.predicted.data();
  const float* weights = observations.weights.data();
  for (size_t k = 0; k < count; ++k) {
    predicted[k] = Dot(factors.data() + observations.rows[k] * size, x.data(), size);
  }
  for (size_t first = 0; first < size; first += block_max) {
    const size_t block = std::min(block_max, size - first);
    float* curvature = scratch.curvature.data();
    float* gradient = scratch.gradient.data();
    for (size_t i = 0; i < block; ++i) {
      const float* row = gram.data() + (first + i) * size;
      std::copy_n(row + first, block, curvature + i * block);
      curvature[i * block + i] += ridge;
      gradient[i] = Dot(row, x.data(), size) + ridge * x[first + i];
    }
    for (size_t k = 0; k < count; k += kTogether) {
      const size_t together = std::min(kTogether, count - k);
      const float* y[kTogether] = {};
      for (size_t i = 0; i < together; ++i) {
        y[i] = factors.data() + observations.rows[k + i] * size + first;
        AddScaled(weights[k + i] * (predicted[k + i] - 1), y[i], gradient, block);
      }
      // The count as a constant lets the compiler keep four vectors in registers.
      if (together == kTogether) {
        AddOuterProducts(y, weights + k, kTogether, block, curvature);
      } else {
        AddOuterProducts(y, weights + k, together, block, curvature);
      }
    }
    if (!NewtonStep(block, curvature, gradient, scratch.halfway.data(), scratch.step.data())) return;
    const float* step = scratch.step.data();
    AddScaled(-1, step, x.data() + first, block);
    if (first + block == size) return;
    for (size_t k = 0; k < count; ++k) {
      predicted[k] -= Dot(factors.data() + observations.rows[k] * size + first, step, block);
    }
  }
}

ATTUNE_AVX2 void SolveRowAvx2(std::span<const float> gram, std::span<const float> factors,
                              const AlsObservations& observations, float ridge, size_t block,
                              std::span<float> x) {
  Solve(gram, factors, observations, ridge, block, x, ScratchOfThread());
}

}  // namespace

float DotProduct(const float* a, const float* b, size_t size) { return Dot(a, b, size); }

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

void SolveRowPlain(std::span<const float> gram, std::span<const float> factors,
                   const AlsObservations& observations, float ridge, size_t block, std::span<float> x) {
  Solve(gram, factors, observations, ridge, block, x, ScratchOfThread());
}

void SolveRow(std::span<const float> gram, std::span<const float> factors,
              const AlsObservations& observations, float ridge, size_t block, std::span<float> x) {
  HasAvx2() ? SolveRowAvx2(gram, factors, observations, ridge, block, x)
            : SolveRowPlain(gram, factors, observations, ridge, block, x);
}

}  // namespace attune::models
