// A shop's history from its order lines: one row per product of an order, as CSV or TSV.
//
//   order | product | description | quantity | time | price | customer   -->  order_completed, order_refunded
//
// Columns are guessed from their names, shown, and can be named ("order_id=InvoiceNo").  Rules:
//   * Rows of one order become one order_completed at the time of its first row; equal products are added up.
//   * A row that takes back (an order id of C and digits, or a negative quantity) becomes an order_refunded
//   of the
//     latest earlier orders of the same customer that still hold the product.  What matches none is counted
//     and told.
//   * Codes that name a service and no product (postage, fees, vouchers) are left out: codes without a digit,
//   and the
//     patterns of `service_codes`.
//   * Prices of zero or less are left out: gifts, samples and corrections of stock.
//   * Rows without a customer stay as orders of nobody: they count for products.
// With shift_latest_to_now all times move by whole weeks, so that the last falls on yesterday or up to six
// days before; weekdays and hours stay.
//
// The rows are also a catalogue to begin with: per product its most frequent description and its median
// price.
//
// Memory: all rows, about 60 bytes each (kImportLinesMax).
// Thread safety: one thread at a time.

#ifndef ATTUNE_EVENTS_ORDER_LINE_IMPORT_H_
#define ATTUNE_EVENTS_ORDER_LINE_IMPORT_H_

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/import_rows.h"
#include "events/import_stream.h"

namespace attune::events {

// What a column can mean.
enum class OrderColumn : uint8_t {
  kOrderId,
  kProductId,
  kDescription,
  kQuantity,
  kTime,
  kUnitPrice,
  kCustomerId,
  kMarket,
  kCurrency,
};
inline constexpr size_t kOrderColumnCount = 9;

std::string_view OrderColumnName(OrderColumn column);  // "order_id"

// What a header name means by itself; nothing when it says nothing.
std::optional<OrderColumn> GuessOrderColumn(std::string_view header_name);

struct OrderLineImportOptions {
  EventImportOptions base;
  char delimiter = 0;                  // 0: guessed.
  std::vector<std::string> overrides;  // "order_id=InvoiceNo".
  bool leaves_out_codes_without_digit = true;
  std::vector<std::string> service_codes = {"C2", "gift_*", "GIFT_*"};  // With * for any text.
  bool shift_latest_to_now = false;
  bool day_first = false;  // Of times like 1/12/2010 08:26.
};

struct DerivedProduct {
  std::string product_id;
  std::string title;
  int64_t price_minor = 0;
  Currency currency;
  uint64_t line_count = 0;

  friend bool operator==(const DerivedProduct&, const DerivedProduct&) = default;
};

class OrderLineImport final : public EventStream {
 public:
  // Reads the whole file; then events come without reading.  Fails with kInvalidArgument when a needed column
  // (order_id, product_id, time) is missing or an override is wrong, with kResourceExhausted beyond
  // kImportLinesMax rows.
  static Result<std::unique_ptr<OrderLineImport>> Open(std::unique_ptr<catalog::ImportSource> source,
                                                       const OrderLineImportOptions& options);

  Result<bool> Next(IncomingEvent& event) override;
  uint64_t done() const override { return next_event_; }
  const ImportTally& tally() const override { return tally_; }
  uint64_t stored_position() const override { return stored_size_; }
  uint64_t stored_size() const override { return stored_size_; }

  // By product id.
  std::vector<DerivedProduct> products() const;
  // "order_id = InvoiceNo, product_id = StockCode, ..., not used: Region"
  std::string MappingText() const;
  int64_t shift_ms() const { return shift_ms_; }

 private:
  struct Line {
    uint32_t order;
    uint32_t product;
    uint32_t customer;  // 0: none.
    uint32_t market;    // 0: none.
    int64_t quantity;   // Negative: taken back.
    int64_t price_minor;
    int64_t time_ms;
    uint64_t file_line;
    Currency currency;
  };
  struct Order {
    uint32_t id;
    uint32_t customer = 0;
    uint32_t market = 0;
    Currency currency;
    int64_t time_ms = 0;
    uint64_t file_line = 0;
    std::vector<uint32_t> lines;     // Bought; indices of lines_.
    std::vector<uint32_t> returned;  // Taken back.
  };
  // An event to give: an order as completed, or what one return takes from one order.
  struct Planned {
    int64_t time_ms;
    uint32_t order;                                      // Whose order it is.
    uint32_t return_order;                               // kNone: completed.
    std::vector<std::pair<uint32_t, int64_t>> returned;  // Products and units.
  };
  // Text kept once; 0 is the empty text.
  class Names {
   public:
    Names() { texts_.emplace_back(); }
    uint32_t Add(std::string_view text);
    const std::string& operator[](uint32_t index) const { return texts_[index]; }
    size_t size() const { return texts_.size(); }

   private:
    std::vector<std::string> texts_;
    absl::flat_hash_map<std::string, uint32_t> indices_;
  };
  struct ProductFacts {
    std::map<std::string, uint32_t> titles;
    std::vector<int64_t> prices;
    Currency currency;
  };

  explicit OrderLineImport(const OrderLineImportOptions& options) : options_(options) {}

  Status ReadRows(catalog::RowReader& reader);
  Status MapColumns(const catalog::ImportRow& row);
  std::string_view CellOf(const catalog::ImportRow& row, OrderColumn column) const;
  void TakeRow(const catalog::ImportRow& row);
  bool IsServiceCode(std::string_view code) const;
  std::optional<int64_t> ParseRowTime(std::string_view text) const;
  void LearnProduct(uint32_t product, std::string_view description, const Line& line);
  void ShiftTimes();
  void PlanEvents();
  void PlanReturns(const Order& order, uint32_t order_index,
                   absl::flat_hash_map<uint64_t, std::vector<std::pair<uint32_t, int64_t>>>& bought);
  void MakeOrders();
  void FillCompleted(const Planned& planned, IncomingEvent& event) const;
  void FillRefunded(const Planned& planned, IncomingEvent& event) const;

  const OrderLineImportOptions options_;
  ImportTally tally_;
  std::array<std::string, kOrderColumnCount> columns_;  // Header names; empty: not there.
  std::vector<std::string> unused_columns_;
  Names orders_names_, products_names_, customers_, markets_;
  std::vector<Line> lines_;
  std::vector<Order> orders_;
  std::vector<ProductFacts> facts_;  // By product name index.
  std::vector<Planned> planned_;
  uint64_t next_event_ = 0;
  uint64_t stored_size_ = 0;
  int64_t shift_ms_ = 0;
};

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_ORDER_LINE_IMPORT_H_
