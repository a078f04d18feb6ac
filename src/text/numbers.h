// One spelling for numbers: "1.500,5" in German and "1,500.5" in English are both "1500.5".
//
// Thread safety: pure functions.

#ifndef ATTUNE_TEXT_NUMBERS_H_
#define ATTUNE_TEXT_NUMBERS_H_

#include <string>
#include <string_view>

#include "text/language.h"

namespace attune::text {

// `number` is digits with points or commas between them.  A separator that stands twice, or before three
// digits at the end where the language separates thousands by it, is taken out; another is a decimal point.
// Points of a version ("3.0.2") stay.  Digits are not changed: "2.0" is not "2".
std::string PlainNumber(std::string_view number, Language language);

}  // namespace attune::text

#endif  // ATTUNE_TEXT_NUMBERS_H_
