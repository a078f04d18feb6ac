#include "search/request_json.h"

#include <simdjson.h>

#include <cmath>
#include <string>
#include <utility>

#include "decisions/json_fields.h"
#include "decisions/request_fields.h"
#include "search/limits.h"

namespace attune::search {
namespace {

using decisions::CheckText;
using decisions::IsAbsent;
using decisions::ReadBool;
using decisions::ReadInteger;
using decisions::ReadText;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::string_view kLevelSeparator = " > ";

// Text, or a path of a category as an array of its levels.
Status ReadValue(const element& value, const std::string& field, std::string& out) {
  std::string_view text;
  array levels;
  if (value.get(text) == simdjson::SUCCESS) {
    out = text;
  } else if (bool flag = false; value.get(flag) == simdjson::SUCCESS) {
    out = flag ? "true" : "false";
  } else if (value.get(levels) == simdjson::SUCCESS) {
    out.clear();
    for (const element level : levels) {
      if (level.get(text) != simdjson::SUCCESS)
        return InvalidArgument("expected the name of a category", field);
      if (!out.empty()) out += kLevelSeparator;
      out += text;
    }
  } else {
    return InvalidArgument("expected text", field);
  }
  return CheckText(out, kFacetValueBytesMax, field);
}

Status ReadFacet(const element& value, const std::string& field, FacetRequest& facet) {
  facet.values_max = kFacetAnswerDefault;
  object from;
  if (value.get(from) != simdjson::SUCCESS) {
    std::string_view name;
    if (value.get(name) != simdjson::SUCCESS) return InvalidArgument("expected the name of a field", field);
    RETURN_IF_ERROR(CheckText(name, kFacetValueBytesMax, field));
    facet.field = name;
    return {};
  }
  RETURN_IF_ERROR(ReadText(from, "field", field + ".field", kFacetValueBytesMax, facet.field));
  if (facet.field.empty()) return InvalidArgument("field is missing", field + ".field");
  RETURN_IF_ERROR(ReadInteger(from, "limit", field + ".limit", 0, kFacetAnswerMax, facet.values_max));
  RETURN_IF_ERROR(ReadText(from, "containing", field + ".containing", kFacetValueBytesMax, facet.containing));
  if (element below; !IsAbsent(from, "below", below)) {
    RETURN_IF_ERROR(ReadValue(below, field + ".below", facet.below));
    facet.is_one_level = true;
  }
  return {};
}

Status ReadFacets(const object& root, std::vector<FacetRequest>& facets) {
  element value;
  if (IsAbsent(root, "facets", value)) return {};
  array list;
  if (value.get(list) != simdjson::SUCCESS) return InvalidArgument("expected an array", "facets");
  for (const element entry : list) {
    if (facets.size() == kFacetsPerQueryMax) {
      return InvalidArgument("at most " + std::to_string(kFacetsPerQueryMax) + " facets", "facets");
    }
    const std::string place = "facets[" + std::to_string(facets.size()) + "]";
    RETURN_IF_ERROR(ReadFacet(entry, place, facets.emplace_back()));
  }
  return {};
}

Status ReadEnd(const object& from, std::string_view key, const std::string& field, double& out) {
  element value;
  if (IsAbsent(from, key, value)) return {};
  if (value.get(out) != simdjson::SUCCESS || !std::isfinite(out)) {
    return InvalidArgument("expected a number", field + "." + std::string(key));
  }
  return {};
}

Status ReadSelection(const element& value, const std::string& field, FacetSelection& selection) {
  if (object range; value.get(range) == simdjson::SUCCESS) {
    RETURN_IF_ERROR(ReadEnd(range, "min", field, selection.low));
    RETURN_IF_ERROR(ReadEnd(range, "max", field, selection.high));
    if (selection.low > selection.high) return InvalidArgument("min is larger than max", field);
    return {};
  }
  array values;
  if (value.get(values) != simdjson::SUCCESS) {
    return InvalidArgument("expected an array of values, or {\"min\":..,\"max\":..}", field);
  }
  for (const element entry : values) {
    if (selection.values.size() == kSelectedValuesMax) {
      return InvalidArgument("at most " + std::to_string(kSelectedValuesMax) + " values", field);
    }
    const std::string place = field + "[" + std::to_string(selection.values.size()) + "]";
    RETURN_IF_ERROR(ReadValue(entry, place, selection.values.emplace_back()));
  }
  return {};
}

Status ReadSelected(const object& root, std::vector<FacetSelection>& selected) {
  element value;
  if (IsAbsent(root, "selected", value)) return {};
  object fields;
  if (value.get(fields) != simdjson::SUCCESS) return InvalidArgument("expected an object", "selected");
  for (const auto& [name, selection] : fields) {
    const std::string field = "selected." + std::string(name);
    if (selection.is_null()) continue;
    if (selected.size() == kFacetFieldsMax) {
      return InvalidArgument("at most " + std::to_string(kFacetFieldsMax) + " fields", "selected");
    }
    RETURN_IF_ERROR(CheckText(name, kFacetValueBytesMax, "selected"));
    for (const FacetSelection& other : selected) {
      if (other.field == name) return InvalidArgument("is there twice", field);
    }
    FacetSelection one{.field = std::string(name)};
    RETURN_IF_ERROR(ReadSelection(selection, field, one));
    // No value ticked is no selection.
    if (!one.values.empty() || std::isfinite(one.low) || std::isfinite(one.high)) {
      selected.push_back(std::move(one));
    }
  }
  return {};
}

Status ReadSort(const object& root, SortOrder& sort) {
  std::string name;
  RETURN_IF_ERROR(ReadText(root, "sort", "sort", kFacetValueBytesMax, name));
  if (name.empty()) return {};
  const auto order = ParseSortOrder(name);
  if (!order) {
    return InvalidArgument("must be relevance, price_ascending, price_descending, newest or popularity",
                           "sort");
  }
  sort = *order;
  return {};
}

Status ReadDistinct(const object& root, std::optional<Distinct>& distinct) {
  element value;
  if (IsAbsent(root, "distinct", value)) return {};
  object from;
  if (value.get(from) != simdjson::SUCCESS) return InvalidArgument("expected an object", "distinct");
  Distinct read;
  RETURN_IF_ERROR(ReadText(from, "field", "distinct.field", kFacetValueBytesMax, read.field));
  if (read.field != "brand" && !read.field.starts_with("attributes.")) {
    return InvalidArgument("must be brand or attributes.<name>", "distinct.field");
  }
  RETURN_IF_ERROR(ReadInteger(from, "products", "distinct.products", 1, kHitsMax, read.products_max));
  distinct = std::move(read);
  return {};
}

Status ReadHighlight(const object& root, SearchRequest& request) {
  element value;
  if (IsAbsent(root, "highlight", value)) return {};
  array fields;
  if (value.get(fields) != simdjson::SUCCESS) return InvalidArgument("expected an array", "highlight");
  size_t place = 0;
  for (const element entry : fields) {
    std::string_view name;
    if (entry.get(name) != simdjson::SUCCESS || (name != "title" && name != "description")) {
      return InvalidArgument("must be title or description", "highlight[" + std::to_string(place) + "]");
    }
    (name == "title" ? request.highlights_title : request.highlights_description) = true;
    ++place;
  }
  return {};
}

Status ReadPage(const object& root, SearchRequest& request) {
  RETURN_IF_ERROR(ReadInteger(root, "page", "page", 0, kHitsMax, request.page));
  if (uint64_t{request.page + 1} * request.base.limit > kHitsMax) {
    return InvalidArgument("only the first " + std::to_string(kHitsMax) + " hits can be had", "page");
  }
  return {};
}

// What search has beside the fields of every touchpoint.
Status ReadOwnFields(const object& root, SearchRequest& request) {
  element value;
  // A limit that is there was read and checked before; 0 stands for itself here.
  if (IsAbsent(root, "limit", value)) request.base.limit = kHitsDefault;
  RETURN_IF_ERROR(ReadText(root, "query", "query", kQueryTextBytesMax, request.base.context.query));
  RETURN_IF_ERROR(ReadBool(root, "typing", "typing", request.is_typing));
  RETURN_IF_ERROR(ReadBool(root, "fill_empty", "fill_empty", request.fills_empty));
  RETURN_IF_ERROR(ReadFacets(root, request.facets));
  RETURN_IF_ERROR(ReadSelected(root, request.selected));
  RETURN_IF_ERROR(ReadSort(root, request.sort));
  RETURN_IF_ERROR(ReadDistinct(root, request.distinct));
  RETURN_IF_ERROR(ReadHighlight(root, request));
  if (!IsAbsent(root, "personalize", value)) {
    RETURN_IF_ERROR(
        ReadInteger(root, "personalize", "personalize", 0, kDialMax, request.personalize.emplace()));
  }
  return ReadPage(root, request);
}

simdjson::dom::parser& Parser() {
  static thread_local simdjson::dom::parser parser(decisions::kRequestBytesMax);
  return parser;
}

Result<SearchRequest> ParseOne(std::string_view body) {
  SearchRequest request;
  ASSIGN_OR_RETURN(request.base,
                   decisions::ParseDecisionRequest(
                       body, {.needs_placement = false, .limit_min = 0, .limit_max = kHitsPerPageMax}));
  request.base.placement = kSearchPlacement;
  request.base.context.query.clear();  // The query of search is its own field.
  object root;
  if (Parser().parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) {
    return InvalidArgument("the body is not a JSON object");
  }
  RETURN_IF_ERROR(ReadOwnFields(root, request));
  return request;
}

// The texts of the queries of a batch; nothing when the body is one query.
Result<std::optional<std::vector<std::string>>> SplitBatch(std::string_view body) {
  using Texts = std::optional<std::vector<std::string>>;
  element document;
  if (body.size() > decisions::kRequestBytesMax) {
    return InvalidArgument("the body is larger than " + std::to_string(decisions::kRequestBytesMax) +
                           " bytes");
  }
  if (Parser().parse(body.data(), body.size()).get(document) != simdjson::SUCCESS) {
    return InvalidArgument("the body is not JSON");
  }
  object root;
  if (document.get(root) != simdjson::SUCCESS) return InvalidArgument("the body is not a JSON object");
  element value;
  if (IsAbsent(root, "queries", value)) return Texts();
  array queries;
  if (value.get(queries) != simdjson::SUCCESS) return InvalidArgument("expected an array", "queries");
  std::vector<std::string> texts;
  for (const element query : queries) {
    if (texts.size() == kQueriesPerRequestMax) {
      return InvalidArgument("at most " + std::to_string(kQueriesPerRequestMax) + " queries", "queries");
    }
    texts.push_back(simdjson::minify(query));
  }
  if (texts.empty()) return InvalidArgument("there is no query", "queries");
  return Texts(std::move(texts));
}

}  // namespace

Result<SearchRequests> ParseSearchRequests(std::string_view body) {
  SearchRequests requests;
  ASSIGN_OR_RETURN(const auto batch, SplitBatch(body));
  if (!batch) {
    ASSIGN_OR_RETURN(requests.queries.emplace_back(), ParseOne(body));
    return requests;
  }
  requests.is_batch = true;
  for (const std::string& text : *batch) {
    auto query = ParseOne(text);
    if (!query.ok()) {
      const std::string place = "queries[" + std::to_string(requests.queries.size()) + "]";
      const std::string_view field = query.status().field();
      return InvalidArgument(std::string(query.status().message()),
                             field.empty() ? place : place + "." + std::string(field));
    }
    requests.queries.push_back(std::move(query).value());
  }
  return requests;
}

}  // namespace attune::search
