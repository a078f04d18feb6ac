// Small random shops for the tests of search, and the same questions answered by plain scans.
//
// Words are made of few letters, so that there are many typing errors, prefixes and inflections among them.
//
// Thread safety: belongs to one test.

#ifndef ATTUNE_SEARCH_SHOP_FOR_TESTS_H_
#define ATTUNE_SEARCH_SHOP_FOR_TESTS_H_

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/random.h"
#include "search/document.h"
#include "search/exact_name.h"
#include "search/match.h"
#include "search/search_index.h"
#include "text/codes.h"

namespace attune::search {

inline text::WordKind KindOf(std::string_view word) {
  const bool has_digit = word.find_first_of("0123456789") != std::string_view::npos;
  const bool has_letter = word.find_first_of("abcdefghijklmnopqrstuvwxyz") != std::string_view::npos;
  if (!has_digit) return text::WordKind::kWord;
  return has_letter ? text::WordKind::kCode : text::WordKind::kNumber;
}

// Words between spaces; the term of "lamps" is "lamp"; "a" is a stop word.
inline std::vector<text::Token> PlainTokens(std::string_view text) {
  std::vector<text::Token> tokens;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) {
      text::Token token;
      token.surface = text.substr(at, end - at);
      token.kind = KindOf(token.surface);
      token.term = token.surface;
      if (token.kind == text::WordKind::kWord && token.term.size() > 2 && token.term.back() == 's') {
        token.term.pop_back();
      }
      token.is_stop_word = token.surface == "a";
      token.position = static_cast<uint32_t>(tokens.size());
      token.begin = static_cast<uint32_t>(at);
      token.end = static_cast<uint32_t>(end);
      tokens.push_back(token);
    }
    at = end + 1;
  }
  return tokens;
}

// Facet fields of the shops below.
inline const std::vector<std::string>& ShopFacets() {
  static const std::vector<std::string> fields = {"brand", "category", "price"};
  return fields;
}

inline Document PlainDocument(uint32_t index, std::string_view title, std::string_view brand = {},
                              std::string_view description = {}) {
  Document document;
  document.product = ProductIndex(index);
  document.product_id = "p" + std::to_string(index);
  const auto field = [&](SearchField of) -> auto& { return document.fields[static_cast<size_t>(of)]; };
  field(SearchField::kTitle) = PlainTokens(title);
  field(SearchField::kBrand) = PlainTokens(brand);
  field(SearchField::kDescription) = PlainTokens(description);
  document.names.push_back(HashName(NameKind::kId, document.product_id));
  document.names.push_back(HashName(NameKind::kTitle, SpelledOut(field(SearchField::kTitle))));
  if (!brand.empty()) {
    document.names.push_back(HashName(NameKind::kBrand, SpelledOut(field(SearchField::kBrand))));
    document.values.emplace_back(uint16_t{0}, brand);
  }
  return document;
}

class RandomShop {
 public:
  explicit RandomShop(uint64_t seed) : random_(seed) {
    constexpr size_t kWords = 90;
    for (size_t i = 0; i < kWords; ++i) vocabulary_.push_back(NewWord());
  }

  Document MakeDocument(uint32_t index) {
    Document document = PlainDocument(index, Words(6), Word(1.5), Words(12));
    document.fields[static_cast<size_t>(SearchField::kCategory)] = PlainTokens(Words(2));
    document.fields[static_cast<size_t>(SearchField::kTags)] = PlainTokens(Words(3));
    document.fields[static_cast<size_t>(SearchField::kAttributes)] = PlainTokens(Words(8));
    // A word that is two things at once, like a code and its parts.
    auto& title = document.fields[static_cast<size_t>(SearchField::kTitle)];
    if (!title.empty() && random_.NextBelow(3) == 0) {
      text::Token part = PlainTokens(Word(1)).front();
      part.role = text::TokenRole::kCodePart;
      part.position = title.back().position;
      title.push_back(part);
    }
    const std::string level = "c" + std::to_string(random_.NextBelow(3));
    document.values.emplace_back(uint16_t{1}, level);
    document.values.emplace_back(uint16_t{1}, level + " > d" + std::to_string(random_.NextBelow(3)));
    if (random_.NextBelow(4) != 0) {
      document.numbers.emplace_back(uint16_t{2}, static_cast<double>(random_.NextBelow(100)));
    }
    return document;
  }

  // One to four words of the shop, some of them mistyped.
  std::string MakeQuery() {
    std::string query;
    const uint64_t count = 1 + random_.NextBelow(4);
    for (uint64_t i = 0; i < count; ++i) {
      std::string word = random_.NextBelow(9) == 0 ? "a" : Word(1.5);
      if (random_.NextBelow(3) == 0) word[random_.NextBelow(word.size())] = 'x';
      if (random_.NextBelow(6) == 0) word = word.substr(0, 1 + random_.NextBelow(word.size()));
      if (i > 0 && random_.NextBelow(6) != 0) query += ' ';
      query += word;
    }
    return query;
  }

  Random& random() { return random_; }

