// Goal: nothing that an LLM says outside of the catalogue is ever told, what words say wins, and what is kept
// and what waits is bounded and survives damage.
// Method: a shop of five products, tables of cases, and the file with every byte changed in turn.

#include "search/query_meanings.h"

#include <gtest/gtest.h>

#include "models/catalog_of_products.h"
#include "search/personal_text.h"
#include "search/waiting_queries.h"

namespace attune::search {
namespace {

constexpr auto kText = catalog::Attribute::Type::kText;

const text::Analyzer& English() {
  static const text::Analyzer analyzer(text::Language::kEnglish);
  return analyzer;
}

catalog::Product Made(std::string id, std::string brand, std::string category, std::string colour) {
  catalog::Product product;
  product.product_id = std::move(id);
  product.title = "Thing";
  product.brand = std::move(brand);
  product.categories = {{std::move(category)}};
  product.attributes = catalog::AttributeList({{"colour", kText, std::move(colour), 0}});
  return product;
}

const SearchFacts& Facts() {
  static const auto facts = [] {
    std::vector<catalog::Product> products;
    products.push_back(Made("a", "Lumo", "Headphones", "Black"));
    products.push_back(Made("b", "Ando", "Desk Lamps", "Dark Blue"));
    return SearchFacts::Build(*models::CatalogOfProducts(std::move(products)), "en", English());
  }();
  return *facts;
}

std::string Described(const std::string& query, const QueryMeaning& meaning) {
  const AddedMeaning added =
      AddedTo(Understand(English().Analyze(query), text::Language::kEnglish, &Facts()), meaning, Facts());
  std::string text;
  for (const uint32_t value : added.values) {
    text += Facts().ValueOf(value).field + "=" + Facts().ValueOf(value).text + " ";
  }
  if (added.price_min) text += "from " + std::to_string(static_cast<int>(*added.price_min)) + " ";
  if (added.price_max) text += "to " + std::to_string(static_cast<int>(*added.price_max)) + " ";
  if (added.intent) text += std::string(SearchIntentName(*added.intent));
  return text;
}

TEST(QueryMeaningTest, WhatTheCatalogueHasIsAdded) {
  QueryMeaning meaning;
  meaning.values = {{"category", "headphon"},
                    {"category", "headphon"},
                    {"attributes.colour", "dark blue"},
                    {"attributes.colour", "headphon"},  // A value of another field.
                    {"brand", "philip"},
                    {"", ""}};
  meaning.price_max = 50;
  meaning.intent = SearchIntent::kCategory;
  EXPECT_EQ(Described("cans", meaning), "category=Headphones attributes.colour=Dark Blue to 50 category");
  meaning.intent = SearchIntent::kBrand;  // No brand is named.
  EXPECT_EQ(Described("cans", meaning), "category=Headphones attributes.colour=Dark Blue to 50 ");
  EXPECT_EQ(Described("cans", QueryMeaning()), "");
}

TEST(QueryMeaningTest, WhatTheWordsSayWins) {
  QueryMeaning meaning;
  meaning.values = {{"brand", "lumo"}, {"category", "headphon"}};
  meaning.price_min = 5;
  meaning.intent = SearchIntent::kHelp;
  EXPECT_EQ(Described("ando cans", meaning), "category=Headphones from 5 ");
  EXPECT_EQ(Described("cans under 20", meaning), "brand=Lumo category=Headphones help");
}

TEST(QueryMeaningTest, KeysAreWords) {
  EXPECT_EQ(MeaningKey("en", " Fancy  CANS! "), "en\nfancy cans");
  EXPECT_EQ(MeaningKey("en", "..."), "");
  EXPECT_EQ(PartsOf("en\nfancy cans").locale, "en");
  EXPECT_EQ(PartsOf("en\nfancy cans").words, "fancy cans");
  EXPECT_EQ(PartsOf("en").words, "");
}

TEST(PersonalTextTest, AddressesAndLongNumbersAre) {
  for (const char* text : {"jane@example.com", "jane＠example.com", "+49 30 1234-567", "4111 1111 1111 1111",
                           "12.03.1984", "order 1234567", "١٢٣٤٥٦٧", "DE89 3704 0044 0532"}) {
    EXPECT_TRUE(LooksPersonal(text)) << text;
  }
  for (const char* text :
       {"", "iphone 14 128 gb", "lamp under 50", "10 x 20 x 30 cm", "1984", "lego 75192"}) {
    EXPECT_FALSE(LooksPersonal(text)) << text;
  }
}

MeaningsFile Full() {
  MeaningsFile file;
  file.made_by = "1|1|m";
  file.day = 20'000;
  file.asked_today = 7;
  QueryMeaning meaning;
  meaning.values = {{"brand", "lumo"}, {"attributes.colour", "dark blue"}};
  meaning.price_max = 12.5;
  meaning.intent = SearchIntent::kBrand;
  meaning.ask_again_at_ms = 1'790'000'000'000;
  file.meanings = file.meanings->With("en\nfancy cans", meaning)->With("de\nnichts", QueryMeaning());
  return file;
}

TEST(MeaningsFileTest, ReadsBackAsItWas) {
  const MeaningsFile file = Full();
  const auto read = MeaningsFile::Decode(file.Encode());
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->made_by, file.made_by);
  EXPECT_EQ(read->day, file.day);
  EXPECT_EQ(read->asked_today, 7u);
  ASSERT_EQ(read->meanings->size(), 2u);
  EXPECT_EQ(*read->meanings->Find("en\nfancy cans"), *file.meanings->Find("en\nfancy cans"));
  EXPECT_EQ(*read->meanings->Find("de\nnichts"), QueryMeaning());
  EXPECT_EQ(read->Encode(), file.Encode());
}

TEST(MeaningsFileTest, DamageIsSeen) {
  const std::string whole = Full().Encode();
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_FALSE(MeaningsFile::Decode(damaged).ok()) << i;
    EXPECT_FALSE(MeaningsFile::Decode(whole.substr(0, i)).ok()) << i;
  }
}

