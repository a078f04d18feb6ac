#include "decisions/apply_rules.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "catalog/product_fields.h"
#include "decisions/retrieve.h"
#include "features/shopper_field_source.h"

namespace attune::decisions {
namespace {

constexpr std::string_view kMoveNames[] = {"pinned", "listed", "included", "boosted", "buried"};

std::span<const std::string> CategoryOf(const DecideInput& input) {
  if (!input.request.category.empty()) return input.request.category;
  if (input.request.page_products.empty()) return {};
  const catalog::Product* const product = input.catalog.Find(input.request.page_products.front());
  if (product == nullptr || product->categories.empty()) return {};
  return product->categories.front();
}

// Puts products of rules into rows.
class Namer {
 public:
  Namer(const DecideInput& input, const EligibilityFilter& filter, DecisionTrace& trace)
      : input_(input),
        filter_(filter),
        trace_(trace),
        shown_before_(static_cast<uint32_t>(input.request.already_shown.size())) {}

  void Pin(const RulePin& pin) {
    if (pin.position < shown_before_ || pin.position - shown_before_ >= trace_.limit) return;
    const std::optional<uint32_t> row = RowFor(pin.product_id, *pin.rule);
    if (row) Place(*row, pin.position - shown_before_, RuleMove::Kind::kPinned, *pin.rule);
  }

  // To the first position that is free.  False: there is none.
  bool Lead(const RuleProduct& product) {
    while (taken_.contains(free_)) ++free_;
    if (free_ >= trace_.limit) return false;
    const std::optional<uint32_t> row = RowFor(product.product_id, *product.rule);
    if (row) Place(*row, free_, RuleMove::Kind::kListed, *product.rule);
    return true;
  }

  void Include(const RuleProduct& product) {
    const std::optional<uint32_t> row = RowFor(product.product_id, *product.rule);
    // What is ranked already needs no rule.
    if (!row || trace_.rows[*row].rank != kNoRank) return;
    trace_.included.push_back(*row);
    trace_.moves.push_back({RuleMove::Kind::kIncluded, *row, product.rule, 1});
  }

 private:
  // Nothing when it cannot be shown, or stands already.
  std::optional<uint32_t> RowFor(std::string_view product_id, const Rule& rule) {
    const std::optional<ProductIndex> product = input_.catalog.Resolve(product_id);
    if (!product) {
      trace_.passed_over.push_back({product_id, &rule, FilterVerdict::kUnknown});
      return std::nullopt;
    }
    const uint32_t row = RowOf(*product, filter_, trace_);
    const CandidateRow& candidate = trace_.rows[row];
    if (candidate.verdict == FilterVerdict::kShownBefore) return std::nullopt;
    if (candidate.verdict != FilterVerdict::kEligible) {
      trace_.passed_over.push_back({product_id, &rule, candidate.verdict});
      return std::nullopt;
    }
    if (candidate.is_placed) return std::nullopt;
    return row;
  }

  void Place(uint32_t row, uint32_t position, RuleMove::Kind kind, const Rule& rule) {
    trace_.rows[row].is_placed = true;
    trace_.rows[row].is_chosen = true;
    taken_.insert(position);
    trace_.placed.push_back({row, position});
    trace_.moves.push_back({kind, row, &rule, 1});
  }

