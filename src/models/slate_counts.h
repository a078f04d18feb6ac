// How often each product was shown in a slate, and what came of it: the evidence of exploration.
//
//   slate_viewed   => one impression per line
//   slate_clicked  => one click per line;  product_added that names a decision => one cart per line
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_MODELS_SLATE_COUNTS_H_
#define ATTUNE_MODELS_SLATE_COUNTS_H_

#include <cstdint>
#include <vector>

#include "events/event.h"

namespace attune::models {

struct SlateOutcomes {
  uint32_t impressions = 0;
  uint32_t clicks = 0;
  uint32_t carts = 0;

  friend bool operator==(const SlateOutcomes&, const SlateOutcomes&) = default;
};

class SlateCounts {
 public:
  void AddEvent(const events::Event& event);
  // By product index; those that are not there were never shown.
  const std::vector<SlateOutcomes>& by_product() const { return by_product_; }

 private:
  std::vector<SlateOutcomes> by_product_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SLATE_COUNTS_H_
