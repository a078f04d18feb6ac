// The languages whose words this room knows.
//
// A language decides how letters fold (fold.h), how words are stemmed (stem.h), which words carry no
// meaning of their own (stop_words.h) and whether words are written together (compounds.h).  Every other
// language is kNeutral: letters fold, and that is all.
//
// Thread safety: pure functions.

#ifndef ATTUNE_TEXT_LANGUAGE_H_
#define ATTUNE_TEXT_LANGUAGE_H_

#include <array>
#include <cstdint>
#include <string_view>

namespace attune::text {

// The numbers are stored with saved indexes: new languages get new numbers.
enum class Language : uint8_t {
  kNeutral = 0,
  kEnglish = 1,
  kGerman = 2,
  kDutch = 3,
  kFrench = 4,
  kSpanish = 5,
  kItalian = 6,
  kPortuguese = 7,
  kSwedish = 8,
  kDanish = 9,
  kNorwegian = 10,
  kFinnish = 11,
  kPolish = 12,
  kRussian = 13,
  kHungarian = 14,
  kRomanian = 15,
  kTurkish = 16,
  kGreek = 17,
  kCatalan = 18,
};

inline constexpr size_t kLanguageCount = 19;

inline constexpr std::array<Language, kLanguageCount> kLanguages = {
    Language::kNeutral,   Language::kEnglish, Language::kGerman,     Language::kDutch,   Language::kFrench,
    Language::kSpanish,   Language::kItalian, Language::kPortuguese, Language::kSwedish, Language::kDanish,
    Language::kNorwegian, Language::kFinnish, Language::kPolish,     Language::kRussian, Language::kHungarian,
    Language::kRomanian,  Language::kTurkish, Language::kGreek,      Language::kCatalan};

// The language of a BCP 47 tag or of a POSIX locale: "de", "de-AT", "de_CH.UTF-8", "DE" -> kGerman; "nb",
// "nn" and "no" -> kNorwegian.  Unknown or empty -> kNeutral.
Language LanguageOfLocale(std::string_view locale);

// ISO 639-1: "de"; "und" for kNeutral.
std::string_view LanguageCode(Language language);

}  // namespace attune::text

#endif  // ATTUNE_TEXT_LANGUAGE_H_
