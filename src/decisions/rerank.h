// Stage 4, rerank: from the ordered candidates to the slate, within the diversity caps.
//
//   caps brand_max 1:   ranked  A1 A2 B1 A3 C1   limit 3   =>  A1 B1 C1          (A2, A3 passed over)
//                                                limit 5   =>  A1 B1 C1 A2 A3    caps relaxed, and the record
//                                                says so
//
// What rules include stands behind all that is ranked; what they placed is passed over here.
//
// A cap never makes a slate shorter: what it passed over is taken back, in its order, before the ladder is
// asked.
//
// Thread safety: one decision, one thread.

#ifndef ATTUNE_DECISIONS_RERANK_H_
#define ATTUNE_DECISIONS_RERANK_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "catalog/product_groups.h"
#include "decisions/decide_input.h"
#include "decisions/trace.h"

namespace attune::decisions {

// Counts products per brand and per leaf category of one slate.
class DiversityCounter {
 public:
  explicit DiversityCounter(const Diversity& caps) : caps_(caps) {}
  // Counts the product and returns true, or returns false when it would pass a cap.
  bool Take(const catalog::ProductGroups& product);

 private:
  const Diversity caps_;
  // Few distinct ones per slate: a walk beats a hash map.
  std::vector<std::pair<uint64_t, uint32_t>> brands_;
  std::vector<std::pair<uint64_t, uint32_t>> categories_;
};

// Fills trace.chosen with at most trace.limit rows; `counter` has counted them.
void Rerank(const DecideInput& input, DiversityCounter& counter, DecisionTrace& trace);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_RERANK_H_
