// The words of a catalogue in one language, each with the number of products that hold it: what the compounds
// of its texts and queries are taken apart by (text/compounds.h).
//
//   Learn(catalogue, "de")  ->  lampe 120, lampen 120, leder 80, steh 30, ...
//
// Inflections of a word count together, and forms that no text has are words, too: a shop with "Lampen" in
// every category knows "Lampe" as well. Words that stand by themselves in no text are learned from what they
// stand before: "Stehlampe" and "Stehtisch" tell of "steh" where "Lampe" and "Tisch" are words (at least
// kModifierHeadsMin of them).
//
// Documents and queries must be taken apart alike, so a vocabulary does not change while its index lives: a
// product that comes later is indexed with the vocabulary at hand, and the index is made anew with a new
// vocabulary once the catalogue has outgrown it.  Which one that was is named by the sequence of the
// catalogue that it was learned from; learning from that catalogue again gives the same vocabulary.
//
// Cost: the analysis of at most kLearnProductsMax products; about 80 bytes a word.
// Thread safety: immutable.

#ifndef ATTUNE_SEARCH_LEARNED_VOCABULARY_H_
#define ATTUNE_SEARCH_LEARNED_VOCABULARY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "catalog/catalog_view.h"
#include "text/analyzer.h"
#include "text/compounds.h"

namespace attune::search {

// Products that are read, evenly over the catalogue: more of them tell of few new words.
inline constexpr uint32_t kLearnProductsMax = 20'000;
// Words that are kept, the most frequent ones.
inline constexpr size_t kVocabularyWordsMax = 200'000;
// Different words that what stands before them must have, to be taken for a word itself.
inline constexpr uint32_t kModifierHeadsMin = 2;

class LearnedVocabulary final : public text::CompoundVocabulary {
 public:
  struct Word {
    std::string text;       // Folded.
    uint32_t products = 0;  // That hold it in any inflection; at least 1.

    friend bool operator==(const Word&, const Word&) = default;
  };

  // Null for a language that writes no compounds, and of no products.
  static std::shared_ptr<const LearnedVocabulary> Learn(const catalog::CatalogView& catalog,
                                                        std::string_view locale);

  // REQUIRES: `words` ascend by their texts.
  LearnedVocabulary(Sequence learned_from, uint32_t product_count, std::vector<Word> words);
  LearnedVocabulary(const LearnedVocabulary&) = delete;
  LearnedVocabulary& operator=(const LearnedVocabulary&) = delete;

  uint32_t CountOf(std::string_view folded) const override;

  // Of the catalogue that it was learned from.
  Sequence learned_from() const { return learned_from_; }
  uint32_t product_count() const { return product_count_; }
  const std::vector<Word>& words() const { return words_; }

 private:
  const Sequence learned_from_;
  const uint32_t product_count_;
  const std::vector<Word> words_;
  absl::flat_hash_map<std::string_view, uint32_t> counts_;  // Keys lie in `words_`.
};

// The analyzer of a locale with a vocabulary, which may be null, and lives as long as the analyzer.
std::shared_ptr<const text::Analyzer> MakeAnalyzer(std::string_view locale,
                                                   std::shared_ptr<const LearnedVocabulary> vocabulary);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_LEARNED_VOCABULARY_H_
