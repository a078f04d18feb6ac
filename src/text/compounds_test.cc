#include "text/compounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "text/limits.h"

namespace attune::text {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Words final : public CompoundVocabulary {
 public:
  Words(std::initializer_list<std::pair<const std::string, uint32_t>> counts) : counts_(counts) {}
  uint32_t CountOf(std::string_view folded) const override {
    const auto found = counts_.find(folded);
    return found == counts_.end() ? 0 : found->second;
  }

 private:
  std::map<std::string, uint32_t, std::less<>> counts_;
};

std::vector<std::string> German(std::string_view word, const Words& words) {
  return SplitCompound(word, Language::kGerman, words);
}

TEST(CompoundsTest, IntoWordsOfTheVocabulary) {
  const Words words = {{"leder", 20}, {"jacke", 30}, {"kinder", 20}, {"zimmer", 10}, {"lampe", 30}};
  EXPECT_THAT(German("lederjacke", words), ElementsAre("leder", "jacke"));
  EXPECT_THAT(German("kinderzimmerlampe", words), ElementsAre("kinder", "zimmer", "lampe"));
  EXPECT_THAT(German("ledersofa", words), IsEmpty());
  EXPECT_THAT(German("jacke", words), IsEmpty());
}

TEST(CompoundsTest, LinkingAndInflectionEndings) {
  const Words words = {{"arbeit", 20}, {"hose", 30}, {"tag", 20}, {"decke", 30}, {"kind", 20}, {"schwan", 6}};
  EXPECT_THAT(German("arbeitshose", words), ElementsAre("arbeit", "hose"));
  EXPECT_THAT(German("arbeitshosen", words), ElementsAre("arbeit", "hose"));
  EXPECT_THAT(German("tagesdecken", words), ElementsAre("tag", "decke"));
  EXPECT_THAT(German("kinderdecke", words), ElementsAre("kind", "decke"));
  EXPECT_THAT(German("schwanendecke", words), ElementsAre("schwan", "decke"));
}

TEST(CompoundsTest, DroppedVowels) {
  EXPECT_THAT(German("wolldecke", {{"wolle", 20}, {"decke", 30}}), ElementsAre("wolle", "decke"));
  EXPECT_THAT(SplitCompound("skolvaskor", Language::kSwedish, Words{{"skola", 20}, {"vaska", 30}}),
              ElementsAre("skola", "vaska"));
}

TEST(CompoundsTest, OtherLanguages) {
  EXPECT_THAT(SplitCompound("tuinstoelen", Language::kDutch, Words{{"tuin", 9}, {"stoel", 9}}),
              ElementsAre("tuin", "stoel"));
  EXPECT_THAT(SplitCompound("vinterjakker", Language::kDanish, Words{{"vinter", 9}, {"jakke", 9}}),
              ElementsAre("vinter", "jakke"));
  EXPECT_THAT(SplitCompound("bordlampe", Language::kNorwegian, Words{{"bord", 9}, {"lampe", 9}}),
              ElementsAre("bord", "lampe"));
  EXPECT_THAT(SplitCompound("bookshelf", Language::kEnglish, Words{{"book", 9}, {"shelf", 9}}), IsEmpty());
  for (const Language language : kLanguages) {
    const bool is_one = language == Language::kGerman || language == Language::kDutch ||
                        language == Language::kSwedish || language == Language::kDanish ||
                        language == Language::kNorwegian;
    EXPECT_EQ(WritesCompounds(language), is_one);
  }
}

TEST(CompoundsTest, AFrequentWordStaysWhole) {
  EXPECT_THAT(German("kuhlschrank", {{"kuhl", 10}, {"schrank", 90}, {"kuhlschrank", 30}}),
              IsEmpty());  // sqrt(900)
  EXPECT_THAT(German("kuhlschrank", {{"kuhl", 10}, {"schrank", 90}, {"kuhlschrank", 29}}),
              ElementsAre("kuhl", "schrank"));
  // In any of its forms.
  EXPECT_THAT(German("kuhlschranke", {{"kuhl", 10}, {"schrank", 90}, {"kuhlschrank", 30}}), IsEmpty());
  EXPECT_THAT(German("kuhlschrank", {{"kuhl", 10}, {"schrank", 90}, {"kuhlschranke", 30}}), IsEmpty());
}

TEST(CompoundsTest, PartsThatAreFoundOnceAreNone) {
  EXPECT_THAT(German("lederjacke", {{"leder", 1}, {"jacke", 1}}), IsEmpty());
}

TEST(CompoundsTest, ShortPartsMustBeFrequent) {
  EXPECT_THAT(German("badmobel", {{"bad", kShortPartCountMin}, {"mobel", 9}}), ElementsAre("bad", "mobel"));
  EXPECT_THAT(German("badmobel", {{"bad", kShortPartCountMin - 1}, {"mobel", 9}}), IsEmpty());
  EXPECT_THAT(German("eilampe", {{"ei", 900}, {"lampe", 900}}), IsEmpty());
  EXPECT_THAT(German("teeuhr", {{"tee", 900}, {"uhr", 900}}), IsEmpty());  // Six letters.
}

TEST(CompoundsTest, StopWordsAreNoParts) {
  EXPECT_THAT(German("unterhose", {{"unter", 900}, {"hose", 900}}), IsEmpty());
}

TEST(CompoundsTest, TheMostFrequentPartsWin) {
  const Words words = {{"staub", 40}, {"ecken", 40}, {"becken", 50}, {"stau", 30}, {"staubecken", 2}};
  EXPECT_THAT(German("staubecken", words), ElementsAre("staub", "ecken"));
}

TEST(CompoundsTest, FewerPartsAmongEquals) {
  const Words words = {{"zimmer", 20}, {"kinder", 20}, {"lampe", 20}, {"kinderzimmer", 20}};
  EXPECT_THAT(German("kinderzimmerlampe", words), ElementsAre("kinderzimmer", "lampe"));
}

TEST(CompoundsTest, TheLongerLastPartAmongEquals) {
  const Words words = {{"staub", 20}, {"ecken", 20}, {"becken", 20}, {"stau", 20}};
  EXPECT_THAT(German("staubecken", words), ElementsAre("stau", "becken"));
}

TEST(CompoundsTest, WhatIsNoWordStaysWhole) {
  const Words words = {{"aaaa", 900}};
  EXPECT_THAT(German(std::string(kCompoundBytesMax + 1, 'a'), words), IsEmpty());
  EXPECT_THAT(German("", words), IsEmpty());
  EXPECT_THAT(German("aaaa\xff"
                     "aaaa",
                     words),
              IsEmpty());
  EXPECT_FALSE(German(std::string(8, 'a'), words).empty());
}

}  // namespace
}  // namespace attune::text
