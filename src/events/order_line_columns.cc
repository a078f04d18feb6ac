// Which column of an order-line file means what (declared in order_line_import.h).

#include <array>

#include "events/order_line_import.h"

namespace attune::events {
namespace {

struct ColumnWord {
  OrderColumn column;
  std::string_view word;  // Lower case, letters and digits only.
};

// The better guess first: of two columns that could mean the same, the earlier word wins.
constexpr std::array kWords = {
    ColumnWord{OrderColumn::kOrderId, "orderid"},
    ColumnWord{OrderColumn::kOrderId, "invoiceno"},
    ColumnWord{OrderColumn::kOrderId, "invoice"},
    ColumnWord{OrderColumn::kOrderId, "ordernumber"},
    ColumnWord{OrderColumn::kOrderId, "orderno"},
    ColumnWord{OrderColumn::kOrderId, "invoiceid"},
    ColumnWord{OrderColumn::kOrderId, "transactionid"},
    ColumnWord{OrderColumn::kOrderId, "basketid"},
    ColumnWord{OrderColumn::kOrderId, "order"},
    ColumnWord{OrderColumn::kProductId, "productid"},
    ColumnWord{OrderColumn::kProductId, "stockcode"},
    ColumnWord{OrderColumn::kProductId, "sku"},
    ColumnWord{OrderColumn::kProductId, "lineitemsku"},
    ColumnWord{OrderColumn::kProductId, "itemid"},
    ColumnWord{OrderColumn::kProductId, "articleid"},
    ColumnWord{OrderColumn::kProductId, "product"},
    ColumnWord{OrderColumn::kProductId, "item"},
    ColumnWord{OrderColumn::kProductId, "variantid"},
    ColumnWord{OrderColumn::kDescription, "description"},
    ColumnWord{OrderColumn::kDescription, "producttitle"},
    ColumnWord{OrderColumn::kDescription, "productname"},
    ColumnWord{OrderColumn::kDescription, "lineitemname"},
    ColumnWord{OrderColumn::kDescription, "itemname"},
    ColumnWord{OrderColumn::kDescription, "title"},
    ColumnWord{OrderColumn::kDescription, "name"},
    ColumnWord{OrderColumn::kQuantity, "quantity"},
    ColumnWord{OrderColumn::kQuantity, "lineitemquantity"},
    ColumnWord{OrderColumn::kQuantity, "qty"},
    ColumnWord{OrderColumn::kQuantity, "units"},
    ColumnWord{OrderColumn::kTime, "occurredat"},
    ColumnWord{OrderColumn::kTime, "orderedat"},
    ColumnWord{OrderColumn::kTime, "orderdate"},
    ColumnWord{OrderColumn::kTime, "invoicedate"},
    ColumnWord{OrderColumn::kTime, "purchasedate"},
    ColumnWord{OrderColumn::kTime, "createdat"},
    ColumnWord{OrderColumn::kTime, "timestamp"},
    ColumnWord{OrderColumn::kTime, "datetime"},
    ColumnWord{OrderColumn::kTime, "date"},
    ColumnWord{OrderColumn::kTime, "time"},
    ColumnWord{OrderColumn::kUnitPrice, "unitprice"},
    ColumnWord{OrderColumn::kUnitPrice, "lineitemprice"},
    ColumnWord{OrderColumn::kUnitPrice, "itemprice"},
    ColumnWord{OrderColumn::kUnitPrice, "price"},
    ColumnWord{OrderColumn::kCustomerId, "customerid"},
    ColumnWord{OrderColumn::kCustomerId, "customernumber"},
    ColumnWord{OrderColumn::kCustomerId, "customer"},
    ColumnWord{OrderColumn::kCustomerId, "userid"},
    ColumnWord{OrderColumn::kCustomerId, "user"},
    ColumnWord{OrderColumn::kCustomerId, "email"},
    ColumnWord{OrderColumn::kMarket, "market"},
    ColumnWord{OrderColumn::kMarket, "country"},
    ColumnWord{OrderColumn::kMarket, "shippingcountry"},
    ColumnWord{OrderColumn::kCurrency, "currency"},
};

std::string Plain(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') plain += static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) plain += c;
  }
  return plain;
}

// Smaller is better; the number of words when it is none.
size_t RankOf(std::string_view header_name) {
  const std::string plain = Plain(header_name);
  for (size_t i = 0; i < kWords.size(); ++i) {
    if (kWords[i].word == plain) return i;
  }
  return kWords.size();
}

}  // namespace

std::string_view OrderColumnName(OrderColumn column) {
  static constexpr std::array<std::string_view, kOrderColumnCount> kNames = {
      "order_id",   "product_id",  "description", "quantity", "time",
      "unit_price", "customer_id", "market",      "currency"};
  return kNames[static_cast<size_t>(column)];
}

std::optional<OrderColumn> GuessOrderColumn(std::string_view header_name) {
  const size_t rank = RankOf(header_name);
  if (rank == kWords.size()) return std::nullopt;
  return kWords[rank].column;
}

Status OrderLineImport::MapColumns(const catalog::ImportRow& row) {
  std::array<size_t, kOrderColumnCount> ranks;
  ranks.fill(kWords.size());
  for (const catalog::ImportCell& cell : row.cells) {
    const size_t rank = RankOf(cell.column);
    if (rank == kWords.size()) continue;
    const auto column = static_cast<size_t>(kWords[rank].column);
    if (rank >= ranks[column]) continue;
    ranks[column] = rank;
    columns_[column] = cell.column;
  }
  for (const std::string& text : options_.overrides) {
    const size_t equals = text.find('=');
    bool is_known = false;
    for (size_t i = 0; i < kOrderColumnCount && equals != std::string::npos; ++i) {
      if (text.substr(0, equals) != OrderColumnName(static_cast<OrderColumn>(i))) continue;
      columns_[i] = text.substr(equals + 1);
      is_known = true;
    }
    if (!is_known)
      return InvalidArgument("a column is named as field=column, for example order_id=InvoiceNo: " + text);
  }
  for (size_t i = 0; i < kOrderColumnCount; ++i) {
    bool is_there = columns_[i].empty();
    for (const catalog::ImportCell& cell : row.cells) is_there = is_there || cell.column == columns_[i];
    if (!is_there) return InvalidArgument("the file has no column: " + columns_[i]);
  }
  for (const OrderColumn needed : {OrderColumn::kOrderId, OrderColumn::kProductId, OrderColumn::kTime}) {
    if (!columns_[static_cast<size_t>(needed)].empty()) continue;
    return InvalidArgument("no column is the " + std::string(OrderColumnName(needed)) + "; name it with " +
                           std::string(OrderColumnName(needed)) + "=COLUMN");
  }
  for (const catalog::ImportCell& cell : row.cells) {
    bool is_used = false;
    for (const std::string& column : columns_) is_used = is_used || column == cell.column;
    if (!is_used) unused_columns_.push_back(cell.column);
  }
  return {};
}

std::string OrderLineImport::MappingText() const {
  std::string text;
  for (size_t i = 0; i < kOrderColumnCount; ++i) {
    if (columns_[i].empty()) continue;
    text += (text.empty() ? "" : ", ") + std::string(OrderColumnName(static_cast<OrderColumn>(i))) + " = " +
            columns_[i];
  }
  for (size_t i = 0; i < unused_columns_.size(); ++i)
    text += (i == 0 ? "; not used: " : ", ") + unused_columns_[i];
  return text;
}

}  // namespace attune::events