  const DecideInput& input_;
  const EligibilityFilter& filter_;
  DecisionTrace& trace_;
  const uint32_t shown_before_;
  std::set<uint32_t> taken_;
  uint32_t free_ = 0;
};

void BoostRow(const RuleBoost& boost, uint32_t row, DecisionTrace& trace) {
  CandidateRow& candidate = trace.rows[row];
  if (candidate.rank == kNoRank) return;
  candidate.factor *= boost.factor;
  trace.is_boosted = true;
  const RuleMove::Kind kind = boost.factor < 1 ? RuleMove::Kind::kBuried : RuleMove::Kind::kBoosted;
  trace.moves.push_back({kind, row, boost.rule, boost.factor});
}

void BoostMatching(const DecideInput& input, const EligibilityFilter& filter, const RuleBoost& boost,
                   DecisionTrace& trace) {
  for (const uint32_t row : trace.ranked) {
    const catalog::Product& product = *input.catalog.Find(trace.rows[row].product);
    const catalog::OfferTerms offer = filter.TermsOf(product);
    const catalog::ProductFieldSource fields(product, offer, input.now_ms, catalog::FieldScope::kShop);
    if (boost.filter->Matches(fields)) BoostRow(boost, row, trace);
  }
}

}  // namespace

ActiveRules ActiveRulesOf(const DecideInput& input) {
  if (input.view.rules == nullptr || input.view.rules->InOrder().empty()) return {};
  RuleSituation situation;
  situation.touchpoint = input.touchpoint;
  situation.query = input.request.query;
  situation.category = CategoryOf(input);
  if (input.touchpoint == Touchpoint::kRecommendations) situation.placement = input.placement.id;
  situation.now_ms = input.now_ms;
  situation.local_now_ms = input.now_ms + input.view.settings.time.OffsetMs(input.now_ms);
  if (input.profile == nullptr) return ChooseRules(*input.view.rules, situation);
  const features::ShopperFieldSource shopper(
      *input.profile, {input.now_ms, input.view.settings.base_currency, input.view.settings.features});
  situation.shopper = &shopper;
  return ChooseRules(*input.view.rules, situation);
}

void NameProducts(const DecideInput& input, const EligibilityFilter& filter, DecisionTrace& trace) {
  trace.rules = filter.rules();
  if (trace.rules.is_empty()) return;
  Namer namer(input, filter, trace);
  for (const RulePin& pin : trace.rules.pins) namer.Pin(pin);
  for (const RuleProduct& product : trace.rules.leading) {
    if (!namer.Lead(product)) break;
  }
  for (const RuleProduct& product : trace.rules.included) namer.Include(product);
  std::sort(trace.placed.begin(), trace.placed.end(),
            [](const PlacedRow& a, const PlacedRow& b) { return a.position < b.position; });
  trace.limit -= static_cast<uint32_t>(trace.placed.size());
}

void Boost(const DecideInput& input, const EligibilityFilter& filter, DecisionTrace& trace) {
  for (const RuleBoost& boost : trace.rules.boosts) {
    if (boost.filter != nullptr) BoostMatching(input, filter, boost, trace);
    for (const std::string& id : boost.product_ids) {
      const std::optional<ProductIndex> product = input.catalog.Resolve(id);
      const auto found = product ? trace.row_of.find(*product) : trace.row_of.end();
      if (found != trace.row_of.end()) BoostRow(boost, found->second, trace);
    }
  }
}

void InsertPlaced(DecisionTrace& trace) {
  if (trace.placed.empty()) return;
  const std::vector<uint32_t> rest = std::exchange(trace.chosen, {});
  const std::vector<double> chances = std::exchange(trace.propensities, {});
  size_t next_placed = 0;
  size_t next_rest = 0;
  while (next_placed < trace.placed.size() || next_rest < rest.size()) {
    const bool is_placed =
        next_placed < trace.placed.size() &&
        (trace.placed[next_placed].position <= trace.chosen.size() || next_rest == rest.size());
    trace.chosen.push_back(is_placed ? trace.placed[next_placed].row : rest[next_rest]);
    if (!chances.empty()) trace.propensities.push_back(is_placed ? 1 : chances[next_rest]);
    ++(is_placed ? next_placed : next_rest);
  }
  trace.limit += static_cast<uint32_t>(trace.placed.size());
}

const Rule* RuleThatPlaced(const DecisionTrace& trace, uint32_t row) {
  const CandidateRow& candidate = trace.rows[row];
  const bool needed_one = candidate.is_placed || (candidate.rank == kNoRank && candidate.rung == kNoRung);
  if (!needed_one) return nullptr;
  for (const RuleMove& move : trace.moves) {
    const bool brings = move.kind != RuleMove::Kind::kBoosted && move.kind != RuleMove::Kind::kBuried;
    if (move.row == row && brings) return move.rule;
  }
  return nullptr;
}

std::string_view MoveName(RuleMove::Kind kind) { return kMoveNames[static_cast<size_t>(kind)]; }

}  // namespace attune::decisions
