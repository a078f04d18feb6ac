// Shoppers who bought alike, and what they bought: the neighbours of a purchase vector.
//
//   similarity(u, q) = cosine of their purchase vectors (purchase_vector.h)
//   score(p)         = sum over the most similar shoppers u of  similarity(u, q) * u[p]  /  sum of
//   similarities
//
// TIFU-KNN's second half (Hu et al., SIGIR 2020).  Dot products are added up along the lists of buyers of the
// query's products, the rarest product first, over at most kComparedBuyersMax entries: a request costs the
// same in a shop of a thousand shoppers and of a million.  What is cut are the earliest buyers of the most
// popular products, which tell shoppers apart least.  A shopper whose own vector is here is a neighbour like
// any other.
//
// Thread safety: Put() from one thread at a time; const methods from any number (scratch is kept per thread).

#ifndef ATTUNE_MODELS_SHOPPER_NEIGHBOURS_H_
#define ATTUNE_MODELS_SHOPPER_NEIGHBOURS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "models/sparse_accumulator.h"
#include "models/sparse_rows.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

struct SimilarShopper {
  uint32_t shopper = 0;
  float similarity = 0;
};

class ShopperNeighbours {
 public:
  explicit ShopperNeighbours(uint32_t product_count) : buyers_(product_count) {}

  // Puts the vector of `shopper` in the place of its last one; a product that left the vector keeps an entry
  // of weight 0.  REQUIRES: shopper <= shopper_count(); products ascending, each once, and below
  // product_count(); weights above 0.
  void Put(uint32_t shopper, std::vector<Neighbour> vector);

  // The `count` most similar, best first; ties to the shopper that was put first.
  std::vector<SimilarShopper> Nearest(std::span<const Neighbour> query, size_t count) const;
  // Starts `scores` and adds what the neighbours bought, as the formula has it.
  void Score(std::span<const SimilarShopper> neighbours, SparseAccumulator& scores) const;

  uint32_t shopper_count() const { return static_cast<uint32_t>(vectors_.size()); }
  uint32_t product_count() const { return static_cast<uint32_t>(buyers_.size()); }
  size_t memory_bytes() const;

  void Save(SectionWriter& out) const;
  static Result<ShopperNeighbours> Load(SectionReader& in);

 private:
  struct Vector {
    std::vector<Neighbour> products;
    std::vector<uint32_t> places;  // Of each product: the shopper's entry in its list of buyers.
    float norm = 0;
  };
  struct Buyer {
    uint32_t shopper = 0;
    float weight = 0;  // Of the product in the shopper's vector.
  };
  // Appends what a saved list says.
  void ListBuyer(uint32_t product, uint32_t shopper);

  std::vector<Vector> vectors_;             // By shopper.
  std::vector<std::vector<Buyer>> buyers_;  // By product, in the order in which they came to it.
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SHOPPER_NEIGHBOURS_H_
