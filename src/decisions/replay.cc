#include "decisions/replay.h"

#include <algorithm>
#include <utility>

#include "decisions/decide.h"
#include "decisions/source_names.h"

namespace attune::decisions {
namespace {

std::string DifferenceOf(const DecisionRecord& recorded, const DecisionRecord& replayed) {
  if (recorded.view_sequence != replayed.view_sequence) return "the view is of another sequence";
  if (recorded.catalog_sequence != replayed.catalog_sequence) return "the catalogue is of another sequence";
  if (recorded.live_sequence != replayed.live_sequence) return "the live visits are of another sequence";
  if (recorded.generations != replayed.generations) return "the models are of other generations";
  if (recorded.rules != replayed.rules) return "other rules hold";
  if (recorded.products.size() != replayed.products.size()) {
    return "the slate has " + std::to_string(replayed.products.size()) + " products, not " +
           std::to_string(recorded.products.size());
  }
  for (size_t i = 0; i < recorded.products.size(); ++i) {
    if (recorded.products[i] != replayed.products[i]) return "position " + std::to_string(i) + " differs";
  }
  return recorded == replayed ? "only the encoding differs"
                              : "the slate is the same, its circumstances are not";
}

// Whether visits since the training can have a say.
bool AsksForVisits(const Placement& placement) {
  const auto& parts = placement.recipe.parts;
  return std::any_of(parts.begin(), parts.end(),
                     [](const models::FusionPart& part) { return part.source == kSessionNext; });
}

}  // namespace

DecisionRecord MakeDecisionRecord(const DecideInput& input, const Decision& decision,
                                  const DecisionTrace& trace, const RecordedShopper& shopper) {
  DecisionRecord record;
  record.id = decision.id;
  record.now_ms = input.now_ms;
  record.seed = input.seed;
  if (input.profile != nullptr) {
    record.is_personalized = true;
    record.handles = shopper.handles;
    record.profile_sequence = shopper.profile_sequence;
  }
  record.view_sequence = input.view.sequence;
  record.catalog_sequence = input.catalog.sequence();
  if (input.view.live != nullptr && AsksForVisits(input.placement)) {
    record.live_sequence = input.view.live->sequence();
  }
  record.generations = input.view.sources->generations();
  record.request = input.request;
  record.products.reserve(decision.products.size());
  for (const DecidedProduct& product : decision.products) {
    record.products.push_back({product.product, static_cast<float>(product.score), product.source,
                               static_cast<float>(product.propensity)});
  }
  record.fallback = decision.fallback;
  record.are_caps_relaxed = trace.are_caps_relaxed;
  record.row_seed = trace.row_seed;
  for (const Rule* const rule : trace.rules.rules) record.rules.push_back(rule->id);
  return record;
}

std::vector<ReplayStop> ReplayStops(const DecisionRecord& record) {
  std::vector<ReplayStop> stops = {{record.view_sequence, ReplayStop::What::kView},
                                   {record.catalog_sequence, ReplayStop::What::kCatalog}};
  if (record.is_personalized) stops.push_back({record.profile_sequence, ReplayStop::What::kProfile});
  if (record.vocabulary_sequence != Sequence()) {
    stops.push_back({record.vocabulary_sequence, ReplayStop::What::kVocabulary});
  }
  std::sort(stops.begin(), stops.end(), [](const ReplayStop& a, const ReplayStop& b) {
    return a.sequence != b.sequence ? a.sequence < b.sequence : a.what < b.what;
  });
  return stops;
}

Result<Replay> ReplayDecision(const DecisionRecord& record, const ReplayState& state, DecisionTrace* trace) {
  ASSIGN_OR_RETURN(const Placement* const placement, FindPlacement(state.view, record.request.placement));
  const DecideInput input{
      record.request, state.view,    *placement, record.is_personalized ? state.profile : nullptr,
      state.catalog,  record.now_ms, record.seed};
  DecisionTrace own;
  Replay replay;
  ASSIGN_OR_RETURN(replay.decision, Decide(input, record.id, &own));
  const DecisionRecord replayed =
      MakeDecisionRecord(input, replay.decision, own, {record.handles, record.profile_sequence});
  replay.recorded_bytes = EncodeDecisionRecord(record);
  replay.replayed_bytes = EncodeDecisionRecord(replayed);
  replay.is_same = replay.recorded_bytes == replay.replayed_bytes;
  if (!replay.is_same) replay.difference = DifferenceOf(record, replayed);
  if (trace != nullptr) *trace = std::move(own);
  return replay;
}

}  // namespace attune::decisions
