#include "search/search_record.h"

#include <cmath>
#include <utility>

#include "base/json_writer.h"
#include "search/behaviour_key.h"
#include "search/request_json.h"
#include "search/synonym_cache.h"

namespace attune::search {
namespace {

void WriteSelected(const SearchRequest& request, JsonWriter& json) {
  json.Key("selected").BeginObject();
  for (const FacetSelection& selection : request.selected) {
    json.Key(selection.field);
    if (!selection.values.empty()) {
      json.BeginArray();
      for (const std::string& value : selection.values) json.String(value);
      json.EndArray();
      continue;
    }
    json.BeginObject();
    if (std::isfinite(selection.low)) json.Key("min").Double(selection.low);
    if (std::isfinite(selection.high)) json.Key("max").Double(selection.high);
    json.EndObject();
  }
  json.EndObject();
}

std::string DifferenceOf(const decisions::DecisionRecord& recorded,
                         const decisions::DecisionRecord& replayed) {
  if (recorded.rules != replayed.rules) return "other rules hold";
  if (recorded.products.size() != replayed.products.size()) {
    return "the page has " + std::to_string(replayed.products.size()) + " hits, not " +
           std::to_string(recorded.products.size());
  }
  for (size_t i = 0; i < recorded.products.size(); ++i) {
    if (recorded.products[i] != replayed.products[i]) return "hit " + std::to_string(i) + " differs";
  }
  return "the hits are the same, their circumstances are not";
}

}  // namespace

std::string SearchFieldsOf(const SearchRequest& request, uint32_t dial) {
  JsonWriter json;
  json.BeginObject();
  // What 0 means in a record is "as the placement says".
  if (request.base.limit == 0) json.Key("limit").Uint(0);
  if (request.page != 0) json.Key("page").Uint(request.page);
  if (request.sort != SortOrder::kRelevance) json.Key("sort").String(SortOrderName(request.sort));
  if (!request.fills_empty) json.Key("fill_empty").Bool(false);
  if (request.is_typing) json.Key("typing").Bool(true);
  if (!request.selected.empty()) WriteSelected(request, json);
  if (request.distinct) {
    json.Key("distinct").BeginObject().Key("field").String(request.distinct->field);
    json.Key("products").Uint(request.distinct->products_max).EndObject();
  }
  json.Key("personalize").Uint(dial).EndObject();
  return json.TakeText();
}

Result<RecordedSearch> ReadSearchFields(const decisions::DecisionRecord& record) {
  auto read = ParseSearchRequests(record.search);
  if (!read.ok() || read->is_batch) return Corruption("not the fields of a search: " + record.search);
  RecordedSearch recorded{std::move(read->queries[0]), 0};
  recorded.dial = recorded.request.personalize.value_or(0);
  if (record.request.limit != 0) recorded.request.base.limit = record.request.limit;
  return recorded;
}

decisions::DecisionRecord MakeSearchRecord(const SearchInput& input, const SearchOutcome& outcome,
                                           const DecisionId& id, const decisions::RecordedShopper& shopper) {
  decisions::DecisionRecord record;
  record.id = id;
  record.now_ms = input.now_ms;
  record.handles = shopper.handles;
  if (input.profile != nullptr) {
    record.is_personalized = true;
    record.profile_sequence = shopper.profile_sequence;
  }
  record.view_sequence = input.view.sequence;
  record.catalog_sequence = input.catalog.sequence();
  record.vocabulary_sequence = input.texts.vocabulary_sequence();
  if (input.view.sources != nullptr) record.generations = input.view.sources->generations();
  record.request = input.resolved;
  record.search = SearchFieldsOf(input.request, input.dial);
  for (const decisions::Rule* const rule : outcome.rules.rules) record.rules.push_back(rule->id);
  for (const FoundProduct& found : outcome.products) {
    // What fills an empty page is no hit of the words.
    const bool is_hit = outcome.rung < Rung::kChosen;
    record.products.push_back({found.ranked.hit.product, static_cast<float>(found.ranked.score()),
                               std::string(is_hit ? kSearchPlacement : RungName(outcome.rung)), 1});
  }
  return record;
}

Result<SearchReplay> ReplaySearch(const decisions::DecisionRecord& record, const decisions::StoreView& view,
                                  const catalog::CatalogView& catalog, const LocaleIndex& texts,
                                  const features::ShopperProfile* profile) {
  ASSIGN_OR_RETURN(const RecordedSearch recorded, ReadSearchFields(record));
  const auto synonyms = CompileSynonyms(view.synonyms.get(), texts);
  const SearchInput input{recorded.request, record.request, view,          catalog, texts,
                          profile,          recorded.dial,  record.now_ms, nullptr, synonyms.get()};
  SearchReplay replay;
  ASSIGN_OR_RETURN(replay.outcome, RunSearch(input));
  const decisions::DecisionRecord again =
      MakeSearchRecord(input, replay.outcome, record.id, {record.handles, record.profile_sequence});
  replay.is_same = decisions::EncodeDecisionRecord(again) == decisions::EncodeDecisionRecord(record);
  if (!replay.is_same) replay.difference = DifferenceOf(record, again);
  return replay;
}

std::optional<models::SearchPage> PageOf(const decisions::DecisionRecord& record) {
  const auto recorded = ReadSearchFields(record);
  if (!recorded.ok() || recorded->request.sort != SortOrder::kRelevance) return std::nullopt;
  models::SearchPage page;
  page.decision = record.id;
  page.at_ms = record.now_ms;
  if (!record.handles.empty()) page.shopper = record.handles.front();
  page.query = BehaviourKey(record.request);
  uint32_t position = recorded->request.first_hit();
  for (const auto& product : record.products) page.lines.push_back({product.product, position++, 0});
  return page;
}

Result<decisions::RemadeDecision> RemakeSearch(const decisions::DecisionRecord& record,
                                               const decisions::StoreView& view,
                                               const catalog::CatalogView& catalog, const LocaleIndex& texts,
                                               const features::ShopperProfile* profile, int64_t now_ms) {
  ASSIGN_OR_RETURN(const RecordedSearch recorded, ReadSearchFields(record));
  const auto synonyms = CompileSynonyms(view.synonyms.get(), texts);
  ASSIGN_OR_RETURN(const SearchOutcome outcome,
                   RunSearch({recorded.request, record.request, view, catalog, texts, profile, recorded.dial,
                              now_ms, nullptr, synonyms.get()}));
  decisions::RemadeDecision made;
  for (const FoundProduct& found : outcome.products) {
    made.products.push_back(found.ranked.hit.product);
    made.ids.emplace_back(catalog.IdOf(found.ranked.hit.product));
  }
  decisions::TakeRules(outcome.rules, made);
  return made;
}

}  // namespace attune::search
