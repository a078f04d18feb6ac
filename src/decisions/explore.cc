#include "decisions/explore.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/random.h"
#include "decisions/thompson.h"

namespace attune::decisions {
namespace {

// So that no other use of the seed draws the same numbers.
constexpr uint64_t kExploreSalt = 0x6578706c6f726531ULL;
// The store's rate counts as much as so many impressions of the product's own.
constexpr double kPriorImpressions = 20;
// Of a store that has shown nothing yet: a common rate of recommendation slots.
constexpr double kPriorClickRate = 0.03;
constexpr double kPriorCartRate = 0.005;

class Explorer {
 public:
  Explorer(const DecideInput& input, DecisionTrace& trace)
      : input_(input),
        exploration_(input.placement.exploration),
        trace_(trace),
        random_(MixHash64(input.seed, kExploreSalt)) {}

  void Run() {
    trace_.propensities.assign(trace_.chosen.size(), 1);
    if (exploration_.new_slots > 0) GiveToNew();
    if (exploration_.epsilon > 0) GiveUniformly();
  }

 private:
  bool IsNew(ProductIndex product) const {
    const models::ProductTally* const tally = input_.view.sources->tally();
    return tally == nullptr || tally->OutcomesOf(product).impressions < exploration_.new_impressions_max;
  }

  RateBelief BeliefOf(ProductIndex product) const {
    const bool counts_carts = exploration_.goal == Exploration::Goal::kCart;
    double rate = counts_carts ? kPriorCartRate : kPriorClickRate;
    models::SlateOutcomes outcomes;
    if (const models::ProductTally* const tally = input_.view.sources->tally()) {
      const double own = counts_carts ? tally->cart_rate() : tally->click_rate();
      if (own > 0 && own < 1) rate = own;
      outcomes = tally->OutcomesOf(product);
    }
    const uint32_t successes =
        std::min(counts_carts ? outcomes.carts : outcomes.clicks, outcomes.impressions);
    return {kPriorImpressions * rate + successes,
            kPriorImpressions * (1 - rate) + (outcomes.impressions - successes)};
  }

  // The new products that do not stand in the first `kept` positions.
  std::vector<uint32_t> NewBeyond(size_t kept) const {
    const auto begin = trace_.chosen.begin();
    const auto end = begin + static_cast<ptrdiff_t>(kept);
    std::vector<uint32_t> found;
    for (const uint32_t row : OrderOf(trace_)) {
      if (found.size() == kThompsonPoolMax) break;
      if (trace_.rows[row].is_placed) continue;
      if (IsNew(trace_.rows[row].product) && std::find(begin, end, row) == end) found.push_back(row);
    }
    return found;
  }

  void GiveToNew() {
    size_t slots = std::min<size_t>(exploration_.new_slots, trace_.chosen.size());
    for (; slots > 0; --slots) {
      new_rows_ = NewBeyond(trace_.chosen.size() - slots);
      if (new_rows_.size() >= slots) break;
    }
    if (slots == 0) {
      new_rows_.clear();
      return;
    }
    std::vector<RateBelief> beliefs;
    for (const uint32_t row : new_rows_) beliefs.push_back(BeliefOf(trace_.rows[row].product));
    const ThompsonChoice choice = ChooseByThompson(beliefs, slots, random_);
    const size_t kept = trace_.chosen.size() - slots;
    for (size_t slot = 0; slot < slots; ++slot) TakeOut(trace_.chosen[kept + slot]);
    for (size_t slot = 0; slot < slots; ++slot) {
      Put(new_rows_[choice.winners[slot]], kept + slot, ExploredBy::kThompson);
      trace_.propensities[kept + slot] = choice.chances[slot];
    }
    new_slots_ = slots;
  }

  void GiveUniformly() {
    const size_t kept = trace_.chosen.size() - new_slots_;
    std::vector<bool> is_out(trace_.rows.size(), false);
    for (size_t i = 0; i < kept; ++i) is_out[trace_.chosen[i]] = true;
    for (const uint32_t row : new_rows_) is_out[row] = true;
    std::vector<uint32_t> rest;
    for (const uint32_t row : OrderOf(trace_)) {
      if (!is_out[row] && !trace_.rows[row].is_placed) rest.push_back(row);
    }
    if (rest.empty()) return;
    std::vector<uint32_t> places(std::max(rest.size(), trace_.chosen.size()));
    std::iota(places.begin(), places.end(), 0U);
    const auto place_count = static_cast<double>(places.size());
    const double left = 1 - exploration_.epsilon * static_cast<double>(rest.size()) / place_count;
    for (size_t position = 0; position < trace_.chosen.size(); ++position) {
      std::swap(places[position], places[position + random_.NextBelow(places.size() - position)]);
      const bool is_offered = random_.NextUnit() < exploration_.epsilon;
      if (!is_offered || places[position] >= rest.size()) {
        trace_.propensities[position] *= left;
        continue;
      }
      TakeOut(trace_.chosen[position]);
      Put(rest[places[position]], position, ExploredBy::kUniform);
      trace_.propensities[position] = exploration_.epsilon / place_count;
    }
  }

  void TakeOut(uint32_t row) {
    CandidateRow& candidate = trace_.rows[row];
    candidate.is_chosen = false;
    candidate.explored_by = ExploredBy::kNothing;
    if (candidate.rung != kNoRung) --trace_.rungs[candidate.rung].added;
    candidate.rung = kNoRung;
  }

  void Put(uint32_t row, size_t position, ExploredBy explored_by) {
    CandidateRow& candidate = trace_.rows[row];
    candidate.is_chosen = true;
    candidate.is_capped = false;
    candidate.explored_by = explored_by;
    trace_.chosen[position] = row;
  }

  const DecideInput& input_;
  const Exploration& exploration_;
  DecisionTrace& trace_;
  Random random_;
  std::vector<uint32_t> new_rows_;  // N of the header; empty: nothing is given to new products.
  size_t new_slots_ = 0;
};

}  // namespace

void Explore(const DecideInput& input, DecisionTrace& trace) {
  if (!input.placement.exploration.is_on() || trace.chosen.empty() || trace.ranked.empty()) return;
  Explorer(input, trace).Run();
}

}  // namespace attune::decisions
