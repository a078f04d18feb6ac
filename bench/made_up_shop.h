// A made-up store for measurements of search: distinct words with Zipf's frequencies, titles of 7 words,
// texts of 23, 300 brands, 120 categories, and queries for it.
//
// The same seed gives the same store.
// Thread safety: immutable after construction.

#ifndef ATTUNE_BENCH_MADE_UP_SHOP_H_
#define ATTUNE_BENCH_MADE_UP_SHOP_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/money.h"
#include "base/random.h"
#include "catalog/product.h"

namespace attune::bench {

class MadeUpWords {
 public:
  static constexpr uint32_t kWords = 100'000;

  explicit MadeUpWords(Random& random) {
    for (uint32_t i = 0; i < kWords; ++i) words_.push_back(MakeWord(random));
  }

  const std::string& At(size_t rank) const { return words_[rank]; }

  // Zipf: the share of words up to rank r grows with the logarithm of r.
  std::string Text(Random& random, uint64_t count) const {
    std::string text;
    for (; count > 0; --count) {
      text += words_[static_cast<size_t>(std::pow(static_cast<double>(kWords), random.NextUnit())) - 1];
      if (count > 1) text += ' ';
    }
    return text;
  }

 private:
  // Pronounceable, so that words are about as near to each other as real ones.
  static std::string MakeWord(Random& random) {
    std::string word;
    const uint64_t syllables = 2 + random.NextBelow(3);
    for (uint64_t i = 0; i < syllables; ++i) {
      word += "bcdfghklmnprstvz"[random.NextBelow(16)];
      word += "aeiou"[random.NextBelow(5)];
      if (random.NextBelow(3) == 0) word += "lnrst"[random.NextBelow(5)];
    }
    return word;
  }

  std::vector<std::string> words_;
};

inline std::vector<catalog::Product> MakeUpProducts(const MadeUpWords& words, uint32_t count,
                                                    Random& random) {
  std::vector<catalog::Product> products(count);
  for (uint32_t i = 0; i < count; ++i) {
    catalog::Product& product = products[i];
    product.product_id = "p" + std::to_string(i);
    product.title = words.Text(random, 7);
    product.description = words.Text(random, 23);
    product.brand = "brand" + std::to_string(random.NextBelow(300));
    const uint64_t category = random.NextBelow(120);
    product.categories = {{"group" + std::to_string(category / 12), "category" + std::to_string(category)}};
    product.price.price_minor = static_cast<int64_t>(100 + random.NextBelow(100'000));
    product.price.currency = *Currency::Parse("EUR");
  }
  return products;
}

// Two or three words of one product's title, one word in `typo_every` with a typing error; 0: none.
inline std::string MakeUpQuery(const std::vector<catalog::Product>& products, Random& random,
                               uint64_t typo_every) {
  const std::string& title = products[random.NextBelow(products.size())].title;
  std::vector<std::string> title_words;
  for (size_t at = 0; at < title.size();) {
    const size_t end = std::min(title.find(' ', at), title.size());
    title_words.push_back(title.substr(at, end - at));
    at = end + 1;
  }
  std::string query;
  for (uint64_t count = 2 + random.NextBelow(2); count > 0; --count) {
    std::string word = title_words[random.NextBelow(title_words.size())];
    if (typo_every > 0 && random.NextBelow(typo_every) == 0) word[random.NextBelow(word.size())] = 'x';
    query += word + (count > 1 ? " " : "");
  }
  return query;
}

}  // namespace attune::bench

#endif  // ATTUNE_BENCH_MADE_UP_SHOP_H_
