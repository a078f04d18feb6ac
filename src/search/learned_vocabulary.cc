#include "search/learned_vocabulary.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "search/document.h"
#include "text/language.h"
#include "text/limits.h"
#include "text/stem.h"
#include "text/stem_exceptions.h"

namespace attune::search {
namespace {

using Words = std::vector<LearnedVocabulary::Word>;

// Shorter words are no part of a compound.
constexpr size_t kLearnedLettersMin = 3;
// What stands before a word, and is no word itself, is a syllable when it is shorter: "ver", "be".
constexpr size_t kModifierLettersMin = 4;
constexpr size_t kHeadLettersMin = 4;

bool IsOfPlainLetters(std::string_view word) {
  return std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

void SortByText(Words& words) {
  std::sort(words.begin(), words.end(), [](const auto& a, const auto& b) { return a.text < b.text; });
}

// Counts the words of products, inflections together.
class WordCount {
 public:
  void Add(const Document& document) {
    std::set<uint32_t> terms;
    for (const auto& tokens : document.fields) {
      for (const text::Token& token : tokens) {
        if (token.kind != text::WordKind::kWord || token.role != text::TokenRole::kWhole) continue;
        if (token.surface.size() < kLearnedLettersMin || token.surface.size() > text::kCompoundBytesMax)
          continue;
        if (!IsOfPlainLetters(token.surface)) continue;
        const auto [term, is_new] =
            terms_.try_emplace(token.term, static_cast<uint32_t>(products_with_term_.size()));
        if (is_new) products_with_term_.push_back(0);
        words_.try_emplace(token.surface, term->second);
        terms.insert(term->second);
      }
    }
    for (const uint32_t term : terms) ++products_with_term_[term];
  }

  // Other inflections of the words, which no text has by itself: "Lampen" teach "Lampe".
  void AddForms(text::Language language) {
    std::vector<std::pair<std::string, uint32_t>> forms;
    for (const auto& [word, term] : words_) {
      const std::string stem = text::Stem(word, word, language);
      for (std::string& form : text::PossibleForms(word, language)) {
        if (text::Stem(form, form, language) == stem) forms.emplace_back(std::move(form), term);
      }
    }
    text::ForEachStemException(language, [&](std::string_view form, std::string_view stem) {
      const auto term = terms_.find(std::string(stem));
      if (term != terms_.end() && IsOfPlainLetters(form)) forms.emplace_back(form, term->second);
    });
    for (const auto& [form, term] : forms) words_.try_emplace(form, term);
  }

  Words Finish() const {
    Words words;
    for (const auto& [text, term] : words_) words.push_back({text, products_with_term_[term]});
    std::sort(words.begin(), words.end(), [](const auto& a, const auto& b) {
      return a.products != b.products ? a.products > b.products : a.text < b.text;
    });
    if (words.size() > kVocabularyWordsMax) words.resize(kVocabularyWordsMax);
    SortByText(words);
    return words;
  }

 private:
  absl::flat_hash_map<std::string, uint32_t> words_;  // To the number of the term.
  absl::flat_hash_map<std::string, uint32_t> terms_;
  std::vector<uint32_t> products_with_term_;
};

// What stands before words of the vocabulary and is neither a word nor a compound itself.
class ModifierSearch {
 public:
  ModifierSearch(const LearnedVocabulary& vocabulary, text::Language language)
      : vocabulary_(vocabulary), language_(language) {}

  Words Run() {
    for (const LearnedVocabulary::Word& word : vocabulary_.words()) LookInto(word);
    Words modifiers;
    for (const auto& [text, heads] : heads_of_) {
      if (heads.size() < kModifierHeadsMin || IsKnown(text)) continue;
      uint32_t products = 0;
      for (const auto& [head, count] : heads) products += count;
      modifiers.push_back({std::string(text), products});
    }
    return modifiers;
  }

 private:
  void LookInto(const LearnedVocabulary::Word& word) {
    const std::string_view text = word.text;
    for (size_t at = kModifierLettersMin; at + kHeadLettersMin <= text.size(); ++at) {
      const std::string head =
          text::FindPart(text.substr(at), text::PartPlace::kLast, language_, vocabulary_);
      if (head.empty()) continue;
      uint32_t& products = heads_of_[text.substr(0, at)][text::Stem(head, head, language_)];
      products = std::max(products, word.products);
    }
  }

  bool IsKnown(std::string_view text) const {
    return !text::FindPart(text, text::PartPlace::kBeforeAnother, language_, vocabulary_).empty() ||
           !text::SplitCompound(text, language_, vocabulary_).empty();
  }

  const LearnedVocabulary& vocabulary_;
  const text::Language language_;
  // By what stands before: the stems of the words behind it, with the products that hold both together.
  std::map<std::string_view, std::map<std::string, uint32_t>> heads_of_;
};

Words CountWords(const catalog::CatalogView& catalog, std::string_view locale) {
  const text::Analyzer analyzer(text::LanguageOfLocale(locale));
  WordCount count;
  const uint32_t step = catalog.product_count() / kLearnProductsMax + 1;
  uint32_t number = 0;
  for (uint32_t i = 0; i < catalog.index_count(); ++i) {
    const catalog::Product* const product = catalog.Find(ProductIndex(i));
    if (product == nullptr || number++ % step != 0) continue;
    count.Add(MakeDocument(ProductIndex(i), *product, locale, analyzer, {}));
  }
  count.AddForms(analyzer.language());
  return count.Finish();
}

}  // namespace

std::shared_ptr<const LearnedVocabulary> LearnedVocabulary::Learn(const catalog::CatalogView& catalog,
                                                                  std::string_view locale) {
  const text::Language language = text::LanguageOfLocale(locale);
  if (!text::WritesCompounds(language) || catalog.product_count() == 0) return nullptr;
  Words words = CountWords(catalog, locale);
  const LearnedVocabulary plain(catalog.sequence(), catalog.product_count(), words);
  for (Word& modifier : ModifierSearch(plain, language).Run()) words.push_back(std::move(modifier));
  SortByText(words);
  return std::make_shared<const LearnedVocabulary>(catalog.sequence(), catalog.product_count(),
                                                   std::move(words));
}

LearnedVocabulary::LearnedVocabulary(Sequence learned_from, uint32_t product_count, std::vector<Word> words)
    : learned_from_(learned_from), product_count_(product_count), words_(std::move(words)) {
  counts_.reserve(words_.size());
  for (const Word& word : words_) counts_.emplace(word.text, word.products);
}

uint32_t LearnedVocabulary::CountOf(std::string_view folded) const {
  const auto found = counts_.find(folded);
  return found == counts_.end() ? 0 : found->second;
}

std::shared_ptr<const text::Analyzer> MakeAnalyzer(std::string_view locale,
                                                   std::shared_ptr<const LearnedVocabulary> vocabulary) {
  struct Both {
    Both(text::Language language, std::shared_ptr<const LearnedVocabulary> words)
        : vocabulary(std::move(words)), analyzer(language, vocabulary.get()) {}
    const std::shared_ptr<const LearnedVocabulary> vocabulary;
    const text::Analyzer analyzer;
  };
  const auto both = std::make_shared<const Both>(text::LanguageOfLocale(locale), std::move(vocabulary));
  return {both, &both->analyzer};
}

}  // namespace attune::search
