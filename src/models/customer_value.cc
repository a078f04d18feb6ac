#include "models/customer_value.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "models/limits.h"
#include "models/model_file.h"
#include "models/transaction_file.h"

namespace attune::models {
namespace {

int32_t DayOf(int64_t at_ms) {
  return static_cast<int32_t>(at_ms >= 0 ? at_ms / kDayMs : (at_ms - kDayMs + 1) / kDayMs);
}

// The days on which one person ordered, and what these orders were worth.  `rows`: oldest first.
std::vector<PurchaseDay> DaysOf(const InteractionLog& log, std::span<const Interaction> rows,
                                int64_t now_ms) {
  std::vector<PurchaseDay> days;
  uint64_t order = 0;  // Rows of one order have one time, so they are beside each other.
  for (const Interaction& row : rows) {
    if (row.kind != InteractionKind::kPurchase || row.at_ms > now_ms) continue;
    const int32_t day = DayOf(row.at_ms);
    if (days.empty() || days.back().day != day) days.push_back({day, 0});
    if (row.order_hash == 0 || row.order_hash == order) continue;
    order = row.order_hash;
    days.back().value += static_cast<double>(log.OrderRevenue(order));
  }
  return days;
}

// At most kLifetimeFitCustomersMax, chosen by a stable hash.
std::vector<CustomerPurchases> CustomersOf(const InteractionLog& log, int64_t now_ms) {
  std::vector<CustomerPurchases> customers;
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    std::vector<PurchaseDay> days = DaysOf(log, rows, now_ms);
    if (!days.empty()) customers.push_back({rows.front().shopper.value(), std::move(days)});
  });
  if (customers.size() <= kLifetimeFitCustomersMax) return customers;
  std::nth_element(customers.begin(), customers.begin() + kLifetimeFitCustomersMax, customers.end(),
                   [](const CustomerPurchases& a, const CustomerPurchases& b) {
                     return MixHash64(a.customer, 0) < MixHash64(b.customer, 0);
                   });
  customers.resize(kLifetimeFitCustomersMax);
  return customers;
}

void PutFit(const LikelihoodFit& fit, SectionWriter& out) {
  out.PutArray(fit.parameters);
  out.PutArray(fit.log_covariance);
  out.PutF64(fit.log_likelihood);
}

// Fails the section unless it holds a fit of so many parameters.
LikelihoodFit TakeFit(size_t parameters, SectionReader& in) {
  LikelihoodFit fit;
  fit.parameters = in.TakeArray<double>();
  fit.log_covariance = in.TakeArray<double>();
  fit.log_likelihood = in.TakeF64();
  const auto is_positive = [](double value) { return std::isfinite(value) && value > 0; };
  const auto is_finite = [](double value) { return std::isfinite(value); };
  in.Require(fit.parameters.size() == parameters && fit.log_covariance.size() == parameters * parameters &&
             std::all_of(fit.parameters.begin(), fit.parameters.end(), is_positive) &&
             std::all_of(fit.log_covariance.begin(), fit.log_covariance.end(), is_finite));
  return fit;
}

constexpr size_t kOrderParameters = 4;
constexpr size_t kSpendParameters = 3;

}  // namespace

std::optional<CustomerOrders> CustomerOrdersOf(const features::ShopperProfile& profile) {
  if (profile.order_count == 0) return std::nullopt;
  CustomerOrders customer{.order_days = profile.order_count,
                          .first_at_ms = profile.first_order_at_ms,
                          .last_at_ms = profile.last_order_at_ms,
                          .revenue_minor = profile.revenue_minor};
  for (size_t i = 1; i < profile.orders.size(); ++i) {
    const bool is_same_day =
        DayOf(profile.orders[i].ordered_at_ms) == DayOf(profile.orders[i - 1].ordered_at_ms);
    if (is_same_day && customer.order_days > 1) --customer.order_days;
  }
  return customer;
}

std::shared_ptr<const CustomerValue> CustomerValue::Train(const InteractionLog& log, int64_t now_ms) {
  std::shared_ptr<CustomerValue> model(new CustomerValue());
  const std::vector<CustomerPurchases> customers = CustomersOf(log, now_ms);
  std::vector<SpendHistory> spends;
  for (const CustomerPurchases& customer : customers) {
    double value = 0;
    for (const PurchaseDay& day : customer.days) value += day.value;
    const auto count = static_cast<uint32_t>(customer.days.size());
    spends.push_back({count, value / count});
  }
  Result<BgNbd> orders = BgNbd::Fit(CellsAt(customers, DayOf(now_ms)));
  if (!orders.ok()) {
    model->reason_ = orders.status().message();
    return model;
  }
  model->orders_ = *std::move(orders);
  Result<GammaGamma> spend = GammaGamma::Fit(spends);
  if (spend.ok()) {
    model->spend_ = *std::move(spend);
  } else {
    model->reason_ = spend.status().message();
  }
  return model;
}

std::optional<CustomerForecast> CustomerValue::ForecastOf(const CustomerOrders& customer,
                                                          int64_t now_ms) const {
  if (!orders_) return std::nullopt;
  const int32_t first = DayOf(customer.first_at_ms);
  const int32_t last = std::max(DayOf(customer.last_at_ms), first);
  PurchaseCell cell;
  cell.repeats = last == first ? 0 : customer.order_days - 1;
  cell.recency = cell.repeats == 0 ? 0 : (last - first) / kDaysPerWeek;
  cell.age = (std::max(DayOf(now_ms), last) - first) / kDaysPerWeek;
  CustomerForecast forecast;
  forecast.probability_alive = orders_->ProbabilityAlive(cell);
  forecast.orders = orders_->ExpectedPurchases(cell, kForecastDays / kDaysPerWeek);
  if (!spend_) return forecast;
  const auto days = std::max(customer.order_days, 1u);
  const double mean_value = static_cast<double>(customer.revenue_minor) / days;
  const Estimate value =
      spend_->ExpectedValue(mean_value > 0 ? SpendHistory{days, mean_value} : SpendHistory{});
  if (!std::isfinite(value.value) || !std::isfinite(value.standard_error)) return forecast;
  forecast.order_value = value;
  forecast.revenue = forecast.orders.value * value.value;
  return forecast;
}

void CustomerValue::Save(SectionWriter& out) const {
  out.PutU32(orders_ ? 1 : 0);
  if (orders_) PutFit(orders_->fit(), out);
  out.PutU32(spend_ ? 1 : 0);
  if (spend_) PutFit(spend_->fit(), out);
  out.PutArray(std::span<const char>(reason_));
}

Result<std::shared_ptr<const CustomerValue>> CustomerValue::Load(SectionReader& in) {
  std::shared_ptr<CustomerValue> model(new CustomerValue());
  const auto take = [&in](size_t parameters) -> std::optional<LikelihoodFit> {
    const uint32_t is_there = in.TakeU32();
    in.Require(is_there <= 1);
    if (is_there != 1) return std::nullopt;
    return TakeFit(parameters, in);
  };
  const auto orders = take(kOrderParameters);
  const auto spend = take(kSpendParameters);
  model->reason_ = in.TakeText();
  RETURN_IF_ERROR(in.Finish());
  if (orders) model->orders_.emplace(*orders);
  if (spend) model->spend_.emplace(*spend);
  return std::shared_ptr<const CustomerValue>(std::move(model));
}

}  // namespace attune::models
