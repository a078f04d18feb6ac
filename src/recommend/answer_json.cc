#include "recommend/answer_json.h"

#include <string>
#include <string_view>

#include "base/time_text.h"
#include "decisions/apply_rules.h"
#include "decisions/explain.h"
#include "decisions/offer_json.h"
#include "decisions/rule_answer.h"

namespace attune::recommend {
namespace {

constexpr int kScoreDecimals = 6;
constexpr int kPropensityDecimals = 9;  // Small ones are divided by.
constexpr std::string_view kExploredNames[] = {"", "uniform", "new_product"};
constexpr std::string_view kOriginNames[] = {"page", "session", "recent", "cart", "purchase"};

void TextOrNull(JsonWriter& json, std::string_view text) {
  if (text.empty()) {
    json.Null();
  } else {
    json.String(text);
  }
}

void WriteParts(JsonWriter& json, const decisions::DecideInput& input, const decisions::DecisionTrace& trace,
                uint32_t row) {
  json.BeginArray();
  for (const decisions::SourcePart& part : decisions::PartsOf(input, trace, row)) {
    json.BeginObject().Key("source").String(part.source).Key("rank").Uint(part.rank);
    json.Key("source_score").Fixed(part.source_score, kScoreDecimals);
    json.Key("contribution").Fixed(part.contribution, kScoreDecimals).EndObject();
  }
  json.EndArray();
}

// Nothing when no ranker looked at the product.
void WriteRanking(JsonWriter& json, const decisions::DecideInput& input,
                  const decisions::DecisionTrace& trace, uint32_t row) {
  const auto reason = decisions::RankingReasonOf(input, trace, row);
  if (!reason) return;
  json.Key("ranking").BeginObject().Key("objective").String(models::RankObjectiveName(reason->objective));
  json.Key("reason").String(reason->words).Key("chances").BeginObject();
  json.Key("click").Fixed(reason->chances.click, kScoreDecimals);
  json.Key("cart").Fixed(reason->chances.cart, kScoreDecimals);
  json.Key("purchase").Fixed(reason->chances.purchase, kScoreDecimals).EndObject();
  json.Key("groups").BeginArray();
  for (const models::Ranker::GroupGain& gain : reason->gains) {
    json.BeginObject().Key("about").String(models::FeatureGroupWords(gain.group));
    json.Key("gain").Fixed(gain.gain, kScoreDecimals).EndObject();
  }
  json.EndArray().EndObject();
}

void WriteText(JsonWriter& json, std::string_view key, std::string_view text) {
  if (!text.empty()) json.Key(key).String(text);
}

// What rules did to one product; nothing when none did anything.
void WriteMoves(JsonWriter& json, const decisions::DecisionTrace& trace, uint32_t row) {
  bool has_any = false;
  for (const decisions::RuleMove& move : trace.moves) {
    if (move.row != row) continue;
    if (!has_any) json.Key("rules").BeginArray();
    has_any = true;
    json.BeginObject().Key("rule").String(move.rule->id).Key("did").String(decisions::MoveName(move.kind));
    if (move.factor != 1) json.Key("factor").Double(move.factor);
    json.EndObject();
  }
  if (has_any) json.EndArray();
}

void WriteSources(JsonWriter& json, const decisions::DecideInput& input,
                  const decisions::DecisionTrace& trace) {
  json.BeginArray();
  for (size_t i = 0; i < trace.lists.size(); ++i) {
    const decisions::SourceList& list = trace.lists[i];
    json.BeginObject().Key("source").String(list.source).Key("is_known").Bool(list.is_known);
    json.Key("weight").Double(input.placement.recipe.parts[i].weight);
    json.Key("asked").Uint(list.asked).Key("returned").Uint(list.returned);
    json.Key("eligible").Uint(trace.answers[i].size()).EndObject();
  }
  json.EndArray();
}

void WriteExplanation(JsonWriter& json, const decisions::DecideInput& input,
                      const decisions::DecisionTrace& trace) {
  json.BeginObject().Key("sources");
  WriteSources(json, input, trace);
  json.Key("seeds").BeginArray();
  for (size_t i = 0; i < trace.seeds.seeds.size(); ++i) {
    json.BeginObject().Key("product_id").String(input.catalog.IdOf(trace.seeds.seeds[i].product));
    json.Key("from").String(kOriginNames[static_cast<size_t>(trace.seeds.origins[i])]);
    json.Key("weight").Fixed(static_cast<double>(trace.seeds.seeds[i].weight), kScoreDecimals).EndObject();
  }
  json.EndArray().Key("removed").BeginArray();
  for (const decisions::Removal& removal : decisions::RemovalsOf(trace)) {
    json.BeginObject().Key("filter").String(decisions::FilterVerdictName(removal.verdict));
    json.Key("count").Uint(removal.count).Key("product_ids").BeginArray();
    for (const ProductIndex product : removal.examples) json.String(input.catalog.IdOf(product));
    json.EndArray().EndObject();
  }
  json.EndArray().Key("ladder").BeginArray();
  for (const decisions::RungUse& use : trace.rungs) {
    json.BeginObject()
        .Key("rung")
        .String(decisions::RungName(use.rung))
        .Key("added")
        .Uint(use.added)
        .EndObject();
  }
  json.EndArray();
  decisions::WriteRules(json, trace.rules, trace.passed_over);
  json.Key("candidates").Uint(trace.ranked.size());
  json.Key("caps_relaxed").Bool(trace.are_caps_relaxed).EndObject();
}

void WritePropensity(JsonWriter& json, double propensity, const decisions::CandidateRow& row) {
  json.Key("propensity").Fixed(propensity, kPropensityDecimals).Key("explored");
  TextOrNull(json, kExploredNames[static_cast<size_t>(row.explored_by)]);
}

void WriteProducts(JsonWriter& json, const Recommendation& made, bool explain,
                   const AnswerAudience& audience) {
  const decisions::DecideInput input = made.input();
  json.BeginArray();
  for (const decisions::DecidedProduct& product : made.decision.products) {
    const catalog::Product& shown = *made.catalog->Find(product.product);
    json.BeginObject().Key("product_id").String(product.product_id).Key("position").Uint(product.position);
    json.Key("score").Fixed(product.score, kScoreDecimals).Key("source").String(product.source);
    if (audience.may_explain) json.Key("reason").String(product.reason);
    if (!product.variant_id.empty()) json.Key("variant_id").String(product.variant_id);
    json.Key("offer");
    decisions::WriteOffer(json, input.request, shown, input.now_ms);
    if (explain) {
      if (!made.trace.propensities.empty()) {
        WritePropensity(json, product.propensity, made.trace.rows[made.trace.chosen[product.position]]);
      }
      json.Key("explanation");
      WriteParts(json, input, made.trace, made.trace.chosen[product.position]);
      WriteRanking(json, input, made.trace, made.trace.chosen[product.position]);
      WriteMoves(json, made.trace, made.trace.chosen[product.position]);
    }
    json.Key("product");
    catalog::WriteProductJson(json, shown, audience.products);
    json.EndObject();
  }
  json.EndArray();
}

void WriteIds(JsonWriter& json, std::string_view key, const std::vector<ProductIndex>& products,
              const catalog::CatalogView& catalog) {
  if (products.empty()) return;
  json.Key(key).BeginArray();
  for (const ProductIndex product : products) json.String(catalog.IdOf(product));
  json.EndArray();
}

void WriteRequest(JsonWriter& json, const decisions::ResolvedRequest& request,
                  const catalog::CatalogView& catalog) {
  json.BeginObject().Key("placement").String(request.placement).Key("context").BeginObject();
  WriteIds(json, "product_ids", request.page_products, catalog);
  WriteIds(json, "cart", request.cart, catalog);
  if (!request.category.empty()) {
    json.Key("category").BeginArray();
    for (const std::string& level : request.category) json.String(level);
    json.EndArray();
  }
  WriteText(json, "brand", request.brand);
  WriteText(json, "query", request.query);
  WriteText(json, "market", request.market);
  WriteText(json, "locale", request.locale);
  WriteText(json, "location", request.location);
  WriteText(json, "price_list", request.price_list);
  WriteText(json, "country", request.country);
  WriteText(json, "device", request.device);
  WriteText(json, "campaign", request.campaign);
  json.EndObject();
  if (request.limit != 0) json.Key("limit").Uint(request.limit);
  WriteText(json, "filter", request.filter);
  WriteIds(json, "exclude", request.excluded, catalog);
  if (!request.continues.is_none()) json.Key("continue").String(request.continues.ToString());
  WriteIds(json, "already_shown", request.already_shown, catalog);
  if (request.personalization_consent) {
    json.Key("consent")
        .BeginObject()
        .Key("personalization")
        .Bool(*request.personalization_consent)
        .EndObject();
  }
  json.EndObject();
}

void WriteRecorded(JsonWriter& json, const ExplainedDecision& explained) {
  const decisions::DecisionRecord& record = explained.record;
  json.BeginArray();
  for (size_t i = 0; i < record.products.size(); ++i) {
    const decisions::RecordedProduct& product = record.products[i];
    json.BeginObject()
        .Key("product_id")
        .String(explained.catalog.IdOf(product.product))
        .Key("position")
        .Uint(i);
    json.Key("score").Fixed(static_cast<double>(product.score), kScoreDecimals);
    json.Key("source").String(product.source);
    json.Key("propensity").Fixed(static_cast<double>(product.propensity), kPropensityDecimals);
    if (explained.replay != nullptr && explained.replay->is_same) {
      json.Key("reason").String(explained.replay->decision.products[i].reason).Key("explanation");
      WriteParts(json, *explained.input, *explained.trace, explained.trace->chosen[i]);
      WriteRanking(json, *explained.input, *explained.trace, explained.trace->chosen[i]);
      WriteMoves(json, *explained.trace, explained.trace->chosen[i]);
    }
    json.EndObject();
  }
  json.EndArray();
}

void WriteWhyNot(JsonWriter& json, const decisions::WhyNot& why, std::string_view product_id) {
  json.BeginObject().Key("product_id").String(product_id);
  json.Key("outcome").String(decisions::OutcomeName(why.outcome));
  if (why.outcome == decisions::WhyNot::Outcome::kFiltered) {
    json.Key("filter").String(decisions::FilterVerdictName(why.verdict));
    WriteText(json, "detail", why.detail);
  }
  WriteText(json, "rule", why.rule);
  if (why.outcome == decisions::WhyNot::Outcome::kRankedBelow ||
      why.outcome == decisions::WhyNot::Outcome::kCapped) {
    json.Key("rank").Uint(why.rank);
  }
  if (why.outcome == decisions::WhyNot::Outcome::kShown) json.Key("position").Uint(why.position);
  json.Key("sentence").String(why.sentence).EndObject();
}

// All that a record can say of a product: whether and where it was shown.
void WriteWhyNotRecorded(JsonWriter& json, const ExplainedDecision& explained) {
  const std::vector<decisions::RecordedProduct>& products = explained.record.products;
  json.BeginObject().Key("product_id").String(explained.why_not_product_id);
  for (size_t i = 0; i < products.size(); ++i) {
    if (explained.catalog.IdOf(products[i].product) != explained.why_not_product_id) continue;
    json.Key("outcome").String("shown").Key("position").Uint(i);
    json.Key("sentence").String("It was shown at position " + std::to_string(i) + ".").EndObject();
    return;
  }
  json.Key("outcome").String("not_recorded").Key("sentence");
  json.String(
      "It was not shown. The decision is too old to be made again here, and its record does not say why.");
  json.EndObject();
}

}  // namespace

void WriteRecommendation(JsonWriter& json, const Recommendation& made, bool explain, int64_t took_micros,
                         const AnswerAudience& audience) {
  const bool explains = explain && audience.may_explain;
  const decisions::Decision& decision = made.decision;
  json.BeginObject()
      .Key("decision_id")
      .String(decision.id.ToString())
      .Key("placement")
      .String(decision.placement);
  if (!decision.title.empty()) json.Key("title").String(decision.title);
  json.Key("products");
  WriteProducts(json, made, explains, audience);
  decisions::WriteSignposts(json, made.trace.rules);
  json.Key("fallback");
  TextOrNull(json, decision.fallback);
  json.Key("experiment").Null().Key("degraded").BeginArray();
  for (const std::string& what : decision.degraded) json.String(what);
  json.EndArray().Key("notice");
  TextOrNull(json, decision.notice);
  json.Key("personalized").Bool(decision.is_personalized);
  if (made.is_preview) json.Key("preview").Bool(true);
  if (explains) {
    json.Key("explanation");
    WriteExplanation(json, made.input(), made.trace);
  }
  json.Key("took_ms").Fixed(static_cast<double>(took_micros) / 1000.0, 3).EndObject();
}

void WriteDecision(JsonWriter& json, const ExplainedDecision& explained) {
  const decisions::DecisionRecord& record = explained.record;
  json.BeginObject().Key("decision_id").String(record.id.ToString());
  json.Key("made_at").String(FormatTime(record.now_ms)).Key("placement").String(record.request.placement);
  json.Key("products");
  WriteRecorded(json, explained);
  json.Key("fallback");
  TextOrNull(json, record.fallback);
  json.Key("caps_relaxed").Bool(record.are_caps_relaxed).Key("personalized").Bool(record.is_personalized);
  if (!record.rules.empty()) {
    json.Key("rules").BeginArray();
    for (const std::string& rule : record.rules) json.String(rule);
    json.EndArray();
  }
  json.Key("request");
  WriteRequest(json, record.request, explained.catalog);
  if (!record.search.empty()) json.Key("search").Raw(record.search);
  json.Key("models").BeginArray();
  for (const decisions::SourceGeneration& model : record.generations) {
    json.BeginObject()
        .Key("model")
        .String(model.model)
        .Key("generation")
        .Uint(model.generation.value())
        .EndObject();
  }
  json.EndArray().Key("sequences").BeginObject().Key("view").Uint(record.view_sequence.value());
  json.Key("profile").Uint(record.profile_sequence.value());
  json.Key("catalog").Uint(record.catalog_sequence.value());
  if (record.live_sequence.value() != 0) json.Key("live").Uint(record.live_sequence.value());
  json.EndObject();
  json.Key("replayable").Bool(explained.replay != nullptr);
  json.Key("explained_by").String(explained.replay != nullptr ? "replay" : "record");
  if (explained.replay != nullptr) {
    json.Key("replay").BeginObject().Key("is_same").Bool(explained.replay->is_same).Key("difference");
    TextOrNull(json, explained.replay->difference);
    json.EndObject().Key("explanation");
    WriteExplanation(json, *explained.input, *explained.trace);
  }
  if (explained.why_not != nullptr) {
    json.Key("why_not");
    WriteWhyNot(json, *explained.why_not, explained.why_not_product_id);
  } else if (!explained.why_not_product_id.empty()) {
    json.Key("why_not");
    WriteWhyNotRecorded(json, explained);
  }
  json.EndObject();
}

}  // namespace attune::recommend
