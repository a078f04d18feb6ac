#include "catalog/attribute_list.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <numeric>

#include "base/mutex.h"
#include "base/status.h"
#include "catalog/limits.h"

namespace attune::catalog {
namespace {

// Type codes inside packed leaves; in memory only.
enum Code : uint8_t { kTextCode = 0, kNumberCode = 1, kFalseCode = 2, kTrueCode = 3 };

constexpr size_t kHeaderBytes = 3;

struct PathTable {
  SharedMutex mutex;
  absl::flat_hash_map<std::string_view, uint16_t> numbers GUARDED_BY(mutex);  // Keys live in `texts`.
  uint32_t count GUARDED_BY(mutex) = 0;
  // Written once each, before its number is known to anybody.
  std::array<std::atomic<const std::string*>, kInternedPathsMax + 1> texts{};
};

// Lives as long as the process: products on any thread point into it.
PathTable& Paths() {
  static PathTable* const table = new PathTable;
  return *table;
}

void AppendShort(uint16_t value, std::string& out) {
  out += static_cast<char>(value & 0xff);
  out += static_cast<char>(value >> 8);
}

uint16_t ReadShort(const char* at) {
  return static_cast<uint16_t>(static_cast<uint8_t>(at[0]) | (static_cast<uint8_t>(at[1]) << 8));
}

void AppendText(std::string_view text, std::string& out) {
  CHECK(text.size() <= 0xffff);
  AppendShort(static_cast<uint16_t>(text.size()), out);
  out += text;
}

void AppendLeaf(const Attribute& leaf, std::string& out) {
  const uint16_t path = AttributePaths::Intern(leaf.path);
  AppendShort(path, out);
  switch (leaf.type) {
    case Attribute::Type::kText:
      out += static_cast<char>(kTextCode);
      break;
    case Attribute::Type::kNumber:
      out += static_cast<char>(kNumberCode);
      break;
    case Attribute::Type::kBool:
      out += static_cast<char>(leaf.number != 0 ? kTrueCode : kFalseCode);
      break;
  }
  if (path == 0) AppendText(leaf.path, out);
  if (leaf.type == Attribute::Type::kText) AppendText(leaf.text, out);
  if (leaf.type == Attribute::Type::kNumber) {
    char bytes[sizeof(double)];
    std::memcpy(bytes, &leaf.number, sizeof(double));
    out.append(bytes, sizeof(double));
  }
}

}  // namespace

uint16_t AttributePaths::Find(std::string_view path) {
  PathTable& table = Paths();
  ReaderLock lock(table.mutex);
  const auto found = table.numbers.find(path);
  return found == table.numbers.end() ? uint16_t{0} : found->second;
}

uint16_t AttributePaths::Intern(std::string_view path) {
  if (const uint16_t known = Find(path); known != 0) return known;
  PathTable& table = Paths();
  WriterLock lock(table.mutex);
  const auto found = table.numbers.find(path);
  if (found != table.numbers.end()) return found->second;
  if (table.count == kInternedPathsMax) return 0;
  const auto number = static_cast<uint16_t>(++table.count);
  const auto* const text = new std::string(path);  // Never freed, like the table.
  table.texts[number].store(text, std::memory_order_release);
  table.numbers.emplace(*text, number);
  return number;
}

std::string_view AttributePaths::Text(uint16_t number) {
  const std::string* const text = Paths().texts[number].load(std::memory_order_acquire);
  CHECK(text != nullptr);
  return *text;
}

size_t AttributeList::Iterator::Read(AttributeView& leaf) const {
  const char* const at = rest_.data();
  const uint16_t path = ReadShort(at);
  const auto code = static_cast<uint8_t>(at[2]);
  size_t used = kHeaderBytes;
  const auto read_text = [&] {
    const size_t length = ReadShort(at + used);
    const std::string_view text = rest_.substr(used + 2, length);
    used += 2 + length;
    return text;
  };
  leaf.path = path == 0 ? read_text() : AttributePaths::Text(path);
  leaf.text = {};
  leaf.number = 0;
  if (code == kTextCode) {
    leaf.type = Attribute::Type::kText;
    leaf.text = read_text();
  } else if (code == kNumberCode) {
    leaf.type = Attribute::Type::kNumber;
    std::memcpy(&leaf.number, at + used, sizeof(double));
    used += sizeof(double);
  } else {
    leaf.type = Attribute::Type::kBool;
    leaf.number = code == kTrueCode ? 1 : 0;
  }
  return used;
}

AttributeView AttributeList::Iterator::view() const {
  AttributeView leaf;
  Read(leaf);
  return leaf;
}

AttributeView AttributeList::Iterator::Take() {
  AttributeView leaf;
  rest_.remove_prefix(Read(leaf));
  return leaf;
}

Attribute AttributeList::Iterator::operator*() const {
  const AttributeView leaf = view();
  return {std::string(leaf.path), leaf.type, std::string(leaf.text), leaf.number};
}

AttributeList::Iterator& AttributeList::Iterator::operator++() {
  Take();
  return *this;
}

AttributeList::AttributeList(std::vector<Attribute> leaves) {
  // Leaves with the same path stay in their order.  (With libstdc++ 12, std::stable_sort calls what clang
  // warns of.)
  std::vector<size_t> order(leaves.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return leaves[a].path != leaves[b].path ? leaves[a].path < leaves[b].path : a < b;
  });
  std::string packed;
  for (const size_t place : order) AppendLeaf(leaves[place], packed);
  packed_ = std::string(packed);  // A copy has no spare capacity.
}

size_t AttributeList::size() const {
  size_t count = 0;
  for (Iterator leaf = begin(); leaf != end(); ++leaf) ++count;
  return count;
}

void AttributeList::push_back(const Attribute& leaf) {
  std::vector<Attribute> leaves;
  for (const Attribute& kept : *this) leaves.push_back(kept);
  leaves.push_back(leaf);
  *this = AttributeList(std::move(leaves));
}

bool operator==(const AttributeList& a, const AttributeList& b) {
  if (a.packed_ == b.packed_) return true;
  // The same path may be interned in one list and not in the other, when the table filled up in between.
  AttributeList::Iterator left = a.begin();
  AttributeList::Iterator right = b.begin();
  for (; left != a.end() && right != b.end(); ++left, ++right) {
    if (*left != *right) return false;
  }
  return left == a.end() && right == b.end();
}

}  // namespace attune::catalog
