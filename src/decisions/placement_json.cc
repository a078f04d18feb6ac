#include "decisions/placement_json.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "catalog/product_fields.h"
#include "decisions/json_fields.h"
#include "decisions/setting_document.h"
#include "decisions/setting_record.h"

namespace attune::decisions {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::string_view kNoRow = "none";
constexpr std::string_view kRowOfPurchase = "purchase";

Status ReadSources(const object& document, Placement& placement) {
  array sources;
  bool found = false;
  RETURN_IF_ERROR(ReadArray(document, "sources", "sources", kSourcesMax, sources, found));
  RETURN_IF_ERROR(ReadNumber(document, "rank_offset", "rank_offset", 0, 10'000, placement.recipe.k));
  if (!found) return {};
  placement.recipe.parts.clear();
  for (const element entry : sources) {
    const std::string field = "sources[" + std::to_string(placement.recipe.parts.size()) + "]";
    object source;
    if (entry.get(source) != simdjson::SUCCESS) return WrongType("an object", field);
    models::FusionPart part;
    part.limit = kSourceDepthDefault;
    RETURN_IF_ERROR(ReadText(source, "source", field + ".source", kSettingIdBytesMax, part.source));
    if (part.source.empty()) return InvalidArgument("source is missing", field + ".source");
    RETURN_IF_ERROR(ReadNumber(source, "weight", field + ".weight", 0, 1000, part.weight));
    RETURN_IF_ERROR(ReadInteger(source, "depth", field + ".depth", 1, kSourceDepthMax, part.limit));
    for (const models::FusionPart& other : placement.recipe.parts) {
      if (other.source == part.source)
        return InvalidArgument("named twice: " + part.source, field + ".source");
    }
    placement.recipe.parts.push_back(std::move(part));
  }
  return {};
}

Status ReadSeeds(const object& document, SeedWeights& seeds) {
  object weights;
  bool found = false;
  RETURN_IF_ERROR(ReadObject(document, "seeds", "seeds", weights, found));
  if (!found) return {};
  seeds = {};
  RETURN_IF_ERROR(ReadNumber(weights, "page", "seeds.page", 0, 1000, seeds.page));
  RETURN_IF_ERROR(ReadNumber(weights, "cart", "seeds.cart", 0, 1000, seeds.cart));
  RETURN_IF_ERROR(ReadNumber(weights, "session", "seeds.session", 0, 1000, seeds.session));
  return ReadNumber(weights, "profile", "seeds.profile", 0, 1000, seeds.profile);
}

std::string JoinPath(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& level : path) text += (text.empty() ? "" : " > ") + level;
  return text;
}

Status ReadExclusions(const object& document, Exclusions& exclude) {
  object from;
  bool found = false;
  RETURN_IF_ERROR(ReadObject(document, "exclude", "exclude", from, found));
  if (!found) return {};
  RETURN_IF_ERROR(ReadBool(from, "page_products", "exclude.page_products", exclude.page_products));
  RETURN_IF_ERROR(ReadBool(from, "cart", "exclude.cart", exclude.cart));
  RETURN_IF_ERROR(ReadInteger(from, "bought_within_days", "exclude.bought_within_days", 0, kDaysMax,
                              exclude.bought_within_days));
  element value;
  const std::string_view key = "bought_within_days_by_category";
  if (IsAbsent(from, key, value)) return {};
  const std::string field = "exclude." + std::string(key);
  object days_by_category;
  if (value.get(days_by_category) != simdjson::SUCCESS) return WrongType("an object", field);
  exclude.bought_within_days_by_category.clear();
  for (const auto& [category, days] : days_by_category) {
    int64_t number = 0;
    const std::string entry_field = field + "." + std::string(Utf8Prefix(category, kSettingIdBytesMax));
    if (category.size() > kRequestTextBytesMax)
      return InvalidArgument("the category is too long", entry_field);
    if (days.get(number) != simdjson::SUCCESS) return WrongType("a whole number", entry_field);
    if (number < 0 || number > kDaysMax) {
      return InvalidArgument("must lie between 0 and " + std::to_string(kDaysMax), entry_field);
    }
    if (exclude.bought_within_days_by_category.size() >= kPlacementsMax) {
      return InvalidArgument("at most " + std::to_string(kPlacementsMax) + " categories", field);
    }
    exclude.bought_within_days_by_category.emplace_back(SplitCategoryPath(category),
                                                        static_cast<int>(number));
  }
  std::sort(exclude.bought_within_days_by_category.begin(), exclude.bought_within_days_by_category.end());
  return {};
}

Status ReadDiversity(const object& document, Diversity& diversity) {
  object from;
  bool found = false;
  RETURN_IF_ERROR(ReadObject(document, "diversity", "diversity", from, found));
  if (!found) return {};
  RETURN_IF_ERROR(
      ReadInteger(from, "brand_max", "diversity.brand_max", 0, kSlateProductsMax, diversity.brand_max));
  RETURN_IF_ERROR(ReadInteger(from, "category_max", "diversity.category_max", 0, kSlateProductsMax,
                              diversity.category_max));
  // At 1 only the ranking counts, which is what method "none" is for.
  RETURN_IF_ERROR(
      ReadNumber(from, "relevance", "diversity.relevance", 0, kRelevanceMax, diversity.relevance));
  std::string method(DiversityMethodName(diversity.method));
  RETURN_IF_ERROR(ReadText(from, "method", "diversity.method", kSettingIdBytesMax, method));
  const auto known = ParseDiversityMethod(method);
  if (!known) return InvalidArgument("expected none, mmr or dpp", "diversity.method");
  diversity.method = *known;
  return {};
}

Status ReadRotation(const object& document, Rotation& rotation) {
  object from;
  bool found = false;
  RETURN_IF_ERROR(ReadObject(document, "rotation", "rotation", from, found));
  if (!found) return {};
  RETURN_IF_ERROR(ReadInteger(from, "slates", "rotation.slates", 0, kRotationSlatesMax, rotation.slates));
  return ReadNumber(from, "keep", "rotation.keep", 0, 1, rotation.keep);
}

Status ReadExploration(const object& document, Exploration& exploration) {
  object from;
  bool found = false;
  RETURN_IF_ERROR(ReadObject(document, "exploration", "exploration", from, found));
  if (!found) return {};
  RETURN_IF_ERROR(ReadNumber(from, "epsilon", "exploration.epsilon", 0, 1, exploration.epsilon));
  RETURN_IF_ERROR(
      ReadInteger(from, "new_slots", "exploration.new_slots", 0, kThompsonSlotsMax, exploration.new_slots));
  RETURN_IF_ERROR(ReadInteger(from, "new_impressions_max", "exploration.new_impressions_max", 1,
                              kNewImpressionsMax, exploration.new_impressions_max));
  std::string goal(GoalName(exploration.goal));
  RETURN_IF_ERROR(ReadText(from, "goal", "exploration.goal", kSettingIdBytesMax, goal));
  const auto known = ParseGoal(goal);
  if (!known) return InvalidArgument("expected click or cart", "exploration.goal");
  exploration.goal = *known;
  return {};
}

Status ReadRowSeed(const object& document, RowSeed& row_seed) {
  std::string name(row_seed == RowSeed::kPurchase ? kRowOfPurchase : kNoRow);
  RETURN_IF_ERROR(ReadText(document, "row_seed", "row_seed", kSettingIdBytesMax, name));
  if (name != kRowOfPurchase && name != kNoRow) {
    return InvalidArgument("expected none or purchase", "row_seed");
  }
  row_seed = name == kRowOfPurchase ? RowSeed::kPurchase : RowSeed::kNone;
  return {};
}

Status ReadObjective(const object& document, models::RankObjective& objective) {
  std::string name;
  RETURN_IF_ERROR(ReadText(document, "objective", "objective", kSettingIdBytesMax, name));
  if (name.empty()) return {};
  const std::optional<models::RankObjective> parsed = models::ParseRankObjective(name);
  if (!parsed) return InvalidArgument("expected blend, click, conversion, revenue or profit", "objective");
  objective = *parsed;
  return {};
}

Status ReadFallback(const object& document, std::vector<Rung>& fallback) {
  array rungs;
  bool found = false;
  RETURN_IF_ERROR(ReadArray(document, "fallback", "fallback", 5, rungs, found));
  if (!found) return {};
  fallback.clear();
  for (const element entry : rungs) {
    const std::string field = "fallback[" + std::to_string(fallback.size()) + "]";
    std::string_view name;
    if (entry.get(name) != simdjson::SUCCESS) return WrongType("text", field);
    const std::optional<Rung> rung = ParseRung(name);
    if (!rung) {
      return InvalidArgument("expected session_context, category, editorial, bestsellers or newest", field);
    }
    if (std::find(fallback.begin(), fallback.end(), *rung) != fallback.end()) {
      return InvalidArgument("named twice: " + std::string(name), field);
    }
    fallback.push_back(*rung);
  }
  return {};
}

Status ReadEditorial(const object& document, std::vector<std::string>& editorial) {
  array ids;
  bool found = false;
  RETURN_IF_ERROR(ReadArray(document, "editorial", "editorial", kEditorialProductsMax, ids, found));
  if (!found) return {};
  editorial.clear();
  for (const element entry : ids) {
    const std::string field = "editorial[" + std::to_string(editorial.size()) + "]";
    std::string_view id;
    if (entry.get(id) != simdjson::SUCCESS) return WrongType("text", field);
    if (id.empty() || id.size() > kRequestTextBytesMax || !IsCleanText(id)) {
      return InvalidArgument("no product id", field);
    }
    editorial.emplace_back(id);
  }
  return {};
}

// The built-in placement that a document starts from.
Status ReadBase(std::string_view id, const object& document, Placement& placement) {
  const auto find = [](std::string_view wanted) -> const Placement* {
    for (const Placement& built_in : BuiltInPlacements()) {
      if (built_in.id == wanted) return &built_in;
    }
    return nullptr;
  };
  std::string based_on;
  RETURN_IF_ERROR(ReadText(document, "based_on", "based_on", kSettingIdBytesMax, based_on));
  const Placement* const base = find(based_on.empty() ? id : std::string_view(based_on));
  if (base != nullptr) {
    placement = *base;
  } else if (!based_on.empty()) {
    return InvalidArgument("no built-in placement: " + based_on, "based_on");
  }
  placement.id = id;
  return {};
}

Status ReadFilter(const object& document, Placement& placement) {
  RETURN_IF_ERROR(ReadText(document, "filter", "filter", kSettingBytesMax, placement.filter));
  placement.parsed_filter = nullptr;
  if (placement.filter.empty()) return {};
  ASSIGN_OR_RETURN(expressions::Expression filter,
                   expressions::Expression::Parse(
                       placement.filter, catalog::ProductFilterSchema(catalog::FieldScope::kShop), "filter"));
  placement.parsed_filter = std::make_shared<const expressions::Expression>(std::move(filter));
  return {};
}

void WriteReranking(JsonWriter& json, const Placement& placement) {
  const Diversity& diversity = placement.diversity;
  json.Key("row_seed").String(placement.row_seed == RowSeed::kPurchase ? kRowOfPurchase : kNoRow);
  json.Key("diversity").BeginObject().Key("brand_max").Uint(diversity.brand_max);
  json.Key("category_max").Uint(diversity.category_max);
  json.Key("method").String(DiversityMethodName(diversity.method));
  json.Key("relevance").Double(diversity.relevance).EndObject();
  json.Key("rotation").BeginObject().Key("slates").Uint(placement.rotation.slates);
  json.Key("keep").Double(placement.rotation.keep).EndObject();
  json.Key("popularity_exponent").Double(placement.popularity_exponent);
  const Exploration& exploration = placement.exploration;
  json.Key("exploration").BeginObject().Key("epsilon").Double(exploration.epsilon);
  json.Key("new_slots").Uint(exploration.new_slots);
  json.Key("new_impressions_max").Uint(exploration.new_impressions_max);
  json.Key("goal").String(GoalName(exploration.goal)).EndObject();
}

}  // namespace

Result<Placement> ParsePlacement(std::string_view id, std::string_view json) {
  simdjson::dom::parser parser;
  object document;
  RETURN_IF_ERROR(OpenSettingDocument(id, json, parser, document));
  Placement placement;
  RETURN_IF_ERROR(ReadBase(id, document, placement));
  RETURN_IF_ERROR(ReadText(document, "title", "title", kRequestTextBytesMax, placement.title));
  RETURN_IF_ERROR(ReadSources(document, placement));
  RETURN_IF_ERROR(ReadSeeds(document, placement.seeds));
  RETURN_IF_ERROR(ReadInteger(document, "limit", "limit", 1, kSlateProductsMax, placement.limit_default));
  RETURN_IF_ERROR(ReadInteger(document, "limit_max", "limit_max", 1, kSlateProductsMax, placement.limit_max));
  RETURN_IF_ERROR(ReadBool(document, "within_category", "within_category", placement.is_within_category));
  RETURN_IF_ERROR(ReadBool(document, "may_repeat", "may_repeat", placement.recipe.may_repeat));
  RETURN_IF_ERROR(ReadBool(document, "about_views", "about_views", placement.is_about_views));
  RETURN_IF_ERROR(ReadFilter(document, placement));
  RETURN_IF_ERROR(ReadExclusions(document, placement.exclude));
  RETURN_IF_ERROR(ReadRowSeed(document, placement.row_seed));
  RETURN_IF_ERROR(ReadDiversity(document, placement.diversity));
  RETURN_IF_ERROR(ReadRotation(document, placement.rotation));
  RETURN_IF_ERROR(ReadNumber(document, "popularity_exponent", "popularity_exponent", 0,
                             kPopularityExponentMax, placement.popularity_exponent));
  RETURN_IF_ERROR(ReadExploration(document, placement.exploration));
  RETURN_IF_ERROR(ReadObjective(document, placement.objective));
  RETURN_IF_ERROR(ReadFallback(document, placement.fallback));
  RETURN_IF_ERROR(ReadEditorial(document, placement.editorial));
  RETURN_IF_ERROR(ReadNumber(document, "record_share", "record_share", 0, 1, placement.record_share));
  if (placement.recipe.parts.empty()) return InvalidArgument("a placement needs a source", "sources");
  if (placement.limit_default > placement.limit_max) {
    return InvalidArgument("must not be more than limit_max", "limit");
  }
  return placement;
}

void WritePlacement(JsonWriter& json, const Placement& placement) {
  json.BeginObject().Key("id").String(placement.id).Key("title").String(placement.title);
  json.Key("sources").BeginArray();
  for (const models::FusionPart& part : placement.recipe.parts) {
    json.BeginObject().Key("source").String(part.source).Key("weight").Double(part.weight);
    json.Key("depth").Uint(part.limit).EndObject();
  }
  json.EndArray().Key("rank_offset").Double(placement.recipe.k);
  json.Key("seeds")
      .BeginObject()
      .Key("page")
      .Double(placement.seeds.page)
      .Key("cart")
      .Double(placement.seeds.cart);
  json.Key("session")
      .Double(placement.seeds.session)
      .Key("profile")
      .Double(placement.seeds.profile)
      .EndObject();
  json.Key("limit").Uint(placement.limit_default).Key("limit_max").Uint(placement.limit_max);
  json.Key("within_category")
      .Bool(placement.is_within_category)
      .Key("may_repeat")
      .Bool(placement.recipe.may_repeat);
  json.Key("about_views").Bool(placement.is_about_views).Key("filter").String(placement.filter);
  const Exclusions& exclude = placement.exclude;
  json.Key("exclude").BeginObject().Key("page_products").Bool(exclude.page_products);
  json.Key("cart").Bool(exclude.cart).Key("bought_within_days").Int(exclude.bought_within_days);
  json.Key("bought_within_days_by_category").BeginObject();
  for (const auto& [path, days] : exclude.bought_within_days_by_category) json.Key(JoinPath(path)).Int(days);
  json.EndObject().EndObject();
  WriteReranking(json, placement);
  json.Key("objective").String(models::RankObjectiveName(placement.objective));
  json.Key("fallback").BeginArray();
  for (const Rung rung : placement.fallback) json.String(RungName(rung));
  json.EndArray().Key("editorial").BeginArray();
  for (const std::string& id : placement.editorial) json.String(id);
  json.EndArray().Key("record_share").Double(placement.record_share).EndObject();
}

}  // namespace attune::decisions
