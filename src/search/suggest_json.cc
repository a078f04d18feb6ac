#include "search/suggest_json.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "decisions/json_fields.h"
#include "decisions/request_fields.h"
#include "decisions/rule_answer.h"
#include "search/analytics_limits.h"
#include "search/query_text.h"
#include "search/request_json.h"

namespace attune::search {
namespace {

constexpr std::string_view kCategoryField = "category";
constexpr std::string_view kBrandField = "brand";
// Values that are looked through for those that are named like what was typed.
constexpr uint32_t kFacetValuesRead = 100;
constexpr int kPopularityDecimals = 3;
constexpr double kMicrosPerMs = 1e3;

Status ReadLimits(std::string_view body, SuggestRequest& request) {
  static thread_local simdjson::dom::parser parser(decisions::kRequestBytesMax);
  simdjson::dom::object root;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) {
    return InvalidArgument("the body is not a JSON object");
  }
  simdjson::dom::object limits;
  bool found = false;
  RETURN_IF_ERROR(decisions::ReadObject(root, "limits", "limits", limits, found));
  if (!found) return {};
  const auto read = [&](const std::string& name, uint32_t& limit) {
    return decisions::ReadInteger(limits, name, "limits." + name, 0, kSuggestionsMax, limit);
  };
  RETURN_IF_ERROR(read("queries", request.queries));
  RETURN_IF_ERROR(read("categories", request.categories));
  RETURN_IF_ERROR(read("brands", request.brands));
  RETURN_IF_ERROR(read("products", request.search.base.limit));
  return read("recent", request.recent);
}

// The last word, which may be the beginning of one.
std::string_view LastWord(std::string_view typed) { return typed.substr(typed.find_last_of(' ') + 1); }

// Whether a word of `name` begins with `typed`.
bool IsNamedLike(std::string_view name, std::string_view typed) {
  const std::string normal = " " + NormalQuery(name);
  return !typed.empty() && normal.find(" " + std::string(typed)) != std::string::npos;
}

const FacetAnswer* FacetOf(const SearchResult& made, std::string_view field) {
  for (const FacetAnswer& facet : made.outcome.facets) {
    if (facet.field == field) return &facet;
  }
  return nullptr;
}

bool IsAncestorOfAny(std::string_view path, const std::vector<FacetCount>& values) {
  const std::string below = std::string(path) + " > ";
  return std::any_of(values.begin(), values.end(),
                     [&](const FacetCount& one) { return one.value.starts_with(below); });
}

// Those named like what was typed first; each part in the order of the facet, which is that of counts.
std::vector<const FacetCount*> ChooseValues(const FacetAnswer& facet, std::string_view typed, size_t limit) {
  std::vector<const FacetCount*> chosen;
  std::vector<const FacetCount*> others;
  for (const FacetCount& value : facet.values) {
    const std::string_view name =
        facet.field == kCategoryField
            ? std::string_view(value.value).substr(value.value.find_last_of('>') + 1)
            : std::string_view(value.value);
    if (IsNamedLike(name, typed)) {
      chosen.push_back(&value);
    } else if (!IsAncestorOfAny(value.value, facet.values)) {
      others.push_back(&value);
    }
  }
  chosen.insert(chosen.end(), others.begin(), others.end());
  if (chosen.size() > limit) chosen.resize(limit);
  return chosen;
}

void WriteCategories(JsonWriter& json, const SearchResult& made, std::string_view typed, size_t limit) {
  json.Key("categories").BeginArray();
  const FacetAnswer* const facet = FacetOf(made, kCategoryField);
  for (const FacetCount* value :
       facet == nullptr ? std::vector<const FacetCount*>() : ChooseValues(*facet, typed, limit)) {
    json.BeginObject().Key("path").BeginArray();
    for (const std::string& level : decisions::SplitCategoryPath(value->value)) json.String(level);
    json.EndArray().Key("count").Uint(value->products).EndObject();
  }
  json.EndArray();
}

void WriteBrands(JsonWriter& json, const SearchResult& made, std::string_view typed, size_t limit) {
  json.Key("brands").BeginArray();
  const FacetAnswer* const facet = FacetOf(made, kBrandField);
  for (const FacetCount* value :
       facet == nullptr ? std::vector<const FacetCount*>() : ChooseValues(*facet, typed, limit)) {
    json.BeginObject().Key("brand").String(value->value).Key("count").Uint(value->products).EndObject();
  }
  json.EndArray();
}

}  // namespace

