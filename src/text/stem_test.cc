#include "text/stem.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "text/fold.h"
#include "text/stop_words.h"

namespace attune::text {
namespace {

std::string StemOf(std::string_view word, Language language) {
  return Stem(word, Fold(word, language), language);
}

// Each line holds forms of one word; no two lines have one stem.
void CheckForms(std::string_view lines, Language language) {
  std::map<std::string, std::string> line_of_stem;
  while (!lines.empty()) {
    const std::string line(lines.substr(0, lines.find('\n')));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    std::string first;
    for (size_t begin = 0; begin < line.size();) {
      const size_t end = std::min(line.find(' ', begin), line.size());
      const std::string stem = StemOf(line.substr(begin, end - begin), language);
      if (first.empty()) first = stem;
      EXPECT_EQ(stem, first) << line.substr(begin, end - begin) << " in " << LanguageCode(language);
      begin = end + 1;
    }
    const auto [place, is_new] = line_of_stem.emplace(first, line);
    EXPECT_TRUE(is_new || line.empty()) << line << " meets " << place->second;
  }
}

// Eight languages have longer tables in languages_test.cc.
TEST(StemTest, FormsOfOtherLanguages) {
  CheckForms(
      "sapato sapatos\ncamião camiões\ncoleção coleções\npapel papéis papeis\nazul azuis\nbotão botões\nbota "
      "botas",
      Language::kPortuguese);
  CheckForms(
      "lampe lamper lampen\nstol stole stolen\ncykel cykler\nrød røde rødt\nbarn børn\nbord borde bordet",
      Language::kDanish);
  CheckForms("lampe lamper lampen\nstol stoler stolen\nsykkel sykler\nrød røde rødt\nbok bøker",
             Language::kNorwegian);
  CheckForms("talo talot talossa\nlamppu lamput lampun\nlasi lasit", Language::kFinnish);
  CheckForms("сумка сумки сумку\nчёрный чёрная черные\nсиний синие\nлампа лампы", Language::kRussian);
  CheckForms("kutya kutyák\ncipő cipők cipőt\ntáska táskák\nasztal asztalok\nkönyv könyvek",
             Language::kHungarian);
  CheckForms("pantof pantofi\ncămașă cămăși camasa\nlampă lămpi\ncarte cărți\nscaun scaune scaunul",
             Language::kRomanian);
  CheckForms("çanta çantalar\nkalem kalemler kalemleri\nayakkabı ayakkabılar ayakkabi", Language::kTurkish);
  CheckForms("παπούτσι παπούτσια\nτσάντα τσάντες ΤΣΑΝΤΑ", Language::kGreek);
  CheckForms("sabata sabates\nllum llums\nnen nens", Language::kCatalan);
}

TEST(StemTest, AccentsDoNotDecide) {
  for (const Language language : kLanguages) {
    if (language == Language::kHungarian) continue;  // As its header says.
    EXPECT_EQ(StemOf("décorée", language), StemOf("decoree", language)) << LanguageCode(language);
    EXPECT_EQ(StemOf("Camión", language), StemOf("camion", language)) << LanguageCode(language);
  }
}

TEST(StemTest, NeverEmpty) {
  for (const Language language : kLanguages) {
    for (const char* word : {"s", "en", "ing", "ation", "ser", "em", "ями", "ες", "冷蔵庫"}) {
      EXPECT_FALSE(StemOf(word, language).empty()) << word << " in " << LanguageCode(language);
    }
  }
}

TEST(StemTest, ThreadsDoNotShareStemmers) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int round = 0; round < 200; ++round) {
        ASSERT_EQ(StemOf("headphones", Language::kEnglish), "headphon");
        ASSERT_EQ(StemOf("Kühlschränke", Language::kGerman), "kuhlschrank");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(StopWordsTest, SayNothingAlone) {
  EXPECT_TRUE(IsStopWord("the", Language::kEnglish));
  EXPECT_TRUE(IsStopWord(Fold("für", Language::kGerman), Language::kGerman));
  EXPECT_TRUE(IsStopWord(Fold("À", Language::kFrench), Language::kFrench));
  EXPECT_FALSE(IsStopWord("the", Language::kNeutral));
  EXPECT_FALSE(IsStopWord("lamp", Language::kEnglish));
}

TEST(StopWordsTest, WhatChangesTheMeaningIsNone) {
  const std::vector<std::pair<Language, std::string_view>> words = {
      {Language::kEnglish, "without"}, {Language::kEnglish, "not"},  {Language::kEnglish, "no"},
      {Language::kGerman, "ohne"},     {Language::kGerman, "nicht"}, {Language::kGerman, "kein"},
      {Language::kDutch, "zonder"},    {Language::kDutch, "niet"},   {Language::kFrench, "sans"},
      {Language::kFrench, "pas"},      {Language::kSpanish, "sin"},  {Language::kSpanish, "no"},
      {Language::kItalian, "senza"},   {Language::kItalian, "non"},  {Language::kPortuguese, "sem"},
      {Language::kPortuguese, "não"},  {Language::kSwedish, "utan"}, {Language::kSwedish, "inte"},
      {Language::kDanish, "uden"},     {Language::kDanish, "ikke"},  {Language::kNorwegian, "uten"},
      {Language::kNorwegian, "ikke"},  {Language::kPolish, "bez"},   {Language::kPolish, "nie"},
      {Language::kRussian, "без"},     {Language::kRussian, "не"},   {Language::kFinnish, "ei"},
      {Language::kHungarian, "nem"},   {Language::kRomanian, "nu"},  {Language::kTurkish, "değil"},
      {Language::kGreek, "δεν"},       {Language::kGreek, "χωρίς"},  {Language::kCatalan, "sense"},
      {Language::kCatalan, "no"}};
  for (const auto& [language, word] : words) EXPECT_FALSE(IsStopWord(Fold(word, language), language)) << word;
}

TEST(StopWordsTest, EveryLanguageHasSome) {
  for (const Language language : kLanguages) {
    if (language == Language::kNeutral) continue;
    int count = 0;
    for (const char* word : {"the", "und", "van", "les", "los", "che", "para", "och", "og", "ja", "oraz", "и",
                             "egy", "pentru", "için", "και", "amb"}) {
      count += IsStopWord(Fold(word, language), language) ? 1 : 0;
    }
    EXPECT_GT(count, 0) << LanguageCode(language);
  }
}

}  // namespace
}  // namespace attune::text
