#include "decisions/query_words.h"

#include <utility>

#include "decisions/limits.h"
#include "text/fold.h"
#include "text/word_break.h"

namespace attune::decisions {

std::vector<std::string> QueryWords(std::string_view text) {
  std::vector<std::string> words;
  for (const text::WordSpan& span : text::BreakWords(text)) {
    if (words.size() == kQueryWordsMax) break;
    std::string word = text::FoldLetters(text.substr(span.begin, span.end - span.begin));
    if (!word.empty()) words.push_back(std::move(word));
  }
  return words;
}

}  // namespace attune::decisions
