// Reads the benchmark files of the published protocols: one shopper a line, `user item item ...`, oldest item
// first.
//
//   1 10 11 12        => shopper "1": products 0, 1, 2
//   2 11 13           => shopper "2": products 1, 3
//
// Users and items are decimal numbers; items get dense indexes in the order in which the file first names
// them, as products do in a store's log.  Fields are divided by spaces or tabs; empty lines are skipped; a
// line may end in CR LF.
//
// Limits: sequence_limits.h.  Thread safety: one thread at a time.

#ifndef ATTUNE_MODELS_SEQUENCE_FILE_H_
#define ATTUNE_MODELS_SEQUENCE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <istream>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"

namespace attune::models {

// Lists of product indexes, one per shopper, in one piece of memory.
class Sequences {
 public:
  size_t size() const { return offsets_.size() - 1; }
  std::span<const uint32_t> Of(size_t shopper) const {
    return std::span(products_).subspan(offsets_[shopper], offsets_[shopper + 1] - offsets_[shopper]);
  }
  size_t interaction_count() const { return products_.size(); }
  void Add(std::span<const uint32_t> products);

 private:
  std::vector<size_t> offsets_ = {0};
  std::vector<uint32_t> products_;
};

struct SequenceFile {
  std::vector<uint64_t> users;  // Of line i, in the file's own numbers.
  Sequences sequences;          // Of line i.
};

// Gives dense indexes to item numbers.  Shared by the files of one benchmark (train and test).
class ItemNumbering {
 public:
  ItemNumbering();
  ~ItemNumbering();
  uint32_t IndexOf(uint64_t item);
  uint32_t item_count() const;
  // By index.
  const std::vector<uint64_t>& items() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Fails with InvalidArgument, naming line and field ("line 3, field 2"), when a field is not a decimal number
// of 64 bits, a user has two lines, a limit is passed, or there is no line at all; kUnavailable when reading
// stops short.
Result<SequenceFile> ReadSequenceFile(std::istream& input, ItemNumbering& numbering);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SEQUENCE_FILE_H_
