// `on_sale`: the largest real discounts that the shopper would care about.
//
//   score(p) = discount * (0.2 + taste(p)),     discount = 1 - price / list price
//
// Both prices are those that this request pays: its market, list and time.  Discounts below kSaleDiscountMin
// are decoration.  taste is 0 when nothing is known of the shopper (decisions/taste.h), and then the largest
// discount comes first.
//
// Looks at the kSaleShelfMax products with the deepest sale prices (catalog/sale_shelf.h), as they are now.
//
// Thread safety: pure function.

#ifndef ATTUNE_DECISIONS_ON_SALE_SOURCE_H_
#define ATTUNE_DECISIONS_ON_SALE_SOURCE_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "decisions/decide_input.h"
#include "models/candidate_source.h"

namespace attune::decisions {

// 1 - price / list price of this request; nothing when it is not on sale.
std::optional<double> DiscountOf(const DecideInput& input, const catalog::Product& product);

// Appends at most `limit`, best first.
void AddOnSale(const DecideInput& input, size_t limit, std::vector<models::Candidate>& out);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_ON_SALE_SOURCE_H_
