// A shop's order lines as evaluation reads them: the Online Retail export (UCI 352), tab separated.
//
//   InvoiceNo  StockCode  Description  Quantity  InvoiceDate  UnitPrice  CustomerID  Country
//   536365     85123A     WHITE HEART  6         2010-12-01 08:26:00  2.55  17850  United Kingdom
//
// Columns are found by their names; Description may be missing.  Kept are lines with a positive quantity that
// name a product; left out are returns and cancellations, and service codes, which are no products: those
// without a digit (POST, DOT, M, D, S, B, CRUK, PADS, BANK CHARGES, AMAZONFEE), C2 (carriage), and gift
// vouchers (gift_...).  Stock codes
// are folded to upper case.  Lines without a customer belong to orders of nobody: they count for what sells,
// and are no case.
//
// An order is one invoice: its products, each once, at the time of its first line.
//
// Thread safety: pure functions.

#ifndef ATTUNE_MODELS_EVALUATE_STORE_HISTORY_H_
#define ATTUNE_MODELS_EVALUATE_STORE_HISTORY_H_

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"

namespace attune::models {

struct StoreOrder {
  std::string order_id;
  ShopperHandle shopper;  // 0: nobody's.
  int64_t at_ms = 0;
  std::vector<uint32_t> products;  // Ascending, each once.
};

struct StoreHistory {
  std::vector<StoreOrder> orders;  // By time, those of one time by order id.
  uint32_t product_count = 0;      // Products are numbered as the file first names them.
  // By product; the title is the first description that is not empty.
  std::vector<std::string> product_codes, product_titles;
  uint64_t shopper_count = 0;
  uint64_t line_count = 0;  // Read, without the header.
  uint64_t kept_line_count = 0;
};

// A stock code that names no product.
bool IsServiceCode(std::string_view stock_code);

// kInvalidArgument names the missing column, or line and column of a value that cannot be read.
Result<StoreHistory> ReadStoreHistory(std::istream& order_lines);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_EVALUATE_STORE_HISTORY_H_
