// The dense inner loops of ALS: a Gram matrix, and one row's least squares by conjugate gradients.
//
// Written over groups of four floats, which every 64-bit processor has, with a fixed order of additions: the
// result is the same on every machine and for every number of threads.
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

// Improves `x` towards the solution of (gram + sum w y y' + ridge I) x = sum w y by at most `steps` steps.
void SolveRow(std::span<const float> gram, std::span<const float> factors,
              const AlsObservations& observations, float ridge, size_t steps, std::span<float> x);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_ALS_SOLVER_H_