Result<SuggestRequest> ParseSuggestRequest(std::string_view body) {
  ASSIGN_OR_RETURN(SearchRequests searches, ParseSearchRequests(body));
  if (searches.is_batch) return InvalidArgument("one query is suggested for at a time", "queries");
  SuggestRequest request;
  request.search = std::move(searches.queries.front());
  request.search.is_typing = true;
  request.search.page = 0;
  request.search.base.limit = kSuggestedProductsDefault;
  request.queries = kSuggestedQueriesDefault;
  request.categories = kSuggestedCategoriesDefault;
  request.brands = kSuggestedBrandsDefault;
  request.recent = kSuggestedRecentDefault;
  RETURN_IF_ERROR(ReadLimits(body, request));
  request.search.facets.clear();
  const auto count = [&](std::string_view field) {
    FacetRequest facet;
    facet.field = field;
    facet.values_max = kFacetValuesRead;
    request.search.facets.push_back(std::move(facet));
  };
  if (request.categories > 0) count(kCategoryField);
  if (request.brands > 0) count(kBrandField);
  return request;
}

SuggestAnswer ChooseSuggestions(const SuggestionSet& set, const SuggestRequest& request,
                                std::string_view language, const std::vector<RecentSearch>& recent) {
  const std::string typed = NormalQuery(request.search.base.context.query);
  SuggestAnswer answer;
  for (const Suggestion* one : set.queries->Find(typed, language, request.queries)) {
    answer.queries.push_back({one, true});
  }
  auto texts = set.texts->Find(typed, language, request.queries);
  // Of a catalogue in another language than the request's, rather than nothing.
  if (answer.queries.empty() && texts.empty()) texts = set.texts->Find(typed, {}, request.queries);
  for (const Suggestion* one : texts) {
    if (answer.queries.size() == request.queries) break;
    const bool is_there = std::any_of(
        answer.queries.begin(), answer.queries.end(),
        [&](const SuggestAnswer::Query& other) { return other.suggestion->normal == one->normal; });
    if (!is_there) answer.queries.push_back({one, false});
  }
  for (const RecentSearch& one : recent) {
    if (answer.recent.size() == request.recent) break;
    if (typed.empty() || (" " + one.text).find(" " + typed) != std::string::npos)
      answer.recent.push_back(one);
  }
  return answer;
}

void WriteSuggestAnswer(JsonWriter& json, const SuggestRequest& request, const SuggestAnswer& answer,
                        const SearchResult& made, int64_t took_micros, const SearchAudience& audience) {
  const std::string typed = NormalQuery(request.search.base.context.query);
  json.BeginObject().Key("decision_id").String(made.id.ToString());
  json.Key("query").String(made.resolved.query).Key("queries").BeginArray();
  for (const SuggestAnswer::Query& query : answer.queries) {
    json.BeginObject().Key("text").String(query.suggestion->text);
    json.Key("highlighted").String(MarkTyped(query.suggestion->text, typed));
    json.Key("popularity").Fixed(query.suggestion->weight, kPopularityDecimals);
    json.Key("source").String(query.is_searched ? "searches" : "catalog").EndObject();
  }
  json.EndArray();
  WriteCategories(json, made, LastWord(typed), request.categories);
  WriteBrands(json, made, LastWord(typed), request.brands);
  json.Key("products");
  WriteHits(json, made, audience);
  json.Key("recent").BeginArray();
  for (const RecentSearch& one : answer.recent) {
    json.BeginObject().Key("text").String(one.spelling);
    json.Key("highlighted").String(MarkTyped(one.spelling, typed)).EndObject();
  }
  json.EndArray().Key("corrected_query");
  if (made.outcome.corrected_query.empty()) {
    json.Null();
  } else {
    json.String(made.outcome.corrected_query);
  }
  decisions::WriteSignposts(json, made.outcome.rules);
  json.Key("took_ms").Fixed(static_cast<double>(took_micros) / kMicrosPerMs, 3).EndObject();
}

}  // namespace attune::search
