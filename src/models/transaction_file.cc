#include "models/transaction_file.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "base/clock.h"
#include "base/time_text.h"
#include "models/limits.h"
#include "models/text_fields.h"

namespace attune::models {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::vector<std::string_view> SplitBlanks(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const size_t begin = line.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return fields;
    line.remove_prefix(begin);
    const size_t end = std::min(line.find_first_of(kBlanks), line.size());
    fields.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

// 19970118 => days since the epoch.
std::optional<int32_t> ParseDay(std::string_view text) {
  if (text.size() != 8 || !ParseNumber<uint32_t>(text)) return std::nullopt;
  const std::string date = std::string(text.substr(0, 4)) + "-" + std::string(text.substr(4, 2)) + "-" +
                           std::string(text.substr(6));
  const auto at_ms = ParseTime(date);
  if (!at_ms) return std::nullopt;
  return static_cast<int32_t>(*at_ms / kDayMs);
}

struct Transaction {
  uint64_t customer = 0;
  PurchaseDay day;
};

std::optional<Transaction> ParseTransaction(std::string_view line) {
  const std::vector<std::string_view> fields = SplitBlanks(line);
  if (fields.size() != 4 && fields.size() != 5) return std::nullopt;
  const auto customer = ParseNumber<uint64_t>(fields.front());
  const auto day = ParseDay(fields[fields.size() - 3]);
  const auto value = ParseNumber<double>(fields.back());
  if (!customer || !day || !value || !(*value >= 0)) return std::nullopt;
  return Transaction{*customer, {*day, *value}};
}

}  // namespace

Result<std::vector<CustomerPurchases>> ReadTransactionFile(std::istream& transactions) {
  std::map<uint64_t, std::map<int32_t, double>> value_by_day;
  std::string line;
  uint64_t line_number = 0;
  while (std::getline(transactions, line)) {
    if (++line_number > kEvaluationLinesMax) return ResourceExhausted("transactions: too many lines");
    if (line.find_first_not_of(kBlanks) == std::string::npos) continue;
    const auto transaction = ParseTransaction(line);
    if (transaction) {
      value_by_day[transaction->customer][transaction->day.day] += transaction->day.value;
    } else if (line_number > 1) {
      return InvalidArgument("cannot read a transaction", "line " + std::to_string(line_number));
    }
  }
  if (transactions.bad()) return Unavailable("transactions: reading stopped short");
  if (value_by_day.empty()) return InvalidArgument("no transactions", "line 1");
  std::vector<CustomerPurchases> customers;
  for (const auto& [customer, days] : value_by_day) {
    customers.push_back({customer, {}});
    for (const auto& [day, value] : days) customers.back().days.push_back({day, value});
  }
  return customers;
}

PurchaseCell CellAt(const CustomerPurchases& customer, int32_t end_day) {
  const int32_t first = customer.days.front().day;
  CHECK(first <= end_day);
  PurchaseCell cell;
  for (const PurchaseDay& purchase : customer.days) {
    if (purchase.day == first || purchase.day > end_day) continue;
    ++cell.repeats;
    cell.recency = (purchase.day - first) / kDaysPerWeek;
  }
  cell.age = (end_day - first) / kDaysPerWeek;
  return cell;
}

std::vector<PurchaseCell> CellsAt(const std::vector<CustomerPurchases>& customers, int32_t end_day) {
  std::map<std::tuple<uint32_t, double, double>, double> count_by_history;
  for (const CustomerPurchases& customer : customers) {
    if (customer.days.front().day > end_day) continue;
    const PurchaseCell cell = CellAt(customer, end_day);
    ++count_by_history[{cell.repeats, cell.recency, cell.age}];
  }
  std::vector<PurchaseCell> cells;
  for (const auto& [history, count] : count_by_history) {
    cells.push_back({std::get<0>(history), std::get<1>(history), std::get<2>(history), count});
  }
  return cells;
}

SpendHistory SpendAt(const CustomerPurchases& customer, int32_t end_day) {
  SpendHistory spend;
  double sum = 0;
  for (size_t i = 1; i < customer.days.size() && customer.days[i].day <= end_day; ++i) {
    ++spend.orders;
    sum += customer.days[i].value;
  }
  if (spend.orders > 0) spend.mean_value = sum / spend.orders;
  return spend;
}

}  // namespace attune::models
