// "forecast" in the answer of GET /v1/shoppers/{id}: what the customer is still worth
// (models/customer_value.h).
//
//   {"days":90,"probability_alive":{"value":.81,"standard_error":.02},"orders":{...},
//    "order_value":{...},"revenue":41.20,"reason":"..."}
//
// null for who never ordered.  What the model cannot tell is left out, and `reason` says why; money is in the
// store's base currency.  Standard errors are those of the model, not the luck of one customer.
//
// Thread safety: pure function.

#ifndef ATTUNE_SERVER_FORECAST_JSON_H_
#define ATTUNE_SERVER_FORECAST_JSON_H_

#include <cstdint>

#include "base/json_writer.h"
#include "base/money.h"
#include "features/shopper_profile.h"
#include "models/model_set.h"

namespace attune::server {

// Appends one JSON value.  Null `models`: nothing is trained yet.
void WriteForecast(const features::ShopperProfile& profile, const models::ModelSet* models, int64_t now_ms,
                   Currency base_currency, JsonWriter& json);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_FORECAST_JSON_H_