 private:
  std::string NewWord() {
    std::string word;
    const uint64_t length = 2 + random_.NextBelow(8);
    for (uint64_t i = 0; i < length; ++i) word += "abcdes"[random_.NextBelow(6)];
    if (random_.NextBelow(8) == 0) word += std::to_string(random_.NextBelow(10));
    return word;
  }
  // The larger the power, the more often the first words.
  std::string Word(double power) {
    const double share = std::pow(random_.NextUnit(), power + 1);
    std::string word = vocabulary_[static_cast<size_t>(share * static_cast<double>(vocabulary_.size()))];
    if (random_.NextBelow(5) == 0) word += 's';
    return word;
  }
  std::string Words(uint64_t count_max) {
    std::string words;
    for (uint64_t count = random_.NextBelow(count_max + 1); count > 0; --count) words += Word(1) + ' ';
    return words;
  }

  Random random_;
  std::vector<std::string> vocabulary_;
};

using Documents = std::map<uint32_t, Document>;  // By product index.

// All products at once.
inline std::shared_ptr<const SearchIndex> IndexOf(const Documents& documents) {
  std::vector<DocumentChange> changes;
  for (const auto& [index, document] : documents) changes.push_back({ProductIndex(index), document});
  return SearchIndex::Empty(ShopFacets())->With(changes);
}

// What Match() answers, by the formulas of scoring.h and a scan.
class Scan {
 public:
  struct Hit {
    uint32_t product = 0;
    ExactMatch exact = ExactMatch::kNone;
    double score = 0;  // Without proximity.
    uint32_t words = 0;
    uint64_t tie = 0;
    int rung = 0;
  };

  // `index` says what the numbers of the query's terms mean.
  Scan(const Documents& documents, const QueryWords& query, const SearchIndex& index,
       const MatchOptions& options)
      : documents_(documents), query_(query), index_(index), options_(options) {
    for (size_t field = 0; field < kSearchFieldCount; ++field) {
      double total = 0;
      for (const auto& [product, document] : documents)
        total += static_cast<double>(LengthOf(document, field));
      mean_lengths_[field] = documents.empty() ? 0 : total / static_cast<double>(documents.size());
    }
  }

  std::vector<Hit> Run(Rung& rung) const {
    const auto required = static_cast<uint32_t>(__builtin_popcount(query_.required()));
    const std::vector<uint32_t> words_of_rung = {required, (2 * required + 2) / 3, std::min(1u, required)};
    for (size_t step = 0; step < words_of_rung.size(); ++step) {
      rung = static_cast<Rung>(step);
      const uint32_t words_min = words_of_rung[step];
      std::vector<Hit> hits;
      for (const auto& [product, document] : documents_) {
        const Hit hit = HitOf(document);
        const auto found = static_cast<uint32_t>(__builtin_popcount(hit.words & query_.required()));
        if (hit.words == 0 && hit.exact == ExactMatch::kNone && !query_.words.empty()) continue;
        if (found < words_min) continue;
        if (options_.allows && !options_.allows(document.product)) continue;
        hits.push_back(hit);
        for (const uint32_t words : words_of_rung) hits.back().rung += found < words ? 1 : 0;
      }
      if (hits.size() < options_.enough && rung < Rung::kAny) continue;
      std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
        return std::tuple(a.exact, b.rung, a.score, b.tie) > std::tuple(b.exact, a.rung, b.score, a.tie);
      });
      return hits;
    }
    return {};
  }

  static size_t LengthOf(const Document& document, size_t field) {
    std::set<uint32_t> positions;
    for (const text::Token& token : document.fields[field]) positions.insert(token.position);
    return positions.size();
  }

 private:
  Hit HitOf(const Document& document) const {
    Hit hit = {document.product.value(), ExactMatch::kNone, 0, 0, StableHash64(document.product_id)};
    for (const QueryWord& word : query_.words) {
      double best = 0;
      for (const Alternative& alternative : word.alternatives) {
        double value = alternative.terms.empty() ? 0 : 1e9;
        for (const uint32_t term : alternative.terms) value = std::min(value, ValueOf(document, term));
        if (alternative.kind == AlternativeKind::kId && Has(document, alternative.name)) {
          value = options_.scoring.k1 + 1;
        }
        if (value > 0) hit.words |= alternative.covers;
        best = std::max(best, value * static_cast<double>(alternative.weight));
      }
      hit.score += best * word.idf;
    }
    const auto exact = [&](uint64_t name, ExactMatch kind) {
      if (name == 0 || !Has(document, name)) return;
      hit.exact = kind;
      hit.words |= query_.required();
    };
    exact(query_.brand_name, ExactMatch::kBrand);
    exact(query_.title_name, ExactMatch::kTitle);
    exact(query_.id_name, ExactMatch::kId);
    return hit;
  }

  static bool Has(const Document& document, uint64_t name) {
    return std::find(document.names.begin(), document.names.end(), name) != document.names.end();
  }

  double ValueOf(const Document& document, uint32_t term) const {
    const std::string_view text = index_.words().TextOf(term);
    double tf = 0;
    for (size_t field = 0; field < kSearchFieldCount; ++field) {
      const auto& tokens = document.fields[field];
      const auto count = std::count_if(tokens.begin(), tokens.end(),
                                       [&](const text::Token& token) { return token.term == text; });
      const auto [weight, b] = options_.scoring.fields[field];
      const auto length = static_cast<double>(LengthOf(document, field));
      if (count > 0) tf += weight * static_cast<double>(count) / (1 - b + b * length / mean_lengths_[field]);
    }
    return tf * (options_.scoring.k1 + 1) / (options_.scoring.k1 + tf);
  }

  const Documents& documents_;
  const QueryWords& query_;
  const SearchIndex& index_;
  const MatchOptions& options_;
  PerField<double> mean_lengths_ = {};
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SHOP_FOR_TESTS_H_
