#include "search/understanding.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "models/catalog_of_products.h"
#include "search/kind_profile.h"
#include "search/measures.h"

namespace attune::search {
namespace {

constexpr auto kText = catalog::Attribute::Type::kText;
constexpr auto kNumber = catalog::Attribute::Type::kNumber;

catalog::Product Made(std::string id, std::string title, std::string brand, std::string category,
                      std::vector<catalog::Attribute> attributes) {
  catalog::Product product;
  product.product_id = std::move(id);
  product.title = std::move(title);
  product.brand = std::move(brand);
  product.categories = {{"Electronics", std::move(category)}};
  product.attributes = catalog::AttributeList(std::move(attributes));
  product.price.price_minor = 4990;
  product.price.currency = *Currency::Parse("EUR");
  return product;
}

const text::Analyzer& English() {
  static const text::Analyzer analyzer(text::Language::kEnglish);
  return analyzer;
}

const SearchFacts& Facts() {
  static const auto facts = [] {
    std::vector<catalog::Product> products;
    products.push_back(Made("a", "Lumo One 500 ml", "Lumo", "Headphones", {{"colour", kText, "Black", 0}}));
    products.push_back(Made("b", "Lumo Two 0.5l", "Lumo", "Headphones", {{"colour", kText, "black", 0}}));
    products.push_back(Made("c", "Ando Three", "Ando & Sons", "Headphones",
                            {{"colour", kText, "Dark Blue", 0}, {"cable_colour", kText, "black", 0}}));
    products.push_back(Made("d", "Ando Zoom", "Ando & Sons", "Cameras", {{"focal_length", kNumber, "", 50}}));
    products.push_back(Made("e", "Lumo Zoom", "Lumo", "Cameras", {{"focal_length", kNumber, "", 35}}));
    return SearchFacts::Build(*models::CatalogOfProducts(std::move(products)), "en", English());
  }();
  return *facts;
}

Understanding Read(std::string_view query) {
  return Understand(English().Analyze(query), text::Language::kEnglish, &Facts());
}

std::string Described(const Understanding& understanding) {
  std::string text;
  for (const UnderstoodValue& value : understanding.values) {
    const SearchFacts::Value& known = Facts().ValueOf(value.value);
    text += known.field + "=" + known.text + ":" + std::to_string(value.words) + " ";
  }
  return text;
}

TEST(Understanding, ValuesOfTheCatalogueWithTheWordsThatSayThem) {
  const Understanding found = Read("lumo black headphone");
  EXPECT_EQ(Described(found),
            "brand=Lumo:1 attributes.colour=Black:2 attributes.cable_colour=black:2 "
            "category=Headphones:4 ");
  EXPECT_FLOAT_EQ(found.values[0].confidence, 1);
  EXPECT_NEAR(found.values[1].confidence, 2.0 / 3, 1e-6);
  EXPECT_EQ(found.explained(), 0b111u);
  EXPECT_EQ(found.intent, SearchIntent::kProducts);
}

TEST(Understanding, OfValuesThatOverlapTheLongerOne) {
  EXPECT_EQ(Described(Read("dark blue headphones")), "attributes.colour=Dark Blue:3 category=Headphones:4 ");
  EXPECT_EQ(Described(Read("blue dark")), "");
}

TEST(Understanding, MeasuresInAnyUnit) {
  for (const std::string_view query : {"bottle 500 ml", "bottle 500ml", "bottle 50cl", "bottle 0.5 litre"}) {
    const Understanding found = Read(query);
    ASSERT_EQ(found.values.size(), 1u) << query;
    EXPECT_EQ(Facts().ValueOf(found.values[0].value).text, "500 ml") << query;
    EXPECT_EQ(Facts().ValueOf(found.values[0].value).products, 2u) << query;
  }
}

TEST(Understanding, Intents) {
  EXPECT_EQ(Read("lumo").intent, SearchIntent::kBrand);
  EXPECT_EQ(Read("Ando & Sons").intent, SearchIntent::kBrand);
  EXPECT_EQ(Read("headphones").intent, SearchIntent::kCategory);
  EXPECT_EQ(Read("return policy").intent, SearchIntent::kHelp);
  EXPECT_EQ(Read("tn-2110").intent, SearchIntent::kProduct);
  EXPECT_EQ(Read("something else").intent, SearchIntent::kProducts);
  EXPECT_EQ(Read("").intent, SearchIntent::kProducts);
}

TEST(Understanding, WordsOfAPriceAreNotLookedFor) {
  QueryWords query;
  for (const char* word : {"headphones", "under", "50"}) {
    query.words.push_back({word, false, {{AlternativeKind::kExact, {1}, 0, 1, 1, 1, word}}, 2.0});
  }
  const Understanding found = Read("headphones under 50");
  EXPECT_EQ(found.price.max, 50);
  SilencePrice(found, query);
  EXPECT_EQ(query.required(), 1u);
  EXPECT_FALSE(query.words[0].alternatives.empty());
  EXPECT_TRUE(query.words[1].alternatives.empty());
  // Nothing else is asked for: "under 50" finds what says so.
  QueryWords price_only;
  price_only.words.push_back({"under", false, {{AlternativeKind::kExact, {1}, 0, 1, 1, 1, "under"}}, 2.0});
  Understanding all;
  all.price.words = 1;
  SilencePrice(all, price_only);
  EXPECT_FALSE(price_only.words[0].alternatives.empty());
}

TEST(Understanding, NoQueryBreaksIt) {
  for (const std::string& query : {std::string(5000, 'a'), std::string("under under 50 50 euro euro max max"),
                                   std::string("between 5 and"), std::string("\x01\xff\xfe"),
                                   std::string("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 ml")}) {
    const Understanding found = Read(query);
    for (const UnderstoodValue& value : found.values) EXPECT_NE(value.words, 0u);
  }
}

TEST(KindProfile, WhatTheHitsHaveInCommonSaysWhatIsMeant) {
  const std::vector<std::pair<ProductIndex, float>> hits = {{ProductIndex(3), 1.0F}};
  const KindProfile profile(hits, Facts());
  EXPECT_GT(profile.ScoreOf(ProductIndex(4)), profile.ScoreOf(ProductIndex(0)));
  EXPECT_GT(profile.ScoreOf(ProductIndex(4)), 0);
  const KindProfile none({}, Facts());
  EXPECT_EQ(none.ScoreOf(ProductIndex(4)), 0);
  EXPECT_EQ(none.ScoreOf(ProductIndex(99)), 0);
}

TEST(Measures, OneSpelling) {
  const auto texts = [](std::string_view text) {
    std::vector<text::Token> wholes = English().Analyze(text);
    std::erase_if(wholes, [](const text::Token& token) { return token.role != text::TokenRole::kWhole; });
    std::string all;
    for (const Measure& measure : MeasuresOf(wholes)) all += measure.text + ";";
    return all;
  };
  EXPECT_EQ(texts("16GB"), texts("16 gb"));
  EXPECT_EQ(texts("1 kg"), texts("1000g"));
  EXPECT_EQ(texts("lamp 60 w and 1.5 m"), "60 w;1.5e+03 mm;");
  EXPECT_EQ(texts("iphone7 tn-2110 gb"), "");
}

TEST(SearchFacts, UnknownProductsHaveNone) {
  EXPECT_TRUE(Facts().ValuesOf(ProductIndex(99)).empty());
  EXPECT_TRUE(Facts().KindsOf(ProductIndex(99)).empty());
  EXPECT_TRUE(std::isnan(Facts().PriceOf(ProductIndex(99))));
  EXPECT_FLOAT_EQ(Facts().PriceOf(ProductIndex(0)), 49.9F);
  EXPECT_EQ(Facts().product_count(), 5u);
}

}  // namespace
}  // namespace attune::search
