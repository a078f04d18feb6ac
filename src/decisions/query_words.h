// The words of a query as conditions compare them: as the words of products are cut (text/word_break.h) and
// folded (text/fold.h), whatever the language.
//
//   QueryWords("Desk-LAMP, black") => {"desk", "lamp", "black"}
//   QueryWords("Écran 27\"")       => {"ecran", "27"}
//
// Thread safety: pure function.

#ifndef ATTUNE_DECISIONS_QUERY_WORDS_H_
#define ATTUNE_DECISIONS_QUERY_WORDS_H_

#include <string>
#include <string_view>
#include <vector>

namespace attune::decisions {

// At most kQueryWordsMax.
std::vector<std::string> QueryWords(std::string_view text);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_QUERY_WORDS_H_
