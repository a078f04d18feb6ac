// Words that say nothing about a product by themselves: "the", "mit", "pour".
//
// Small on purpose: articles, pronouns, conjunctions, plain prepositions.  Words that change what is meant
// are not among them ("without", "ohne", "sans"), nor are words that are something in a shop.
//
// Thread safety: pure functions.

#ifndef ATTUNE_TEXT_STOP_WORDS_H_
#define ATTUNE_TEXT_STOP_WORDS_H_

#include <string_view>

#include "text/language.h"

namespace attune::text {

// REQUIRES: `folded` is Fold(word, language).  Nothing is a stop word in kNeutral.
bool IsStopWord(std::string_view folded, Language language);

}  // namespace attune::text

#endif  // ATTUNE_TEXT_STOP_WORDS_H_
