#include "models/sequence_file.h"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <string>
#include <utility>

#include "models/number_lines.h"
#include "models/sequence_limits.h"

namespace attune::models {

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
    ASSIGN_OR_RETURN(const bool has_line, ReadNumberLine(input, line_number, line));
    if (!has_line) break;
    RETURN_IF_ERROR(ParseNumbers(line, line_number, numbers));
    if (numbers.empty()) continue;
    if (!users.insert(numbers[0]).second) {
      return InvalidArgument("user has a line already: " + std::to_string(numbers[0]),
                             FieldPlace(line_number, 1));
    }
    products.clear();
    for (size_t i = 1; i < numbers.size(); ++i) products.push_back(numbering.IndexOf(numbers[i]));
    if (numbering.item_count() > kModelProductsMax || users.size() > kSequenceLinesMax ||
        file.sequences.interaction_count() + products.size() > kSequenceFileItemsMax) {
      return InvalidArgument("file passes a limit of items, users or interactions",
                             FieldPlace(line_number, 1));
    }
    file.users.push_back(numbers[0]);
    file.sequences.Add(products);
  }
  if (input.bad()) return Unavailable("reading the sequences stopped short");
  if (file.users.empty()) return InvalidArgument("no sequences: the file is empty", "line 1");
  return file;
}

}  // namespace attune::models
