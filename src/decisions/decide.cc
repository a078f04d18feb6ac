#include "decisions/decide.h"

#include <algorithm>
#include <string>
#include <utility>

#include "decisions/adjust.h"
#include "decisions/apply_rules.h"
#include "decisions/explain.h"
#include "decisions/explore.h"
#include "decisions/fallback.h"
#include "decisions/filter.h"
#include "decisions/rank.h"
#include "decisions/rerank.h"
#include "decisions/retrieve.h"
#include "decisions/row_seed.h"
#include "decisions/source_names.h"
#include "decisions/spread.h"

namespace attune::decisions {
namespace {

Result<uint32_t> LimitOf(const DecideInput& input) {
  const uint32_t limit = input.request.limit == 0 ? input.placement.limit_default : input.request.limit;
  if (limit > input.placement.limit_max) {
    return InvalidArgument("the placement shows at most " + std::to_string(input.placement.limit_max) +
                               " products, not " + std::to_string(limit),
                           "limit");
  }
  return limit;
}

Status RunStages(const DecideInput& input, const EligibilityFilter& filter, DecisionTrace& trace) {
  ASSIGN_OR_RETURN(trace.limit, LimitOf(input));
  Retrieve(input, filter, trace);
  Rank(input, trace);
  NameProducts(input, filter, trace);
  Boost(input, filter, trace);
  Adjust(input, trace);
  Spread(input, trace);
  DiversityCounter counter(input.placement.diversity);
  Rerank(input, counter, trace);
  FillFromLadder(input, filter, counter, trace);
  Explore(input, trace);
  InsertPlaced(trace);
  return {};
}

std::string NoticeOf(const DecideInput& input, const DecisionTrace& trace) {
  if (input.placement.is_about_views && !input.view.has_view_events) {
    return "no product_viewed events yet: this placement stands on its fallback";
  }
  if (input.placement.row_seed == RowSeed::kPurchase && !trace.row_seed) {
    return "no purchase to stand on: this row stands on its fallback";
  }
  std::string missing;
  for (const SourceList& list : trace.lists) {
    if (list.source == kDeclared) continue;  // Needs no training, and has something to say to few.
    if (list.is_known) return {};
    missing += (missing.empty() ? "" : ", ") + std::string(list.source);
  }
  return missing.empty() ? "" : "not trained yet: " + missing;
}

DecidedProduct Explained(const DecideInput& input, const EligibilityFilter& filter,
                         const DecisionTrace& trace, uint32_t position) {
  const uint32_t row = trace.chosen[position];
  const CandidateRow& candidate = trace.rows[row];
  const catalog::Product& product = *input.catalog.Find(candidate.product);
  DecidedProduct decided;
  decided.product = candidate.product;
  decided.product_id = product.product_id;
  if (!product.variants.empty()) {
    decided.variant_id = filter.TermsOf(product).variant_id();
  }
  decided.position = position;
  // The ladder has no evidence about the product, and says so with 0.
  decided.score = candidate.rung == kNoRung ? ScoreOf(trace, row) : 0;
  if (!trace.propensities.empty()) decided.propensity = trace.propensities[position];
  decided.source = SourceOf(input, trace, row);
  decided.reason = ReasonOf(input, trace, row);
  return decided;
}

bool IsSameForAll(std::string_view source) { return source == kBestsellers || source == kNewest; }

// The rung furthest down that put a product into the slate.  A recipe that blends bestsellers into something
// personal stands on that rung, too, when nothing else had a say.
std::string LowestRung(const DecisionTrace& trace, const Decision& decision, const Placement& placement) {
  std::string lowest;
  for (const RungUse& use : trace.rungs) {
    if (use.added > 0) lowest = RungName(use.rung);
  }
  const std::vector<models::FusionPart>& parts = placement.recipe.parts;
  const bool is_about_more = !std::all_of(parts.begin(), parts.end(), [](const models::FusionPart& part) {
    return IsSameForAll(part.source) || part.source == kTrending;
  });
  if (!lowest.empty() || !is_about_more) return lowest;
  for (const DecidedProduct& product : decision.products) {
    if (product.source.starts_with(kRulePrefix)) continue;  // Says nothing about the rest.
    if (!IsSameForAll(product.source)) return {};
    lowest = product.source;
  }
  return lowest;
}

}  // namespace

Result<const Placement*> FindPlacement(const StoreView& view, std::string_view id) {
  if (id.empty()) return InvalidArgument("placement is missing", "placement");
  if (const Placement* const placement = view.placements->Find(id)) return placement;
  std::string message = "unknown placement: " + std::string(id);
  if (const std::string meant = view.placements->Suggest(id); !meant.empty()) {
    message += "; did you mean " + meant + "?";
  }
  return InvalidArgument(std::move(message), "placement");
}

bool MayPersonalize(const StoreSettings& settings, const std::optional<bool>& requested,
                    const std::optional<bool>& recorded, std::string_view market) {
  if (requested) return *requested;
  if (recorded) return *recorded;
  return settings.PersonalizesByDefault(market);
}

Result<Decision> Decide(const DecideInput& input, DecisionId id, DecisionTrace* trace) {
  ASSIGN_OR_RETURN(const EligibilityFilter filter, EligibilityFilter::Create(input));
  DecisionTrace own;
  RETURN_IF_ERROR(RunStages(input, filter, own));
  Decision decision;
  decision.id = id;
  decision.placement = input.placement.id;
  decision.is_personalized = input.profile != nullptr;
  decision.products.reserve(own.chosen.size());
  for (uint32_t position = 0; position < own.chosen.size(); ++position) {
    decision.products.push_back(Explained(input, filter, own, position));
  }
  decision.fallback = LowestRung(own, decision, input.placement);
  decision.notice = NoticeOf(input, own);
  decision.title = RowTitle(input, own);
  if (trace != nullptr) *trace = std::move(own);
  return decision;
}

Result<WhyNot> ExplainWhyNot(const DecideInput& input, ProductIndex product) {
  ASSIGN_OR_RETURN(const EligibilityFilter filter, EligibilityFilter::Create(input));
  DecisionTrace trace;
  RETURN_IF_ERROR(RunStages(input, filter, trace));
  return WhyNotShown(filter, trace, product);
}

}  // namespace attune::decisions
