#include "server/forecast_json.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "models/customer_value.h"

namespace attune::server {
namespace {

constexpr int kDecimals = 4;

void WriteEstimate(std::string_view key, const models::Estimate& estimate, JsonWriter& json) {
  json.Key(key).BeginObject().Key("value").Fixed(estimate.value, kDecimals);
  json.Key("standard_error").Fixed(estimate.standard_error, kDecimals).EndObject();
}

std::string Money(double minor, Currency currency) {
  return FormatMinor(std::llround(std::min(minor, static_cast<double>(kMoneyMaxMinor))), currency);
}

}  // namespace

void WriteForecast(const features::ShopperProfile& profile, const models::ModelSet* models, int64_t now_ms,
                   Currency base_currency, JsonWriter& json) {
  const auto customer = models::CustomerOrdersOf(profile);
  if (!customer) {
    json.Null();
    return;
  }
  json.BeginObject().Key("days").Int(models::kForecastDays);
  const models::CustomerValue* const model = models == nullptr ? nullptr : models->customer_value();
  if (model == nullptr) {
    json.Key("reason").String("not trained yet").EndObject();
    return;
  }
  if (const auto forecast = model->ForecastOf(*customer, now_ms)) {
    WriteEstimate("probability_alive", forecast->probability_alive, json);
    WriteEstimate("orders", forecast->orders, json);
    if (forecast->order_value) {
      json.Key("order_value").BeginObject();
      json.Key("value").Raw(Money(forecast->order_value->value, base_currency));
      json.Key("standard_error").Raw(Money(forecast->order_value->standard_error, base_currency)).EndObject();
    }
    if (forecast->revenue) json.Key("revenue").Raw(Money(*forecast->revenue, base_currency));
  }
  if (!model->reason().empty()) json.Key("reason").String(model->reason());
  json.EndObject();
}

}  // namespace attune::server
