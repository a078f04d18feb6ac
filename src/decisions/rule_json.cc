#include "decisions/rule_json.h"

#include <algorithm>
#include <utility>

#include "base/time_text.h"
#include "catalog/product_fields.h"
#include "decisions/json_fields.h"
#include "decisions/limits.h"
#include "decisions/query_words.h"
#include "decisions/setting_document.h"
#include "decisions/setting_record.h"
#include "expressions/limits.h"
#include "features/shopper_field_source.h"

namespace attune::decisions {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;
using Kind = RuleAction::Kind;

constexpr double kBoostFactorDefault = 2;
constexpr double kBuryFactorDefault = 0.5;

using ParsedExpression = std::shared_ptr<const expressions::Expression>;

Status ParseExpression(const std::string& text, const expressions::Schema& schema, const std::string& field,
                       ParsedExpression& out) {
  if (text.empty()) return {};
  ASSIGN_OR_RETURN(expressions::Expression parsed, expressions::Expression::Parse(text, schema, field));
  out = std::make_shared<const expressions::Expression>(std::move(parsed));
  return {};
}

Status ReadTouchpoints(const object& when, const std::string& field, std::vector<Touchpoint>& out) {
  std::vector<std::string> names;
  RETURN_IF_ERROR(ReadTexts(when, "touchpoints", field, 3, kSettingIdBytesMax, names));
  for (const std::string& name : names) {
    const std::string entry_field = field + "[" + std::to_string(out.size()) + "]";
    const std::optional<Touchpoint> touchpoint = ParseTouchpoint(name);
    if (!touchpoint) return InvalidArgument("expected search, browse or recommendations", entry_field);
    if (std::find(out.begin(), out.end(), *touchpoint) != out.end()) {
      return InvalidArgument("named twice: " + name, entry_field);
    }
    out.push_back(*touchpoint);
  }
  return {};
}

Status ReadPhrases(const object& query, std::string_view key, const std::string& field,
                   std::vector<std::vector<std::string>>& out) {
  std::vector<std::string> texts;
  RETURN_IF_ERROR(ReadTexts(query, key, field, kRuleAlternativesMax, kRuleQueryBytesMax, texts));
  for (const std::string& text : texts) {
    std::vector<std::string> words = QueryWords(text);
    if (words.empty()) {
      return InvalidArgument("holds no word", field + "[" + std::to_string(out.size()) + "]");
    }
    out.push_back(std::move(words));
  }
  return {};
}

Status ReadQuery(const object& when, const std::string& field, QueryCondition& out) {
  object query;
  bool found = false;
  RETURN_IF_ERROR(ReadObject(when, "query", field, query, found));
  if (!found) return {};
  RETURN_IF_ERROR(ReadBool(query, "any", field + ".any", out.is_any));
  RETURN_IF_ERROR(ReadPhrases(query, "exact", field + ".exact", out.exact));
  return ReadPhrases(query, "contains", field + ".contains", out.contains);
}

Status ReadCategories(const object& when, const std::string& field,
                      std::vector<std::vector<std::string>>& out) {
  std::vector<std::string> paths;
  RETURN_IF_ERROR(ReadTexts(when, "categories", field, kRuleAlternativesMax, kRequestTextBytesMax, paths));
  for (const std::string& path : paths) {
    std::vector<std::string> levels = SplitCategoryPath(path);
    const bool has_gap = std::any_of(levels.begin(), levels.end(), [](const auto& l) { return l.empty(); });
    if (has_gap || levels.size() > kCategoryLevelsMax) {
      return InvalidArgument("no category path", field + "[" + std::to_string(out.size()) + "]");
    }
    out.push_back(std::move(levels));
  }
  return {};
}

// "2026-12-01" and "2026-12-01T09:00:00" name no offset.
bool HasOffset(std::string_view time) {
  constexpr size_t kDateBytes = 10;
  return time.size() > kDateBytes && time.find_first_of("Zz+-", kDateBytes) != std::string_view::npos;
}

Status ReadMoment(const object& when, std::string_view key, const std::string& field,
                  std::optional<RuleMoment>& out) {
  element value;
  if (IsAbsent(when, key, value)) return {};
  int64_t ms = 0;
  if (value.get(ms) == simdjson::SUCCESS) {
    if (ms < 0 || ms > kTimeMaxMs) return InvalidArgument("no time", field);
    out = RuleMoment{ms, false};
    return {};
  }
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return WrongType("a time", field);
  const std::optional<int64_t> parsed = ParseTime(text);
  if (!parsed) return WrongType("a time like 2026-12-01T09:00:00Z, or a date", field);
  out = RuleMoment{*parsed, !HasOffset(text)};
  return {};
}

Status ReadWhen(const object& document, RuleCondition& out) {
  object when;
  bool found = false;
  RETURN_IF_ERROR(ReadObject(document, "when", "when", when, found));
  if (!found) return {};
  RETURN_IF_ERROR(ReadTouchpoints(when, "when.touchpoints", out.touchpoints));
  RETURN_IF_ERROR(ReadQuery(when, "when.query", out.query));
  RETURN_IF_ERROR(ReadCategories(when, "when.categories", out.categories));
  RETURN_IF_ERROR(ReadText(when, "segment", "when.segment", expressions::kTextBytesMax, out.segment));
  RETURN_IF_ERROR(
      ParseExpression(out.segment, features::ShopperFilterSchema(), "when.segment", out.parsed_segment));
  RETURN_IF_ERROR(ReadTexts(when, "placements", "when.placements", kRuleAlternativesMax, kSettingIdBytesMax,
                            out.placements));
  RETURN_IF_ERROR(ReadMoment(when, "from", "when.from", out.from));
  RETURN_IF_ERROR(ReadMoment(when, "until", "when.until", out.until));
  if (out.from && out.until && out.from->is_local == out.until->is_local && out.until->ms <= out.from->ms) {
    return InvalidArgument("must be after from", "when.until");
  }
  return {};
}

bool TakesFilter(Kind kind) {
  return kind == Kind::kBoost || kind == Kind::kBury || kind == Kind::kHide || kind == Kind::kFilter;
}
bool TakesProducts(Kind kind) {
  return kind == Kind::kPin || kind == Kind::kBoost || kind == Kind::kBury || kind == Kind::kHide ||
         kind == Kind::kInclude;
}
bool TakesList(Kind kind) { return TakesProducts(kind) || kind == Kind::kList; }

// What the action is about.  Fails when it names none of what its kind takes, or more than one.
Status ReadSubject(const object& from, const std::string& field, RuleAction& action) {
  if (TakesProducts(action.kind)) {
    RETURN_IF_ERROR(ReadTexts(from, "product_ids", field + ".product_ids", kRuleProductsMax,
                              kRequestTextBytesMax, action.product_ids));
  }
  if (TakesList(action.kind)) {
    RETURN_IF_ERROR(ReadText(from, "list", field + ".list", kSettingIdBytesMax, action.list));
    if (!action.list.empty() && !IsSettingName(action.list)) {
      return InvalidArgument("no id of a list", field + ".list");
    }
  }
  if (TakesFilter(action.kind)) {
    const std::string filter_field = field + ".filter";
    RETURN_IF_ERROR(ReadText(from, "filter", filter_field, expressions::kTextBytesMax, action.filter));
    RETURN_IF_ERROR(ParseExpression(action.filter, catalog::ProductFilterSchema(catalog::FieldScope::kShop),
                                    filter_field, action.parsed_filter));
  }
  const int named =
      (action.product_ids.empty() ? 0 : 1) + (action.list.empty() ? 0 : 1) + (action.filter.empty() ? 0 : 1);
  if (named == 1) return {};
  std::string takes;
  if (TakesProducts(action.kind)) takes += "product_ids";
  if (TakesList(action.kind)) takes += (takes.empty() ? "" : ", ") + std::string("list");
  if (TakesFilter(action.kind)) takes += (takes.empty() ? "" : ", ") + std::string("filter");
  return InvalidArgument(std::string(ActionName(action.kind)) + " needs one of: " + takes, field);
}

Status ReadBanner(const object& from, const std::string& field, Banner& out) {
  object banner;
  bool found = false;
  RETURN_IF_ERROR(ReadObject(from, "banner", field, banner, found));
  if (!found) return InvalidArgument("banner is missing", field);
  RETURN_IF_ERROR(ReadText(banner, "title", field + ".title", kRuleTextBytesMax, out.title));
  RETURN_IF_ERROR(ReadText(banner, "text", field + ".text", kRuleTextBytesMax, out.text));
  RETURN_IF_ERROR(ReadText(banner, "image", field + ".image", kRuleTextBytesMax, out.image));
  RETURN_IF_ERROR(ReadText(banner, "url", field + ".url", kRuleTextBytesMax, out.url));
  if (out == Banner()) return InvalidArgument("needs a title, a text or an image", field);
  return {};
}

// Pages follow it: a path of the shop or a web address, and no script.
bool IsAddress(std::string_view url) {
  return url.starts_with('/') || url.starts_with("https://") || url.starts_with("http://");
}

Status ReadParameters(const object& from, const std::string& field, RuleAction& action) {
  switch (action.kind) {
    case Kind::kPin:
      return ReadInteger(from, "position", field + ".position", 0, kPinPositionMax, action.position);
    case Kind::kBoost:
      action.factor = kBoostFactorDefault;
      return ReadNumber(from, "factor", field + ".factor", 1, kBoostFactorMax, action.factor);
    case Kind::kBury:
      action.factor = kBuryFactorDefault;
      return ReadNumber(from, "factor", field + ".factor", 0, 1, action.factor);
    case Kind::kReplaceQuery:
      RETURN_IF_ERROR(ReadText(from, "query", field + ".query", kRuleQueryBytesMax, action.query));
      if (action.query.empty()) return InvalidArgument("query is missing", field + ".query");
      return {};
    case Kind::kRedirect:
      RETURN_IF_ERROR(ReadText(from, "url", field + ".url", kRuleTextBytesMax, action.url));
      if (IsAddress(action.url)) return {};
      return InvalidArgument("must begin with /, https:// or http://", field + ".url");
    case Kind::kBanner:
      RETURN_IF_ERROR(ReadBanner(from, field + ".banner", action.banner));
      if (action.banner.url.empty() || IsAddress(action.banner.url)) return {};
      return InvalidArgument("must begin with /, https:// or http://", field + ".banner.url");
    default:
      return {};
  }
}

Status ReadThen(const object& document, std::vector<RuleAction>& out) {
  array actions;
  bool found = false;
  RETURN_IF_ERROR(ReadArray(document, "then", "then", kRuleActionsMax, actions, found));
  if (!found || actions.size() == 0) return InvalidArgument("a rule needs an action", "then");
  for (const element entry : actions) {
    const std::string field = "then[" + std::to_string(out.size()) + "]";
    object from;
    if (entry.get(from) != simdjson::SUCCESS) return WrongType("an object", field);
    std::string name;
    RETURN_IF_ERROR(ReadText(from, "do", field + ".do", kSettingIdBytesMax, name));
    const std::optional<Kind> kind = ParseAction(name);
    if (!kind) {
      return InvalidArgument(
          "expected pin, list, boost, bury, hide, include, filter, replace_query, redirect or banner",
          field + ".do");
    }
    RuleAction action;
    action.kind = *kind;
    if (TakesList(*kind) || TakesFilter(*kind)) RETURN_IF_ERROR(ReadSubject(from, field, action));
    RETURN_IF_ERROR(ReadParameters(from, field, action));
    out.push_back(std::move(action));
  }
  return {};
}

Result<Rule> ReadRule(std::string_view id, const object& document) {
  Rule rule;
  rule.id = id;
  RETURN_IF_ERROR(ReadText(document, "title", "title", kRequestTextBytesMax, rule.title));
  RETURN_IF_ERROR(ReadBool(document, "enabled", "enabled", rule.is_enabled));
  RETURN_IF_ERROR(
      ReadInteger(document, "priority", "priority", -kRulePriorityMax, kRulePriorityMax, rule.priority));
  RETURN_IF_ERROR(ReadWhen(document, rule.condition));
  RETURN_IF_ERROR(ReadThen(document, rule.actions));
  return rule;
}

Result<CuratedList> ReadList(std::string_view id, const object& document) {
  CuratedList list;
  list.id = id;
  RETURN_IF_ERROR(ReadText(document, "title", "title", kRequestTextBytesMax, list.title));
  RETURN_IF_ERROR(ReadTexts(document, "product_ids", "product_ids", kListProductsMax, kRequestTextBytesMax,
                            list.product_ids));
  return list;
}

// "rules[0].then[1].factor"
Status Within(const std::string& field, const Status& status) {
  return {status.code(), status.message(), status.field().empty() ? field : field + "." + status.field()};
}

template <class Value, class Read>
Status ReadDrafts(const object& draft, std::string_view key, const std::string& field, size_t size_max,
                  const Read& read, std::vector<Value>& out) {
  array documents;
  bool found = false;
  RETURN_IF_ERROR(ReadArray(draft, key, field, size_max, documents, found));
  if (!found) return {};
  for (const element entry : documents) {
    const std::string entry_field = field + "[" + std::to_string(out.size()) + "]";
    object document;
    if (entry.get(document) != simdjson::SUCCESS) return WrongType("an object", entry_field);
    std::string id;
    RETURN_IF_ERROR(ReadText(document, "id", entry_field + ".id", kSettingIdBytesMax, id));
    if (!IsSettingName(id)) {
      return InvalidArgument("an id is 1 to 64 lower-case letters, digits, _ and -", entry_field + ".id");
    }
    Result<Value> value = read(id, document);
    if (!value.ok()) return Within(entry_field, value.status());
    out.push_back(std::move(value).value());
  }
  return {};
}

void WarnOfUnknown(const std::vector<std::string>& ids, const std::string& field,
                   const catalog::CatalogView& catalog, std::vector<RuleWarning>& out) {
  for (size_t i = 0; i < ids.size(); ++i) {
    if (catalog.Resolve(ids[i])) continue;
    out.push_back({field + "[" + std::to_string(i) + "]", "not in the catalogue: " + ids[i]});
  }
}

}  // namespace

