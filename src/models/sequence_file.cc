#include "models/sequence_file.h"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "models/sequence_limits.h"

namespace attune::models {
namespace {

std::string Place(size_t line, size_t field) {
  return "line " + std::to_string(line) + ", field " + std::to_string(field);
}

// What the message shows of a wrong field: enough to find it, and no control bytes.
std::string Shown(std::string_view field) {
  std::string shown;
  for (const char c : field.substr(0, 40)) shown.push_back(c >= 0x20 && c < 0x7f ? c : '?');
  return shown;
}

// Reads one line of at most kSequenceLineBytesMax bytes.  False at the end of the input.
Result<bool> ReadLine(std::istream& input, size_t line_number, std::string& line) {
  line.clear();
  std::streambuf* const buffer = input.rdbuf();
  int c = buffer->sbumpc();
  if (c == std::char_traits<char>::eof()) return false;
  for (; c != std::char_traits<char>::eof() && c != '\n'; c = buffer->sbumpc()) {
    if (line.size() == kSequenceLineBytesMax) {
      return InvalidArgument("line is longer than 4 MiB", "line " + std::to_string(line_number));
    }
    line.push_back(static_cast<char>(c));
  }
  return true;
}

// Splits `line` into numbers; numbers[0] is the user.
Status ParseLine(std::string_view line, size_t line_number, std::vector<uint64_t>& numbers) {
  numbers.clear();
  size_t at = 0;
  while (true) {
    at = line.find_first_not_of(" \t\r", at);
    if (at == std::string_view::npos) return {};
    const size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
    const std::string_view field = line.substr(at, end - at);
    uint64_t number = 0;
    const auto [stop, error] = std::from_chars(field.data(), field.data() + field.size(), number);
    if (error != std::errc() || stop != field.data() + field.size()) {
      return InvalidArgument("not a decimal number: " + Shown(field), Place(line_number, numbers.size() + 1));
    }
    if (numbers.size() > kSequenceItemsMax) {
      return InvalidArgument("more than 200000 items on one line", Place(line_number, numbers.size() + 1));
    }
    numbers.push_back(number);
    at = end;
  }
}

}  // namespace

struct ItemNumbering::State {
  absl::flat_hash_map<uint64_t, uint32_t> index_by_item;
  std::vector<uint64_t> items;
};

ItemNumbering::ItemNumbering() : state_(std::make_unique<State>()) {}
ItemNumbering::~ItemNumbering() = default;

uint32_t ItemNumbering::IndexOf(uint64_t item) {
  const auto [entry, is_new] =
      state_->index_by_item.try_emplace(item, static_cast<uint32_t>(state_->items.size()));
  if (is_new) state_->items.push_back(item);
  return entry->second;
}

uint32_t ItemNumbering::item_count() const { return static_cast<uint32_t>(state_->items.size()); }
const std::vector<uint64_t>& ItemNumbering::items() const { return state_->items; }

void Sequences::Add(std::span<const uint32_t> products) {
  products_.insert(products_.end(), products.begin(), products.end());
  offsets_.push_back(products_.size());
}

Result<SequenceFile> ReadSequenceFile(std::istream& input, ItemNumbering& numbering) {
  SequenceFile file;
  absl::flat_hash_set<uint64_t> users;
  std::string line;
  std::vector<uint64_t> numbers;
  std::vector<uint32_t> products;
  for (size_t line_number = 1;; ++line_number) {
    ASSIGN_OR_RETURN(const bool has_line, ReadLine(input, line_number, line));
    if (!has_line) break;
    RETURN_IF_ERROR(ParseLine(line, line_number, numbers));
    if (numbers.empty()) continue;
    if (!users.insert(numbers[0]).second) {
      return InvalidArgument("user has a line already: " + std::to_string(numbers[0]), Place(line_number, 1));
    }
    products.clear();
    for (size_t i = 1; i < numbers.size(); ++i) products.push_back(numbering.IndexOf(numbers[i]));
    if (numbering.item_count() > kModelProductsMax || users.size() > kSequenceLinesMax ||
        file.sequences.interaction_count() + products.size() > kSequenceFileItemsMax) {
      return InvalidArgument("file passes a limit of items, users or interactions", Place(line_number, 1));
    }
    file.users.push_back(numbers[0]);
    file.sequences.Add(products);
  }
  if (input.bad()) return Unavailable("reading the sequences stopped short");
  if (file.users.empty()) return InvalidArgument("no sequences: the file is empty", "line 1");
  return file;
}

}  // namespace attune::models
