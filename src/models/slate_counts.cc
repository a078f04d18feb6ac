#include "models/slate_counts.h"

#include <limits>

namespace attune::models {
namespace {

void Increment(uint32_t& count) {
  if (count < std::numeric_limits<uint32_t>::max()) ++count;
}

}  // namespace

void SlateCounts::AddEvent(const events::Event& event) {
  using events::EventType;
  const bool is_impression = event.type == EventType::kSlateViewed;
  const bool is_click = event.type == EventType::kSlateClicked;
  const bool is_cart = event.type == EventType::kProductAdded;
  if (!is_impression && !is_click && !is_cart) return;
  for (const events::EventLine& line : event.lines) {
    if (is_cart && line.decision.is_none()) continue;  // Not out of a slate.
    if (line.product.value() >= by_product_.size()) by_product_.resize(line.product.value() + 1);
    SlateOutcomes& outcomes = by_product_[line.product.value()];
    Increment(is_impression ? outcomes.impressions : is_click ? outcomes.clicks : outcomes.carts);
  }
}

}  // namespace attune::models
