#include "models/impression_log.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "models/limits.h"
#include "models/ranking_cases.h"

namespace attune::models {
namespace {

std::pair<uint64_t, uint64_t> KeyOf(const DecisionId& decision) { return {decision.high, decision.low}; }

}  // namespace

uint8_t OutcomeOf(events::EventType type) {
  using events::EventType;
  switch (type) {
    case EventType::kSlateClicked:
    case EventType::kProductClicked:
    case EventType::kProductViewed:
      return kTurned;
    case EventType::kProductAdded:
      return kTurned | kCarted;
    case EventType::kOrderCompleted:
      return kTurned | kBought;
    default:
      return kNothing;
  }
}

bool ShownSlate::has_outcome() const {
  return std::any_of(lines.begin(), lines.end(), [](const Line& line) { return line.outcome != kNothing; });
}

void ImpressionLog::AddEvent(const events::Event& event) {
  if (event.type == events::EventType::kSlateViewed) return AddSlate(event);
  const uint8_t outcome = OutcomeOf(event.type);
  if (outcome == kNothing) return;
  for (const events::EventLine& line : event.lines) {
    if (!line.decision.is_none()) AddOutcome(line.decision, line.product, outcome);
  }
}

void ImpressionLog::AddSlate(const events::Event& event) {
  DecisionId decision = event.decision;
  if (decision.is_none() && !event.lines.empty()) decision = event.lines.front().decision;
  if (decision.is_none() || event.lines.empty()) return;
  // Shown again, by going back to the page: the first time counts.
  if (number_by_decision_.contains(KeyOf(decision))) return;
  ShownSlate slate{decision, event.shopper, event.occurred_at_ms, std::nullopt, {}, 0};
  for (const events::EventLine& line : event.lines) {
    if (slate.lines.size() == kImpressionProductsMax) break;
    const auto place = static_cast<uint32_t>(slate.lines.size());
    slate.lines.push_back({line.product, line.position.value_or(place), kNothing});
  }
  number_by_decision_.emplace(KeyOf(decision), first_ + slates_.size());
  slates_.push_back(std::move(slate));
  if (slates_.size() <= kImpressionSlatesMax) return;
  number_by_decision_.erase(KeyOf(slates_.front().decision));
  slates_.pop_front();
  ++first_;
}

void ImpressionLog::AddOutcome(const DecisionId& decision, ProductIndex product, uint8_t outcome) {
  const auto found = number_by_decision_.find(KeyOf(decision));
  if (found == number_by_decision_.end()) return;
  for (ShownSlate::Line& line : slates_[found->second - first_].lines) {
    if (line.product == product) line.outcome = static_cast<uint8_t>(line.outcome | outcome);
  }
}

void ImpressionLog::Resolve(const FindContext& find) {
  for (ShownSlate& slate : slates_) {
    if (slate.context || slate.context_asks == kContextAsksMax) continue;
    ++slate.context_asks;
    slate.context = find(slate.decision);
  }
}

void ImpressionLog::ForgetShopper(ShopperHandle shopper) {
  for (ShownSlate& slate : slates_) {
    if (slate.shopper == shopper) slate.shopper = ShopperHandle();
  }
}

std::vector<ShownProduct> ImpressionLog::ShownProducts(int64_t until_ms) const {
  std::vector<ShownProduct> shown;
  for (const ShownSlate& slate : slates_) {
    if (slate.at_ms >= until_ms) continue;
    const uint64_t placement = slate.context ? StableHash64(slate.context->placement) : 0;
    for (const ShownSlate::Line& line : slate.lines) {
      shown.push_back(
          {MixHash64(placement, line.product.value()), line.position, (line.outcome & kTurned) != 0});
    }
  }
  return shown;
}

}  // namespace attune::models
