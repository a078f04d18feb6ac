#include "models/als_solver.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "models/als.h"
#include "models/processor.h"

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

// Asks the memory for the row of `factors` that is observed kPrefetchAhead after the k-th: rows lie all over.
ATTUNE_INLINE void PrefetchRow(const float* factors, size_t size, const AlsObservations& observations,
                               size_t k) {
  constexpr size_t kPrefetchAhead = 12;
  constexpr size_t kLineFloats = 16;
  if (k + kPrefetchAhead >= observations.rows.size()) return;
  const float* row = factors + observations.rows[k + kPrefetchAhead] * size;
  for (size_t i = 0; i < size; i += kLineFloats) __builtin_prefetch(row + i);
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
    PrefetchRow(factors.data(), size, observations, k);
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

ATTUNE_AVX2 float DotAvx2(const float* a, const float* b, size_t size) { return Dot(a, b, size); }

// gram += F'F for `count` rows of F, the upper half.
ATTUNE_INLINE void AddRowsToGram(const float* rows, size_t count, size_t size, float* gram) {
  constexpr float kOnes[kTogether] = {1, 1, 1, 1};
  for (size_t k = 0; k < count; k += kTogether) {
    const size_t together = std::min(kTogether, count - k);
    const float* y[kTogether] = {};
    for (size_t i = 0; i < together; ++i) y[i] = rows + (k + i) * size;
    if (together == kTogether) {
      AddOuterProducts(y, kOnes, kTogether, size, gram);
    } else {
      AddOuterProducts(y, kOnes, together, size, gram);
    }
  }
}

ATTUNE_AVX2 void AddRowsToGramAvx2(const float* rows, size_t count, size_t size, float* gram) {
  AddRowsToGram(rows, count, size, gram);
}

void AddBlockToGram(const float* rows, size_t count, size_t size, float* gram) {
  if (HasAvx2()) return AddRowsToGramAvx2(rows, count, size, gram);
  AddRowsToGram(rows, count, size, gram);
}

ATTUNE_AVX2 void SolveRowAvx2(std::span<const float> gram, std::span<const float> factors,
                              const AlsObservations& observations, float ridge, size_t block,
                              std::span<float> x) {
  Solve(gram, factors, observations, ridge, block, x, ScratchOfThread());
}

constexpr size_t kFewMax = FewObservationsSolver::kObservationsMax;
static_assert(kFewMax % kLanes == 0 && kFewMax <= kAlsDimensionsMax);

struct FewScratch {
  std::array<float, kFewMax * kAlsDimensionsMax> scaled;  // Rows of A^-1/2 y.
  std::array<float, kFewMax * kFewMax> matrix;            // W^-1 + Y A^-1 Y', the upper half.
  std::array<float, kFewMax> ones;
  std::array<float, kFewMax> halfway;
  std::array<float, kFewMax> shares;  // What is left of the row's targets after the factors' prior.
  Row inverse_roots;
  Row turned;
};

FewScratch& FewScratchOfThread() {
  static thread_local FewScratch scratch;
  return scratch;
}

ATTUNE_INLINE void SolveFew(const float* axes, const float* eigenvalues, const float* turned_factors,
                            const AlsObservations& observations, float ridge, std::span<float> x,
                            FewScratch& scratch) {
  const size_t size = x.size();
  const size_t count = observations.rows.size();
  const size_t padded = (count + kLanes - 1) / kLanes * kLanes;
  for (size_t i = 0; i < size; ++i) scratch.inverse_roots[i] = 1 / std::sqrt(eigenvalues[i] + ridge);
  for (size_t k = 0; k < count; ++k) {
    const float* y = turned_factors + observations.rows[k] * size;
    float* scaled = scratch.scaled.data() + k * size;
    for (size_t i = 0; i < size; ++i) scaled[i] = y[i] * scratch.inverse_roots[i];
  }
  float* matrix = scratch.matrix.data();
  std::fill_n(matrix, padded * padded, 0.0f);
  for (size_t k = 0; k < padded; ++k) {
    matrix[k * padded + k] = 1;  // What fills up the last group: an equation of its own.
    scratch.ones[k] = k < count ? 1 : 0;
  }
  for (size_t k = 0; k < count; ++k) {
    const float* row = scratch.scaled.data() + k * size;
    for (size_t l = k; l < count; ++l) {
      matrix[k * padded + l] = Dot(row, scratch.scaled.data() + l * size, size);
    }
    matrix[k * padded + k] += 1 / observations.weights[k];
  }
  float* shares = scratch.shares.data();
  if (!NewtonStep(padded, matrix, scratch.ones.data(), scratch.halfway.data(), shares)) return;
  float* turned = scratch.turned.data();
  std::fill_n(turned, size, 0.0f);
  for (size_t k = 0; k < count; ++k) AddScaled(shares[k], scratch.scaled.data() + k * size, turned, size);
  std::fill(x.begin(), x.end(), 0.0f);
  for (size_t i = 0; i < size; ++i) {
    AddScaled(turned[i] * scratch.inverse_roots[i], axes + i * size, x.data(), size);
  }
}

ATTUNE_AVX2 void SolveFewAvx2(const float* axes, const float* eigenvalues, const float* turned_factors,
                              const AlsObservations& observations, float ridge, std::span<float> x) {
  SolveFew(axes, eigenvalues, turned_factors, observations, ridge, x, FewScratchOfThread());
}

}  // namespace

