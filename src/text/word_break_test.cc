#include "text/word_break.h"

#include <gtest/gtest.h>
#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/random.h"
#include "text/code_points.h"
#include "text/limits.h"

namespace attune::text {
namespace {

// The words with a sign for their kind, "-" where one is linked to the next: "TN- 2110# a1@".
std::string Broken(std::string_view text) {
  std::string out;
  for (const WordSpan& span : BreakWords(text)) {
    if (!out.empty()) out += ' ';
    out += text.substr(span.begin, span.end - span.begin);
    if (span.kind == WordKind::kNumber) out += '#';
    if (span.kind == WordKind::kCode) out += '@';
    if (span.is_linked_to_next) out += '-';
  }
  return out;
}

TEST(WordBreakTest, WordsNumbersAndCodes) {
  EXPECT_EQ(Broken("Red lamp, 40 W"), "Red lamp 40# W");
  EXPECT_EQ(Broken("iphone7 500ml 2.4GHz"), "iphone7@ 500ml@ 2.4GHz@");
  EXPECT_EQ(Broken("1,5 l; 1.500,00 EUR; 3."), "1,5# l 1.500,00# EUR 3#");
  EXPECT_EQ(Broken("TN-2110"), "TN- 2110#");
  EXPECT_EQ(Broken("H&M T-Shirt a_b"), "H- M T- Shirt a- b");
  EXPECT_EQ(Broken("black - white --x"), "black white x");
}

TEST(WordBreakTest, ApostrophesBelongBetweenLetters) {
  EXPECT_EQ(Broken("men's l’eau 'quoted' dogs' 5'3"), "men's l’eau quoted dogs 5# 3#");
}

TEST(WordBreakTest, PointsAndColonsBetweenLettersSeparate) {
  EXPECT_EQ(Broken("Kissen.Farbe:rot/blau"), "Kissen Farbe rot blau");
}

TEST(WordBreakTest, ScriptsWithoutSpacesAreCutByTheDictionary) {
  EXPECT_EQ(Broken("冷蔵庫は大きい"), "冷蔵庫 は 大きい");
  EXPECT_EQ(Broken("LEDライト5個"), "LED ライト 5# 個");
  EXPECT_EQ(Broken("LED조명 무선 5개"), "LED 조명 무선 5# 개");
  EXPECT_EQ(Broken("ตู้เย็นขนาดใหญ่"), "ตู้ เย็น ขนาด ใหญ่");
}

TEST(WordBreakTest, OtherBytesStandBetweenWords) {
  EXPECT_EQ(Broken("a\xff"
                   "b"),
            "a b");
  EXPECT_EQ(Broken("😀 ™ ½ \xed\xa0\x80"), "");
  EXPECT_EQ(Broken(""), "");
}

TEST(WordBreakTest, ReadsNoMoreThanItsLimit) {
  const std::string text(1 << 20, 'a');
  const std::vector<WordSpan> spans = BreakWords(text);
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].end, kTextBytesMax);
}

TEST(WordBreakTest, LongRunsWithoutSpacesAreGivenToTheDictionaryInPieces) {
  for (const std::string_view letter : {"蔵", "ア", "각"}) {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += letter;
    uint32_t end = 0;
    for (const WordSpan& span : BreakWords(text)) {
      EXPECT_EQ(span.begin, end);
      EXPECT_LE(span.end - span.begin, kUnspacedRunBytesMax);
      end = span.end;
    }
    EXPECT_EQ(end, text.size());
  }
}

// ICU's own word boundaries, as the slow and obvious reference.
std::string BrokenByIcu(const std::string& text) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> iterator(
      icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
  const icu::UnicodeString units = icu::UnicodeString::fromUTF8(text);
  iterator->setText(units);
  std::string out;
  int32_t begin = iterator->first();
  for (int32_t end = iterator->next(); end != icu::BreakIterator::DONE; end = iterator->next()) {
    if (iterator->getRuleStatus() >= UBRK_WORD_NONE_LIMIT) {
      std::string word;
      units.tempSubStringBetween(begin, end).toUTF8String(word);
      out += word + "|";
    }
    begin = end;
  }
  return out;
}

TEST(WordBreakTest, AgreesWithUnicodeWhereItSaysSo) {
  // No point, colon or semicolon, no underscore, no apostrophe: those are treated in a way of our own. The
  // scripts with spaces and those without apart, for ICU takes a letter after a Thai one as its end.
  static constexpr std::u32string_view kSpaced = U"abzABZ019éßøłжЙяαΩשלمहिन  ,-/()&+\u0301\u00ad€😀";
  static constexpr std::u32string_view kUnspaced = U"冷蔵庫はカターงานไทย한각 ,-";
  Random random(12);
  for (int i = 0; i < 10'000; ++i) {
    const std::u32string_view signs = i % 4 == 0 ? kUnspaced : kSpaced;
    std::string text;
    for (uint64_t length = random.NextBelow(14); length > 0; --length) {
      AppendCodePoint(signs[random.NextBelow(signs.size())], text);
    }
    std::string ours;
    for (const WordSpan& span : BreakWords(text))
      ours += text.substr(span.begin, span.end - span.begin) + "|";
    ASSERT_EQ(ours, BrokenByIcu(text)) << text;
  }
}

TEST(WordBreakTest, ThreadsDoNotShareIterators) {
  const std::string text = "冷蔵庫は大きいです lamp ตู้เย็น";
  const std::vector<WordSpan> expected = BreakWords(text);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) ASSERT_EQ(BreakWords(text), expected);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace attune::text
