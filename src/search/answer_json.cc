#include "search/answer_json.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "catalog/offer_terms.h"
#include "decisions/apply_rules.h"
#include "decisions/offer_json.h"
#include "decisions/rule_answer.h"
#include "search/highlight.h"

namespace attune::search {
namespace {

constexpr int kScoreDecimals = 6;
constexpr int kNumberDecimals = 6;
constexpr int kConfidenceDecimals = 3;
constexpr double kMicrosPerMs = 1e3;
constexpr std::string_view kByLlm = "llm";
constexpr std::array<std::string_view, 4> kExactNames = {"", "brand", "title", "id"};

void TextOrNull(JsonWriter& json, std::string_view text) {
  if (text.empty()) {
    json.Null();
  } else {
    json.String(text);
  }
}

void WriteHighlights(JsonWriter& json, const SearchRequest& request, const Highlighter& highlighter,
                     const catalog::OfferTerms& terms) {
  if (!request.highlights_title && !request.highlights_description) return;
  json.Key("highlights").BeginObject();
  if (request.highlights_title) json.Key("title").String(highlighter.Mark(terms.title));
  if (request.highlights_description && !terms.description.empty()) {
    json.Key("description").String(highlighter.Snippet(terms.description));
  }
  json.EndObject();
}

const FacetSelection* SelectionOf(const SearchRequest& request, std::string_view field) {
  for (const FacetSelection& selection : request.selected) {
    if (selection.field == field) return &selection;
  }
  return nullptr;
}

void WriteFacets(JsonWriter& json, const SearchResult& made) {
  json.BeginArray();
  for (const FacetAnswer& facet : made.outcome.facets) {
    const FacetSelection* const selection = SelectionOf(made.request, facet.field);
    json.BeginObject().Key("field").String(facet.field).Key("values").BeginArray();
    for (const FacetCount& count : facet.values) {
      json.BeginObject().Key("value").String(count.value).Key("count").Uint(count.products);
      if (selection != nullptr && std::find(selection->values.begin(), selection->values.end(),
                                            count.value) != selection->values.end()) {
        json.Key("selected").Bool(true);
      }
      json.EndObject();
    }
    json.EndArray().Key("value_count").Uint(facet.value_count);
    if (facet.numbers.products > 0) {
      json.Key("numbers").BeginObject().Key("count").Uint(facet.numbers.products);
      json.Key("min").Fixed(facet.numbers.least, kNumberDecimals);
      json.Key("max").Fixed(facet.numbers.largest, kNumberDecimals);
      json.Key("mean").Fixed(facet.numbers.mean(), kNumberDecimals);
      json.Key("sum").Fixed(facet.numbers.sum, kNumberDecimals).EndObject();
    }
    json.EndObject();
  }
  json.EndArray();
}

// What the words of the query were taken for.
void WriteWords(JsonWriter& json, const QueryWords& query) {
  json.Key("words").BeginArray();
  for (const QueryWord& word : query.words) {
    json.BeginObject().Key("text").String(word.text).Key("optional").Bool(word.is_optional);
    json.Key("alternatives").BeginArray();
    for (const Alternative& alternative : word.alternatives) {
      json.BeginObject().Key("text").String(alternative.text);
      json.Key("kind").String(AlternativeKindName(alternative.kind));
      json.Key("weight").Fixed(static_cast<double>(alternative.weight), kScoreDecimals).EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray();
}

void WriteMeantValue(JsonWriter& json, const SearchResult& made, uint32_t value) {
  const SearchFacts::Value& meant = made.facts->ValueOf(value);
  json.Key("field").String(meant.field).Key("value").String(meant.text);
}

void WritePriceBounds(JsonWriter& json, const std::optional<double>& min, const std::optional<double>& max) {
  if (min) json.Key("min").Double(*min);
  if (max) json.Key("max").Double(*max);
}

// Fields of the catalogue and money that the query speaks of; nothing when it has no words.
void WriteUnderstood(JsonWriter& json, const SearchResult& made) {
  const Understanding& understood = made.outcome.understanding;
  if (made.outcome.words.words.empty()) return;
  json.Key("understood").BeginObject();
  json.Key("intent").String(SearchIntentName(made.meant.intent.value_or(understood.intent)));
  if (made.meant.intent) json.Key("intent_by").String(kByLlm);
  if (made.meant.price_min || made.meant.price_max) {
    json.Key("price").BeginObject();
    WritePriceBounds(json, made.meant.price_min, made.meant.price_max);
    json.Key("by").String(kByLlm).EndObject();
  }
  if (understood.price.is_said()) {
    json.Key("price").BeginObject();
    WritePriceBounds(json, understood.price.min, understood.price.max);
    if (understood.price.wish != PriceWish::kNone) {
      json.Key("wish").String(understood.price.wish == PriceWish::kCheap ? "low" : "high");
    }
    json.EndObject();
  }
  json.Key("values").BeginArray();
  for (const UnderstoodValue& value : understood.values) {
    json.BeginObject();
    WriteMeantValue(json, made, value.value);
    json.Key("confidence").Fixed(static_cast<double>(value.confidence), kConfidenceDecimals).EndObject();
  }
  for (const uint32_t value : made.meant.values) {
    json.BeginObject();
    WriteMeantValue(json, made, value);
    json.Key("by").String(kByLlm).EndObject();
  }
  json.EndArray().EndObject();
}

// What rules did to one hit; nothing when none did anything.
void WriteMoves(JsonWriter& json, const FoundProduct& found) {
  if (found.moves.empty()) return;
  json.Key("rules").BeginArray();
  for (const HitMove& move : found.moves) {
    json.BeginObject().Key("rule").String(move.rule->id).Key("did").String(decisions::MoveName(move.kind));
    if (move.factor != 1) json.Key("factor").Double(move.factor);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

void WriteHits(JsonWriter& json, const SearchResult& made, const SearchAudience& audience) {
  const Highlighter highlighter(made.outcome.words, *made.texts);
  const decisions::ResolvedRequest& resolved = made.resolved;
  const bool is_ranked = made.request.sort == SortOrder::kRelevance;
  const bool explains = made.request.base.explain && audience.may_explain;
  uint32_t position = made.request.first_hit();
  json.BeginArray();
  for (const FoundProduct& found : made.outcome.products) {
    const catalog::Product& product = *made.catalog->Find(found.ranked.hit.product);
    const catalog::OfferTerms terms = catalog::ResolveTerms(
        product, {resolved.market, resolved.locale, resolved.location, resolved.price_list, made.now_ms});
    json.BeginObject().Key("product_id").String(product.product_id).Key("position").Uint(position++);
    if (is_ranked) json.Key("score").Fixed(found.ranked.score(), kScoreDecimals);
    if (made.request.distinct) json.Key("alike").Uint(found.alike);
    WriteHighlights(json, made.request, highlighter, terms);
    if (is_ranked && explains) WriteRanking(json, made, found);
    if (terms.variant != nullptr) json.Key("variant_id").String(terms.variant->variant_id);
    json.Key("offer");
    decisions::WriteOffer(json, resolved, product, made.now_ms);
    json.Key("product");
    catalog::WriteProductJson(json, product, audience.products);
    json.EndObject();
  }
  json.EndArray();
}

void WriteRanking(JsonWriter& json, const SearchResult& made, const FoundProduct& found) {
  const Hit& hit = found.ranked.hit;
  json.Key("ranking").BeginObject().Key("exact");
  TextOrNull(json, kExactNames[static_cast<size_t>(hit.exact)]);
  json.Key("text").Fixed(found.ranked.text, kScoreDecimals);
  if (found.ranked.wish != 0) json.Key("wish").Fixed(found.ranked.wish, kScoreDecimals);
  if (found.ranked.behaviour != 0) json.Key("behaviour").Fixed(found.ranked.behaviour, kScoreDecimals);
  json.Key("popularity").Fixed(found.ranked.popularity, kScoreDecimals);
  json.Key("personal").Fixed(found.ranked.personal, kScoreDecimals);
  json.Key("bm25").Fixed(static_cast<double>(hit.score - hit.proximity), kScoreDecimals);
  json.Key("proximity").Fixed(static_cast<double>(hit.proximity), kScoreDecimals);
  json.Key("words").BeginArray();
  const auto& words = made.outcome.words.words;
  for (size_t i = 0; i < words.size(); ++i) {
    if ((hit.matched_words >> i & 1) != 0) json.String(words[i].text);
  }
  json.EndArray().EndObject();
  WriteMoves(json, found);
}

void WriteSearchAnswer(JsonWriter& json, const SearchResult& made, int64_t took_micros,
                       const SearchAudience& audience) {
  const SearchOutcome& outcome = made.outcome;
  const uint32_t limit = made.request.base.limit;
  json.BeginObject().Key("decision_id").String(made.id.ToString());
  json.Key("query").String(made.resolved.query).Key("corrected_query");
  TextOrNull(json, outcome.corrected_query);
  WriteUnderstood(json, made);
  decisions::WriteSignposts(json, outcome.rules);
  json.Key("hits");
  WriteHits(json, made, audience);
  json.Key("total").Uint(outcome.total).Key("page").Uint(made.request.page).Key("pages");
  json.Uint(limit == 0 ? 0 : (outcome.reachable + limit - 1) / limit);
  json.Key("limit").Uint(limit).Key("sort").String(SortOrderName(made.request.sort));
  json.Key("matched_by").String(RungName(outcome.rung)).Key("facets");
  WriteFacets(json, made);
  if (made.request.base.explain && audience.may_explain) {
    WriteWords(json, outcome.words);
    decisions::WriteRules(json, outcome.rules, outcome.passed_over);
  }
  if (made.is_preview()) json.Key("preview").Bool(true);
  json.Key("personalized").Bool(made.is_personalized).Key("degraded").BeginArray();
  for (const std::string& what : made.degraded) json.String(what);
  json.EndArray();
  json.Key("took_ms").Fixed(static_cast<double>(took_micros) / kMicrosPerMs, 3).EndObject();
}

}  // namespace attune::search
