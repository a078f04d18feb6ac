// What the forms of a word have in common: "lamp", "lamps" -> "lamp"; "Jacke", "Jacken" -> "jack".
//
// A stem is a key, not a word: it is never shown.  Snowball's algorithms (libstemmer) for all languages but
// Polish, for which Snowball has none (polish_stem.h), and Turkish, of which only plurals are taken off.
// Around Snowball, plain_forms.h evens out plurals that it leaves apart, and stem_exceptions.h holds what
// no rule can know.
//
// Stems are made of folded words (fold.h), so that "cafes" and "cafés" have one.  In Hungarian alone the
// accents within a word decide which ending is taken off; there the word is stemmed as it is written, and
// the stem folded: a query typed without accents meets the same word, but not all its forms.
//
// Never given numbers and codes.
//
// Thread safety: may be called from any thread; each thread has stemmers of its own.

#ifndef ATTUNE_TEXT_STEM_H_
#define ATTUNE_TEXT_STEM_H_

#include <string>
#include <string_view>

#include "text/language.h"

namespace attune::text {

// `written` is the word in any case and spelling; `folded` is Fold(written, language), which callers have.
std::string Stem(std::string_view written, std::string_view folded, Language language);

}  // namespace attune::text

#endif  // ATTUNE_TEXT_STEM_H_
