#include "text/polish_stem.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace attune::text {
namespace {

// Letters that must be left of a word.
constexpr size_t kStemMin = 3;
// Stems shorter than this keep their e: "krem", "ser".
constexpr size_t kFleetingStemMin = 5;

// Longest first; among equals the order does not matter, as no two fit one word.
constexpr std::array<std::string_view, 34> kEndings = {
    "iami", "iach", "iego", "iemu", "ami", "ach", "ego", "emu", "ymi", "imi", "ych", "ich",
    "iej",  "iom",  "iem",  "owi",  "iow", "om",  "em",  "ow",  "ej",  "ym",  "im",  "ie",
    "ia",   "io",   "iu",   "ii",   "a",   "e",   "i",   "o",   "u",   "y"};

// Base forms that end as other words do in a case.
constexpr std::array<std::string_view, 10> kWholeStems = {"album",  "atom",   "dyplom", "kolej",  "problem",
                                                          "slalom", "system", "totem",  "zapach", "strach"};

bool IsVowel(char c) { return std::string_view("aeiouy").find(c) != std::string_view::npos; }

std::string_view EndingOf(std::string_view word) {
  if (std::find(kWholeStems.begin(), kWholeStems.end(), word) != kWholeStems.end()) return {};
  for (const std::string_view ending : kEndings) {
    if (word.size() >= kStemMin + ending.size() && word.ends_with(ending)) return ending;
  }
  return {};
}

// Undoes what an ending did to the consonant before it.
void EvenConsonant(std::string& stem, std::string_view ending) {
  const size_t size = stem.size();
  if (stem.ends_with("rz")) {
    stem.resize(size - 1);  // komputer, komputerze
  } else if (stem.ends_with("dz")) {
    stem.resize(size - 1);  // samochod, samochodzie
  } else if (stem.back() == 'c' && ending.starts_with('i')) {
    stem.back() = 't';  // komplet, komplecie
  } else if (stem.back() == 'c' && ending == "e" && !IsVowel(stem[size - 2])) {
    stem.back() = 'k';  // poduszka, poduszce
  }
}

// "kubek", "kubki": the e goes where another ending follows, so it goes everywhere.
void DropFleetingE(std::string& stem) {
  const size_t size = stem.size();
  if (size < kFleetingStemMin || stem[size - 2] != 'e') return;
  if (IsVowel(stem[size - 1]) || IsVowel(stem[size - 3])) return;
  stem.erase(size - 2, 1);
}

}  // namespace

std::string PolishStem(std::string_view folded) {
  const std::string_view ending = EndingOf(folded);
  std::string stem(folded.substr(0, folded.size() - ending.size()));
  if (stem.size() < kStemMin) return stem;
  EvenConsonant(stem, ending);
  DropFleetingE(stem);
  return stem;
}

}  // namespace attune::text
