#include "models/search_log.h"

#include <utility>

#include "models/impression_log.h"
#include "models/ranking_cases.h"

namespace attune::models {
namespace {

std::pair<uint64_t, uint64_t> KeyOf(const DecisionId& decision) { return {decision.high, decision.low}; }

}  // namespace

bool SearchLog::Take(const EarlyOutcome& outcome) {
  const auto found = number_by_decision_.find(KeyOf(outcome.decision));
  if (found == number_by_decision_.end()) return false;
  for (SearchPage::Line& line : pages_[found->second - first_].lines) {
    if (line.product == outcome.product) line.outcome = static_cast<uint8_t>(line.outcome | outcome.outcome);
  }
  return true;
}

void SearchLog::AddEvent(const events::Event& event) {
  const uint8_t outcome = OutcomeOf(event.type);
  if (outcome == kNothing) return;
  for (const events::EventLine& line : event.lines) {
    if (line.decision.is_none()) continue;
    const EarlyOutcome early{line.decision, line.product, event.occurred_at_ms, outcome};
    if (Take(early)) continue;
    early_.push_back(early);
    if (early_.size() > kEarlyOutcomesMax) early_.pop_front();
  }
}

void SearchLog::AddPage(SearchPage page) {
  const auto key = KeyOf(page.decision);
  if (!number_by_decision_.try_emplace(key, first_ + pages_.size()).second) return;
  if (page.lines.size() > kSearchLinesMax) page.lines.resize(kSearchLinesMax);
  pages_.push_back(std::move(page));
  if (pages_.size() <= kSearchPagesMax) return;
  number_by_decision_.erase(KeyOf(pages_.front().decision));
  pages_.pop_front();
  ++first_;
}

void SearchLog::Join(int64_t now_ms) {
  std::deque<EarlyOutcome> waiting;
  for (const EarlyOutcome& outcome : early_) {
    if (!Take(outcome) && outcome.at_ms > now_ms - kLateMs) waiting.push_back(outcome);
  }
  early_ = std::move(waiting);
}

void SearchLog::ForgetShopper(ShopperHandle shopper) {
  for (SearchPage& page : pages_) {
    if (page.shopper == shopper) page.shopper = ShopperHandle();
  }
}

}  // namespace attune::models