float DotProduct(const float* a, const float* b, size_t size) {
  return HasAvx2() ? DotAvx2(a, b, size) : Dot(a, b, size);
}

std::vector<float> ScaledGram(std::span<const float> factors, size_t dimensions, float scale,
                              const TrainingControl& control) {
  const size_t row_count = factors.size() / dimensions;
  const size_t block_count = (row_count + kGramBlockRows - 1) / kGramBlockRows;
  const size_t cells = dimensions * dimensions;
  std::vector<float> partial(block_count * cells, 0);
  ForEachTrainingBlock(block_count, 1, control, [&](size_t begin, size_t end, size_t) {
    for (size_t block = begin; block < end; ++block) {
      const size_t first = block * kGramBlockRows;
      const size_t count = std::min(row_count - first, kGramBlockRows);
      AddBlockToGram(factors.data() + first * dimensions, count, dimensions, partial.data() + block * cells);
    }
  });
  std::vector<double> sum(cells, 0);
  for (size_t block = 0; block < block_count; ++block) {
    for (size_t i = 0; i < cells; ++i) sum[i] += static_cast<double>(partial[block * cells + i]);
  }
  std::vector<float> gram(cells);
  for (size_t i = 0; i < dimensions; ++i) {
    for (size_t j = 0; j < dimensions; ++j) {
      const double upper = sum[std::min(i, j) * dimensions + std::max(i, j)];
      gram[i * dimensions + j] = static_cast<float>(upper * static_cast<double>(scale));
    }
  }
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

FewObservationsSolver::FewObservationsSolver(std::span<const float> gram, std::span<const float> factors,
                                             size_t dimensions, const TrainingControl& control)
    : turned_(factors.size()) {
  const auto size = static_cast<Eigen::Index>(dimensions);
  const Eigen::MatrixXd matrix = Eigen::Map<const Eigen::MatrixXf>(gram.data(), size, size).cast<double>();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(matrix);
  CHECK(solver.info() == Eigen::Success);
  for (Eigen::Index i = 0; i < size; ++i) {
    for (Eigen::Index k = 0; k < size; ++k) axes_.push_back(static_cast<float>(solver.eigenvectors()(k, i)));
    eigenvalues_.push_back(std::max(0.0f, static_cast<float>(solver.eigenvalues()[i])));
  }
  ForEachTrainingBlock(
      factors.size() / dimensions, kGramBlockRows, control, [&](size_t begin, size_t end, size_t) {
        for (size_t row = begin; row < end; ++row) {
          for (size_t i = 0; i < dimensions; ++i) {
            turned_[row * dimensions + i] =
                Dot(axes_.data() + i * dimensions, factors.data() + row * dimensions, dimensions);
          }
        }
      });
}

void FewObservationsSolver::SolvePlain(const AlsObservations& observations, float ridge,
                                       std::span<float> x) const {
  SolveFew(axes_.data(), eigenvalues_.data(), turned_.data(), observations, ridge, x, FewScratchOfThread());
}

void FewObservationsSolver::Solve(const AlsObservations& observations, float ridge,
                                  std::span<float> x) const {
  if (!HasAvx2()) return SolvePlain(observations, ridge, x);
  SolveFewAvx2(axes_.data(), eigenvalues_.data(), turned_.data(), observations, ridge, x);
}

}  // namespace attune::models
