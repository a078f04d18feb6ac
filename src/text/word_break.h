// Where the words of a text are.
//
//   "L'eau, 1,5 l (TN-2110)"  ->  L'eau   1,5   l   TN   2110
//                                 word    number word word-linked number
//
// In scripts that put spaces between words, a word is a run of letters, marks and digits; an apostrophe
// between two letters, and a point or a comma between two digits, belong to it.  That is the word boundary
// of Unicode (UAX 29) but for what feeds need: a point or a colon between letters ends a word
// ("Kissen.Farbe:rot"), so do the underscore and a semicolon between digits.  Chinese, Japanese, Thai, Lao,
// Khmer and Burmese have no spaces: their runs are cut by ICU's dictionaries.  Korean is cut at its spaces,
// and where another script begins ("LED조명").
//
// Bytes that are not UTF-8 stand between words.  At most kTextBytesMax bytes are read.
//
// Thread safety: may be called from any thread; each thread has break iterators of its own.

#ifndef ATTUNE_TEXT_WORD_BREAK_H_
#define ATTUNE_TEXT_WORD_BREAK_H_

#include <cstdint>
#include <string_view>
#include <vector>

namespace attune::text {

enum class WordKind : uint8_t {
  kWord,    // Letters: "lamp".
  kNumber,  // Digits: "1,5", "2110".
  kCode,    // Letters with digits: "iphone7", "500ml".
};

struct WordSpan {
  uint32_t begin = 0;  // Bytes of the text; begin < end, both between characters.
  uint32_t end = 0;
  WordKind kind = WordKind::kWord;
  // Exactly one hyphen (or underscore, or ampersand) stands between this word and the next: "TN-2110", "H&M".
  bool is_linked_to_next = false;

  friend bool operator==(const WordSpan&, const WordSpan&) = default;
};

// The words in their order.  They do not overlap.
std::vector<WordSpan> BreakWords(std::string_view text);

}  // namespace attune::text

#endif  // ATTUNE_TEXT_WORD_BREAK_H_
