#include "server/dry_run_json.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "decisions/limits.h"

namespace attune::server {
namespace {

constexpr int kShareDecimals = 4;

double ShareOf(double part, double whole) { return whole > 0 ? part / whole : 0; }

void WriteValue(const decisions::DryRunReport& report, Currency currency, JsonWriter& json) {
  json.Key("value").BeginObject().Key("per").String("view").Key("currency").String(currency.code());
  json.Key("before").Fixed(report.value_before, kShareDecimals);
  json.Key("after").Fixed(report.value_after, kShareDecimals);
  json.Key("changed_share").Fixed(ShareOf(report.changed_value, report.value_before), kShareDecimals);
  json.Key("known_share");
  json.Fixed(ShareOf(static_cast<double>(report.valued_count), static_cast<double>(report.shown_count)),
             kShareDecimals);
  json.EndObject();
}

// Those that come and go most often first.
void WriteProducts(const decisions::DryRunReport& report, const catalog::CatalogView& catalog,
                   JsonWriter& json) {
  std::vector<std::pair<ProductIndex, decisions::DryRunReport::Product>> products(report.products.begin(),
                                                                                  report.products.end());
  std::sort(products.begin(), products.end(), [](const auto& a, const auto& b) {
    const auto of_a = a.second.gained + a.second.lost;
    const auto of_b = b.second.gained + b.second.lost;
    return of_a != of_b ? of_a > of_b : a.first < b.first;
  });
  if (products.size() > decisions::kDryRunProductsMax) products.resize(decisions::kDryRunProductsMax);
  json.Key("products").BeginArray();
  for (const auto& [product, counts] : products) {
    json.BeginObject().Key("product_id").String(catalog.IdOf(product));
    json.Key("gained").Uint(counts.gained).Key("lost").Uint(counts.lost).EndObject();
  }
  json.EndArray();
}

void WriteIds(std::string_view key, const std::vector<std::string>& ids, JsonWriter& json) {
  json.Key(key).BeginArray();
  for (const std::string& id : ids) json.String(id);
  json.EndArray();
}

void WriteExamples(const decisions::DryRunReport& report, JsonWriter& json) {
  json.Key("examples").BeginArray();
  for (const decisions::SlateChange& change : report.examples) {
    json.BeginObject().Key("decision_id").String(change.id.ToString());
    json.Key("placement").String(change.placement);
    WriteIds("before", change.before, json);
    WriteIds("after", change.after, json);
    if (!change.redirect_before.empty()) json.Key("redirect_before").String(change.redirect_before);
    if (!change.redirect_after.empty()) json.Key("redirect_after").String(change.redirect_after);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

std::string DryRunToJson(const decisions::DryRunReport& report, const catalog::CatalogView& catalog,
                         Currency currency) {
  JsonWriter json;
  json.BeginObject().Key("decisions").Uint(report.decision_count).Key("changed").Uint(report.changed_count);
  json.Key("changed_share");
  json.Fixed(ShareOf(static_cast<double>(report.changed_count), static_cast<double>(report.decision_count)),
             kShareDecimals);
  json.Key("redirected").Uint(report.redirected_count).Key("failed").Uint(report.failed_count);
  WriteValue(report, currency, json);
  json.Key("rules").BeginArray();
  for (const auto& [rule, count] : report.rules) {
    json.BeginObject().Key("rule").String(rule).Key("decisions").Uint(count).EndObject();
  }
  json.EndArray();
  WriteProducts(report, catalog, json);
  WriteExamples(report, json);
  json.EndObject();
  return json.TakeText();
}

}  // namespace attune::server
