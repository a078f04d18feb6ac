#include "events/order_line_import.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <tuple>
#include <utility>

#include "base/hash.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "events/limits.h"

namespace attune::events {
namespace {

constexpr uint32_t kNone = UINT32_MAX;
constexpr int64_t kWeekMs = 7 * kDayMs;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "17850.0", as spreadsheets write a number that is an id => "17850".
std::string_view WithoutPointZero(std::string_view text) {
  if (text.size() < 3 || !text.ends_with(".0")) return text;
  const std::string_view number = text.substr(0, text.size() - 2);
  return std::all_of(number.begin(), number.end(), IsDigit) ? number : text;
}

// `*` stands for any text.
bool Matches(std::string_view pattern, std::string_view text) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (size_t i = star; i <= text.size(); ++i) {
    if (Matches(rest, text.substr(i))) return true;
  }
  return false;
}

std::optional<double> ParseNumber(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "12/1/2010 8:26" => milliseconds; the month first unless `day_first`.
std::optional<int64_t> ParseSlashTime(std::string_view text, bool day_first) {
  int parts[5] = {0, 0, 0, 0, 0};
  size_t part = 0;
  size_t digits = 0;
  for (const char c : text) {
    if (IsDigit(c)) {
      if (++digits > 4) return std::nullopt;
      parts[part] = parts[part] * 10 + (c - '0');
      continue;
    }
    const char wanted = part < 2 ? '/' : part == 2 ? ' ' : ':';
    if (c != wanted || digits == 0 || part == 4) return std::nullopt;
    ++part;
    digits = 0;
  }
  if ((part != 2 && part != 4) || digits == 0) return std::nullopt;
  const int month = day_first ? parts[1] : parts[0];
  const int day = day_first ? parts[0] : parts[1];
  char normal[80];
  if (month > 12 || day > 31 || parts[3] > 23 || parts[4] > 59) return std::nullopt;
  std::snprintf(normal, sizeof(normal), "%04d-%02d-%02dT%02d:%02d", parts[2], month, day, parts[3], parts[4]);
  return ParseTime(normal);
}

// An id that an event may carry, also when it is made of long ones.
std::string EventIdOf(std::string_view what, std::string_view id, std::string_view of = {}) {
  std::string text = "import:" + std::string(what) + ":" + std::string(id);
  if (!of.empty()) text += ":" + std::string(of);
  if (text.size() <= kIdBytesMax) return text;
  return "import:" + std::string(what) + ":#" + std::to_string(StableHash64(text)) +
         std::to_string(StableHash64(text, 1));
}

}  // namespace

uint32_t OrderLineImport::Names::Add(std::string_view text) {
  if (text.empty()) return 0;
  const auto [entry, is_new] = indices_.try_emplace(std::string(text), static_cast<uint32_t>(texts_.size()));
  if (is_new) texts_.emplace_back(text);
  return entry->second;
}

Result<std::unique_ptr<OrderLineImport>> OrderLineImport::Open(std::unique_ptr<catalog::ImportSource> source,
                                                               const OrderLineImportOptions& options) {
  auto import = std::unique_ptr<OrderLineImport>(new OrderLineImport(options));
  auto buffer = std::make_unique<catalog::ImportBuffer>(std::move(source));
  ASSIGN_OR_RETURN(const auto reader, catalog::MakeDelimitedReader(std::move(buffer), options.delimiter));
  RETURN_IF_ERROR(import->ReadRows(*reader));
  import->stored_size_ = reader->buffer().source().stored_position();
  import->ShiftTimes();
  import->MakeOrders();
  import->PlanEvents();
  import->next_event_ = std::min<uint64_t>(options.base.skip, import->planned_.size());
  return import;
}

Status OrderLineImport::ReadRows(catalog::RowReader& reader) {
  catalog::ImportRow row;
  bool has_columns = false;
  for (;;) {
    ASSIGN_OR_RETURN(const bool has_row, reader.Next(row));
    if (!has_row) break;
    ++tally_.rows_read;
    if (!row.problem.ok()) {
      tally_.LeaveOut(row.problem.message(), row.line, "");
      continue;
    }
    if (!has_columns) RETURN_IF_ERROR(MapColumns(row));
    has_columns = true;
    if (lines_.size() == kImportLinesMax) {
      return ResourceExhausted("the file has more order lines than " + std::to_string(kImportLinesMax) +
                               "; split it by time");
    }
    TakeRow(row);
  }
  if (!has_columns) return InvalidArgument("the file holds no rows");
  return {};
}

std::string_view OrderLineImport::CellOf(const catalog::ImportRow& row, OrderColumn column) const {
  const std::string& name = columns_[static_cast<size_t>(column)];
  if (name.empty()) return {};
  for (const catalog::ImportCell& cell : row.cells) {
    if (cell.column == name) return Trim(cell.value);
  }
  return {};
}

bool OrderLineImport::IsServiceCode(std::string_view code) const {
  if (options_.leaves_out_codes_without_digit && std::none_of(code.begin(), code.end(), IsDigit)) return true;
  for (const std::string& pattern : options_.service_codes) {
    if (Matches(pattern, code)) return true;
  }
  return false;
}

std::optional<int64_t> OrderLineImport::ParseRowTime(std::string_view text) const {
  if (const auto time = ParseTime(text)) return time;
  if (text.find('/') != std::string_view::npos) return ParseSlashTime(text, options_.day_first);
  const auto number = ParseNumber(text);
  if (!number || *number < 0) return std::nullopt;
  // Seconds or milliseconds since 1970: seconds of any shop's time are below this, milliseconds above.
  constexpr double kSecondsMax = 100'000'000'000.0;
  const double millis = *number < kSecondsMax ? *number * 1000 : *number;
  if (millis > static_cast<double>(kTimeMaxMs)) return std::nullopt;
  return static_cast<int64_t>(millis);
}

void OrderLineImport::TakeRow(const catalog::ImportRow& row) {
  const auto leave_out = [&](std::string_view reason, std::string_view example) {
    tally_.LeaveOut(reason, row.line, example);
  };
  const std::string_view order_id = CellOf(row, OrderColumn::kOrderId);
  const std::string_view code = CellOf(row, OrderColumn::kProductId);
  const std::string_view customer = WithoutPointZero(CellOf(row, OrderColumn::kCustomerId));
  const std::string_view market = CellOf(row, OrderColumn::kMarket);
  if (order_id.empty()) return leave_out("no order id", code);
  if (code.empty()) return leave_out("no product", order_id);
  if (std::max({order_id.size(), code.size(), customer.size()}) > kIdBytesMax) {
    return leave_out("an id is longer than " + std::to_string(kIdBytesMax) + " bytes", order_id);
  }
  if (IsServiceCode(code)) return leave_out("a service, not a product", code);

  Line line{};
  const std::string_view quantity = CellOf(row, OrderColumn::kQuantity);
  const auto units = quantity.empty() ? std::optional(1.0) : ParseNumber(quantity);
  if (!units || *units == 0) return leave_out("the quantity is no whole number", quantity);
  if (std::abs(*units) > static_cast<double>(kQuantityMax))
    return leave_out("the quantity is too large", quantity);
  if (*units != std::trunc(*units)) return leave_out("the quantity is no whole number", quantity);
  line.quantity = static_cast<int64_t>(*units);

  line.currency = options_.base.default_currency;
  const std::string_view currency = CellOf(row, OrderColumn::kCurrency);
  if (!currency.empty()) {
    const auto parsed = Currency::Parse(currency);
    if (!parsed) return leave_out("the currency is no code of three letters", currency);
    line.currency = *parsed;
  }
  const std::string_view price = CellOf(row, OrderColumn::kUnitPrice);
  if (columns_[static_cast<size_t>(OrderColumn::kUnitPrice)].empty()) {
    line.price_minor = -1;  // The file has no prices.
  } else {
    const auto number = ParseNumber(price);
    const auto minor = number ? MinorFromNumber(*number, line.currency) : std::nullopt;
    if (!minor) return leave_out("the price is no number", price);
    if (*minor <= 0) return leave_out("the price is zero or less", code);
    line.price_minor = *minor;
  }
  const std::string_view time = CellOf(row, OrderColumn::kTime);
  const auto time_ms = ParseRowTime(time);
  if (!time_ms || *time_ms < kTimeMinMs) return leave_out("the time cannot be read", time);
  line.time_ms = *time_ms;
  if (!options_.shift_latest_to_now && line.time_ms > options_.base.now_ms)
    return leave_out("the time is in the future", time);

  const bool is_cancellation =
      order_id.size() > 1 && order_id[0] == 'C' && std::all_of(order_id.begin() + 1, order_id.end(), IsDigit);
  if (is_cancellation && line.quantity > 0) line.quantity = -line.quantity;
  line.order = orders_names_.Add(order_id);
  line.product = products_names_.Add(code);
  line.customer = customers_.Add(customer);
  line.market = market.size() <= kNameBytesMax ? markets_.Add(market) : 0;
  line.file_line = row.line;
  if (line.quantity > 0) LearnProduct(line.product, CellOf(row, OrderColumn::kDescription), line);
  lines_.push_back(line);
  ++tally_.rows_taken;
}

void OrderLineImport::LearnProduct(uint32_t product, std::string_view description, const Line& line) {
  if (facts_.size() <= product) facts_.resize(product + 1);
  ProductFacts& facts = facts_[product];
  if (!description.empty()) {
    const std::string title(Utf8Prefix(description, kQueryBytesMax));
    if (facts.titles.size() < kImportTitlesMax || facts.titles.contains(title)) ++facts.titles[title];
  }
  if (line.price_minor > 0 && (facts.prices.empty() || facts.currency == line.currency)) {
    facts.currency = line.currency;
    facts.prices.push_back(line.price_minor);
  }
}

std::vector<DerivedProduct> OrderLineImport::products() const {
  std::vector<DerivedProduct> products;
  for (uint32_t index = 1; index < facts_.size(); ++index) {
    const ProductFacts& facts = facts_[index];
    if (facts.titles.empty() && facts.prices.empty()) continue;
    DerivedProduct& product = products.emplace_back();
    product.product_id = products_names_[index];
    uint32_t best = 0;
    for (const auto& [title, count] :
         facts.titles) {  // In the order of the alphabet: the first of equals stays.
      if (count > best) product.title = title;
      best = std::max(best, count);
    }
    product.currency = facts.currency;
    product.line_count = facts.prices.size();
    if (facts.prices.empty()) continue;
    std::vector<int64_t> prices = facts.prices;
    const auto middle = prices.begin() + static_cast<ptrdiff_t>((prices.size() - 1) / 2);
    std::nth_element(prices.begin(), middle, prices.end());
    product.price_minor = *middle;
  }
  std::sort(products.begin(), products.end(),
            [](const DerivedProduct& a, const DerivedProduct& b) { return a.product_id < b.product_id; });
  return products;
}

void OrderLineImport::ShiftTimes() {
  if (!options_.shift_latest_to_now || lines_.empty()) return;
  int64_t latest = 0;
  for (const Line& line : lines_) latest = std::max(latest, line.time_ms);
  const int64_t today = options_.base.now_ms - options_.base.now_ms % kDayMs;
  const int64_t gap = today - 1 - latest;
  const int64_t weeks = gap >= 0 ? gap / kWeekMs : -((-gap + kWeekMs - 1) / kWeekMs);
  shift_ms_ = weeks * kWeekMs;
  for (Line& line : lines_) line.time_ms += shift_ms_;
  tally_.Note("all times moved by " + std::to_string(weeks) + " weeks: the last was " + FormatTime(latest) +
              " and is now " + FormatTime(latest + shift_ms_));
}

void OrderLineImport::MakeOrders() {
  orders_.clear();
  std::vector<uint32_t> order_of(orders_names_.size(), kNone);
  for (uint32_t index = 0; index < lines_.size(); ++index) {
    const Line& line = lines_[index];
    uint32_t& place = order_of[line.order];
    if (place == kNone) {
      place = static_cast<uint32_t>(orders_.size());
      Order& order = orders_.emplace_back();
      order.id = line.order;
      order.time_ms = line.time_ms;
      order.file_line = line.file_line;
      order.currency = line.currency;
    }
    Order& order = orders_[place];
    order.time_ms = std::min(order.time_ms, line.time_ms);
    if (order.customer == 0) order.customer = line.customer;
    if (order.market == 0) order.market = line.market;
    (line.quantity > 0 ? order.lines : order.returned).push_back(index);
  }
}

void OrderLineImport::PlanEvents() {
  std::vector<uint32_t> sequence(orders_.size());
  for (uint32_t i = 0; i < sequence.size(); ++i) sequence[i] = i;
  // A return at the minute of its order comes after it.
  std::sort(sequence.begin(), sequence.end(), [this](uint32_t a, uint32_t b) {
    const auto key = [this](uint32_t i) {
      return std::tuple(orders_[i].time_ms, orders_[i].lines.empty(), orders_[i].file_line);
    };
    return key(a) < key(b);
  });
  absl::flat_hash_map<uint64_t, std::vector<std::pair<uint32_t, int64_t>>> bought;
  uint64_t anonymous = 0;
  for (const uint32_t index : sequence) {
    const Order& order = orders_[index];
    if (order.lines.size() > kLinesPerOrderMax) {
      tally_.rows_taken -= order.lines.size();
      tally_.LeaveOut("the order has more lines than " + std::to_string(kLinesPerOrderMax), order.file_line,
                      orders_names_[order.id], order.lines.size());
    } else if (!order.lines.empty()) {
      planned_.push_back({order.time_ms, index, kNone, {}});
      if (order.customer == 0) ++anonymous;
      for (const uint32_t line : order.lines) {
        const uint64_t key = uint64_t{order.customer} << 32 | lines_[line].product;
        if (order.customer != 0) bought[key].emplace_back(index, lines_[line].quantity);
      }
    }
    if (!order.returned.empty()) PlanReturns(order, index, bought);
  }
  if (anonymous > 0) {
    tally_.Note(std::to_string(anonymous) +
                " orders name no customer: they count for products, not for a shopper");
  }
}

void OrderLineImport::PlanReturns(
    const Order& order, uint32_t order_index,
    absl::flat_hash_map<uint64_t, std::vector<std::pair<uint32_t, int64_t>>>& bought) {
  std::map<uint32_t, std::map<uint32_t, int64_t>> taken;  // By order: units by product.
  for (const uint32_t index : order.returned) {
    const Line& line = lines_[index];
    int64_t left = -line.quantity;
    const auto found = bought.find(uint64_t{order.customer} << 32 | line.product);
    if (order.customer != 0 && found != bought.end()) {
      auto& holdings = found->second;  // Oldest first; what came last goes back first.
      while (left > 0 && !holdings.empty()) {
        auto& [from, units] = holdings.back();
        const int64_t back = std::min(left, units);
        taken[from][line.product] += back;
        left -= back;
        units -= back;
        if (units == 0) holdings.pop_back();
      }
    }
    if (left == 0) continue;
    const bool is_whole = left == -line.quantity;
    tally_.rows_taken -= is_whole ? 1 : 0;
    tally_.LeaveOut(is_whole ? "a return without an earlier order of this customer and product"
                             : "a return of more than was bought; the rest is left out",
                    line.file_line, orders_names_[order.id] + " " + products_names_[line.product],
                    is_whole ? 1 : 0);
  }
  for (const auto& [from, products] : taken) {
    Planned& planned = planned_.emplace_back();
    planned.time_ms = order.time_ms;
    planned.order = from;
    planned.return_order = order_index;
    planned.returned.assign(products.begin(), products.end());
  }
}

void OrderLineImport::FillCompleted(const Planned& planned, IncomingEvent& event) const {
  const Order& order = orders_[planned.order];
  event.type = EventType::kOrderCompleted;
  event.id = EventIdOf("order", orders_names_[order.id]);
  event.lines.reserve(order.lines.size());
  for (const uint32_t index : order.lines) {
    const Line& from = lines_[index];
    const auto same = std::find_if(event.lines.begin(), event.lines.end(), [&](const IncomingLine& line) {
      return line.product_id == products_names_[from.product] &&
             line.price_minor.value_or(-1) == from.price_minor &&
             line.quantity + from.quantity <= kQuantityMax;
    });
    if (same != event.lines.end()) {
      same->quantity += from.quantity;
      continue;
    }
    IncomingLine& line = event.lines.emplace_back();
    line.product_id = products_names_[from.product];
    line.quantity = from.quantity;
    if (from.price_minor >= 0) line.price_minor = from.price_minor;
  }
}

void OrderLineImport::FillRefunded(const Planned& planned, IncomingEvent& event) const {
  event.type = EventType::kOrderRefunded;
  event.id = EventIdOf("return", orders_names_[orders_[planned.return_order].id],
                       orders_names_[orders_[planned.order].id]);
  for (const auto& [product, units] : planned.returned) {
    IncomingLine& line = event.lines.emplace_back();
    line.product_id = products_names_[product];
    line.quantity = std::min(units, kQuantityMax);
  }
}

Result<bool> OrderLineImport::Next(IncomingEvent& event) {
  if (next_event_ >= planned_.size()) return false;
  const Planned& planned = planned_[next_event_++];
  const Order& order = orders_[planned.order];
  event = IncomingEvent();
  event.is_backfill = true;
  event.received_at_ms = std::max(options_.base.now_ms, planned.time_ms);
  event.occurred_at_ms = planned.time_ms;
  event.order_id = orders_names_[order.id];
  event.customer_id = customers_[order.customer];
  event.market = markets_[order.market];
  event.currency = order.currency;
  if (planned.return_order == kNone) {
    FillCompleted(planned, event);
  } else {
    FillRefunded(planned, event);
  }
  ++tally_.events;
  return true;
}

}  // namespace attune::events
