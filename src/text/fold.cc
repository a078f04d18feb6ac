#include "text/fold.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/status.h"
#include "text/code_points.h"

namespace attune::text {
namespace {

constexpr char32_t kAsciiEnd = 0x80;
constexpr char32_t kBreve = 0x306;
constexpr char32_t kCyrillicI = 0x438;
constexpr char32_t kCyrillicShortI = 0x439;

// Letters that Unicode does not see as a base letter with a mark, and how they are typed without one.
constexpr std::array<std::pair<char32_t, std::string_view>, 13> kPlainLetters = {{{U'ø', "o"},
                                                                                  {U'ł', "l"},
                                                                                  {U'đ', "d"},
                                                                                  {U'ð', "d"},
                                                                                  {U'þ', "th"},
                                                                                  {U'æ', "ae"},
                                                                                  {U'œ', "oe"},
                                                                                  {U'ß', "ss"},
                                                                                  {U'ı', "i"},
                                                                                  {U'ħ', "h"},
                                                                                  {U'ŧ', "t"},
                                                                                  {U'ŋ', "n"},
                                                                                  {U'ĸ', "k"}}};

const icu::Normalizer2& CasefoldNormalizer() {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKCCasefoldInstance(status);
  CHECK(U_SUCCESS(status) && normalizer != nullptr);
  return *normalizer;
}

const icu::Normalizer2& DecomposingNormalizer() {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFDInstance(status);
  CHECK(U_SUCCESS(status) && normalizer != nullptr);
  return *normalizer;
}

icu::UnicodeString Normalized(const icu::Normalizer2& normalizer, const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString normalized = normalizer.normalize(text, status);
  return U_SUCCESS(status) ? normalized : text;
}

bool IsMark(char32_t letter) {
  const int8_t type = u_charType(static_cast<UChar32>(letter));
  return type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK;
}

bool LosesMarks(char32_t letter) {
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(static_cast<UChar32>(letter), &status)) {
    case USCRIPT_LATIN:
    case USCRIPT_GREEK:
    case USCRIPT_CYRILLIC:
    case USCRIPT_ARABIC:
    case USCRIPT_HEBREW:
      return true;
    default:
      return false;
  }
}

// Apostrophes, and the point of Catalan "col·lecció".
bool IsApostrophe(char32_t letter) {
  return letter == U'\'' || letter == U'’' || letter == U'‘' || letter == U'ʼ' || letter == U'＇' ||
         letter == U'·';
}

void AppendPlain(char32_t letter, std::string& out) {
  for (const auto& [from, to] : kPlainLetters) {
    if (from == letter) {
      out += to;
      return;
    }
  }
  AppendCodePoint(letter, out);
}

// One letter that is case folded already: its marks off, if it is of a script that loses them.
void AppendWithoutMarks(char32_t letter, std::string& out) {
  if (!LosesMarks(letter)) {
    AppendCodePoint(letter, out);
    return;
  }
  const icu::UnicodeString parts =
      Normalized(DecomposingNormalizer(), icu::UnicodeString(static_cast<UChar32>(letter)));
  char32_t base = 0;
  for (int32_t i = 0; i < parts.length(); i = parts.moveIndex32(i, 1)) {
    const auto part = static_cast<char32_t>(parts.char32At(i));
    if (part == kBreve && base == kCyrillicI) {
      out.resize(out.size() - 2);  // The base, two bytes in UTF-8.
      AppendCodePoint(kCyrillicShortI, out);
    } else if (!IsMark(part)) {
      AppendPlain(part, out);
      base = part;
    }
  }
}

// Marks of Latin, Greek, Cyrillic, Arabic and Hebrew that stand alone, after their letter.
bool IsDroppedMark(char32_t letter) {
  if (!IsMark(letter)) return false;
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(static_cast<UChar32>(letter), &status);
  const bool is_of_europe = letter >= 0x300 && letter < 0x370;
  return is_of_europe || script == USCRIPT_ARABIC || script == USCRIPT_HEBREW ||
         u_hasBinaryProperty(static_cast<UChar32>(letter), UCHAR_DIACRITIC) != 0;
}

// What one letter becomes, wherever it stands.
std::string FoldedLetter(char32_t letter) {
  std::string out;
  const icu::UnicodeString folded =
      Normalized(CasefoldNormalizer(), icu::UnicodeString(static_cast<UChar32>(letter)));
  for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
    const auto part = static_cast<char32_t>(folded.char32At(i));
    if (IsApostrophe(part) || (part < 0x700 && IsDroppedMark(part))) continue;
    AppendWithoutMarks(part, out);
  }
  return out;
}

// The letters of Europe and the Near East, which need no look at their neighbours, worked out once.
class LetterTable {
 public:
  LetterTable() {
    for (char32_t letter = kAsciiEnd; letter < kFirstEnd; ++letter) first_[letter] = EntryOf(letter);
    for (char32_t letter = kSecondBegin; letter < kSecondEnd; ++letter) {
      second_[letter - kSecondBegin] = EntryOf(letter);
    }
  }
  static bool Holds(char32_t letter) {
    return letter < kFirstEnd || (letter >= kSecondBegin && letter < kSecondEnd);
  }
  // REQUIRES: Holds(letter), not ASCII
  std::string_view Folded(char32_t letter) const {
    const Entry& entry = letter < kFirstEnd ? first_[letter] : second_[letter - kSecondBegin];
    return {entry.bytes.data(), entry.length};
  }

