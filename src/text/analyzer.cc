#include "text/analyzer.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "base/utf8.h"
#include "text/codes.h"
#include "text/elision.h"
#include "text/fold.h"
#include "text/limits.h"
#include "text/numbers.h"
#include "text/stem.h"
#include "text/stop_words.h"

namespace attune::text {
namespace {

// Runs of letters up to here belong to a code when digits are linked to them ("TN-2110"); longer ones are
// words of their own ("Galaxy-S21").
constexpr size_t kCodeLettersMax = 4;
// Digits linked by hyphens that are one number: an ISBN, an EAN.
constexpr size_t kLinkedDigitsMin = 8;

class Analysis {
 public:
  Analysis(std::string_view text, Language language, const CompoundVocabulary* vocabulary)
      : text_(text), language_(language), vocabulary_(vocabulary) {}

  std::vector<Token> Run() {
    const std::vector<WordSpan> spans = BreakWords(text_);
    for (size_t begin = 0; begin < spans.size() && tokens_.size() < kTokensMax;) {
      size_t end = begin + 1;
      while (end < spans.size() && spans[end - 1].is_linked_to_next && end - begin < kLinkedRunsMax) ++end;
      AddLinked(std::span(spans).subspan(begin, end - begin));
      begin = end;
    }
    if (tokens_.size() > kTokensMax) tokens_.resize(kTokensMax);
    return std::move(tokens_);
  }

 private:
  std::string_view TextOf(const WordSpan& span) const {
    return text_.substr(span.begin, span.end - span.begin);
  }

  // Words that hyphens link: stretches that are one code, and what is between them.
  void AddLinked(std::span<const WordSpan> spans) {
    while (!spans.empty()) {
      const size_t code_runs = CodeRuns(spans);
      if (code_runs > 0) {
        AddCode(spans.first(code_runs));
        spans = spans.subspan(code_runs);
        continue;
      }
      size_t word_runs = 1;
      while (word_runs < spans.size() && CodeRuns(spans.subspan(word_runs)) == 0) ++word_runs;
      AddWords(spans.first(word_runs));
      spans = spans.subspan(word_runs);
    }
  }

  // How many runs from the first on are one code; 0 when the first is of none.
  size_t CodeRuns(std::span<const WordSpan> spans) const {
    size_t count = 0;
    bool has_digits = false;
    bool has_letters = false;
    for (const WordSpan& span : spans) {
      if (span.kind == WordKind::kWord && TextOf(span).size() > kCodeLettersMax) break;
      has_digits = has_digits || span.kind != WordKind::kWord;
      has_letters = has_letters || span.kind != WordKind::kNumber;
      ++count;
    }
    return has_digits && has_letters ? count : 0;
  }

  void AddCode(std::span<const WordSpan> spans) {
    const WordSpan whole{spans.front().begin, spans.back().end, WordKind::kCode, false};
    const uint32_t position = position_;
    const std::string_view written = Utf8Prefix(TextOf(whole), kWordBytesMax);
    if (!Add(JoinedCode(written), {}, whole, TokenRole::kWhole)) return;
    for (const WordSpan& span : spans) {
      const std::string_view run = Utf8Prefix(TextOf(span), kWordBytesMax);
      if (spans.size() > 1 && span.kind == WordKind::kCode)
        AddPart(JoinedCode(run), WordKind::kCode, span, position);
      for (std::string& part : CodeParts(run)) {
        const bool is_number = part.front() >= '0' && part.front() <= '9';
        AddPart(std::move(part), is_number ? WordKind::kNumber : WordKind::kWord, span, position);
      }
    }
    AddJoinedRuns(spans, position);
  }

  void AddPart(std::string part, WordKind kind, const WordSpan& span, uint32_t position) {
    std::string folded = kind == WordKind::kWord ? Fold(part, language_) : std::move(part);
    WordSpan place = span;
    place.kind = kind;
    AddAt(position, std::move(folded), {}, place, TokenRole::kCodePart);
  }

  // Words and numbers that no code takes.
  void AddWords(std::span<const WordSpan> spans) {
    for (const WordSpan& span : spans) {
      const uint32_t position = position_;
      if (span.kind == WordKind::kNumber) {
        AddNumber(span);
      } else {
        AddWord(span);
      }
      if (&span == &spans.front() && position_ > position) AddJoinedRuns(spans, position);
    }
  }

