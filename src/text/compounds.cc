#include "text/compounds.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include "text/limits.h"
#include "text/stop_words.h"

namespace attune::text {
namespace {

constexpr size_t kWordLettersMin = 7;
constexpr size_t kPartLettersMin = 4;
constexpr size_t kShortPartLettersMin = 3;
// Sums of logarithms that differ by less are equal.
constexpr double kEqual = 1e-9;

struct Endings {
  std::span<const std::string_view> links;        // Between two parts.
  std::span<const std::string_view> inflections;  // After the last part.
  std::string_view dropped_vowels;                // That a word loses before another.
};

constexpr std::array<std::string_view, 6> kGermanLinks = {"s", "es", "n", "en", "er", "e"};
constexpr std::array<std::string_view, 6> kGermanInflections = {"s", "es", "n", "en", "er", "e"};
constexpr std::array<std::string_view, 5> kDutchLinks = {"s", "e", "en", "n", "er"};
constexpr std::array<std::string_view, 6> kDutchInflections = {"s", "e", "en", "n", "je", "jes"};
constexpr std::array<std::string_view, 4> kSwedishLinks = {"s", "e", "o", "u"};
constexpr std::array<std::string_view, 8> kSwedishInflections = {"ar", "or", "er", "en", "n", "et", "t", "r"};
constexpr std::array<std::string_view, 4> kDanishLinks = {"s", "e", "er", "n"};
constexpr std::array<std::string_view, 6> kDanishInflections = {"e", "er", "en", "et", "r", "n"};

Endings EndingsOf(Language language) {
  switch (language) {
    case Language::kGerman:
      return {kGermanLinks, kGermanInflections, "e"};
    case Language::kDutch:
      return {kDutchLinks, kDutchInflections, ""};
    case Language::kSwedish:
      return {kSwedishLinks, kSwedishInflections, "ae"};
    case Language::kDanish:
    case Language::kNorwegian:
      return {kDanishLinks, kDanishInflections, ""};
    default:
      return {};
  }
}

// A word of the vocabulary that a piece of a compound stands for: its first letters, and a vowel that it
// lost.
struct Part {
  size_t letters = 0;
  char vowel = '\0';  // NUL for none.
  uint32_t count = 0;
};

// The word of a part that begins where `piece` does.
std::string WordOf(const Part& part, std::string_view piece) {
  std::string word(piece.substr(0, part.letters));
  if (part.vowel != '\0') word += part.vowel;
  return word;
}

class PartFinder {
 public:
  PartFinder(Language language, const CompoundVocabulary& vocabulary)
      : language_(language), endings_(EndingsOf(language)), vocabulary_(vocabulary) {}

  const Endings& endings() const { return endings_; }

  // The most frequent word that `piece` may be a form of; as it stands when there are equals.
  Part Best(std::string_view piece, bool is_last) const {
    Part best;
    Consider(piece, best);
    if (!is_last) ConsiderWithVowel(piece, best);
    for (const std::string_view ending : is_last ? endings_.inflections : endings_.links) {
      if (!piece.ends_with(ending)) continue;
      const std::string_view base = piece.substr(0, piece.size() - ending.size());
      Consider(base, best);
      if (is_last) ConsiderWithVowel(base, best);  // väskor: väska
    }
    return best;
  }

 private:
  void Consider(std::string_view word, Part& best) const {
    if (IsBetter(word, best)) best = {word.size(), '\0', vocabulary_.CountOf(word)};
  }

  void ConsiderWithVowel(std::string_view base, Part& best) const {
    std::array<char, kCompoundBytesMax + 1> word = {};
    base.copy(word.data(), base.size());
    for (const char vowel : endings_.dropped_vowels) {
      word[base.size()] = vowel;
      const std::string_view whole(word.data(), base.size() + 1);
      if (IsBetter(whole, best)) best = {base.size(), vowel, vocabulary_.CountOf(whole)};
    }
  }

  bool IsBetter(std::string_view word, const Part& best) const {
    if (word.size() < kShortPartLettersMin) return false;
    const uint32_t count = vocabulary_.CountOf(word);
    if (count <= best.count) return false;
    if (word.size() < kPartLettersMin && count < kShortPartCountMin) return false;
    return !IsStopWord(word, language_);
  }

  Language language_;
  Endings endings_;
  const CompoundVocabulary& vocabulary_;
};

class Splitter {
 public:
  Splitter(std::string_view word, Language language, const CompoundVocabulary& vocabulary)
      : word_(word), parts_(language, vocabulary), vocabulary_(vocabulary) {}

  std::vector<std::string> Run() {
    FillTable();
    size_t best_count = 0;
    double best_mean = -1;
    for (size_t count = 2; count <= kCompoundPartsMax; ++count) {
      const Way& way = ways_[count][word_.size()];
      if (!way.is_possible) continue;
      const double mean = way.log_sum / static_cast<double>(count);
      if (mean <= best_mean + kEqual) continue;
      best_mean = mean;
      best_count = count;
    }
    if (best_count == 0 || best_mean <= std::log(static_cast<double>(WholeCount())) + kEqual) return {};
    return PartsOf(best_count);
  }

