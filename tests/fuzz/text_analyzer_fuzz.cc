// Fuzzes the reading of texts: any bytes, in every language, give tokens that lie inside the text, between
// characters, in the order of their positions.  Folding what is folded changes nothing.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/utf8.h"
#include "fuzz_target.h"
#include "text/analyzer.h"
#include "text/edit_distance.h"
#include "text/fold.h"
#include "text/limits.h"

namespace {

using attune::IsValidUtf8;
using attune::text::Analyzer;
using attune::text::CompoundVocabulary;
using attune::text::Language;
using attune::text::Token;
using attune::text::TokenRole;

// Every short run of letters is a frequent word, so that the splitter has much to choose from.
class ManyWords final : public CompoundVocabulary {
 public:
  uint32_t CountOf(std::string_view folded) const override {
    return folded.size() < 7 ? static_cast<uint32_t>(folded.size()) * 10 : 0;
  }
};

void CheckTokens(const std::vector<Token>& tokens, std::string_view text) {
  CHECK(tokens.size() <= attune::text::kTokensMax);
  uint32_t positions = 0;
  for (const Token& token : tokens) {
    CHECK(token.begin < token.end && token.end <= text.size());
    CHECK(IsValidUtf8(text.substr(token.begin, token.end - token.begin)));
    CHECK(!token.surface.empty() && !token.term.empty());
    CHECK(IsValidUtf8(token.surface) && IsValidUtf8(token.term));
    if (token.role == TokenRole::kWhole) ++positions;
    CHECK(token.position + 1 == positions);
  }
}

}  // namespace

std::vector<std::string> attune::fuzz::Seeds() {
  return {"Lederjacken für Kinder, TN-2110 (1,5 l) T-Shirt", "L’huile d'olive, l'Oréal 12-34-56789",
          "冷蔵庫は大きいです ＬＥＤ か\u3099 ตู้เย็น 한국어", "men's Cafe\u0301 H&M Wi-Fi-6 978-3-16-148410-0"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const ManyWords words;
  // One language an input: the bytes choose it, so that every one has its turn.
  const Language language = attune::text::kLanguages[size % attune::text::kLanguageCount];
  const std::vector<Token> tokens = Analyzer(language, &words).Analyze(text);
  CheckTokens(tokens, text);
  const std::string folded = attune::text::Fold(text, language);
  CHECK(attune::text::Fold(folded, language) == folded);
  if (tokens.size() > 1) {
    const int distance = attune::text::EditDistance(tokens[0].surface, tokens[1].surface, 2);
    CHECK(distance == attune::text::EditDistance(tokens[1].surface, tokens[0].surface, 2));
    CHECK(attune::text::PrefixEditDistance(tokens[0].surface, tokens[1].surface, 2) <= distance);
  }
  if (!tokens.empty()) ++attune::fuzz::accepted_count;
  return 0;
}
