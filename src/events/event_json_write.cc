// Incoming events back to the JSON of POST /v1/events (declared in event_json.h).

#include <map>
#include <utility>
#include <vector>

#include "base/time_text.h"
#include "events/event_json.h"

namespace attune::events {
namespace {

void WriteText(JsonWriter& json, const char* name, std::string_view text) {
  if (!text.empty()) json.Key(name).String(text);
}

void WriteAmount(JsonWriter& json, const char* name, const std::optional<int64_t>& minor, Currency currency) {
  if (minor) json.Key(name).String(FormatMinor(*minor, currency));
}

void WriteDecision(JsonWriter& json, const DecisionId& decision) {
  if (!decision.is_none()) json.Key("decision_id").String(decision.ToString());
}

void WriteLine(JsonWriter& json, const IncomingLine& line, Currency currency) {
  json.BeginObject().Key("product_id").String(line.product_id);
  WriteText(json, "variant_id", line.variant_id);
  json.Key("quantity").Int(line.quantity);
  WriteAmount(json, "price", line.price_minor, currency);
  WriteAmount(json, "discount", line.discount_minor, currency);
  WriteDecision(json, line.decision);
  if (line.position) json.Key("position").Uint(*line.position);
  json.EndObject();
}

void WriteValue(JsonWriter& json, std::string_view value, uint32_t permille) {
  json.BeginObject().Key("value").String(value).Key("weight").Double(permille / 1000.0).EndObject();
}

void WritePreferences(JsonWriter& json, const std::vector<DeclaredPreference>& preferences) {
  json.Key("preferences").BeginObject();
  for (const auto& [kind, name] :
       {std::pair{PreferenceKind::kCategory, "categories"}, std::pair{PreferenceKind::kBrand, "brands"}}) {
    json.Key(name).BeginArray();
    for (const DeclaredPreference& said : preferences) {
      if (said.kind == kind) WriteValue(json, said.value, said.permille);
    }
    json.EndArray();
  }
  std::map<std::string_view, std::vector<const DeclaredPreference*>> by_path;
  for (const DeclaredPreference& said : preferences) {
    if (said.kind != PreferenceKind::kAttribute) continue;
    by_path[std::string_view(said.value).substr(0, said.value.find('='))].push_back(&said);
  }
  json.Key("attributes").BeginObject();
  for (const auto& [path, values] : by_path) {
    json.Key(path).BeginArray();
    for (const DeclaredPreference* said : values) {
      WriteValue(json, std::string_view(said->value).substr(path.size() + 1), said->permille);
    }
    json.EndArray();
  }
  json.EndObject().EndObject();
}

}  // namespace

void WriteEventJson(JsonWriter& json, const IncomingEvent& event) {
  json.BeginObject().Key("type").String(EventTypeName(event.type));
  WriteText(json, "id", event.id);
  json.Key("occurred_at").String(FormatTime(event.occurred_at_ms));
  WriteText(json, "anonymous_id", event.anonymous_id);
  WriteText(json, "customer_id", event.customer_id);
  WriteText(json, "identity_token", event.identity_token);
  if (event.consent.is_stated()) {
    json.Key("consent").BeginObject();
    if (event.consent.analytics) json.Key("analytics").Bool(*event.consent.analytics);
    if (event.consent.personalization) json.Key("personalization").Bool(*event.consent.personalization);
    json.EndObject();
  }
  if (event.is_backfill) json.Key("backfill").Bool(true);
  if (!event.currency.is_none()) json.Key("currency").String(event.currency.code());
  WriteText(json, "order_id", event.order_id);
  WriteAmount(json, "value", event.value_minor, event.currency);
  WriteAmount(json, "tax", event.tax_minor, event.currency);
  WriteAmount(json, "shipping", event.shipping_minor, event.currency);
  WriteAmount(json, "discount", event.discount_minor, event.currency);
  WriteText(json, "coupon", event.coupon);
  WriteText(json, "query", event.query);
  if (!event.category.empty()) {
    json.Key("category").BeginArray();
    for (const std::string& level : event.category) json.String(level);
    json.EndArray();
  }
  if (!event.page_url.empty() || !event.referrer.empty()) {
    json.Key("page").BeginObject();
    WriteText(json, "url", event.page_url);
    WriteText(json, "referrer", event.referrer);
    json.EndObject();
  }
  WriteText(json, "market", event.market);
  WriteText(json, "locale", event.locale);
  WriteDecision(json, event.decision);
  if (!event.traits_json.empty()) json.Key("traits").Raw(event.traits_json);
  if (!event.preferences.empty()) WritePreferences(json, event.preferences);
  if (!event.lines.empty()) {
    json.Key("products").BeginArray();
    for (const IncomingLine& line : event.lines) WriteLine(json, line, event.currency);
    json.EndArray();
  }
  json.EndObject();
}

}  // namespace attune::events
