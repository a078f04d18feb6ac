// The dense inner loops of ALS: a Gram matrix, and one row's least squares block by block (iALS++).
//
//   for each block p of `block` dimensions, with e_k = x . y_k kept up to date:
//     gradient  g = sum_k w_k (e_k - 1) y_k[p] + (gram x)[p] + ridge x[p]
//     curvature H = sum_k w_k y_k[p] y_k[p]' + gram[p, p] + ridge I
//     x[p] -= H^-1 g                              one Newton step, exact because the loss is quadratic
//
// Rendle, Krichene, Zhang, Koren, "iALS++: Speeding up Matrix Factorization with Subspace Optimization",
// 2021. A block as wide as the row solves the row exactly, from wherever it starts; narrow ones make a sweep
// cheaper: n (block + 4) dimensions multiply-adds for n observations instead of n dimensions^2 / 2.
//
// Written over groups of eight floats with a fixed order of multiplications and additions, never fused, and
// compiled twice, for AVX2 and for every 64-bit processor: the result is the same on every machine and for
// every number of threads.
//
// Thread safety: pure functions.

#ifndef ATTUNE_MODELS_ALS_SOLVER_H_
#define ATTUNE_MODELS_ALS_SOLVER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/training_control.h"

namespace attune::models {

// What one row has observed: rows of the other side, and their weights.
struct AlsObservations {
  std::span<const uint32_t> rows;
  std::span<const float> weights;
};

// The sum of a[i] * b[i].  REQUIRES: size is a multiple of 8.
float DotProduct(const float* a, const float* b, size_t size);

// scale * F'F for `factors` of `dimensions` columns, as a full row-major matrix.  Blocks of 512 rows are
// summed in order, so that the number of threads does not show.
std::vector<float> ScaledGram(std::span<const float> factors, size_t dimensions, float scale,
                              const TrainingControl& control);

// Improves `x` by one sweep towards the solution of (gram + sum w y y' + ridge I) x = sum w y.
// REQUIRES: x.size() and block are multiples of 8; x.size() <= kAlsDimensionsMax; ridge > 0.
void SolveRow(std::span<const float> gram, std::span<const float> factors,
              const AlsObservations& observations, float ridge, size_t block, std::span<float> x);
// The same bits, without AVX2: for the test that says so.
void SolveRowPlain(std::span<const float> gram, std::span<const float> factors,
                   const AlsObservations& observations, float ridge, size_t block, std::span<float> x);

// Rows with few observations, solved exactly in as many unknowns as they have observations.
//
//   x = A^-1 Y' (W^-1 + Y A^-1 Y')^-1 1,   A = gram + ridge I,   Y: the observed factors, W: their weights
//
// (Woodbury).  In the coordinates of the gram's eigenvectors A is diagonal for every ridge, so n observations
// cost about n^2 / 2 + n products of vectors, where SolveRow pays for a matrix of `dimensions` squared
// whatever n is.
//
// Holds a copy of the factors.  Thread safety: immutable; the same bits with AVX2 and without.
class FewObservationsSolver {
 public:
  // `gram` as by ScaledGram of the same factors.
  FewObservationsSolver(std::span<const float> gram, std::span<const float> factors, size_t dimensions,
                        const TrainingControl& control);

  // Observations up to which this is the cheaper way.
  static constexpr size_t kObservationsMax = 24;

  // Sets `x` to the solution of (gram + ridge I + sum w y y') x = sum w y.
  // REQUIRES: observations.rows.size() <= kObservationsMax; weights > 0; ridge > 0; x.size() == dimensions.
  void Solve(const AlsObservations& observations, float ridge, std::span<float> x) const;
  void SolvePlain(const AlsObservations& observations, float ridge, std::span<float> x) const;

 private:
  std::vector<float> axes_;         // Eigenvectors of the gram, one after the other.
  std::vector<float> eigenvalues_;  // At least 0.
  std::vector<float> turned_;       // The factors in coordinates of the axes.
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_ALS_SOLVER_H_
