// The articles and pronouns that French, Italian and Catalan write onto the next word: l'huile, dell'acqua,
// d'or.
//
// Thread safety: pure functions.

#ifndef ATTUNE_TEXT_ELISION_H_
#define ATTUNE_TEXT_ELISION_H_

#include <cstddef>
#include <string_view>

#include "text/language.h"

namespace attune::text {

// Bytes of the word before the one that means something, its apostrophe with it: 2 for "l'huile", 0 for
// "aujourd'hui" and for other languages.
size_t ElidedArticleBytes(std::string_view word, Language language);

}  // namespace attune::text

#endif  // ATTUNE_TEXT_ELISION_H_
