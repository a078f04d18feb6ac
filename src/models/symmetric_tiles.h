// A large symmetric matrix of floats that is inverted where it stands: the dense algebra below EASE.
//
//   SymmetricTiles matrix(n);                          // zero, 4 bytes * n * (n + 256) / 2
//   matrix.Set(a, b, value);                           // also (b, a)
//   RETURN_IF_ERROR(matrix.Invert(control));           // n^3 / 2 multiply-adds, no second matrix
//
// Only the tiles on and below the diagonal are held, 256 x 256 floats each.  Invert sweeps one block column
// after the other (Gauss-Jordan on blocks; Goodnight, "A Tutorial on the SWEEP Operator", 1979); the block on
// the diagonal is inverted by Cholesky in double.  For D = A[k, k], and all i >= j other than k:
//
//   A[i, j] -= A[i, k] D^-1 A[k, j]      A[i, k] = A[i, k] D^-1      A[k, k] = -D^-1
//
// and after all k the matrix is -A^-1.  For a positive definite matrix every D is one too, so nothing is
// swapped; the error grows with the condition of the matrix, as that of every single precision inverse does
// (a ridge bounds it; the test compares with double).
//
// Deterministic: every cell is summed in the order of k by multiplications and additions of its own, so
// neither the number of threads nor the width of the processor's registers changes a bit.
// Thread safety: one thread at a time; Invert starts threads of its own and joins them.

#ifndef ATTUNE_MODELS_SYMMETRIC_TILES_H_
#define ATTUNE_MODELS_SYMMETRIC_TILES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "models/training_control.h"

namespace attune::models {

class SymmetricTiles {
 public:
  static constexpr uint32_t kTile = 256;

  explicit SymmetricTiles(uint32_t size);

  // What a matrix of `size` takes, with what Invert needs beside it.
  static uint64_t BytesFor(uint32_t size);

  uint32_t size() const { return size_; }
  uint32_t tile_count() const { return tile_count_; }
  // REQUIRES: row, column < size().  Set of different cells may run on several threads at once.
  float Get(uint32_t row, uint32_t column) const;
  void Set(uint32_t row, uint32_t column, float value);
  // Rows [kTile * tile, kTile * (tile + 1)) as they are, one after the other, each padded to kTile *
  // tile_count().  REQUIRES: out has room for kTile of them.
  void CopyRows(uint32_t tile, std::span<float> out) const;

  // kInvalidArgument when the matrix is not positive definite, kUnavailable when cancelled: it holds nothing
  // of use then.
  Status Invert(const TrainingControl& control);

 private:
  float* Tile(uint32_t row, uint32_t column) {
    return cells_.data() + (size_t{row} * (row + 1) / 2 + column) * kTile * kTile;
  }
  const float* Tile(uint32_t row, uint32_t column) const {
    return cells_.data() + (size_t{row} * (row + 1) / 2 + column) * kTile * kTile;
  }
  Status InvertDiagonal(uint32_t k, std::vector<float>& inverse) const;
  // Packs A[i, k] and A[i, k] D^-1 for the update of all others, and puts the second in its place.
  void SweepPanel(uint32_t i, uint32_t k, std::span<const float> packed_inverse, std::span<float> left,
                  std::span<float> right);

  const uint32_t size_;
  const uint32_t tile_count_;
  std::vector<float> cells_;
};

// target += left * right' for tiles of kTile x kTile, packed as the .cc says.  The same bits from both.
void AddTileProductPlain(const float* left, const float* right, float* target);
// REQUIRES: HasAvx2() of processor.h.
void AddTileProductAvx2(const float* left, const float* right, float* target);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SYMMETRIC_TILES_H_
