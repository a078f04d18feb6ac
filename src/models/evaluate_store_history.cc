#include "models/evaluate_store_history.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "base/time_text.h"
#include "models/limits.h"
#include "models/text_fields.h"

namespace attune::models {
namespace {

enum Column : size_t { kInvoice, kStockCode, kQuantity, kTime, kCustomer, kColumnCount };
constexpr std::array<std::string_view, kColumnCount> kColumnNames = {"InvoiceNo", "StockCode", "Quantity",
                                                                     "InvoiceDate", "CustomerID"};

constexpr std::string_view kTitleColumn = "Description";

// A line may end in CR LF.
std::string_view WithoutReturn(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

// "17850", and "17850.0" as some exports of the same file write it; empty: nobody.
std::optional<uint64_t> ParseCustomer(std::string_view text) {
  if (text.empty()) return 0;
  if (text.ends_with(".0")) text.remove_suffix(2);
  return ParseNumber<uint64_t>(text);
}

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

Status BadValue(uint64_t line, std::string_view column) {
  return InvalidArgument("cannot read a value of the order lines",
                         "line " + std::to_string(line) + ", " + std::string(column));
}

// Collects lines into orders.
class OrderCollector {
 public:
  void Add(std::string_view invoice, std::string_view stock_code, std::string_view title, uint64_t customer,
           int64_t at_ms) {
    const auto [product, is_new_product] =
        product_by_code_.try_emplace(UpperCase(stock_code), static_cast<uint32_t>(product_by_code_.size()));
    if (is_new_product) {
      history_.product_codes.push_back(product->first);
      history_.product_titles.emplace_back();
    }
    std::string& known_title = history_.product_titles[product->second];
    if (known_title.empty()) known_title = title;
    const auto [order, is_new_order] =
        order_by_invoice_.try_emplace(std::string(invoice), history_.orders.size());
    if (is_new_order) history_.orders.push_back({std::string(invoice), ShopperHandle(customer), at_ms, {}});
    history_.orders[order->second].products.push_back(product->second);
    ++history_.kept_line_count;
  }
  StoreHistory Finish(uint64_t line_count) {
    history_.line_count = line_count;
    history_.product_count = static_cast<uint32_t>(product_by_code_.size());
    absl::flat_hash_map<ShopperHandle, int> shoppers;
    for (StoreOrder& order : history_.orders) {
      std::sort(order.products.begin(), order.products.end());
      order.products.erase(std::unique(order.products.begin(), order.products.end()), order.products.end());
      if (order.shopper.value() != 0) shoppers[order.shopper] = 1;
    }
    history_.shopper_count = shoppers.size();
    std::sort(history_.orders.begin(), history_.orders.end(), [](const StoreOrder& a, const StoreOrder& b) {
      return a.at_ms != b.at_ms ? a.at_ms < b.at_ms : a.order_id < b.order_id;
    });
    return std::move(history_);
  }

 private:
  StoreHistory history_;
  absl::flat_hash_map<std::string, uint32_t> product_by_code_;
  absl::flat_hash_map<std::string, size_t> order_by_invoice_;
};

}  // namespace

bool IsServiceCode(std::string_view stock_code) {
  const std::string code = UpperCase(stock_code);
  const bool has_digit = std::any_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
  return !has_digit || code == "C2" || code.starts_with("GIFT_");
}

Result<StoreHistory> ReadStoreHistory(std::istream& order_lines) {
  std::string line;
  if (!std::getline(order_lines, line)) return InvalidArgument("order lines: no header line", "line 1");
  std::array<size_t, kColumnCount> places{};
  const std::vector<std::string_view> names = SplitTabs(WithoutReturn(line));
  size_t field_count_min = 0;
  for (size_t column = 0; column < kColumnCount; ++column) {
    const auto found = std::find(names.begin(), names.end(), kColumnNames[column]);
    if (found == names.end())
      return InvalidArgument("order lines: no such column", std::string(kColumnNames[column]));
    places[column] = static_cast<size_t>(found - names.begin());
    field_count_min = std::max(field_count_min, places[column] + 1);
  }
  const auto title_place =
      static_cast<size_t>(std::find(names.begin(), names.end(), kTitleColumn) - names.begin());
  OrderCollector collector;
  uint64_t line_number = 1;
  while (std::getline(order_lines, line)) {
    if (++line_number > kEvaluationLinesMax) return ResourceExhausted("order lines: too many lines");
    const std::vector<std::string_view> fields = SplitTabs(WithoutReturn(line));
    if (fields.size() < field_count_min) return BadValue(line_number, "columns");
    const auto quantity = ParseNumber<int64_t>(fields[places[kQuantity]]);
    if (!quantity) return BadValue(line_number, kColumnNames[kQuantity]);
    if (*quantity <= 0 || IsServiceCode(fields[places[kStockCode]])) continue;
    const auto at_ms = ParseTime(fields[places[kTime]]);
    if (!at_ms) return BadValue(line_number, kColumnNames[kTime]);
    const auto customer = ParseCustomer(fields[places[kCustomer]]);
    if (!customer) return BadValue(line_number, kColumnNames[kCustomer]);
    const std::string_view title = title_place < fields.size() ? fields[title_place] : std::string_view();
    collector.Add(fields[places[kInvoice]], fields[places[kStockCode]], title, *customer, *at_ms);
  }
  if (order_lines.bad()) return Unavailable("order lines: reading stopped short");
  return collector.Finish(line_number - 1);
}

}  // namespace attune::models
