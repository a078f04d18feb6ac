#include "decisions/rule_answer.h"

#include <string_view>

#include "decisions/filter.h"

namespace attune::decisions {
namespace {

void WriteText(JsonWriter& json, std::string_view key, std::string_view text) {
  if (!text.empty()) json.Key(key).String(text);
}

}  // namespace

void WriteSignposts(JsonWriter& json, const ActiveRules& rules) {
  if (!rules.redirect.empty()) {
    json.Key("redirect").BeginObject().Key("url").String(rules.redirect).EndObject();
  }
  if (rules.banners.empty()) return;
  json.Key("banners").BeginArray();
  for (const RuleBanner& shown : rules.banners) {
    json.BeginObject();
    WriteText(json, "title", shown.banner->title);
    WriteText(json, "text", shown.banner->text);
    WriteText(json, "image", shown.banner->image);
    WriteText(json, "url", shown.banner->url);
    json.EndObject();
  }
  json.EndArray();
}

void WriteRules(JsonWriter& json, const ActiveRules& rules, const std::vector<PassedOver>& passed_over) {
  if (rules.is_empty()) return;
  json.Key("rules").BeginObject().Key("applied").BeginArray();
  for (const Rule* const rule : rules.rules) json.String(rule->id);
  json.EndArray();
  WriteText(json, "replaced_query", rules.replaced_query);
  json.Key("passed_over").BeginArray();
  for (const PassedOver& passed : passed_over) {
    json.BeginObject().Key("product_id").String(passed.product_id).Key("rule").String(passed.rule->id);
    json.Key("filter").String(FilterVerdictName(passed.verdict)).EndObject();
  }
  json.EndArray().EndObject();
}

}  // namespace attune::decisions
