#include "search/decision_json.h"

#include <algorithm>
#include <utility>

#include "base/json_writer.h"
#include "base/time_text.h"
#include "decisions/filter.h"
#include "search/answer_json.h"
#include "search/search_record.h"

namespace attune::search {
namespace {

constexpr int kScoreDecimals = 6;

void WriteText(JsonWriter& json, std::string_view key, std::string_view text) {
  if (!text.empty()) json.Key(key).String(text);
}

void WriteRequest(JsonWriter& json, const decisions::ResolvedRequest& request) {
  json.Key("request").BeginObject().Key("query").String(request.query);
  if (!request.category.empty()) {
    json.Key("category").BeginArray();
    for (const std::string& level : request.category) json.String(level);
    json.EndArray();
  }
  WriteText(json, "market", request.market);
  WriteText(json, "locale", request.locale);
  WriteText(json, "location", request.location);
  WriteText(json, "price_list", request.price_list);
  WriteText(json, "filter", request.filter);
  json.Key("limit").Uint(request.limit).EndObject();
}

void WriteProducts(JsonWriter& json, const SearchResult& made) {
  json.Key("products").BeginArray();
  uint32_t position = made.request.first_hit();
  for (const FoundProduct& found : made.outcome.products) {
    json.BeginObject().Key("product_id").String(made.catalog->IdOf(found.ranked.hit.product));
    json.Key("position").Uint(position++).Key("score").Fixed(found.ranked.score(), kScoreDecimals);
    json.Key("source").String(kSearchPlacement);
    if (made.request.sort == SortOrder::kRelevance) WriteRanking(json, made, found);
    json.EndObject();
  }
  json.EndArray();
}

// Where the product stands among all that match; what keeps it out when it is not among them.
Result<std::string> WhySentence(const SearchResult& made, ProductIndex product, std::string& outcome,
                                SearchVerdict& verdict) {
  ASSIGN_OR_RETURN(verdict, VerdictOf(made.input(), product));
  if (verdict.verdict != decisions::FilterVerdict::kEligible) {
    outcome = "filtered";
    return "It may not be shown here: " + std::string(decisions::FilterVerdictName(verdict.verdict)) + ".";
  }
  SearchRequest all = made.request;
  all.page = 0;
  all.base.limit = kHitsMax;
  SearchInput input = made.input();
  const SearchInput whole{all,           input.resolved, input.view,   input.catalog, input.texts,
                          input.profile, input.dial,     input.now_ms, input.facts,   input.synonyms};
  ASSIGN_OR_RETURN(const SearchOutcome found, RunSearch(whole));
  for (size_t i = 0; i < found.products.size(); ++i) {
    if (found.products[i].ranked.hit.product != product) continue;
    const bool is_shown = i >= made.request.first_hit() && i < made.request.end_hit();
    outcome = is_shown ? "shown" : "ranked_below";
    return (is_shown ? "It was shown at position " : "It stands at position ") + std::to_string(i) + ".";
  }
  outcome = "not_matched";
  return std::string(
      "It is none of the hits: it does not hold enough of the words, or is not among what was selected.");
}

}  // namespace

Result<std::string> SearchDecisionJson(const SearchResult& made, std::string_view why_not) {
  const decisions::DecisionRecord record =
      MakeSearchRecord(made.input(), made.outcome, made.id, {made.shopper.handles, made.shopper.sequence});
  ASSIGN_OR_RETURN(const SearchReplay replay,
                   ReplaySearch(record, *made.view, *made.catalog, *made.texts, made.input().profile));
  JsonWriter json;
  json.BeginObject().Key("decision_id").String(made.id.ToString());
  json.Key("made_at").String(FormatTime(made.now_ms)).Key("placement").String(kSearchPlacement);
  WriteProducts(json, made);
  json.Key("personalized").Bool(made.is_personalized);
  if (!record.rules.empty()) {
    json.Key("rules").BeginArray();
    for (const std::string& rule : record.rules) json.String(rule);
    json.EndArray();
  }
  WriteRequest(json, record.request);
  json.Key("search").Raw(record.search);
  json.Key("models").BeginArray();
  for (const decisions::SourceGeneration& model : record.generations) {
    json.BeginObject().Key("model").String(model.model);
    json.Key("generation").Uint(model.generation.value()).EndObject();
  }
  json.EndArray().Key("sequences").BeginObject().Key("view").Uint(record.view_sequence.value());
  json.Key("profile").Uint(record.profile_sequence.value());
  json.Key("catalog").Uint(record.catalog_sequence.value()).EndObject();
  json.Key("replayable").Bool(true).Key("explained_by").String("replay");
  json.Key("replay").BeginObject().Key("is_same").Bool(replay.is_same).Key("difference");
  replay.difference.empty() ? json.Null() : json.String(replay.difference);
  json.EndObject();
  if (!why_not.empty()) {
    const auto product = made.catalog->Resolve(why_not);
    if (!product) return NotFound("no such product: " + std::string(why_not));
    std::string outcome;
    SearchVerdict verdict;
    ASSIGN_OR_RETURN(const std::string sentence, WhySentence(made, *product, outcome, verdict));
    json.Key("why_not").BeginObject().Key("product_id").String(why_not).Key("outcome").String(outcome);
    if (verdict.verdict != decisions::FilterVerdict::kEligible) {
      json.Key("filter").String(decisions::FilterVerdictName(verdict.verdict));
    }
    WriteText(json, "detail", verdict.detail);
    WriteText(json, "rule", verdict.rule);
    json.Key("sentence").String(sentence).EndObject();
  }
  json.EndObject();
  return json.TakeText();
}

}  // namespace attune::search
