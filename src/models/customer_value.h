// What a customer is still worth: is it one still, how many orders will it make, what will it spend.
//
//   log --days with an order--> BG/NBD (bg_nbd.h)             probability_alive, orders within kForecastDays
//       --their revenue------> Gamma-Gamma (gamma_gamma.h)   order_value: of the next order
//   profile --CustomerOrdersOf--> history --ForecastOf--> forecast;   revenue = orders * order_value
//
// Orders of one day are one, since a shipment that is split is not two decisions to buy.  The model of spend
// takes all days, the first too: its value is no less typical than the others'.  How much and how often count
// as independent.
//
// Too few customers (kLifetimeShoppersMin, kLifetimeRepeatersMin in limits.h), or customers who do not
// determine the parameters: there is no forecast, and `reason` says why.  Orders without a value leave the
// forecast without money.
//
// Thread safety: immutable; Train is a pure function.

#ifndef ATTUNE_MODELS_CUSTOMER_VALUE_H_
#define ATTUNE_MODELS_CUSTOMER_VALUE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "features/shopper_profile.h"
#include "models/bg_nbd.h"
#include "models/gamma_gamma.h"
#include "models/interaction_log.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

inline constexpr int kForecastDays = 90;

// A customer's orders so far.  Invariant: order_days >= 1, first_at_ms <= last_at_ms.
struct CustomerOrders {
  uint32_t order_days = 0;  // Days with an order.
  int64_t first_at_ms = 0;
  int64_t last_at_ms = 0;
  int64_t revenue_minor = 0;  // Of all of them, in the store's base currency.
};

// Nothing for a shopper without an order.  A profile names its latest orders only: those before them count as
// a day each.
std::optional<CustomerOrders> CustomerOrdersOf(const features::ShopperProfile& profile);

struct CustomerForecast {
  Estimate probability_alive;
  Estimate orders;  // Within kForecastDays.
  // In minor units; nothing when the store's orders have no values.
  std::optional<Estimate> order_value;
  std::optional<double> revenue;  // Within kForecastDays.
};

class CustomerValue {
 public:
  static constexpr std::string_view kName = "customer_value";

  static std::shared_ptr<const CustomerValue> Train(const InteractionLog& log, int64_t now_ms);

  // Nothing when too little was known; then reason() is not empty.
  std::optional<CustomerForecast> ForecastOf(const CustomerOrders& customer, int64_t now_ms) const;
  const std::string& reason() const { return reason_; }
  // Null without a fit.  Of weeks.
  const BgNbd* orders() const { return orders_ ? &*orders_ : nullptr; }
  // Of minor units.
  const GammaGamma* spend() const { return spend_ ? &*spend_ : nullptr; }
  size_t memory_bytes() const { return sizeof(*this); }

  void Save(SectionWriter& out) const;
  static Result<std::shared_ptr<const CustomerValue>> Load(SectionReader& in);

 private:
  CustomerValue() = default;

  std::optional<BgNbd> orders_;
  std::optional<GammaGamma> spend_;
  std::string reason_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_CUSTOMER_VALUE_H_