Result<Rule> ParseRule(std::string_view id, std::string_view json) {
  simdjson::dom::parser parser;
  object document;
  RETURN_IF_ERROR(OpenSettingDocument(id, json, parser, document));
  return ReadRule(id, document);
}

Result<CuratedList> ParseCuratedList(std::string_view id, std::string_view json) {
  simdjson::dom::parser parser;
  object document;
  RETURN_IF_ERROR(OpenSettingDocument(id, json, parser, document));
  return ReadList(id, document);
}

Result<RuleDraft> ReadRuleDraft(const object& draft, const std::string& field) {
  const std::string prefix = field.empty() ? "" : field + ".";
  RuleDraft out;
  RETURN_IF_ERROR(ReadDrafts(draft, "rules", prefix + "rules", kRulesMax, ReadRule, out.rules));
  RETURN_IF_ERROR(ReadDrafts(draft, "lists", prefix + "lists", kListsMax, ReadList, out.lists));
  return out;
}

Result<RuleDraft> ParseRuleDraft(std::string_view json) {
  simdjson::dom::parser parser;
  element root;
  object draft;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) {
    return InvalidArgument("the draft is not JSON");
  }
  if (root.get(draft) != simdjson::SUCCESS) return InvalidArgument("the draft is not a JSON object");
  return ReadRuleDraft(draft, "");
}

std::vector<RuleWarning> WarningsOf(const Rule& rule, const RuleSet& set,
                                    const catalog::CatalogView& catalog) {
  std::vector<RuleWarning> warnings;
  for (size_t i = 0; i < rule.actions.size(); ++i) {
    const RuleAction& action = rule.actions[i];
    const std::string field = "then[" + std::to_string(i) + "]";
    WarnOfUnknown(action.product_ids, field + ".product_ids", catalog, warnings);
    if (!action.list.empty() && set.FindList(action.list) == nullptr) {
      warnings.push_back({field + ".list", "no such list: " + action.list});
    }
  }
  return warnings;
}

std::vector<RuleWarning> WarningsOf(const CuratedList& list, const catalog::CatalogView& catalog) {
  std::vector<RuleWarning> warnings;
  WarnOfUnknown(list.product_ids, "product_ids", catalog, warnings);
  return warnings;
}

}  // namespace attune::decisions
