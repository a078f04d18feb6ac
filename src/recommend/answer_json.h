// Answers about decisions as JSON: POST /v1/recommendations and GET /v1/decisions/{id}.
//
//   {"decision_id":"019c...","placement":"product_similar",
//    "products":[{"product_id":"p2","position":0,"score":0.84,"source":"also_viewed",
//                 "reason":"Often viewed together with Desk lamp","variant_id":"p2-b",
//                 "offer":{"price":"19.90","list_price":"24.90","currency":"EUR"},"product":{...}}],
//    "fallback":null,"experiment":null,"degraded":[],"notice":null,"personalized":true,"took_ms":0.2}
//
// Where rules of the shop hold, also "redirect":{"url":...} and "banners":[{"title":...}], and with
// explanations what each rule did to each product.
//
// Scores are rounded to six decimals: what a person compares.  A public audience never gets cost, exact
// stock, reasons or explanations (unless the key is marked to explain).
//
// Thread safety: pure functions.

#ifndef ATTUNE_RECOMMEND_ANSWER_JSON_H_
#define ATTUNE_RECOMMEND_ANSWER_JSON_H_

#include <cstdint>

#include "base/json_writer.h"
#include "catalog/product_json.h"
#include "decisions/decision_record.h"
#include "decisions/replay.h"
#include "decisions/why_not.h"
#include "recommend/recommender.h"

namespace attune::recommend {

struct AnswerAudience {
  catalog::Audience products = catalog::Audience::kPublic;
  bool may_explain = false;  // Reasons and explanations may be shown.
};

// `took_micros`: as measured by the caller.  `explain`: the request asked for an explanation.
void WriteRecommendation(JsonWriter& json, const Recommendation& made, bool explain, int64_t took_micros,
                         const AnswerAudience& audience);

// The decision as recorded, and as made again when the state of its moment is there.
struct ExplainedDecision {
  const decisions::DecisionRecord& record;
  const catalog::CatalogView& catalog;              // For product ids; any view as new as the record's.
  const decisions::Replay* replay = nullptr;        // Null: not replayable (any more).
  const decisions::DecideInput* input = nullptr;    // Of the replay; null exactly when replay is.
  const decisions::DecisionTrace* trace = nullptr;  // Likewise.
  const decisions::WhyNot* why_not = nullptr;       // Null: not asked, or not replayable.
  std::string_view why_not_product_id;
};

// For audiences that may explain only: the caller refuses others.
void WriteDecision(JsonWriter& json, const ExplainedDecision& explained);

}  // namespace attune::recommend

#endif  // ATTUNE_RECOMMEND_ANSWER_JSON_H_
