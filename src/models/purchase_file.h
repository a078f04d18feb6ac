// Reads the files of the purchase protocol.
//
//   events:  user item behavior unix_time      one event a line, tab-separated, after that header line;
//            7    42   cart     1433222501     behavior is view, cart or buy
//   test:    7 99                              user 7 bought item 99 next
//
// Users and items are decimal numbers; items get dense indexes in the order in which the files first name
// them.
//
// Limits: sequence_limits.h.  Thread safety: one thread at a time.

#ifndef ATTUNE_MODELS_PURCHASE_FILE_H_
#define ATTUNE_MODELS_PURCHASE_FILE_H_

#include <cstdint>
#include <istream>
#include <vector>

#include "base/status.h"
#include "models/interaction_log.h"
#include "models/sequence_file.h"

namespace attune::models {

// Purchases of one shopper in one second are one order.  The shopper's handle is the user's number plus one.
// Fails with InvalidArgument, naming line and field.
Result<std::vector<Interaction>> ReadPurchaseEvents(std::istream& input, ItemNumbering& numbering);

struct HeldOutPurchase {
  ShopperHandle shopper;
  uint32_t product = 0;
};

// Fails with InvalidArgument, naming line and field, also when a line does not hold two numbers.
Result<std::vector<HeldOutPurchase>> ReadHeldOutPurchases(std::istream& input, ItemNumbering& numbering);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_PURCHASE_FILE_H_
