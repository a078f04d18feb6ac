// Takes words apart that German, Dutch, Swedish, Danish and Norwegian write as one.
//
//   Lederjacke -> leder + jacke
//   Wolldecken -> wolle + decke
//   Kinderzimmerlampe -> kinder + zimmer + lampe
//
// The rule (Koehn and Knight, "Empirical methods for compound splitting", EACL 2003): of all ways to take a
// word apart into words of the vocabulary, the one whose parts have the highest geometric mean of counts,
// and none if the word itself is found at least as often.  So "Kühlschrank", which is a thing of its own in
// a shop that sells many, is not found by "Schrank".
//
//   * A part is a word of the vocabulary, as it is, with one linking or inflection ending of the language
//     (s, es, n, en, er, e), or without its last vowel where the language drops it before another word or
//     ending (Wolle, Woll-; väska, väskor).
//   * Parts have at least four letters, or three where the word is found at least kShortPartCountMin times;
//     the word as a whole has at least seven.
//   * Stop words are no parts.
//   * Equal means: the fewer parts, then the longer last part.
//
// Thread safety: pure functions; a vocabulary is immutable while it is used.

#ifndef ATTUNE_TEXT_COMPOUNDS_H_
#define ATTUNE_TEXT_COMPOUNDS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/language.h"

namespace attune::text {

// A part of three letters must be this frequent: short words stand inside others by chance ("ehr", "ei").
inline constexpr uint32_t kShortPartCountMin = 5;

// The words of one language of a catalogue, by their folded spelling.
class CompoundVocabulary {
 public:
  virtual ~CompoundVocabulary() = default;
  // In how many products the word stands; 0 when in none.  Must be cheap: asked some hundred times for a
  // long word.
  virtual uint32_t CountOf(std::string_view folded) const = 0;
};

// Does this language write compounds as one word?
bool WritesCompounds(Language language);

// The parts in their order, each as the vocabulary spells it; empty when the word stays whole.
// REQUIRES: `folded` is Fold(word, language), or FoldLetters(word).
std::vector<std::string> SplitCompound(std::string_view folded, Language language,
                                       const CompoundVocabulary& vocabulary);

// The word of the vocabulary that a piece of a compound stands for, by the rules above; empty when for none.
enum class PartPlace : uint8_t { kBeforeAnother, kLast };
std::string FindPart(std::string_view piece, PartPlace place, Language language,
                     const CompoundVocabulary& vocabulary);

// Spellings that may be other forms of the word, for who knows their stems: "lampen" -> "lampe", "lamp";
// Dutch "jas" -> "jassen".
std::vector<std::string> PossibleForms(std::string_view folded, Language language);

}  // namespace attune::text

#endif  // ATTUNE_TEXT_COMPOUNDS_H_
