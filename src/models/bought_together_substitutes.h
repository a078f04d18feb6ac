// Are two products substitutes, so that one stands in for the other and is not bought beside it?
//
// Yes, when they share their main leaf category, are seldom bought in one order, and shoppers compare them:
// they are looked at in the same visits, or, in a store that sends no views, they have nearly the same title
// and price. A product without a category is nobody's substitute: without it "similar" and "goes with" look
// alike.
//
// Thread safety: immutable after construction; const methods from any thread.

#ifndef ATTUNE_MODELS_BOUGHT_TOGETHER_SUBSTITUTES_H_
#define ATTUNE_MODELS_BOUGHT_TOGETHER_SUBSTITUTES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "catalog/catalog_view.h"
#include "models/bought_together.h"
#include "models/bought_together_groups.h"
#include "models/interaction_log.h"

namespace attune::models {

class Substitutes {
 public:
  // Null `catalog`: IsSubstitute is always false.
  Substitutes(const InteractionLog& log, const catalog::CatalogView* catalog,
              const BoughtTogetherOptions& options);

  // `together`, `orders_a`, `orders_b`: orders with both, with a, with b.
  bool IsSubstitute(uint32_t a, uint32_t b, double together, double orders_a, double orders_b) const;

 private:
  struct Facts {
    uint64_t leaf_hash = 0;             // 0: no category.
    std::vector<uint64_t> title_words;  // Hashes, sorted, each once.
    int64_t price_minor = 0;            // 0: unknown.
  };
  double CoViewCosine(uint32_t a, uint32_t b) const;
  bool LookAlike(const Facts& a, const Facts& b) const;

  const BoughtTogetherOptions options_;
  std::vector<Facts> facts_;
  Groups visits_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_BOUGHT_TOGETHER_SUBSTITUTES_H_
