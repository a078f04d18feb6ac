#include "models/purchase_file.h"

#include <array>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/hash.h"
#include "models/limits.h"
#include "models/number_lines.h"
#include "models/sequence_limits.h"

namespace attune::models {
namespace {

constexpr std::string_view kHeader = "user\titem\tbehavior\tunix_time";
constexpr size_t kFieldCount = 4;
constexpr uint64_t kUnixTimeMax = 1ULL << 40;
constexpr uint64_t kUserMax = 1ULL << 62;

std::string LinePlace(size_t line_number) { return "line " + std::to_string(line_number); }

std::string_view WithoutLineEnd(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Result<InteractionKind> KindOf(std::string_view behavior, size_t line_number) {
  if (behavior == "view") return InteractionKind::kView;
  if (behavior == "cart") return InteractionKind::kCart;
  if (behavior == "buy") return InteractionKind::kPurchase;
  return InvalidArgument("must be view, cart or buy", FieldPlace(line_number, 3));
}

// Takes the behaviour out of the line: what is left is three numbers.
Result<Interaction> ParseEvent(std::string_view line, size_t line_number, ItemNumbering& numbering,
                               std::vector<uint64_t>& numbers) {
  std::array<std::string_view, kFieldCount> fields;
  for (size_t i = 0; i < kFieldCount; ++i) {
    const size_t end = i + 1 < kFieldCount ? line.find('\t') : line.size();
    if (end == std::string_view::npos)
      return InvalidArgument("there must be 4 fields", LinePlace(line_number));
    fields[i] = line.substr(0, end);
    line.remove_prefix(i + 1 < kFieldCount ? end + 1 : end);
  }
  ASSIGN_OR_RETURN(const InteractionKind kind, KindOf(fields[2], line_number));
  std::string text(fields[0]);
  text.append(" ").append(fields[1]).append(" ").append(fields[3]);
  RETURN_IF_ERROR(ParseNumbers(text, line_number, numbers));
  if (numbers.size() != 3 || numbers[0] > kUserMax || numbers[2] > kUnixTimeMax) {
    return InvalidArgument("must be a user, an item and a unix time", LinePlace(line_number));
  }
  Interaction row;
  row.shopper = ShopperHandle(numbers[0] + 1);
  row.product = ProductIndex(numbering.IndexOf(numbers[1]));
  row.kind = kind;
  row.at_ms = static_cast<int64_t>(numbers[2]) * kSecondMs;
  if (kind == InteractionKind::kPurchase) row.order_hash = MixHash64(numbers[0], numbers[2]) | 1;
  return row;
}

}  // namespace

Result<std::vector<Interaction>> ReadPurchaseEvents(std::istream& input, ItemNumbering& numbering) {
  std::vector<Interaction> rows;
  std::string line;
  std::vector<uint64_t> numbers;
  for (size_t line_number = 1;; ++line_number) {
    ASSIGN_OR_RETURN(const bool has_line, ReadNumberLine(input, line_number, line));
    if (!has_line) break;
    const std::string_view text = WithoutLineEnd(line);
    if (line_number == 1) {
      if (text != kHeader) return InvalidArgument("must be: user item behavior unix_time", LinePlace(1));
      continue;
    }
    if (text.empty()) continue;
    ASSIGN_OR_RETURN(const Interaction row, ParseEvent(text, line_number, numbering, numbers));
    if (rows.size() >= kInteractionRowsMax || numbering.item_count() > kModelProductsMax) {
      return InvalidArgument("file passes a limit of events or items", LinePlace(line_number));
    }
    rows.push_back(row);
  }
  if (input.bad()) return Unavailable("reading the events stopped short");
  if (rows.empty()) return InvalidArgument("no events: the file is empty", "line 1");
  return rows;
}

Result<std::vector<HeldOutPurchase>> ReadHeldOutPurchases(std::istream& input, ItemNumbering& numbering) {
  std::vector<HeldOutPurchase> purchases;
  std::string line;
  std::vector<uint64_t> numbers;
  for (size_t line_number = 1;; ++line_number) {
    ASSIGN_OR_RETURN(const bool has_line, ReadNumberLine(input, line_number, line));
    if (!has_line) break;
    RETURN_IF_ERROR(ParseNumbers(line, line_number, numbers));
    if (numbers.empty()) continue;
    if (numbers.size() != 2 || numbers[0] > kUserMax) {
      return InvalidArgument("must be a user and an item", LinePlace(line_number));
    }
    purchases.push_back({ShopperHandle(numbers[0] + 1), numbering.IndexOf(numbers[1])});
  }
  if (input.bad()) return Unavailable("reading the purchases stopped short");
  if (purchases.empty()) return InvalidArgument("no purchases: the file is empty", "line 1");
  return purchases;
}

}  // namespace attune::models
