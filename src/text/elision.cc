#include "text/elision.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "text/fold.h"

namespace attune::text {
namespace {

// "jusqu'à" stays one word: it says something of a price (search/price_phrases.h), "à" does not.
constexpr std::array<std::string_view, 12> kFrench = {"l", "d", "j",  "m",      "t",      "s",
                                                      "n", "c", "qu", "lorsqu", "puisqu", "presqu"};
constexpr std::array<std::string_view, 20> kItalian = {
    "l",   "un",   "d",    "c",    "s",    "m",   "t",    "v",     "n",     "dell",
    "all", "dall", "nell", "sull", "coll", "gli", "dagl", "quest", "quell", "bell"};
constexpr std::array<std::string_view, 6> kCatalan = {"l", "d", "s", "n", "m", "t"};

std::span<const std::string_view> ArticlesOf(Language language) {
  switch (language) {
    case Language::kFrench:
      return kFrench;
    case Language::kItalian:
      return kItalian;
    case Language::kCatalan:
      return kCatalan;
    default:
      return {};
  }
}

}  // namespace

size_t ElidedArticleBytes(std::string_view word, Language language) {
  const std::span<const std::string_view> articles = ArticlesOf(language);
  if (articles.empty()) return 0;
  for (const std::string_view apostrophe : {"'", "’"}) {
    const size_t at = word.find(apostrophe);
    if (at == std::string_view::npos) continue;
    const std::string article = FoldLetters(word.substr(0, at));
    if (std::find(articles.begin(), articles.end(), article) != articles.end()) return at + apostrophe.size();
  }
  return 0;
}

}  // namespace attune::text
