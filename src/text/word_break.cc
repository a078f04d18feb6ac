#include "text/word_break.h"

#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <array>
#include <cstddef>
#include <memory>

#include "base/status.h"
#include "base/utf8.h"
#include "text/code_points.h"
#include "text/limits.h"

namespace attune::text {
namespace {

enum class LetterClass : uint8_t {
  kOther,
  kLetter,
  kDigit,
  kMark,        // Belongs to the letter before it.
  kApostrophe,  // Belongs to a word between two letters.
  kPoint,       // Belongs to a number between two digits.
  kLink,        // Links two words.
  kUnspaced,    // A letter of a script that ICU cuts.
};

constexpr char32_t kAsciiEnd = 0x80;
constexpr char32_t kZeroWidthSpace = 0x200B;

// Thai, the first of the scripts that ICU cuts.
constexpr char32_t kUnspacedBegin = 0x0E00;

bool IsUnspaced(char32_t letter) {
  if (letter < kUnspacedBegin) return false;
  if (u_getIntPropertyValue(static_cast<UChar32>(letter), UCHAR_WORD_BREAK) == U_WB_KATAKANA) return true;
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(static_cast<UChar32>(letter), &status)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
    case USCRIPT_HANGUL:  // Has spaces, but none between its letters and Latin ones.
      return true;
    default:
      return false;
  }
}

LetterClass ClassByUnicode(char32_t letter) {
  switch (letter) {
    case U'’':
    case U'＇':
    case U'·':  // Catalan: "col·lecció".
      return LetterClass::kApostrophe;
    case U'‐':  // The hyphen proper, and the one that does not break.
    case U'‑':
      return LetterClass::kLink;
    case kZeroWidthSpace:
      return LetterClass::kOther;
    default:
      break;
  }
  switch (u_charType(static_cast<UChar32>(letter))) {
    case U_UPPERCASE_LETTER:
    case U_LOWERCASE_LETTER:
    case U_TITLECASE_LETTER:
    case U_MODIFIER_LETTER:
    case U_OTHER_LETTER:
    case U_LETTER_NUMBER:
      return IsUnspaced(letter) ? LetterClass::kUnspaced : LetterClass::kLetter;
    case U_DECIMAL_DIGIT_NUMBER:
      return LetterClass::kDigit;
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_COMBINING_SPACING_MARK:
    case U_FORMAT_CHAR:
      return LetterClass::kMark;
    default:
      return LetterClass::kOther;
  }
}

constexpr std::array<LetterClass, kAsciiEnd> AsciiClasses() {
  std::array<LetterClass, kAsciiEnd> classes = {};
  for (char32_t c = U'a'; c <= U'z'; ++c) classes[c] = LetterClass::kLetter;
  for (char32_t c = U'A'; c <= U'Z'; ++c) classes[c] = LetterClass::kLetter;
  for (char32_t c = U'0'; c <= U'9'; ++c) classes[c] = LetterClass::kDigit;
  classes[U'\''] = LetterClass::kApostrophe;
  for (const char32_t c : {U'.', U','}) classes[c] = LetterClass::kPoint;
  for (const char32_t c : {U'-', U'_', U'&'}) classes[c] = LetterClass::kLink;
  return classes;
}

constexpr std::array<LetterClass, kAsciiEnd> kAsciiClasses = AsciiClasses();

struct Letter {
  LetterClass letter_class = LetterClass::kOther;
  size_t length = 0;  // Bytes; 0 at the end of the text.
};

Letter LetterAt(std::string_view text, size_t at) {
  if (at >= text.size()) return {};
  const CodePoint letter = CodePointAt(text, at);
  if (letter.value < kAsciiEnd) return {kAsciiClasses[letter.value], letter.length};
  if (letter.IsStrayByte()) return {LetterClass::kOther, letter.length};
  return {ClassByUnicode(letter.value), letter.length};
}

// ICU's word boundaries.  An iterator is changed by its use, so each thread clones the first.
icu::BreakIterator& ThreadBreakIterator() {
  static const icu::BreakIterator* const prototype = [] {
    UErrorCode status = U_ZERO_ERROR;
    const icu::BreakIterator* made = icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status);
    CHECK(U_SUCCESS(status) && made != nullptr);
    return made;
  }();
  thread_local const std::unique_ptr<icu::BreakIterator> iterator(prototype->clone());
  CHECK(iterator != nullptr);
  return *iterator;
}

