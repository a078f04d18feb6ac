#include "text/stem.h"

#include <libstemmer.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <array>
#include <cstddef>
#include <memory>
#include <utility>

#include "base/status.h"
#include "text/fold.h"
#include "text/plain_forms.h"
#include "text/polish_stem.h"
#include "text/stem_exceptions.h"

namespace attune::text {
namespace {

// Snowball's name of each language, in the order of Language; empty where it has none.
constexpr std::array<const char*, kLanguageCount> kAlgorithms = {
    "",           "english",  "german", "dutch",     "french",  "spanish", "italian",
    "portuguese", "swedish",  "danish", "norwegian", "finnish", "",        "russian",
    "hungarian",  "romanian", "",       "greek",     "catalan"};

struct StemmerDeleter {
  void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};

// A stemmer is changed by its use, so each thread has its own, made when first asked for.
sb_stemmer& ThreadStemmer(Language language) {
  thread_local std::array<std::unique_ptr<sb_stemmer, StemmerDeleter>, kLanguageCount> stemmers;
  auto& stemmer = stemmers[static_cast<size_t>(language)];
  if (stemmer == nullptr) stemmer.reset(sb_stemmer_new(kAlgorithms[static_cast<size_t>(language)], "UTF_8"));
  CHECK(stemmer != nullptr);
  return *stemmer;
}

std::string SnowballStem(std::string_view word, Language language) {
  sb_stemmer& stemmer = ThreadStemmer(language);
  const sb_symbol* stem = sb_stemmer_stem(&stemmer, reinterpret_cast<const sb_symbol*>(word.data()),
                                          static_cast<int>(word.size()));
  CHECK(stem != nullptr);  // It had no memory.
  return {reinterpret_cast<const char*>(stem), static_cast<size_t>(sb_stemmer_length(&stemmer))};
}

// The word as it is written, in lower case, with its accents.
std::string LowerCase(std::string_view written, Language language) {
  icu::UnicodeString word =
      icu::UnicodeString::fromUTF8({written.data(), static_cast<int32_t>(written.size())});
  word.toLower(icu::Locale(std::string(LanguageCode(language)).c_str()));
  std::string lower;
  word.toUTF8String(lower);
  return lower;
}

// Snowball takes one ending of a kind off, and then finds another: "táskák" -> "táska" -> "tás".  Until
// nothing changes, so that all forms end alike.
std::string HungarianStem(std::string_view written) {
  constexpr int kRoundsMax = 3;
  std::string stem = LowerCase(written, Language::kHungarian);
  for (int round = 0; round < kRoundsMax; ++round) {
    std::string shorter = SnowballStem(stem, Language::kHungarian);
    if (shorter == stem) break;
    stem = std::move(shorter);
  }
  return FoldLetters(stem);
}

std::string SnowballStemOfFolded(std::string_view folded, Language language) {
  std::string word(folded);
  TakeOffPlural(word, language);
  std::string stem = FoldLetters(SnowballStem(word, language));
  DropFleetingVowel(stem, language);
  return stem;
}

// Plurals only.  Snowball's Turkish rules take single letters off nouns ("çanta" -> "ça"), and need the
// dots of "ı" and "i", which queries lack.
std::string TurkishStem(std::string_view folded) {
  std::string stem(folded);
  TakeOffPlural(stem, Language::kTurkish);
  return stem;
}

std::string StemByRule(std::string_view written, std::string_view folded, Language language) {
  switch (language) {
    case Language::kNeutral:
      return std::string(folded);
    case Language::kPolish:
      return PolishStem(folded);
    case Language::kTurkish:
      return TurkishStem(folded);
    case Language::kHungarian:
      return HungarianStem(written);
    default:
      return SnowballStemOfFolded(folded, language);
  }
}

}  // namespace

std::string Stem(std::string_view written, std::string_view folded, Language language) {
  const std::string_view exception = StemException(folded, language);
  if (!exception.empty()) return std::string(exception);
  std::string stem = StemByRule(written, folded, language);
  return stem.empty() ? std::string(folded) : stem;
}

}  // namespace attune::text
