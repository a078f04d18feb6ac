// The words of a query as conditions compare them: in lower case, cut at whatever is no letter and no digit.
//
//   QueryWords("Desk-LAMP, black") => {"desk", "lamp", "black"}
//   QueryWords("Écran 27\"")       => {"écran", "27"}
//
// Lower case is known for Latin, Greek and Cyrillic; accents stay.  Other letters compare as they are.
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
