#include "search/price_phrases.h"

#include <gtest/gtest.h>

#include <string_view>

namespace attune::search {
namespace {

using text::Language;

PricePhrase Read(std::string_view query, Language language) {
  std::vector<text::Token> wholes = text::Analyzer(language).Analyze(query);
  std::erase_if(wholes, [](const text::Token& token) { return token.role != text::TokenRole::kWhole; });
  return ReadPrice(wholes, language);
}

struct Limit {
  Language language;
  std::string_view query;
  double max;
  uint32_t words;
};

TEST(PricePhrases, AnUpperLimitInEightLanguages) {
  const std::vector<Limit> cases = {
      {Language::kEnglish, "headphones under 50", 50, 0b110},
      {Language::kEnglish, "headphones less than 49.90 euro", 49.9, 0b11110},
      {Language::kEnglish, "tv max 300 dollars", 300, 0b1110},
      {Language::kEnglish, "tv 300 euro", 300, 0b110},
      {Language::kEnglish, "tv 300 max", 300, 0b110},
      {Language::kGerman, "Kopfhörer bis 50 Euro", 50, 0b1110},
      {Language::kGerman, "Kopfhörer unter 50 €", 50, 0b110},
      {Language::kGerman, "Lampe höchstens 1.500", 1500, 0b110},
      {Language::kFrench, "casque moins de 50 euros", 50, 0b11110},
      {Language::kFrench, "casque jusqu a 50", 50, 0b1110},
      {Language::kFrench, "casque jusqu'à 50 €", 50, 0b110},
      {Language::kFrench, "casque jusqu’à 50 euros", 50, 0b1110},
      {Language::kDutch, "koptelefoon onder 50 euro", 50, 0b1110},
      {Language::kDutch, "koptelefoon minder dan 50", 50, 0b1110},
      {Language::kSpanish, "auriculares menos de 50", 50, 0b1110},
      {Language::kSpanish, "auriculares hasta 50 euros", 50, 0b1110},
      {Language::kItalian, "cuffie sotto i 50 euro", 50, 0b11110},
      {Language::kItalian, "cuffie fino a 50", 50, 0b1110},
      {Language::kSwedish, "hörlurar under 500 kr", 500, 0b1110},
      {Language::kPolish, "słuchawki do 200 zł", 200, 0b1110},
      {Language::kPolish, "słuchawki poniżej 200", 200, 0b110},
  };
  for (const Limit& each : cases) {
    const PricePhrase found = Read(each.query, each.language);
    ASSERT_TRUE(found.max.has_value()) << each.query;
    EXPECT_DOUBLE_EQ(*found.max, each.max) << each.query;
    EXPECT_FALSE(found.min.has_value()) << each.query;
    EXPECT_EQ(found.words, each.words) << each.query;
  }
}

TEST(PricePhrases, LowerLimitsAndRanges) {
  const PricePhrase over = Read("sofa over 500", Language::kEnglish);
  EXPECT_EQ(over.min, 500);
  EXPECT_FALSE(over.max.has_value());
  for (const auto& [language, query] : std::vector<std::pair<Language, std::string_view>>{
           {Language::kEnglish, "sofa between 200 and 400 euro"},
           {Language::kGerman, "Sofa zwischen 200 und 400 Euro"},
           {Language::kGerman, "Sofa von 200 bis 400 Euro"},
           {Language::kFrench, "canapé entre 200 et 400 euros"},
           {Language::kDutch, "bank tussen 200 en 400 euro"},
           {Language::kSpanish, "sofá entre 200 y 400 euros"},
           {Language::kItalian, "divano tra 200 e 400 euro"},
           {Language::kSwedish, "soffa mellan 200 och 400 kr"},
           {Language::kPolish, "sofa od 200 do 400 zł"}}) {
    const PricePhrase found = Read(query, language);
    EXPECT_EQ(found.min, 200) << query;
    EXPECT_EQ(found.max, 400) << query;
    EXPECT_EQ(found.words, 0b111110u) << query;
  }
}

TEST(PricePhrases, Wishes) {
  for (const auto& [language, query] :
       std::vector<std::pair<Language, std::string_view>>{{Language::kEnglish, "cheap sofa"},
                                                          {Language::kGerman, "günstige Sofas"},
                                                          {Language::kFrench, "canapé pas cher"},
                                                          {Language::kDutch, "goedkope bank"},
                                                          {Language::kSpanish, "sofá barato"},
                                                          {Language::kItalian, "divano economico"},
                                                          {Language::kSwedish, "billig soffa"},
                                                          {Language::kPolish, "tania sofa"}}) {
    EXPECT_EQ(Read(query, language).wish, PriceWish::kCheap) << query;
  }
  EXPECT_EQ(Read("expensive sofa", Language::kEnglish).wish, PriceWish::kDear);
}

TEST(PricePhrases, WhatIsNoPrice) {
  for (const std::string_view query :
       {"iphone 7", "under 15 inch laptop", "windows 10", "under armour", "bottle 500 ml", "", "under"}) {
    EXPECT_FALSE(Read(query, Language::kEnglish).is_said()) << query;
  }
  EXPECT_FALSE(Read("bis zu den Knien", Language::kGerman).is_said());
}

}  // namespace
}  // namespace attune::search
