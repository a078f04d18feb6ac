#include "text/fold.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/utf8.h"
#include "text/code_points.h"

namespace attune::text {
namespace {

TEST(FoldTest, CaseAndCompatibilityForms) {
  EXPECT_EQ(Fold("LED", Language::kEnglish), "led");
  EXPECT_EQ(Fold("ＬＥＤ", Language::kNeutral), "led");
  EXPECT_EQ(Fold("ﬁt", Language::kEnglish), "fit");
  EXPECT_EQ(Fold("Ⅳ", Language::kNeutral), "iv");
  EXPECT_EQ(Fold("ΣΊΣΥΦΟΣ", Language::kGreek), "σισυφοσ");
  EXPECT_EQ(Fold("σίσυφος", Language::kGreek), "σισυφοσ");
}

TEST(FoldTest, DiacriticsAreOff) {
  EXPECT_EQ(Fold("Café", Language::kEnglish), "cafe");
  EXPECT_EQ(Fold("Cafe\u0301", Language::kEnglish), "cafe");
  EXPECT_EQ(Fold("łóżko", Language::kPolish), "lozko");
  EXPECT_EQ(Fold("Øl", Language::kNeutral), "ol");
  EXPECT_EQ(Fold("Œuf", Language::kFrench), "oeuf");
  EXPECT_EQ(Fold("Straße", Language::kNeutral), "strasse");
  EXPECT_EQ(Fold("STRAẞE", Language::kGerman), "strasse");
  EXPECT_EQ(Fold("IŞIK ışık İzmir", Language::kTurkish), "isik isik izmir");
  EXPECT_EQ(Fold("Việt", Language::kNeutral), "viet");
  EXPECT_EQ(Fold("ёлка", Language::kRussian), "елка");
  EXPECT_EQ(Fold("مُحَمَّد", Language::kNeutral), "محمد");
}

TEST(FoldTest, MarksThatMakeAnotherLetterStay) {
  EXPECT_EQ(Fold("синий", Language::kRussian), "синий");
  EXPECT_EQ(Fold("сини\u0438\u0306", Language::kRussian), "синий");
  EXPECT_EQ(Fold("が", Language::kNeutral), "が");
  EXPECT_EQ(Fold("か\u3099", Language::kNeutral), "が");
  EXPECT_EQ(Fold("हिन्दी", Language::kNeutral), "हिन्दी");
  EXPECT_EQ(Fold("ญี่ปุ่น", Language::kNeutral), "ญี่ปุ่น");
}

TEST(FoldTest, ApostrophesAreOut) {
  for (const char* word : {"Men's", "MEN’S", "men‘s", "menʼs", "men＇s"}) {
    EXPECT_EQ(Fold(word, Language::kEnglish), "mens") << word;
  }
  EXPECT_EQ(Fold("col·lecció", Language::kCatalan), "colleccio");
}

TEST(FoldTest, GermanSpellingsOfAnUmlautAreOne) {
  for (const char* word :
       {"Kühlschrank", "Kuehlschrank", "Kuhlschrank", "KÜHLSCHRANK", "Ku\u0308hlschrank"}) {
    EXPECT_EQ(Fold(word, Language::kGerman), "kuhlschrank") << word;
  }
  EXPECT_EQ(Fold("Müller Mueller", Language::kGerman), "muller muller");
  EXPECT_EQ(Fold("blaue neue quer", Language::kGerman), "blaue neue quer");
  EXPECT_EQ(FoldLetters("Kuehlschrank"), "kuehlschrank");
}

TEST(FoldTest, NordicSpellingsOfALetterAreOne) {
  for (const Language language : {Language::kSwedish, Language::kDanish, Language::kNorwegian}) {
    for (const char* word : {"Ålborg", "Aalborg", "Alborg"}) EXPECT_EQ(Fold(word, language), "alborg");
    for (const char* word : {"køb", "köb", "koeb", "kob"}) EXPECT_EQ(Fold(word, language), "kob");
    for (const char* word : {"tæppe", "täppe", "taeppe"}) EXPECT_EQ(Fold(word, language), "tappe");
  }
  EXPECT_EQ(Fold("Aalborg", Language::kEnglish), "aalborg");
}

TEST(FoldTest, WhatIsNotUtf8IsLeftOut) {
  EXPECT_EQ(Fold("a\xff\xc3"
                 "b",
                 Language::kEnglish),
            "ab");
  EXPECT_EQ(Fold("", Language::kGerman), "");
}

// Letters of many kinds, those that fold in a way of their own among them.
std::string RandomText(Random& random) {
  static constexpr std::u32string_view kLetters =
      U"aeouqxAEOU ßäöüÄÖÜåøæœłđ’'·éêñçãışİйЙё\u0301\u0306\u0308がか\u3099ｶﾞ한각ก็ﬁ½Ⅳμς";
  std::string text;
  for (uint64_t i = random.NextBelow(12); i > 0; --i) {
    AppendCodePoint(kLetters[random.NextBelow(kLetters.size())], text);
  }
  return text;
}

TEST(FoldTest, FoldingTwiceChangesNothing) {
  Random random(11);
  for (int i = 0; i < 50'000; ++i) {
    const std::string text = RandomText(random);
    for (const Language language : {Language::kNeutral, Language::kGerman, Language::kDanish}) {
      const std::string folded = Fold(text, language);
      ASSERT_EQ(Fold(folded, language), folded) << text;
      ASSERT_TRUE(IsValidUtf8(folded)) << text;
    }
  }
}

}  // namespace
}  // namespace attune::text
