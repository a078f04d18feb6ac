// Candidates from item-to-item rows: the rows of the shopper's latest products, added up.
//
//   score(b) = sum over parts m, seeds h of factor_m * weight(h) * e^{-age(h) / tau_m} * W_m[h->b]
//
// age(h) is the place of the seed in the query, 0 for the latest; a part with tau 0 takes the seeds' weights
// as they are. Seeds themselves are returned only to a query that may_repeat.  The same code answers requests
// and is measured by `attune evaluate`.
//
// Cost: seeds * neighbours additions per part, at most kTransitionSeedsMax seeds.
// Thread safety: immutable; any number of threads (each keeps one SparseAccumulator for all stores).

#ifndef ATTUNE_MODELS_TRANSITION_SOURCE_H_
#define ATTUNE_MODELS_TRANSITION_SOURCE_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/candidate_source.h"
#include "models/product_ties.h"
#include "models/sparse_accumulator.h"
#include "models/sparse_rows.h"

namespace attune::models {

struct TransitionPart {
  std::shared_ptr<const SparseRows> rows;
  double tau = 2;     // In seeds; 0: no decay by age.
  double factor = 1;  // How much this part counts beside the others.
};

class TransitionSource final : public CandidateSource {
 public:
  // REQUIRES: at least one part; rows set, tau >= 0 and factor finite in each.
  // Equal scores stand in the order of `ties`; null: of the hash of the index.
  TransitionSource(std::string name, std::vector<TransitionPart> parts,
                   std::shared_ptr<const ProductTies> ties = nullptr);

  std::string_view name() const override { return name_; }
  void Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const override;

  // Retrieve up to the choice: scores in `accumulator`, seeds masked unless they may repeat; the `because` of
  // a cell is the seed's place.
  void Score(std::span<const Seed> seeds, SparseAccumulator& accumulator, bool may_repeat = false) const;

  // Of the largest part.
  uint32_t product_count() const { return product_count_; }
  size_t memory_bytes() const;
  const std::vector<TransitionPart>& parts() const { return parts_; }

 private:
  const std::string name_;
  const std::vector<TransitionPart> parts_;
  const std::shared_ptr<const ProductTies> ties_;
  uint32_t product_count_ = 0;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_TRANSITION_SOURCE_H_