TEST(QueryMeaningsTest, ThoseToBeAskedAgainFirstLeave) {
  auto meanings = std::make_shared<const QueryMeanings>();
  for (const int number : {5, 1, 4, 2, 3}) {
    QueryMeaning meaning;
    meaning.ask_again_at_ms = number;
    meanings = meanings->With("q" + std::to_string(number), meaning, 3);
  }
  EXPECT_EQ(meanings->size(), 3u);
  EXPECT_EQ(meanings->Find("q1"), nullptr);
  EXPECT_EQ(meanings->Find("q2"), nullptr);
  meanings = meanings->With("q5", QueryMeaning(), 3);  // Replaced.
  EXPECT_EQ(meanings->size(), 3u);
}

TEST(WaitingQueriesTest, TheMostFrequentOfSeveralShoppersIsFirst) {
  WaitingQueries waiting;
  EXPECT_EQ(waiting.Take(), std::nullopt);
  for (int i = 0; i < 5; ++i) waiting.Note("mine", 1);  // One shopper, again and again.
  EXPECT_EQ(waiting.Take(), std::nullopt);
  for (const uint64_t shopper : {1u, 2u}) waiting.Note("two", shopper);
  for (const uint64_t shopper : {1u, 2u, 1u}) waiting.Note("three", shopper);
  for (int i = 0; i < 2; ++i) waiting.Note("unnamed", 0);
  EXPECT_EQ(waiting.ready_count(), 3u);
  EXPECT_EQ(waiting.Take(), "three");
  EXPECT_EQ(waiting.Take(), "two");
  EXPECT_EQ(waiting.Take(), "unnamed");
  EXPECT_EQ(waiting.Take(), std::nullopt);
  waiting.Note("mine", 2);
  EXPECT_EQ(waiting.Take(), "mine");
}

TEST(WaitingQueriesTest, ItIsBounded) {
  WaitingQueries waiting;
  for (uint64_t shopper : {1u, 2u}) waiting.Note("asked often", shopper);
  for (size_t i = 0; i < 3 * kWaitingQueriesMax; ++i) waiting.Note("once " + std::to_string(i), 1);
  EXPECT_EQ(waiting.ready_count(), 1u);
  EXPECT_EQ(waiting.Take(), "asked often");
  for (size_t i = 0; i < 2 * kWaitingQueriesMax; ++i) {
    for (uint64_t shopper : {1u, 2u}) waiting.Note("twice " + std::to_string(i), shopper);
  }
  EXPECT_EQ(waiting.ready_count(), kWaitingQueriesMax);
  waiting.Clear();
  EXPECT_EQ(waiting.ready_count(), 0u);
}

}  // namespace
}  // namespace attune::search
