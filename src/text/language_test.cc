#include "text/language.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace attune::text {
namespace {

TEST(LanguageTest, LocalesNameTheirLanguage) {
  EXPECT_EQ(LanguageOfLocale("de"), Language::kGerman);
  EXPECT_EQ(LanguageOfLocale("de-AT"), Language::kGerman);
  EXPECT_EQ(LanguageOfLocale("de_CH.UTF-8"), Language::kGerman);
  EXPECT_EQ(LanguageOfLocale("EN"), Language::kEnglish);
  EXPECT_EQ(LanguageOfLocale("pt-BR"), Language::kPortuguese);
  EXPECT_EQ(LanguageOfLocale("nb-NO"), Language::kNorwegian);
  EXPECT_EQ(LanguageOfLocale("nn"), Language::kNorwegian);
  EXPECT_EQ(LanguageOfLocale("no"), Language::kNorwegian);
}

TEST(LanguageTest, WhatIsNotKnownIsNeutral) {
  for (const char* locale : {"", "-", "ja-JP", "und", "d", "deu", "german", "\xff\xff"}) {
    EXPECT_EQ(LanguageOfLocale(locale), Language::kNeutral) << locale;
  }
}

TEST(LanguageTest, EveryLanguageHasACodeOfItsOwn) {
  std::set<std::string_view> codes;
  for (const Language language : kLanguages) {
    codes.insert(LanguageCode(language));
    EXPECT_EQ(LanguageOfLocale(LanguageCode(language)), language);
  }
  EXPECT_EQ(codes.size(), kLanguageCount);
}

}  // namespace
}  // namespace attune::text
