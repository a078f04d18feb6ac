// Stage 5, explain: why each product stands where it stands, in words for a shopper and in numbers for an
// engineer.
//
//   "Often bought together with Desk lamp", "Because you viewed Oak shelf", "Bestseller in Lighting",
//   "You bought this 3 times"
//
// Words are English; titles in them are those of the request's locale when the product has a translation.
//
// Thread safety: pure functions of a finished trace.

#ifndef ATTUNE_DECISIONS_EXPLAIN_H_
#define ATTUNE_DECISIONS_EXPLAIN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decisions/decide_input.h"
#include "decisions/trace.h"

namespace attune::decisions {

// Of a chosen row: "rule/<id>" when a rule put it there, else the source that contributed most, or
// "fallback/<rung>".
std::string SourceOf(const DecideInput& input, const DecisionTrace& trace, uint32_t row);
std::string ReasonOf(const DecideInput& input, const DecisionTrace& trace, uint32_t row);

// What one source said about one product.
struct SourcePart {
  std::string source;
  uint32_t rank = 0;        // Among the eligible candidates of the source, from 0.
  double source_score = 0;  // In the source's own unit.
  double contribution = 0;  // To the fused score, before it is scaled.
};
std::vector<SourcePart> PartsOf(const DecideInput& input, const DecisionTrace& trace, uint32_t row);

// Why the ranker put a product where it stands.
struct RankingReason {
  models::RankObjective objective = models::RankObjective::kBlend;
  models::OutcomeChances chances;
  std::vector<models::Ranker::GroupGain> gains;  // The strongest first.
  std::string words;  // "Up by its price and the shopper's taste, down by how the sources rank it".
};
// Nothing for a row that no ranker looked at: the blend served, or the product came from the ladder.
std::optional<RankingReason> RankingReasonOf(const DecideInput& input, const DecisionTrace& trace,
                                             uint32_t row);

// How many candidates each reason removed; reasons that removed none are left out.
struct Removal {
  FilterVerdict verdict;
  uint32_t count = 0;
  std::vector<ProductIndex> examples;  // The first kExplainedProductsMax.
};
std::vector<Removal> RemovalsOf(const DecisionTrace& trace);

// The title in the request's language; the product id when it has none.
std::string_view TitleOf(const DecideInput& input, ProductIndex product);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_EXPLAIN_H_
