#include "search/facets.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
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

// Calls visit(part, document) for what counts for the field: every match, and what only its own selection
// keeps out.
template <class Visit>
void ForEachCounted(std::string_view field, const MatchOptions& options, const MatchResult& matched,
                    const Visit& visit) {
  for (size_t p = 0; p < matched.matched.size(); ++p) {
    const auto in_part = [&](uint32_t document) { visit(p, document); };
    matched.matched[p].ForEach(in_part);
    for (size_t s = 0; s < options.selections.size(); ++s) {
      if (options.selections[s].field == field) matched.matched_but_for[s][p].ForEach(in_part);
    }
  }
}

using CountedTexts = std::vector<std::pair<uint64_t, std::string_view>>;

void TakeFirst(CountedTexts& values, size_t values_max, FacetAnswer& answer) {
  answer.value_count = values.size();
  const auto kept = static_cast<ptrdiff_t>(std::min<size_t>(values_max, values.size()));
  std::partial_sort(values.begin(), values.begin() + kept, values.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  values.resize(static_cast<size_t>(kept));
  for (const auto& [products, value] : values) answer.values.push_back({std::string(value), products});
}

void CountIndexed(const FacetRequest& request, size_t field, const SearchIndex& index,
                  const MatchOptions& options, const MatchResult& matched, FacetAnswer& answer) {
  ValueCounts counts(index.values().size());
  ForEachCounted(request.field, options, matched, [&](size_t p, uint32_t document) {
    const Segment& segment = *index.parts()[p].segment;
    for (const uint32_t value : segment.ValuesOf(field, document)) counts.Add(value);
    const auto numbers = segment.NumbersOf(field, document);
    if (!numbers.empty()) AddNumber(numbers.front(), answer.numbers);
  });
  const std::string folded = text::Fold(request.containing, text::Language::kNeutral);
  CountedTexts values;
  for (const uint32_t value : counts.seen()) {
    const std::string_view text = FacetValueText(index, value);
    if (IsAskedFor(request, folded, text)) values.emplace_back(counts.Of(value), text);
  }
  TakeFirst(values, request.values_max, answer);
}

void CountOutside(const FacetRequest& request, const OutsideField& field, const SearchIndex& index,
                  const MatchOptions& options, const MatchResult& matched, FacetAnswer& answer) {
  absl::flat_hash_map<std::string, uint64_t> counts;
  ProductValues values;
  ForEachCounted(request.field, options, matched, [&](size_t p, uint32_t document) {
    values.texts.clear();
    values.numbers.clear();
    field.read(index.parts()[p].segment->ProductOf(document), values);
    std::sort(values.texts.begin(), values.texts.end());
    values.texts.erase(std::unique(values.texts.begin(), values.texts.end()), values.texts.end());
    for (const std::string& text : values.texts) ++counts[text];
    if (values.numbers.empty()) return;
    AddNumber(*std::min_element(values.numbers.begin(), values.numbers.end()), answer.numbers);
  });
  const std::string folded = text::Fold(request.containing, text::Language::kNeutral);
  CountedTexts counted;
  for (const auto& [text, count] : counts) {
    if (IsAskedFor(request, folded, text)) counted.emplace_back(count, text);
  }
  TakeFirst(counted, request.values_max, answer);
}

}  // namespace

FacetAnswer CountFacet(const FacetRequest& request, const SearchIndex& index, const MatchOptions& options,
                       const MatchResult& matched) {
  FacetAnswer answer;
  answer.field = request.field;
  const int field = FindFacetField(index, request.field);
  if (const OutsideField* outside = FindOutside(options.outside, request.field)) {
    CountOutside(request, *outside, index, options, matched, answer);
  } else if (field >= 0) {
    CountIndexed(request, static_cast<size_t>(field), index, options, matched, answer);
  }
  return answer;
}

}  // namespace attune::search
