// What was shown to whom, and what became of it: slates from impression events, with the clicks, carts and
// purchases that name their decision.
//
//   AddEvent(slate_viewed)                      a slate: its products and their positions
//   AddEvent(slate_clicked, product_added, order_completed, ... with a decision_id)    what became of a
//   product Resolve(...)                                placement and page of each slate, from its decision
//   record
//
// A slate whose decision is not known, or whose shopper is nobody, teaches no order; it still tells where
// shoppers look (position_bias.h).
//
// Bounded: the latest kImpressionSlatesMax slates, of each the first kImpressionProductsMax products.
// Thread safety: one thread at a time.

#ifndef ATTUNE_MODELS_IMPRESSION_LOG_H_
#define ATTUNE_MODELS_IMPRESSION_LOG_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "events/event.h"
#include "models/position_bias.h"

namespace attune::models {

// What an event of this type says about the products that it names: bits of RankingOutcome.
uint8_t OutcomeOf(events::EventType type);

// What a decision record says of a slate.
struct SlateContext {
  std::string placement;
  std::optional<ProductIndex> page;
};

struct ShownSlate {
  struct Line {
    ProductIndex product;
    uint32_t position = 0;  // From 0.
    uint8_t outcome = 0;    // Bits of RankingOutcome.
  };
  DecisionId decision;
  ShopperHandle shopper;  // 0: nobody.
  int64_t at_ms = 0;
  std::optional<SlateContext> context;  // Nothing: not resolved.
  std::vector<Line> lines;              // In the order of the event.
  uint8_t context_asks = 0;

  bool has_outcome() const;
};

class ImpressionLog {
 public:
  static constexpr uint8_t kContextAsksMax = 3;

  // Lines that name no decision say nothing here.
  void AddEvent(const events::Event& event);

  // Asks for the context of slates that have none yet; one that is not found is asked for again the next
  // times, kContextAsksMax times in all: its record may be written late, and may never be.
  using FindContext = std::function<std::optional<SlateContext>(const DecisionId& decision)>;
  void Resolve(const FindContext& find);

  // Takes the shopper's name off its slates.
  void ForgetShopper(ShopperHandle shopper);

  // Oldest first.
  const std::deque<ShownSlate>& slates() const { return slates_; }
  // Every product of the slates before `until_ms`, a product counting as another one on another placement.
  std::vector<ShownProduct> ShownProducts(int64_t until_ms) const;

 private:
  void AddSlate(const events::Event& event);
  void AddOutcome(const DecisionId& decision, ProductIndex product, uint8_t outcome);

  std::deque<ShownSlate> slates_;
  uint64_t first_ = 0;  // Number of slates_.front().
  absl::flat_hash_map<std::pair<uint64_t, uint64_t>, uint64_t> number_by_decision_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_IMPRESSION_LOG_H_
