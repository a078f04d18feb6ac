// Evens out endings that Snowball's rules leave apart, before and after they run: plurals of shop words,
// and endings whose accent was folded away.
//
//   Dutch     huizen -> huis, tassen -> tas, kussens -> kussen
//   French    brodee -> brode, actives -> actif
//   Spanish   luces -> luz, mujeres -> mujer
//   German    kameras -> kamera, gabeln -> gabel
//
// Thread safety: pure functions.

#ifndef ATTUNE_TEXT_PLAIN_FORMS_H_
#define ATTUNE_TEXT_PLAIN_FORMS_H_

#include <string>

#include "text/language.h"

namespace attune::text {

// Brings a folded word nearer to its base form, for Snowball to go on with.
void TakeOffPlural(std::string& word, Language language);

// Swedish, Danish and Norwegian: "spegel", "speglar" -> "spegl".
void DropFleetingVowel(std::string& stem, Language language);

}  // namespace attune::text

#endif  // ATTUNE_TEXT_PLAIN_FORMS_H_
