// Words that no rule stems well: irregular forms ("feet" -> foot), spellings of two countries ("colour" ->
// color), and words that a rule would take for another ("lens", "organizer", the Spanish "cámara", which is
// not a "cama"; devices that are named after what they do, "controller").
//
// Thread safety: pure functions.

#ifndef ATTUNE_TEXT_STEM_EXCEPTIONS_H_
#define ATTUNE_TEXT_STEM_EXCEPTIONS_H_

#include <functional>
#include <string_view>

#include "text/language.h"

namespace attune::text {

// Every form of the language and its stem, in no promised order.
void ForEachStemException(Language language,
                          const std::function<void(std::string_view form, std::string_view stem)>& visit);

// The stem of a folded word that is an exception; empty when it is none.
std::string_view StemException(std::string_view folded, Language language);

}  // namespace attune::text

#endif  // ATTUNE_TEXT_STEM_EXCEPTIONS_H_
