// From a text to the tokens that are indexed and asked for.  Documents and queries go through the same
// analyzer.
//
//   German, "Lederjacken von L'Oréal, TN-2110"
//
//   position  surface      term        kind     role
//          0  lederjacken  lederjack   word     whole
//          0  leder        leder       word     compound part
//          0  jacke        jack        word     compound part
//          1  von          von         word     whole           (stop word)
//          2  loreal       loreal      word     whole
//          3  tn2110       tn2110      code     whole
//          3  tn           tn          word     code part
//          3  2110         2110        number   code part
//
// What must meet has the same term; what is shown, completed or corrected is the surface.
//
//   * Hyphenated words stand for themselves, and joined at the position of the first: "T-Shirt" -> t,
//     shirt, tshirt (role joined).  Digits, and the runs of at most four letters next to them, are one code:
//     "TN-2110", "Galaxy-S21" -> galaxy, s21.
//   * A French, Italian or Catalan article before an apostrophe is cut off: "l'huile" -> huile.  As it may
//     be part of a name, and as people leave the apostrophe out, it is kept joined as well: "L'Oréal" ->
//     oreal, loreal.
//   * Numbers are spelled without their thousands separators and with a decimal point: "1.500" in German ->
//     1500, "1,5" -> 1.5.
//
// Invariants: positions ascend from 0 without gaps; the tokens of one position stand together, the whole
// ones first; begin < end <= text.size(), both between characters; surface and term are never empty.  Parts
// and joined words have the place of what they were made of.  At most kTokensMax tokens.
//
// Thread safety: const and shared; caches are per thread.

#ifndef ATTUNE_TEXT_ANALYZER_H_
#define ATTUNE_TEXT_ANALYZER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/compounds.h"
#include "text/language.h"
#include "text/word_break.h"

namespace attune::text {

// Raised whenever a text may give other tokens than before.  What is saved with tokens of another version
// is made again.
inline constexpr uint32_t kAnalyzerVersion = 2;

enum class TokenRole : uint8_t {
  kWhole,         // What stands in the text.
  kJoined,        // Several words of the text as one.
  kCodePart,      // A run of letters or digits of a code.
  kCompoundPart,  // A word within a compound.
};

struct Token {
  std::string surface;  // Folded (fold.h).
  std::string term;     // Stemmed (stem.h); the surface itself for numbers and codes.
  WordKind kind = WordKind::kWord;
  TokenRole role = TokenRole::kWhole;
  bool is_stop_word = false;
  uint32_t position = 0;
  uint32_t begin = 0;  // Bytes of the text.
  uint32_t end = 0;

  friend bool operator==(const Token&, const Token&) = default;
};

class Analyzer {
 public:
  // `vocabulary` may be null: nothing is taken apart then.  It must outlive the analyzer.
  explicit Analyzer(Language language, const CompoundVocabulary* vocabulary = nullptr);

  Language language() const { return language_; }

  // Never fails: what is not text yields no tokens.  Reads at most kTextBytesMax bytes.
  std::vector<Token> Analyze(std::string_view text) const;

 private:
  Language language_;
  const CompoundVocabulary* vocabulary_;
};

}  // namespace attune::text

#endif  // ATTUNE_TEXT_ANALYZER_H_
