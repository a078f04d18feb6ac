// What a catalogue is about, in a few words each: suggestions for a shop whose shoppers have not searched
// yet.

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "search/analytics_limits.h"
#include "search/counted_search.h"
#include "search/personal_text.h"
#include "search/query_text.h"
#include "search/suggestions.h"

namespace attune::search {
namespace {

// Heads of titles have so many words.
constexpr size_t kHeadWordsMin = 2;
constexpr size_t kHeadWordsMax = 3;
// Products that share one, at least: a head of one product is its title.
constexpr double kHeadProductsMin = 2;
constexpr size_t kTextBytesMax = 48;
// Different texts that are counted, at most; a catalogue of a million titles has more, most of them rare.
constexpr size_t kCountedTextsMax = 400'000;

class TextCounts {
 public:
  void Add(std::string_view text, std::string_view language, double least) {
    if (text.empty() || text.size() > kTextBytesMax) return;
    std::string normal = NormalQuery(text);
    if (normal.empty() || LooksPersonal(normal)) return;
    std::string key = normal + '\0' + std::string(language);
    const auto known = counts_.find(key);
    if (known != counts_.end()) {
      ++known->second.suggestion.weight;
      known->second.least = std::min(known->second.least, least);
      return;
    }
    if (counts_.size() >= kCountedTextsMax) return;
    counts_[std::move(key)] = {{TidyQuery(text), std::move(normal), std::string(language), 1}, least};
  }

  // Of texts that will be taken.
  bool is_empty() const {
    return std::none_of(counts_.begin(), counts_.end(),
                        [](const auto& one) { return one.second.suggestion.weight >= one.second.least; });
  }

  std::vector<Suggestion> Take() {
    std::vector<Suggestion> texts;
    for (auto& [key, count] : counts_) {
      if (count.suggestion.weight >= count.least) texts.push_back(std::move(count.suggestion));
    }
    if (texts.size() <= kSuggestedTextsMax) return texts;
    const auto end = texts.begin() + static_cast<std::ptrdiff_t>(kSuggestedTextsMax);
    std::nth_element(texts.begin(), end, texts.end(), [](const Suggestion& a, const Suggestion& b) {
      return std::tie(b.weight, a.normal, a.language) < std::tie(a.weight, b.normal, b.language);
    });
    texts.erase(end, texts.end());
    return texts;
  }

 private:
  struct Count {
    Suggestion suggestion;
    double least = 1;
  };
  absl::flat_hash_map<std::string, Count> counts_;
};

void AddHeads(std::string_view title, std::string_view language, TextCounts& counts) {
  size_t words = 0;
  for (size_t end = title.find(' ');; end = title.find(' ', end + 1)) {
    if (++words >= kHeadWordsMin) counts.Add(title.substr(0, end), language, kHeadProductsMin);
    if (words == kHeadWordsMax || end == std::string_view::npos) return;
  }
}

// Of products without brand and category that have nothing in common.
void AddTitles(const catalog::CatalogView& catalog, std::string_view language, TextCounts& counts) {
  for (uint32_t index = 0; index < catalog.index_count(); ++index) {
    const catalog::Product* const product = catalog.Find(ProductIndex(index));
    if (product != nullptr && !product->is_hidden) counts.Add(product->title, language, 1);
  }
}

}  // namespace

std::vector<Suggestion> SuggestedTexts(const catalog::CatalogView& catalog, std::string_view language) {
  TextCounts counts;
  for (uint32_t index = 0; index < catalog.index_count(); ++index) {
    const catalog::Product* const product = catalog.Find(ProductIndex(index));
    if (product == nullptr || product->is_hidden) continue;
    counts.Add(product->brand, {}, 1);
    for (const catalog::CategoryPath& path : product->categories) {
      if (path.empty()) continue;
      counts.Add(path.back(), language, 1);
      if (!product->brand.empty()) counts.Add(product->brand + " " + path.back(), language, 1);
    }
    AddHeads(product->title, language, counts);
    for (const auto& [locale, translation] : product->translations) {
      AddHeads(translation.title, LanguageOf(locale), counts);
    }
  }
  if (counts.is_empty()) AddTitles(catalog, language, counts);
  return counts.Take();
}

}  // namespace attune::search
