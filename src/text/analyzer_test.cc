#include "text/analyzer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/random.h"
#include "base/utf8.h"
#include "text/limits.h"

namespace attune::text {
namespace {

// Says of every word of some letters that it is frequent, so that much is taken apart.
class ManyWords final : public CompoundVocabulary {
 public:
  uint32_t CountOf(std::string_view folded) const override {
    return folded.size() >= 3 && folded.size() < 6 ? 50 : 0;
  }
};

class LeatherWords final : public CompoundVocabulary {
 public:
  uint32_t CountOf(std::string_view folded) const override {
    return folded == "leder" || folded == "jacke" ? 50 : 0;
  }
};

// A token a line: position, surface, term, kind, role, place.
std::string Printed(const std::vector<Token>& tokens) {
  static constexpr std::array<const char*, 3> kKinds = {"word", "number", "code"};
  static constexpr std::array<const char*, 4> kRoles = {"whole", "joined", "code part", "compound part"};
  std::string out;
  for (const Token& token : tokens) {
    out += std::to_string(token.position) + " " + token.surface + " " + token.term + " " +
           kKinds[static_cast<size_t>(token.kind)] + ", " + kRoles[static_cast<size_t>(token.role)] +
           (token.is_stop_word ? ", stop word" : "") + " [" + std::to_string(token.begin) + "," +
           std::to_string(token.end) + ")\n";
  }
  return out;
}

// What analyzer.h promises of any text.
void CheckInvariants(const std::vector<Token>& tokens, std::string_view text) {
  ASSERT_LE(tokens.size(), kTokensMax);
  std::set<size_t> boundaries = {text.size()};
  for (size_t at = 0; at < text.size(); at += std::max<size_t>(1, Utf8SequenceLength(text.substr(at)))) {
    boundaries.insert(at);
  }
  uint32_t next_position = 0;
  for (const Token& token : tokens) {
    ASSERT_LT(token.begin, token.end);
    ASSERT_LE(token.end, text.size());
    ASSERT_TRUE(boundaries.contains(token.begin) && boundaries.contains(token.end));
    ASSERT_TRUE(IsValidUtf8(text.substr(token.begin, token.end - token.begin)));
    ASSERT_FALSE(token.surface.empty());
    ASSERT_FALSE(token.term.empty());
    ASSERT_LE(token.surface.size(), kWordBytesMax);
    ASSERT_TRUE(IsValidUtf8(token.surface) && IsValidUtf8(token.term));
    if (token.role == TokenRole::kWhole) {
      ASSERT_EQ(token.position, next_position);
      ++next_position;
    } else {
      ASSERT_EQ(token.position + 1, next_position);
    }
  }
}

TEST(AnalyzerTest, ReadsATitle) {
  const LeatherWords words;
  EXPECT_EQ(
      Printed(Analyzer(Language::kGerman, &words).Analyze("Lederjacken von L'Oréal, TN-2110, 1,5 l T-Shirt")),
      "0 lederjacken lederjack word, whole [0,11)\n"
      "0 leder leder word, compound part [0,11)\n"
      "0 jacke jack word, compound part [0,11)\n"
      "1 von von word, whole, stop word [12,15)\n"
      "2 loreal loreal word, whole [16,24)\n"
      "3 tn2110 tn2110 code, whole [26,33)\n"
      "3 tn tn word, code part [26,28)\n"
      "3 2110 2110 number, code part [29,33)\n"
      "4 1.5 1.5 number, whole [35,38)\n"
      "5 l l word, whole [39,40)\n"
      "6 t t word, whole [41,42)\n"
      "6 tshirt tshirt word, joined [41,48)\n"
      "7 shirt shirt word, whole [43,48)\n");
}

TEST(AnalyzerTest, CodesLinkedToWords) {
  EXPECT_EQ(Printed(Analyzer(Language::kEnglish).Analyze("Galaxy-S21 L-77-B Wi-Fi-6")),
            "0 galaxy galaxi word, whole [0,6)\n"
            "1 s21 s21 code, whole [7,10)\n"
            "1 s s word, code part [7,10)\n"
            "1 21 21 number, code part [7,10)\n"
            "2 l77b l77b code, whole [11,17)\n"
            "2 l l word, code part [11,12)\n"
            "2 77 77 number, code part [13,15)\n"
            "2 b b word, code part [16,17)\n"
            "3 wifi6 wifi6 code, whole [18,25)\n"
            "3 wi wi word, code part [18,20)\n"
            "3 fi fi word, code part [21,23)\n"
            "3 6 6 number, code part [24,25)\n"
            "3 wifi wifi word, joined [18,23)\n");
}

TEST(AnalyzerTest, ElidedArticles) {
  EXPECT_EQ(Printed(Analyzer(Language::kFrench).Analyze("L’huile aujourd'hui")),
            "0 huile huil word, whole [4,9)\n"
            "0 lhuile lhuil word, joined [0,9)\n"
            "1 aujourdhui aujourdhui word, whole [10,21)\n");
}

TEST(AnalyzerTest, BookNumbersAreAlsoOne) {
  const std::vector<Token> tokens = Analyzer(Language::kEnglish).Analyze("978-3-16-148410-0 and 10-20");
  ASSERT_GE(tokens.size(), 2u);
  EXPECT_EQ(tokens[1].surface, "9783161484100");
  EXPECT_EQ(tokens[1].role, TokenRole::kJoined);
  EXPECT_EQ(tokens.back().surface, "20");
}

TEST(AnalyzerTest, ALongWordIsCutAndTheTextIsBounded) {
  const std::string letters(1 << 20, 'b');
  for (const Language language : kLanguages) {
    const ManyWords words;
    const std::vector<Token> tokens = Analyzer(language, &words).Analyze(letters);
    ASSERT_EQ(tokens.size(), 1u);
    EXPECT_EQ(tokens[0].surface, std::string(kWordBytesMax, 'b'));
    EXPECT_EQ(tokens[0].end, kTextBytesMax);
  }
  std::string words;
  while (words.size() < 1 << 20) words += "a1-";
  const std::vector<Token> tokens = Analyzer(Language::kEnglish).Analyze(words);
  EXPECT_LE(tokens.size(), kTokensMax);
  CheckInvariants(tokens, words);
}

TEST(AnalyzerTest, LettersThatFoldToManyAreBounded) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "ﷺ";  // One letter that is four words.
  const std::vector<Token> tokens = Analyzer(Language::kNeutral).Analyze(text);
  ASSERT_EQ(tokens.size(), 1u);
  EXPECT_LE(tokens[0].surface.size(), kWordBytesMax);
  CheckInvariants(tokens, text);
}

std::string RandomBytes(Random& random) {
  std::string text;
  for (uint64_t i = random.NextBelow(60); i > 0; --i) text += static_cast<char>(random.NextBelow(256));
  return text;
}

// Pieces that mean something to one of the rules, and broken ones.
std::string RandomPieces(Random& random) {
  static constexpr std::array<std::string_view, 30> kPieces = {
      "lederjacke", "ä",        "ß",        "-",      "'",      "’",      " ", "12",   "1,5",    ".",
      "a",          "TN",       "é",        "冷蔵庫", "カ",     "\u3099", "ตู้", "한각", "\u0301", "\xff",
      "\xc3",       "\xe3\x82", "\xf0\x9f", "😀",     "\u00ad", "l'",     "ﬁ", "_",    "&",      "הַ"};
  std::string text;
  for (uint64_t i = random.NextBelow(20); i > 0; --i) text += kPieces[random.NextBelow(kPieces.size())];
  return text;
}

TEST(AnalyzerTest, AnyBytesAreAText) {
  const ManyWords words;
  Random random(14);
  for (int i = 0; i < 10'000; ++i) {
    const std::string text = i % 2 == 0 ? RandomBytes(random) : RandomPieces(random);
    const Language language = kLanguages[static_cast<size_t>(i) % kLanguageCount];
    const std::vector<Token> tokens = Analyzer(language, &words).Analyze(text);
    ASSERT_NO_FATAL_FAILURE(CheckInvariants(tokens, text)) << testing::PrintToString(text);
  }
}

TEST(AnalyzerTest, SurfacesAreFoundAsTheyAre) {
  // A surface, typed as a query, has the same term: suggestions and corrections lead to what they name.
  const Analyzer analyzer(Language::kGerman);
  for (const Token& token : analyzer.Analyze("Kühlschränke für Lederjacken, TN-2110 1,5l Bücher")) {
    const std::vector<Token> again = analyzer.Analyze(token.surface);
    ASSERT_FALSE(again.empty());
    EXPECT_EQ(again[0].surface, token.surface);
    EXPECT_EQ(again[0].term, token.term);
  }
}

TEST(AnalyzerTest, IsSharedByThreads) {
  const LeatherWords words;
  const Analyzer analyzer(Language::kGerman, &words);
  const std::string text = "Lederjacken für Kinder, 冷蔵庫 TN-2110";
  const std::vector<Token> expected = analyzer.Analyze(text);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) ASSERT_EQ(analyzer.Analyze(text), expected);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace attune::text
