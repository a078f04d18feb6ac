// Amounts of any currency in the store's base currency, at the rate of the day.
//
//   base EUR, GBP from 2026-01-01 at 1.15, from 2026-02-01 at 1.20
//   Convert(1000 pence, 2026-01-20) => 1150 cents
//
// The rate that holds is the newest that began at or before the time; before the first one, the first.
//
// Thread safety: const methods from any thread.

#ifndef ATTUNE_EVENTS_EXCHANGE_RATES_H_
#define ATTUNE_EVENTS_EXCHANGE_RATES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/money.h"
#include "base/status.h"

namespace attune::events {

class ExchangeRates {
 public:
  ExchangeRates() = default;
  explicit ExchangeRates(Currency base) : base_(base) {}

  // One unit of `currency` (a pound, not a penny) is `rate` units of the base currency from `from_ms` on.
  // Fails with kInvalidArgument when the rate is not a positive number.
  Status Add(Currency currency, int64_t from_ms, double rate);

  // Rounds half away from zero.  No currency means the base currency.  Nothing when no rate of the currency
  // is known or the amount passes kMoneyMaxMinor.
  std::optional<int64_t> Convert(int64_t minor, Currency currency, int64_t at_ms) const;

  Currency base() const { return base_; }

 private:
  Currency base_;
  std::map<std::string, std::map<int64_t, double>, std::less<>> rates_;
};

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_EXCHANGE_RATES_H_
