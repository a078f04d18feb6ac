#include "search/facets.h"

#include <algorithm>
#include <utility>

#include "text/fold.h"

namespace attune::search {
namespace {

constexpr std::string_view kLevelSeparator = " > ";

// Counts by value number; values are few, so an array over the numbers that were seen.
class ValueCounts {
 public:
  explicit ValueCounts(uint32_t value_count) : counts_(value_count, 0) {}

  void Add(uint32_t value) {
    if (counts_[value]++ == 0) seen_.push_back(value);
  }
  const std::vector<uint32_t>& seen() const { return seen_; }
  uint64_t Of(uint32_t value) const { return counts_[value]; }

 private:
  std::vector<uint32_t> counts_;
  std::vector<uint32_t> seen_;
};

bool IsRightBelow(std::string_view category, std::string_view above) {
  if (!above.empty()) {
    if (!category.starts_with(above)) return false;
    category.remove_prefix(above.size());
    if (!category.starts_with(kLevelSeparator)) return false;
    category.remove_prefix(kLevelSeparator.size());
  }
  return category.find(kLevelSeparator) == std::string_view::npos;
}

bool IsAskedFor(const FacetRequest& request, const std::string& folded, std::string_view value) {
  if (request.is_one_level && !IsRightBelow(value, request.below)) return false;
  if (folded.empty()) return true;
  return text::Fold(value, text::Language::kNeutral).find(folded) != std::string::npos;
}

void AddNumber(double number, FacetNumbers& numbers) {
  if (numbers.products == 0) numbers.least = numbers.largest = number;
  ++numbers.products;
  numbers.least = std::min(numbers.least, number);
  numbers.largest = std::max(numbers.largest, number);
  numbers.sum += number;
}

}  // namespace

FacetAnswer CountFacet(const FacetRequest& request, const SearchIndex& index, const MatchOptions& options,
                       const MatchResult& matched) {
  FacetAnswer answer;
  answer.field = request.field;
  const int number = FindFacetField(index, request.field);
  if (number < 0) return answer;
  const auto field = static_cast<size_t>(number);
  ValueCounts counts(index.values().size());
  for (size_t p = 0; p < index.parts().size(); ++p) {
    const Segment& segment = *index.parts()[p].segment;
    const auto count = [&](uint32_t document) {
      for (const uint32_t value : segment.ValuesOf(field, document)) counts.Add(value);
      const auto numbers = segment.NumbersOf(field, document);
      if (!numbers.empty()) AddNumber(numbers.front(), answer.numbers);
    };
    matched.matched[p].ForEach(count);
    for (size_t s = 0; s < options.selections.size(); ++s) {
      if (options.selections[s].field == request.field) matched.matched_but_for[s][p].ForEach(count);
    }
  }
  const std::string folded = text::Fold(request.containing, text::Language::kNeutral);
  std::vector<std::pair<uint64_t, std::string_view>> values;
  for (const uint32_t value : counts.seen()) {
    const std::string_view text = FacetValueText(index, value);
    if (IsAskedFor(request, folded, text)) values.emplace_back(counts.Of(value), text);
  }
  answer.value_count = values.size();
  const auto kept = static_cast<ptrdiff_t>(std::min<size_t>(request.values_max, values.size()));
  std::partial_sort(values.begin(), values.begin() + kept, values.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  values.resize(static_cast<size_t>(kept));
  for (const auto& [products, value] : values) answer.values.push_back({std::string(value), products});
  return answer;
}

}  // namespace attune::search
