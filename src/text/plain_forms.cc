#include "text/plain_forms.h"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace attune::text {
namespace {

bool IsVowel(char c) { return std::string_view("aeiouy").find(c) != std::string_view::npos; }

bool IsConsonant(char c) { return c >= 'a' && c <= 'z' && !IsVowel(c); }

// The n-th letter from the end, 0 the last; NUL before the beginning.
char FromEnd(std::string_view word, size_t n) { return n < word.size() ? word[word.size() - 1 - n] : '\0'; }

struct Replacement {
  std::string_view from;
  std::string_view to;
  size_t size_min;  // Bytes of a word that it is made in.
};

// Makes the first that fits.
void Replace(std::string& word, std::span<const Replacement> replacements) {
  for (const Replacement& each : replacements) {
    if (word.size() < each.size_min || !word.ends_with(each.from)) continue;
    word.replace(word.size() - each.from.size(), each.from.size(), each.to);
    return;
  }
}

// "wasmachines", "kussens", "autos", "matrassen" (once it is "matras"): what is left is the same for all
// forms.
void TakeOffDutchS(std::string& word) {
  static constexpr std::array<Replacement, 7> kEndings = {{{"ees", "ees", 0},
                                                           {"oos", "oos", 0},
                                                           {"ens", "en", 5},
                                                           {"es", "e", 5},
                                                           {"os", "o", 5},
                                                           {"eaus", "eau", 6},
                                                           {"as", "a", 6}}};
  Replace(word, kEndings);
}

void TakeOffDutchEn(std::string& word) {
  const char last = FromEnd(word, 2);
  const char before = FromEnd(word, 3);
  if (word.size() < 5 || !word.ends_with("en")) return;
  if (last == 'e' && before == 'e') {
    word.resize(word.size() - 2);  // zeeen
  } else if (last == 'z') {
    word.replace(word.size() - 3, 3, "s");  // huizen
  } else if (last == 'v' && word.size() > 5) {
    word.replace(word.size() - 3, 3, "f");  // brieven
  } else if (last == before && IsConsonant(last)) {
    word.resize(word.size() - 3);  // tassen
  } else if (last == 's' && IsConsonant(before)) {
    word.resize(word.size() - 2);  // fietsen
  }
}

void TakeOffDutch(std::string& word) {
  TakeOffDutchS(word);
  TakeOffDutchEn(word);
  TakeOffDutchS(word);
}

void TakeOffGerman(std::string& word) {
  static constexpr std::array<Replacement, 9> kEndings = {{{"eln", "el", 5},
                                                           {"glas", "glas", 0},
                                                           {"gras", "gras", 0},
                                                           {"gas", "gas", 0},
                                                           {"los", "los", 0},
                                                           {"moos", "moos", 0},
                                                           {"aas", "aas", 0},
                                                           {"as", "a", 5},
                                                           {"os", "o", 5}}};
  Replace(word, kEndings);
}

void TakeOffFrench(std::string& word) {
  static constexpr std::array<Replacement, 11> kEndings = {{{"ees", "e", 5},
                                                            {"ee", "e", 4},
                                                            {"ives", "if", 6},
                                                            {"ive", "if", 5},
                                                            {"eres", "er", 6},
                                                            {"ere", "er", 5},
                                                            {"oux", "ou", 4},
                                                            {"eus", "eu", 5},
                                                            {"ssus", "ssu", 6},
                                                            {"ers", "er", 5},
                                                            {"ais", "ai", 7}}};
  Replace(word, kEndings);
}

void TakeOffSpanish(std::string& word) {
  const size_t size = word.size();
  if (size < 5 || !word.ends_with("es") || !IsVowel(FromEnd(word, 3))) return;
  const char last = FromEnd(word, 2);
  if (last == 'c') {
    word.replace(size - 3, 3, "z");  // luces
  } else if (std::string_view("lnrdj").find(last) != std::string_view::npos) {
    word.resize(size - 2);  // mujeres
  }
}

void TakeOffPortuguese(std::string& word) {
  // "ao" was "ão": with an n it keeps its vowel through Snowball, so that "botão" is no "bota".
  static constexpr std::array<Replacement, 8> kEndings = {{{"oes", "aon", 4},
                                                           {"aes", "aon", 4},
                                                           {"aos", "aon", 4},
                                                           {"ao", "aon", 3},
                                                           {"eis", "el", 5},
                                                           {"ois", "ol", 5},
                                                           {"ais", "al", 5},
                                                           {"uis", "ul", 5}}};
  Replace(word, kEndings);
}

// Snowball takes "telefono" for a verb; "telefoni" it knows.
void TakeOffItalian(std::string& word) {
  static constexpr std::array<Replacement, 2> kEndings = {{{"ono", "oni", 5}, {"ano", "ani", 5}}};
  Replace(word, kEndings);
}

// The definite forms: "lampan", "bordet", "datorn", "datorer".
void TakeOffSwedish(std::string& word) {
  static constexpr std::array<Replacement, 4> kEndings = {
      {{"orer", "or", 6}, {"orn", "or", 5}, {"eln", "el", 5}, {"an", "a", 5}}};
  Replace(word, kEndings);
  if (word.size() >= 6 && word.ends_with("et") && IsConsonant(FromEnd(word, 2)) && word != "staket") {
    word.resize(word.size() - 2);
  }
}

void TakeOffTurkish(std::string& word) {
  static constexpr std::array<Replacement, 10> kEndings = {{{"larin", "", 8},
                                                            {"lerin", "", 8},
                                                            {"lari", "", 7},
                                                            {"leri", "", 7},
                                                            {"lara", "", 7},
                                                            {"lere", "", 7},
                                                            {"lar", "", 6},
                                                            {"ler", "", 6},
                                                            {"si", "", 7},
                                                            {"su", "", 7}}};
  Replace(word, kEndings);
}

}  // namespace

void TakeOffPlural(std::string& word, Language language) {
  switch (language) {
    case Language::kDutch:
      return TakeOffDutch(word);
    case Language::kGerman:
      return TakeOffGerman(word);
    case Language::kFrench:
      return TakeOffFrench(word);
    case Language::kSpanish:
      return TakeOffSpanish(word);
    case Language::kPortuguese:
      return TakeOffPortuguese(word);
    case Language::kItalian:
      return TakeOffItalian(word);
    case Language::kSwedish:
      return TakeOffSwedish(word);
    case Language::kTurkish:
      return TakeOffTurkish(word);
    default:
      return;
  }
}

void DropFleetingVowel(std::string& stem, Language language) {
  const bool is_nordic =
      language == Language::kSwedish || language == Language::kDanish || language == Language::kNorwegian;
  if (!is_nordic || stem.size() < 4) return;
  if (stem.ends_with("el") && IsConsonant(FromEnd(stem, 2))) stem.erase(stem.size() - 2, 1);
  // "sykkel", "sykler": the doubled consonant is single before the l.
  const size_t size = stem.size();
  if (FromEnd(stem, 0) == 'l' && IsConsonant(FromEnd(stem, 1)) && FromEnd(stem, 1) != 'l' &&
      FromEnd(stem, 1) == FromEnd(stem, 2)) {
    stem.erase(size - 2, 1);
  }
}

}  // namespace attune::text
