// The leaves of a product's attributes, packed: what filters and content models read.
//
//   {"colour":"black","size":{"eu":42},"fits":["a","b"]}
//     => colour = "black", fits = "a", fits = "b", size.eu = 42         (sorted by path, then as given)
//
// A leaf takes about 3 bytes and its value: paths repeat from product to product, so each is kept once per
// process (AttributePaths) and named by a number.  A std::vector<Attribute> would take 80 bytes a leaf, which
// a catalogue of a million products cannot afford.  Reading a leaf makes an Attribute by value:
//
//   for (const Attribute& attribute : product.attributes) ...
//
// Thread safety: AttributeList is a value type; AttributePaths may be used from any thread.

#ifndef ATTUNE_CATALOG_ATTRIBUTE_LIST_H_
#define ATTUNE_CATALOG_ATTRIBUTE_LIST_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/prefetch.h"

namespace attune::catalog {

// One leaf of the attributes document, for filters: {"size": {"eu": 42}} => path "size.eu", number 42.
// Arrays give one leaf per element; null gives none.
struct Attribute {
  enum class Type : uint8_t { kText, kNumber, kBool };
  std::string path;
  Type type = Type::kText;
  std::string text;
  double number = 0;  // kBool: 0 or 1.

  friend bool operator==(const Attribute&, const Attribute&) = default;
};

// The same without copies; valid while its list lives and is not changed.
struct AttributeView {
  std::string_view path;
  Attribute::Type type = Attribute::Type::kText;
  std::string_view text;
  double number = 0;
};

// Numbers for paths, from 1, given in the order of first use and never taken back.  0: not interned.
class AttributePaths {
 public:
  // 0 when kInternedPathsMax paths are in use already.
  static uint16_t Intern(std::string_view path);
  // 0 when the path has no number (yet).
  static uint16_t Find(std::string_view path);
  // REQUIRES: `number` came from Intern or Find and is not 0.  Good for the life of the process.
  static std::string_view Text(uint16_t number);
};

class AttributeList {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Attribute;
    using difference_type = ptrdiff_t;
    using pointer = const Attribute*;
    using reference = Attribute;

    Attribute operator*() const;
    AttributeView view() const;
    // view(), then on to the next leaf: for half of what the two cost.
    AttributeView Take();
    Iterator& operator++();
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.rest_.size() == b.rest_.size(); }

   private:
    friend class AttributeList;
    explicit Iterator(std::string_view rest) : rest_(rest) {}
    // Reads the leaf at the front; returns its packed size.
    size_t Read(AttributeView& leaf) const;

    std::string_view rest_;
  };

  AttributeList() = default;
  AttributeList(std::initializer_list<Attribute> leaves) : AttributeList(std::vector<Attribute>(leaves)) {}
  // Sorts by path and keeps the order of leaves with the same path.  REQUIRES: every path and text is shorter
  // than 64 kB.
  explicit AttributeList(std::vector<Attribute> leaves);

  bool empty() const { return packed_.empty(); }
  size_t size() const;  // O(n).
  Iterator begin() const { return Iterator(packed_); }
  Iterator end() const { return Iterator(std::string_view()); }

  // O(n); for building by hand.
  void push_back(const Attribute& leaf);
  void clear() { packed_.clear(); }

  // Before a walk over the lists of many products (base/prefetch.h).
  void Prefetch() const { PrefetchBetween(packed_.data(), packed_.data() + packed_.size()); }

  size_t memory_bytes() const { return packed_.capacity(); }

  friend bool operator==(const AttributeList& a, const AttributeList& b);

 private:
  // Leaf: path number (2 bytes; 0: length and text follow), type (1), then nothing (bool), 8 bytes (number),
  // or length (2) and text.
  std::string packed_;
};

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_ATTRIBUTE_LIST_H_
