// Who bought when for how much: the CDNOW files, and what the models of lifetime value read from them.
//
//   00004  19970101   2   29.33         customer, date, units, value;  of the sample file, which numbers its
//   00004  0001  19970118   2   29.73   customers again, with that number as a second column
//
// A first line that is no transaction is a header.  Purchases of one customer on one day are one.
//
// Thread safety: pure functions and value types.

#ifndef ATTUNE_MODELS_TRANSACTION_FILE_H_
#define ATTUNE_MODELS_TRANSACTION_FILE_H_

#include <cstdint>
#include <istream>
#include <vector>

#include "base/status.h"
#include "models/bg_nbd.h"
#include "models/gamma_gamma.h"

namespace attune::models {

// The purchases of one customer on one day.
struct PurchaseDay {
  int32_t day = 0;  // Since 1970-01-01.
  double value = 0;
};

struct CustomerPurchases {
  uint64_t customer = 0;
  std::vector<PurchaseDay> days;  // Ascending, each once.  Not empty.
};

// Smallest customer first.  kInvalidArgument, with the line, for what is no transaction.
Result<std::vector<CustomerPurchases>> ReadTransactionFile(std::istream& transactions);

inline constexpr double kDaysPerWeek = 7;

// What was known of a customer at the end of `end_day`, in weeks.  REQUIRES: days.front().day <= end_day.
PurchaseCell CellAt(const CustomerPurchases& customer, int32_t end_day);
// The same, with equal histories put together; customers who came later are left out.
std::vector<PurchaseCell> CellsAt(const std::vector<CustomerPurchases>& customers, int32_t end_day);
// Number and mean value of the repeat purchases up to `end_day`.
SpendHistory SpendAt(const CustomerPurchases& customer, int32_t end_day);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_TRANSACTION_FILE_H_
