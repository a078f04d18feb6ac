// Which rows of a table of vectors are nearest to a vector: products for a shopper, products like a product,
// shoppers like a shopper.
//
//   auto index = MakeNearestNeighbours(table, Similarity::kInnerProduct);
//   index->Find(query, 20, out);                       // best first
//
//   kInnerProduct   x . y                the score of a factorisation; long vectors are near to many
//   kCosine         x . y / (|x| |y|)    "alike", whatever the length
//
// Two implementations, one contract (nearest_neighbours_test.cc holds both to it): ExactNeighbours scans all
// rows; GraphNeighbours walks a graph and may miss a few (its test says how few), and is taken for tables
// past kExactVectorsMax, where a scan would cost milliseconds a request.
//
// The similarities that are answered are those of the floats, not of a code: equal for both implementations.
// Deterministic: the same table gives the same index and answers, on every machine.
// Thread safety: immutable; Find keeps its scratch per thread.

#ifndef ATTUNE_MODELS_NEAREST_NEIGHBOURS_H_
#define ATTUNE_MODELS_NEAREST_NEIGHBOURS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace attune::models {

// Dimensions of one vector: those of factorisations.  Pictures have more, and a scan of their own
// (looks_alike.h).
inline constexpr size_t kVectorDimensionsMax = 128;

struct VectorTable {
  size_t dimensions = 0;             // A multiple of 8, at most kVectorDimensionsMax.
  std::vector<float> values;         // Row-major, finite.
  std::vector<uint32_t> tie_hashes;  // By row: of equal similarities the smaller hash comes first, then row.

  size_t row_count() const { return tie_hashes.size(); }
  std::span<const float> Row(size_t row) const {
    return std::span(values).subspan(row * dimensions, dimensions);
  }
  size_t memory_bytes() const { return values.size() * sizeof(float) + tie_hashes.size() * sizeof(uint32_t); }
};

enum class Similarity : uint8_t { kInnerProduct = 1, kCosine = 2 };

struct NearRow {
  uint32_t row = 0;
  float similarity = 0;

  friend bool operator==(const NearRow&, const NearRow&) = default;
};

class NearestNeighbours {
 public:
  virtual ~NearestNeighbours() = default;
  // "exact" or "graph".
  virtual std::string_view kind() const = 0;
  // Sets `out` to at most `limit` rows, the most similar first.  Empty for a query that is zero or not
  // finite. A zero row is at similarity 0.  REQUIRES: query.size() == dimensions of the table.
  virtual void Find(std::span<const float> query, size_t limit, std::vector<NearRow>& out) const = 0;
  // Beside the table.
  virtual size_t memory_bytes() const = 0;
};

// The implementation for a table of this size.  REQUIRES: the invariants of VectorTable.
std::shared_ptr<const NearestNeighbours> MakeNearestNeighbours(std::shared_ptr<const VectorTable> table,
                                                               Similarity similarity);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_NEAREST_NEIGHBOURS_H_
