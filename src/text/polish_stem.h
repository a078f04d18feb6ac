// A light stemmer for Polish, which Snowball does not have: "poduszki", "poduszce", "poduszek" -> "poduszk".
//
// It takes one case ending off a noun or an adjective, longest ending first, and evens out the consonants
// and the fleeting e that change before it.  The endings are those of the declension tables of Polish nouns
// and adjectives; the method is that of J. Savoy, "Light stemming approaches for the French, Portuguese,
// German and Hungarian languages" (SAC 2006).  Verbs, comparatives and derived words ("kolor", "kolorowy")
// stay apart, and so do stems whose vowel changes ("kwiat", "kwiecie").
//
// Thread safety: pure functions.

#ifndef ATTUNE_TEXT_POLISH_STEM_H_
#define ATTUNE_TEXT_POLISH_STEM_H_

#include <string>
#include <string_view>

namespace attune::text {

// REQUIRES: `folded` is Fold(word, Language::kPolish): "ł" is "l", "ą" is "a".
std::string PolishStem(std::string_view folded);

}  // namespace attune::text

#endif  // ATTUNE_TEXT_POLISH_STEM_H_
