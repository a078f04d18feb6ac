// Amounts as feeds write them: "19.90 EUR", "EUR 19.90", "1,299.00", and, when told so, "1.299,00".
//
//   "19.90 EUR" => 1990 EUR     "19,90" => refused, naming the decimal comma, unless decimal_comma is set
//
// A decimal comma is never guessed: "1,299" is one thing in Berlin and another in Boston.
//
// Thread safety: pure functions.

#ifndef ATTUNE_CATALOG_IMPORT_AMOUNT_H_
#define ATTUNE_CATALOG_IMPORT_AMOUNT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/money.h"
#include "base/status.h"

namespace attune::catalog {

struct FeedAmount {
  std::string digits;  // With a decimal point: "1299.00".
  Currency currency;   // None: not said.
};

// Fails with kInvalidArgument, without a field.
Result<FeedAmount> ParseFeedAmount(std::string_view text, bool decimal_comma);

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_IMPORT_AMOUNT_H_
