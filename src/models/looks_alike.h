// "Looks like this": cosine of the image vectors that the shop supplies with its products.
//
//   score(p) = max over the first kLooksAlikeSeedsMax seeds q of  cos(v_p, v_q)
//
// The vectors come from an encoder of the shop's choice (CLIP and the like); attune only compares them.  All
// have one length, that of most products of the training; others are left out.
//
// Retrieval scans 8-bit codes of all vectors and scores the best few again with the vectors of the live
// catalogue, so a new picture counts at once for the product itself, and for being found after the next
// training.  A product without a row (new since) can be asked about, by its own vector.
//
// The scan is exact and costs (products * dimensions) bytes of memory traffic; it is the seam for an index of
// nearest neighbours, when a store has more than kLooksAlikeProductsMax products with pictures.
//
// Thread safety: immutable; retrieval keeps its scratch per thread.

#ifndef ATTUNE_MODELS_LOOKS_ALIKE_H_
#define ATTUNE_MODELS_LOOKS_ALIKE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "models/candidate_source.h"
#include "models/product_ties.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

class LooksAlikeModel final : public CandidateSource {
 public:
  static constexpr std::string_view kName = "looks_alike";

  static std::shared_ptr<const LooksAlikeModel> Train(const catalog::CatalogView& catalog,
                                                      std::shared_ptr<const ProductTies> ties);

  std::string_view name() const override { return kName; }
  // Needs query.catalog.
  void Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const override;

  size_t product_count() const { return products_.size(); }
  size_t dimensions() const { return dimensions_; }
  size_t memory_bytes() const {
    return codes_.size() + products_.size() * (sizeof(uint32_t) + sizeof(float));
  }

  void Save(SectionWriter& out) const;
  static Result<std::shared_ptr<const LooksAlikeModel>> Load(SectionReader& in,
                                                             std::shared_ptr<const ProductTies> ties);

 private:
  LooksAlikeModel() = default;

  std::shared_ptr<const ProductTies> ties_;
  uint32_t dimensions_ = 0;
  std::vector<uint32_t> products_;  // Row -> product, increasing.
  std::vector<int8_t> codes_;       // Row-major, padded to kCodeWidth; of vectors of length 1.
  std::vector<float> scales_;       // Row i is about codes * scale.
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_LOOKS_ALIKE_H_