 private:
  // Latin to Arabic, and the precomposed letters of Latin and Greek.
  static constexpr char32_t kFirstEnd = 0x700;
  static constexpr char32_t kSecondBegin = 0x1E00;
  static constexpr char32_t kSecondEnd = 0x2000;

  struct Entry {
    std::array<char, 7> bytes = {};
    uint8_t length = 0;
  };

  static Entry EntryOf(char32_t letter) {
    const std::string folded = FoldedLetter(letter);
    Entry entry;
    CHECK(folded.size() <= entry.bytes.size());
    folded.copy(entry.bytes.data(), folded.size());
    entry.length = static_cast<uint8_t>(folded.size());
    return entry;
  }

  std::array<Entry, kFirstEnd> first_ = {};
  std::array<Entry, kSecondEnd - kSecondBegin> second_ = {};
};

const LetterTable& Letters() {
  static const LetterTable* const table = new LetterTable;
  return *table;
}

void AppendAscii(char32_t letter, std::string& out) {
  if (letter == U'\'') return;
  const auto c = static_cast<char>(letter);
  out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
}

void AppendKnown(char32_t letter, std::string& out) {
  if (letter < kAsciiEnd) {
    AppendAscii(letter, out);
  } else if (letter == kBreve && out.ends_with("и")) {
    out.replace(out.size() - 2, 2, "й");
  } else {
    out += Letters().Folded(letter);
  }
}

// The rest of Unicode, where neighbours may combine (か with its mark, the parts of a Hangul syllable).
void AppendOthers(std::string_view run, std::string& out) {
  const icu::UnicodeString folded = Normalized(
      CasefoldNormalizer(), icu::UnicodeString::fromUTF8({run.data(), static_cast<int32_t>(run.size())}));
  for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
    const auto letter = static_cast<char32_t>(folded.char32At(i));
    if (LetterTable::Holds(letter)) {
      AppendKnown(letter, out);
    } else if (!IsApostrophe(letter)) {
      AppendWithoutMarks(letter, out);
    }
  }
}

bool IsAmong(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

// "ae" -> "a", "oe" -> "o", and "ue" -> "u" where the u follows neither a vowel nor q: the normalization of
// Snowball's second German stemmer.
void ContractGerman(std::string& text) {
  enum class State : uint8_t { kPlain, kVowel, kUmlaut };
  State state = State::kPlain;
  size_t kept = 0;
  for (const char c : text) {
    if (c == 'e' && state == State::kUmlaut) continue;
    if (c == 'a' || c == 'o') {
      state = State::kUmlaut;
    } else if (c == 'u') {
      state = state == State::kPlain ? State::kUmlaut : State::kVowel;
    } else {
      state = IsAmong(c, "eiqy") ? State::kVowel : State::kPlain;
    }
    text[kept++] = c;
  }
  text.resize(kept);
}

// "aa", "ae" -> "a", "oe" -> "o".
void ContractNordic(std::string& text) {
  size_t kept = 0;
  for (const char c : text) {
    const char before = kept > 0 ? text[kept - 1] : '\0';
    if ((before == 'a' && IsAmong(c, "ae")) || (before == 'o' && c == 'e')) continue;
    text[kept++] = c;
  }
  text.resize(kept);
}

struct OnePass {
  std::string text;
  bool has_others = false;
};

OnePass FoldOnce(std::string_view text) {
  OnePass pass;
  pass.text.reserve(text.size());
  size_t others_begin = text.size();
  for (size_t at = 0; at < text.size();) {
    const CodePoint letter = CodePointAt(text, at);
    const bool is_other = !letter.IsStrayByte() && !LetterTable::Holds(letter.value);
    if (is_other && others_begin == text.size()) others_begin = at;
    if (!is_other) {
      if (others_begin < at) AppendOthers(text.substr(others_begin, at - others_begin), pass.text);
      others_begin = text.size();
      if (!letter.IsStrayByte()) AppendKnown(letter.value, pass.text);
    }
    pass.has_others = pass.has_others || is_other;
    at += letter.length;
  }
  if (others_begin < text.size()) AppendOthers(text.substr(others_begin), pass.text);
  return pass;
}

}  // namespace

std::string FoldLetters(std::string_view text) {
  // What was left out may have stood between two that combine: か ' ゛.  The second pass combines them, the
  // third finds nothing to do.
  constexpr int kPassesMax = 4;
  OnePass pass = FoldOnce(text);
  for (int i = 1; i < kPassesMax && pass.has_others; ++i) {
    OnePass next = FoldOnce(pass.text);
    next.has_others = next.has_others && next.text != pass.text;
    pass = std::move(next);
  }
  return std::move(pass.text);
}

std::string Fold(std::string_view text, Language language) {
  std::string folded = FoldLetters(text);
  switch (language) {
    case Language::kGerman:
      ContractGerman(folded);
      break;
    case Language::kSwedish:
    case Language::kDanish:
    case Language::kNorwegian:
      ContractNordic(folded);
      break;
    default:
      break;
  }
  return folded;
}

}  // namespace attune::text
