// A small map from a name to a value, kept as one sorted array, for the many products that have none or few.
//
//   SortedMap<int64_t> stock_at;  stock_at["berlin"] = 3;  stock_at.find("berlin")->second == 3
//
// Why not std::map: an empty one takes 48 bytes, and a product has four; this takes 8.  Lookup is O(log n),
// insertion O(n); a product's maps hold at most a thousand entries.  Iteration is in the order of the names.
//
// Thread safety: value type.

#ifndef ATTUNE_CATALOG_SORTED_MAP_H_
#define ATTUNE_CATALOG_SORTED_MAP_H_

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace attune::catalog {

template <class V>
class SortedMap {
 public:
  using value_type = std::pair<std::string, V>;  // Do not write to `first`.
  using iterator = value_type*;
  using const_iterator = const value_type*;

  SortedMap() = default;
  SortedMap(std::initializer_list<value_type> entries) {
    for (const value_type& entry : entries) (*this)[entry.first] = entry.second;
  }
  SortedMap(const SortedMap& other) { *this = other; }
  SortedMap(SortedMap&&) noexcept = default;
  SortedMap& operator=(const SortedMap& other) {
    if (this != &other) entries_ = other.empty() ? nullptr : std::make_unique<Entries>(*other.entries_);
    return *this;
  }
  SortedMap& operator=(SortedMap&&) noexcept = default;

  bool empty() const { return size() == 0; }
  size_t size() const { return entries_ ? entries_->size() : 0; }
  iterator begin() { return entries_ ? entries_->data() : nullptr; }
  iterator end() { return begin() + size(); }
  const_iterator begin() const { return entries_ ? entries_->data() : nullptr; }
  const_iterator end() const { return begin() + size(); }

  const_iterator find(std::string_view key) const {
    const const_iterator place = LowerBound(key);
    return place != end() && place->first == key ? place : end();
  }
  bool contains(std::string_view key) const { return find(key) != end(); }

  V& operator[](std::string_view key) {
    if (!entries_) entries_ = std::make_unique<Entries>();
    const auto at = LowerBound(key) - static_cast<const SortedMap&>(*this).begin();
    auto place = entries_->begin() + at;
    if (place == entries_->end() || place->first != key) {
      place = entries_->insert(place, value_type(std::string(key), V()));
    }
    return place->second;
  }

  void erase(std::string_view key) {
    const const_iterator place = find(key);
    if (place == end()) return;
    entries_->erase(entries_->begin() + (place - static_cast<const SortedMap&>(*this).begin()));
    if (entries_->empty()) entries_ = nullptr;
  }
  void clear() { entries_ = nullptr; }

  friend bool operator==(const SortedMap& a, const SortedMap& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  using Entries = std::vector<value_type>;

  const_iterator LowerBound(std::string_view key) const {
    return std::lower_bound(begin(), end(), key, [](const value_type& entry, std::string_view wanted) {
      return entry.first < wanted;
    });
  }

  std::unique_ptr<Entries> entries_;  // Null when empty.
};

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_SORTED_MAP_H_