class Breaker {
 public:
  explicit Breaker(std::string_view text) : text_(text) {}

  std::vector<WordSpan> Run() {
    while (at_ < text_.size()) {
      const Letter letter = LetterAt(text_, at_);
      switch (letter.letter_class) {
        case LetterClass::kLetter:
        case LetterClass::kDigit:
          TakeWord();
          break;
        case LetterClass::kUnspaced:
          TakeUnspacedRun();
          break;
        default:
          at_ += letter.length;
      }
    }
    return std::move(spans_);
  }

 private:
  // From a letter or digit to the end of its word.
  void TakeWord() {
    const size_t begin = at_;
    bool has_letters = false;
    bool has_digits = false;
    LetterClass last = LetterClass::kOther;
    for (;;) {
      const Letter letter = LetterAt(text_, at_);
      if (letter.letter_class == LetterClass::kLetter || letter.letter_class == LetterClass::kDigit) {
        last = letter.letter_class;
        (last == LetterClass::kLetter ? has_letters : has_digits) = true;
      } else if (letter.letter_class != LetterClass::kMark && !GoesOn(letter, last)) {
        break;
      }
      at_ += letter.length;
    }
    const WordKind kind = !has_digits ? WordKind::kWord : has_letters ? WordKind::kCode : WordKind::kNumber;
    spans_.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(at_), kind, IsLinked()});
  }

  // Does a word go on after this sign, which follows a letter of class `last`?
  bool GoesOn(const Letter& sign, LetterClass last) const {
    const LetterClass next = LetterAt(text_, at_ + sign.length).letter_class;
    if (sign.letter_class == LetterClass::kApostrophe) {
      return last == LetterClass::kLetter && next == LetterClass::kLetter;
    }
    return sign.letter_class == LetterClass::kPoint && last == LetterClass::kDigit &&
           next == LetterClass::kDigit;
  }

  bool IsLinked() const {
    const Letter link = LetterAt(text_, at_);
    if (link.letter_class != LetterClass::kLink) return false;
    const LetterClass next = LetterAt(text_, at_ + link.length).letter_class;
    return next == LetterClass::kLetter || next == LetterClass::kDigit;
  }

  void TakeUnspacedRun() {
    const size_t begin = at_;
    // The byte at which each UTF-16 unit begins, as ICU counts in those.
    thread_local std::vector<uint32_t> bytes;
    bytes.clear();
    for (;;) {
      const Letter letter = LetterAt(text_, at_);
      const bool is_inside =
          letter.letter_class == LetterClass::kUnspaced || letter.letter_class == LetterClass::kMark;
      if (!is_inside || at_ + letter.length - begin > kUnspacedRunBytesMax) break;
      constexpr size_t kSupplementaryBytes = 4;  // Such a letter is two units of UTF-16.
      bytes.insert(bytes.end(), letter.length == kSupplementaryBytes ? 2 : 1, static_cast<uint32_t>(at_));
      at_ += letter.length;
    }
    bytes.push_back(static_cast<uint32_t>(at_));
    const std::string_view run = text_.substr(begin, at_ - begin);
    const icu::UnicodeString units =
        icu::UnicodeString::fromUTF8({run.data(), static_cast<int32_t>(run.size())});
    icu::BreakIterator& iterator = ThreadBreakIterator();
    iterator.setText(units);
    int32_t last = iterator.first();
    for (int32_t next = iterator.next(); next != icu::BreakIterator::DONE; next = iterator.next()) {
      spans_.push_back(
          {bytes[static_cast<size_t>(last)], bytes[static_cast<size_t>(next)], WordKind::kWord, false});
      last = next;
    }
    // The iterator must not keep a view of what ends here.
    iterator.setText(EmptyText());
  }

  static const icu::UnicodeString& EmptyText() {
    static const icu::UnicodeString* const empty = new icu::UnicodeString;
    return *empty;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<WordSpan> spans_;
};

}  // namespace

std::vector<WordSpan> BreakWords(std::string_view text) {
  return Breaker(Utf8Prefix(text, kTextBytesMax)).Run();
}

}  // namespace attune::text
