#include "text/edit_distance.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/status.h"
#include "text/code_points.h"
#include "text/limits.h"

namespace attune::text {
namespace {

constexpr int kDistanceMax = 8;

// The letters of a word, without memory from the heap.
struct Letters {
  std::array<char32_t, kEditDistanceLettersMax> at = {};
  size_t count = 0;
  bool is_too_long = false;
};

Letters LettersOf(std::string_view text) {
  Letters letters;
  for (size_t at = 0; at < text.size();) {
    if (letters.count == letters.at.size()) {
      letters.is_too_long = true;
      break;
    }
    const CodePoint letter = CodePointAt(text, at);
    letters.at[letters.count++] = letter.value;
    at += letter.length;
  }
  return letters;
}

using Row = std::array<int, kEditDistanceLettersMax + 1>;

// Three rows of the table of distances between prefixes, and what lies outside its band.
class Table {
 public:
  Table(const Letters& a, const Letters& b, int bound) : a_(a), b_(b), bound_(bound) {
    for (size_t j = 0; j <= b.count; ++j) rows_[0][j] = std::min(static_cast<int>(j), bound_ + 1);
  }

  // Fills row i (1 <= i <= a.count) and returns its least value.
  int FillRow(size_t i) {
    Row& row = rows_[i % 3];
    const Row& above = rows_[(i + 2) % 3];
    const Row& second_above = rows_[(i + 1) % 3];
    const auto width = static_cast<size_t>(bound_);
    const size_t begin = i > width ? i - width : 1;
    const size_t end = std::min(b_.count, i + width);
    const int outside = bound_ + 1;
    row[begin - 1] = begin == 1 ? std::min(static_cast<int>(i), outside) : outside;
    int least = row[begin - 1];
    for (size_t j = begin; j <= end; ++j) {
      const bool is_same = a_.at[i - 1] == b_.at[j - 1];
      int cost = above[j - 1] + (is_same ? 0 : 1);
      cost = std::min(cost, row[j - 1] + 1);
      if (j < i + width) cost = std::min(cost, above[j] + 1);
      if (i > 1 && j > 1 && a_.at[i - 1] == b_.at[j - 2] && a_.at[i - 2] == b_.at[j - 1]) {
        cost = std::min(cost, second_above[j - 2] + 1);
      }
      row[j] = std::min(cost, outside);
      least = std::min(least, row[j]);
    }
    return least;
  }
  const Row& row(size_t i) const { return rows_[i % 3]; }

 private:
  const Letters& a_;
  const Letters& b_;
  const int bound_;
  std::array<Row, 3> rows_ = {};
};

}  // namespace

int EditDistance(std::string_view a, std::string_view b, int distance_max) {
  CHECK(distance_max >= 0 && distance_max <= kDistanceMax);
  if (a == b) return 0;
  const Letters first = LettersOf(a);
  const Letters second = LettersOf(b);
  const size_t difference =
      first.count > second.count ? first.count - second.count : second.count - first.count;
  if (first.is_too_long || second.is_too_long || difference > static_cast<size_t>(distance_max)) {
    return distance_max + 1;
  }
  Table table(first, second, distance_max);
  for (size_t i = 1; i <= first.count; ++i) {
    // A swap reaches two rows up, so one row beyond the bound does not end it; it adds one, so the row
    // itself does.
    if (table.FillRow(i) > distance_max) return distance_max + 1;
  }
  return table.row(first.count)[second.count];
}

int PrefixEditDistance(std::string_view typed, std::string_view word, int distance_max) {
  CHECK(distance_max >= 0 && distance_max <= kDistanceMax);
  if (word.starts_with(typed)) return 0;
  const Letters first = LettersOf(typed);
  Letters second = LettersOf(word);
  if (first.is_too_long) return distance_max + 1;
  second.count = std::min(second.count, first.count + static_cast<size_t>(distance_max));
  Table table(first, second, distance_max);
  for (size_t i = 1; i <= first.count; ++i) {
    if (table.FillRow(i) > distance_max) return distance_max + 1;
  }
  const Row& last = table.row(first.count);
  const auto width = static_cast<size_t>(distance_max);
  int least = distance_max + 1;
  for (size_t j = first.count > width ? first.count - width : 0; j <= second.count; ++j) {
    least = std::min(least, last[j]);
  }
  return least;
}

}  // namespace attune::text