 private:
  // The best way to take the first letters of the word apart into a number of parts.
  struct Way {
    bool is_possible = false;
    double log_sum = 0;
    size_t last_begin = 0;
    Part last;
  };

  // How often the word is found as a whole, in any form; 1 for a word that is not, so that parts found once
  // stay together: they may be typing errors.
  uint32_t WholeCount() const {
    uint32_t count = std::max(1u, vocabulary_.CountOf(word_));
    for (const std::string_view ending : parts_.endings().inflections) {
      count = std::max(count, vocabulary_.CountOf(std::string(word_).append(ending)));
      if (word_.ends_with(ending)) {
        count = std::max(count, vocabulary_.CountOf(word_.substr(0, word_.size() - ending.size())));
      }
    }
    return count;
  }

  void FillTable() {
    ways_[0][0].is_possible = true;
    is_reached_[0] = true;
    for (size_t begin = 0; begin + kShortPartLettersMin <= word_.size(); ++begin) {
      if (!is_reached_[begin]) continue;
      for (size_t end = begin + kShortPartLettersMin; end <= word_.size(); ++end) {
        // Not the word itself, and nothing that leaves less than a part.
        if (begin == 0 && end == word_.size()) continue;
        if (end < word_.size() && end + kShortPartLettersMin > word_.size()) continue;
        const Part part = parts_.Best(word_.substr(begin, end - begin), end == word_.size());
        if (part.count > 0) AddPart(begin, end, part);
      }
    }
  }

  void AddPart(size_t begin, size_t end, const Part& part) {
    const double log_count = std::log(static_cast<double>(part.count));
    is_reached_[end] = true;
    for (size_t count = 0; count < kCompoundPartsMax; ++count) {
      const Way& before = ways_[count][begin];
      Way& way = ways_[count + 1][end];
      const double log_sum = before.log_sum + log_count;
      // Parts that begin earlier come first, and stay when another is as good: the last part is the longer
      // one.
      if (!before.is_possible || (way.is_possible && log_sum <= way.log_sum + kEqual)) continue;
      way = {true, log_sum, begin, part};
    }
  }

  std::vector<std::string> PartsOf(size_t count) const {
    std::vector<std::string> parts;
    size_t end = word_.size();
    for (; count > 0; --count) {
      const Way& way = ways_[count][end];
      parts.push_back(WordOf(way.last, word_.substr(way.last_begin)));
      end = way.last_begin;
    }
    std::reverse(parts.begin(), parts.end());
    return parts;
  }

  std::string_view word_;
  PartFinder parts_;
  const CompoundVocabulary& vocabulary_;
  // By number of parts, then by letters taken.
  std::array<std::array<Way, kCompoundBytesMax + 1>, kCompoundPartsMax + 1> ways_;
  std::array<bool, kCompoundBytesMax + 1> is_reached_ = {};
};

// What a Dutch plural does to the end of its word: jas, jassen; huis, huizen; brief, brieven; boom, bomen.
void AddDutchPlurals(std::string_view word, std::vector<std::string>& forms) {
  constexpr std::string_view kPlural = "en";
  if (word.size() < kShortPartLettersMin) return;
  const std::string stem(word.substr(0, word.size() - 1));
  const char last = word.back();
  const auto add = [&](const std::string& base) { forms.push_back(base + std::string(kPlural)); };
  add(stem + last + last);
  if (last == 's') add(stem + 'z');
  if (last == 'f') add(stem + 'v');
  if (stem.size() > 2 && stem[stem.size() - 1] == stem[stem.size() - 2]) {
    add(stem.substr(0, stem.size() - 1) + last);
  }
}

// Folded words of these languages are of plain letters; others (a Greek word, a code) are no compounds.
bool IsOfPlainLetters(std::string_view word) {
  return std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

std::string FindPart(std::string_view piece, PartPlace place, Language language,
                     const CompoundVocabulary& vocabulary) {
  if (piece.size() < kShortPartLettersMin || piece.size() > kCompoundBytesMax) return {};
  const Part part = PartFinder(language, vocabulary).Best(piece, place == PartPlace::kLast);
  return part.count == 0 ? std::string() : WordOf(part, piece);
}

std::vector<std::string> PossibleForms(std::string_view folded, Language language) {
  const Endings endings = EndingsOf(language);
  std::vector<std::string> forms;
  for (const std::string_view ending : endings.inflections) {
    if (!folded.ends_with(ending) || folded.size() < ending.size() + kShortPartLettersMin) continue;
    const std::string base(folded.substr(0, folded.size() - ending.size()));
    forms.push_back(base);
    for (const char vowel : endings.dropped_vowels) forms.push_back(base + vowel);
  }
  if (language == Language::kDutch) AddDutchPlurals(folded, forms);
  return forms;
}

bool WritesCompounds(Language language) { return !EndingsOf(language).links.empty(); }

std::vector<std::string> SplitCompound(std::string_view folded, Language language,
                                       const CompoundVocabulary& vocabulary) {
  if (folded.size() < kWordLettersMin || folded.size() > kCompoundBytesMax) return {};
  if (!WritesCompounds(language) || !IsOfPlainLetters(folded)) return {};
  return Splitter(folded, language, vocabulary).Run();
}

}  // namespace attune::text
