#include "search/typo_queries.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/random.h"
#include "search/limits.h"

namespace attune::search {
namespace {

constexpr std::array<std::string_view, 5> kKinds = {"one_edit", "two_edits", "transposition", "missing_space",
                                                    "extra_space"};
constexpr size_t kSplitLetters = 6;
constexpr uint64_t kAttemptsPerQuery = 60;
constexpr size_t kMeantMax = 10;
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";

bool IsPlain(std::string_view word) {
  return std::all_of(word.begin(), word.end(), [](char letter) { return letter >= 'a' && letter <= 'z'; });
}

class Titles {
 public:
  Titles(const catalog::CatalogView& catalog, const text::Analyzer& analyzer) {
    for (uint32_t i = 0; i < catalog.index_count(); ++i) {
      std::vector<text::Token>& title = titles_.emplace_back();
      const catalog::Product* product = catalog.Find(ProductIndex(i));
      if (product == nullptr) continue;
      title = analyzer.Analyze(product->title);
      std::erase_if(title, [](const text::Token& token) { return token.role != text::TokenRole::kWhole; });
      for (const text::Token& token : title) {
        std::vector<uint32_t>& products = products_[token.term];
        if (products.empty() || products.back() != i) products.push_back(i);
      }
    }
  }

  const std::vector<text::Token>& Of(uint32_t product) const { return titles_[product]; }

  // Titles that hold all the terms.  REQUIRES: some title holds each.
  size_t CountWith(const std::vector<std::string>& terms) const {
    std::vector<uint32_t> all = products_.at(terms.front());
    for (const std::string& term : terms) {
      std::vector<uint32_t> both;
      const std::vector<uint32_t>& products = products_.at(term);
      std::set_intersection(all.begin(), all.end(), products.begin(), products.end(),
                            std::back_inserter(both));
      all = std::move(both);
    }
    return all.size();
  }

 private:
  std::vector<std::vector<text::Token>> titles_;  // By product: whole words.
  absl::flat_hash_map<std::string, std::vector<uint32_t>> products_;
};

class TypoMaker {
 public:
  explicit TypoMaker(uint64_t seed) : random_(seed) {}

  Random& random() { return random_; }

  // Empty when the kind needs other words.
  std::string Mistype(size_t kind, std::vector<std::string> words) {
    const size_t which = random_.NextBelow(words.size());
    std::string& word = words[which];
    const bool is_plain = IsPlain(word);
    switch (kind) {
      case 0:
        if (!is_plain || word.size() < kOneTypoLetters) return {};
        Edit(word);
        break;
      case 1:
        if (!is_plain || word.size() < kTwoTyposLetters) return {};
        Edit(word);
        Edit(word);
        break;
      case 2: {
        if (!is_plain || word.size() < kOneTypoLetters) return {};
        const size_t at = 1 + random_.NextBelow(word.size() - 2);
        if (word[at] == word[at + 1]) return {};
        std::swap(word[at], word[at + 1]);
        break;
      }
      case 3:
        if (which + 1 == words.size() || !is_plain || !IsPlain(words[which + 1])) return {};
        word += words[which + 1];
        words.erase(words.begin() + static_cast<ptrdiff_t>(which) + 1);
        break;
      default:
        if (!is_plain || word.size() < kSplitLetters) return {};
        word.insert(2 + random_.NextBelow(word.size() - 3), " ");
    }
    return Joined(words);
  }

  static std::string Joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
  }

 private:
  void Edit(std::string& word) {
    const size_t at = 1 + random_.NextBelow(word.size() - 1);
    const char letter = kLetters[random_.NextBelow(kLetters.size())];
    switch (random_.NextBelow(3)) {
      case 0:
        word.insert(word.begin() + static_cast<ptrdiff_t>(at), letter);
        break;
      case 1:
        word.erase(at, 1);
        break;
      default:
        word[at] = word[at] == letter ? (letter == 'e' ? 'a' : 'e') : letter;
    }
  }

  Random random_;
};

}  // namespace

std::vector<TypoQuery> MakeTypoQueries(const catalog::CatalogView& catalog, const text::Analyzer& analyzer,
                                       uint32_t count, uint64_t seed) {
  constexpr uint64_t kWordsMin = 2;
  constexpr uint64_t kWordsSpread = 3;
  TypoMaker maker(seed);
  std::vector<TypoQuery> queries;
  if (catalog.index_count() == 0) return queries;
  const Titles titles(catalog, analyzer);
  for (uint64_t attempt = 0; attempt < kAttemptsPerQuery * count && queries.size() < count; ++attempt) {
    const size_t kind = queries.size() % kKinds.size();
    const auto meant = static_cast<uint32_t>(maker.random().NextBelow(catalog.index_count()));
    const std::vector<text::Token>& title = titles.Of(meant);
    const size_t length = kWordsMin + maker.random().NextBelow(kWordsSpread);
    if (title.size() < length) continue;
    const size_t first = maker.random().NextBelow(title.size() - length + 1);
    std::vector<std::string> words;
    std::vector<std::string> terms;
    for (size_t i = first; i < first + length; ++i) {
      words.push_back(title[i].surface);
      terms.push_back(title[i].term);
    }
    TypoQuery query = {TypoMaker::Joined(words), maker.Mistype(kind, words), std::string(kKinds[kind]),
                       ProductIndex(meant)};
    if (query.typed.empty() || query.typed == query.right || titles.CountWith(terms) > kMeantMax) continue;
    queries.push_back(std::move(query));
  }
  return queries;
}

}  // namespace attune::search