  void AddNumber(const WordSpan& span) {
    const std::string digits = FoldLetters(Utf8Prefix(TextOf(span), kWordBytesMax));
    Add(PlainNumber(digits, language_), {}, span, TokenRole::kWhole);
  }

  void AddWord(const WordSpan& span) {
    const std::string_view written = TextOf(span);
    const size_t article_bytes = ElidedArticleBytes(written, language_);
    WordSpan word = span;
    word.begin += static_cast<uint32_t>(article_bytes);
    const uint32_t position = position_;
    const std::string_view rest = Utf8Prefix(written.substr(article_bytes), kWordBytesMax);
    const std::string surface = Fold(rest, language_);
    if (!Add(surface, rest, word, TokenRole::kWhole)) return;
    if (article_bytes > 0) {
      const std::string_view name = Utf8Prefix(written, kWordBytesMax);
      AddAt(position, Fold(name, language_), name, span, TokenRole::kJoined);
    }
    AddCompoundParts(surface, rest, word, position);
  }

  void AddCompoundParts(std::string_view surface, std::string_view written, const WordSpan& span,
                        uint32_t position) {
    if (vocabulary_ == nullptr || !WritesCompounds(language_) || tokens_.back().is_stop_word) return;
    std::vector<std::string> parts = SplitCompound(surface, language_, *vocabulary_);
    if (parts.empty()) {
      // Where two parts meet, letters may have been taken for one umlaut: "kamera|ersatz".
      const std::string letters = FoldLetters(written);
      if (letters != surface) parts = SplitCompound(letters, language_, *vocabulary_);
    }
    for (const std::string& part : parts) AddAt(position, part, part, span, TokenRole::kCompoundPart);
  }

  // Two or more runs of letters ("T-Shirt"), or an article number of digits alone, as one.
  void AddJoinedRuns(std::span<const WordSpan> spans, uint32_t position) {
    for (size_t begin = 0; begin < spans.size();) {
      const WordKind kind = spans[begin].kind;
      size_t end = begin + 1;
      while (end < spans.size() && spans[end].kind == kind) ++end;
      if (end - begin > 1 && kind != WordKind::kCode) {
        AddJoined({spans[begin].begin, spans[end - 1].end, kind, false}, position);
      }
      begin = end;
    }
  }

  void AddJoined(const WordSpan& whole, uint32_t position) {
    const std::string_view written = Utf8Prefix(TextOf(whole), kWordBytesMax);
    std::string joined = JoinedCode(written);
    if (whole.kind == WordKind::kNumber && joined.size() < kLinkedDigitsMin) return;
    std::string folded = Fold(joined, language_);
    AddAt(position, std::move(folded), joined, whole, TokenRole::kJoined);
  }

  // At the next position; false, and no position is used, when nothing is left of the word.
  bool Add(std::string surface, std::string_view written, const WordSpan& span, TokenRole role) {
    if (!AddAt(position_, std::move(surface), written, span, role)) return false;
    ++position_;
    return true;
  }

  // `written` is what a word is stemmed from; the surface where it is empty.
  bool AddAt(uint32_t position, std::string surface, std::string_view written, const WordSpan& span,
             TokenRole role) {
    surface.resize(Utf8Prefix(surface, kWordBytesMax).size());
    if (surface.empty()) return false;
    Token token;
    const bool is_word = span.kind == WordKind::kWord;
    token.term = is_word ? Stem(written.empty() ? surface : written, surface, language_) : surface;
    token.is_stop_word = is_word && role == TokenRole::kWhole && IsStopWord(surface, language_);
    token.surface = std::move(surface);
    token.kind = span.kind;
    token.role = role;
    token.position = position;
    token.begin = span.begin;
    token.end = span.end;
    tokens_.push_back(std::move(token));
    return true;
  }

  std::string_view text_;
  Language language_;
  const CompoundVocabulary* vocabulary_;
  uint32_t position_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

Analyzer::Analyzer(Language language, const CompoundVocabulary* vocabulary)
    : language_(language), vocabulary_(vocabulary) {}

std::vector<Token> Analyzer::Analyze(std::string_view text) const {
  return Analysis(text, language_, vocabulary_).Run();
}

}  // namespace attune::text
