// One spelling for words that people type in several ways.
//
//   compatibility forms and case    "ＬＥＤ", "LED" -> "led"         (NFKC, Unicode case folding)
//   diacritics off                  "Café" -> "cafe", "ø" -> "o", "ł" -> "l", "ß" -> "ss", "æ" -> "ae"
//   apostrophes out                 "men's", "men’s" -> "mens"
//   in German                       "Kühlschrank", "Kuehlschrank", "Kuhlschrank" -> "kuhlschrank"
//                                   (ae, oe -> a, o; ue -> u, but not after a vowel or q: "blaue", "quer")
//   in Danish, Norwegian, Swedish   å, aa -> a; ä, æ, ae -> a; ö, ø, oe -> o
//
// Diacritics are taken off Latin, Greek, Cyrillic (but й stays: it is a letter), Arabic and Hebrew letters.
// Other scripts keep their marks, which are vowels there or make another letter (か and が).
//
// Folding is idempotent within a language, and a prefix of a word folds to a prefix of the folded word, but
// for a last letter that a next one would change.  What is not UTF-8 is left out.
//
// Thread safety: pure functions.

#ifndef ATTUNE_TEXT_FOLD_H_
#define ATTUNE_TEXT_FOLD_H_

#include <string>
#include <string_view>

#include "text/language.h"

namespace attune::text {

// The spelling under which `text` is compared.  Takes words as well as whole values ("Bleu clair").
std::string Fold(std::string_view text, Language language);

// Fold without the last two rules of the list above, so that "kuehlschrank" and "kuhlschrank" differ.
std::string FoldLetters(std::string_view text);

}  // namespace attune::text

#endif  // ATTUNE_TEXT_FOLD_H_
