#include "events/exchange_rates.h"

#include <cmath>

namespace attune::events {

Status ExchangeRates::Add(Currency currency, int64_t from_ms, double rate) {
  if (currency.is_none()) return InvalidArgument("an exchange rate needs its currency", "currency");
  if (!std::isfinite(rate) || rate <= 0)
    return InvalidArgument("an exchange rate is a positive number", "rate");
  rates_[std::string(currency.code())][from_ms] = rate;
  return {};
}

std::optional<int64_t> ExchangeRates::Convert(int64_t minor, Currency currency, int64_t at_ms) const {
  if (currency.is_none() || currency == base_ || minor == 0) return minor;
  const auto found = rates_.find(currency.code());
  if (found == rates_.end()) return std::nullopt;
  auto after = found->second.upper_bound(at_ms);
  if (after != found->second.begin()) --after;
  return MinorFromNumber(MajorFromMinor(minor, currency) * after->second, base_);
}

}  // namespace attune::events
