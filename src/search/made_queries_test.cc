#include "search/made_queries.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "models/catalog_of_products.h"

namespace attune::search {
namespace {

const text::Analyzer& English() {
  static const text::Analyzer analyzer(text::Language::kEnglish);
  return analyzer;
}

// Lamps and sofas of two brands in three colours, which the titles say.
std::shared_ptr<const catalog::CatalogView> Shop() {
  constexpr size_t kProducts = 2000;
  const std::vector<std::string> colours = {"red", "green", "yellow"};
  std::vector<catalog::Product> products(kProducts);
  for (size_t i = 0; i < kProducts; ++i) {
    catalog::Product& product = products[i];
    product.product_id = "p" + std::to_string(i);
    product.brand = i % 2 == 0 ? "Lumo" : "Ando";
    product.price.price_minor = static_cast<int64_t>(1000 + i * 37 % 9000);
    product.price.currency = *Currency::Parse("EUR");
    product.title = product.brand + " XK-" + std::to_string(1000 + i);
    if (i % 21 != 0) continue;  // Most have no attributes: values are rare enough.
    const std::string& colour = colours[i / 21 % 3];
    product.title += " lamp " + colour;
    product.attributes = {{"colour", catalog::Attribute::Type::kText, colour, 0},
                          {"kind", catalog::Attribute::Type::kText, "lamp", 0},
                          {"watts", catalog::Attribute::Type::kNumber, "", 40}};
  }
  return models::CatalogOfProducts(std::move(products));
}

TEST(MadeQueries, AreTheSameForASeedAndDiffer) {
  const auto shop = Shop();
  const auto once = MakeQueries(*shop, English(), {.count = 60, .seed = 3});
  const auto again = MakeQueries(*shop, English(), {.count = 60, .seed = 3});
  ASSERT_TRUE(once.ok());
  ASSERT_TRUE(again.ok());
  ASSERT_EQ(once->queries.size(), 60u);
  std::set<std::string> texts;
  std::set<std::string> kinds;
  for (size_t i = 0; i < once->queries.size(); ++i) {
    EXPECT_EQ(once->queries[i].text, again->queries[i].text);
    EXPECT_EQ(once->queries[i].grades, again->queries[i].grades);
    texts.insert(once->queries[i].text);
    kinds.insert(once->queries[i].kind);
  }
  EXPECT_EQ(texts.size(), 60u);
  EXPECT_TRUE(kinds.contains("model") && kinds.contains("price") && kinds.contains("brand_value"));
}

TEST(MadeQueries, WhatTheRuleReadsIsHiddenFromTheBlindHalfOnly) {
  const auto shop = Shop();
  const auto made = MakeQueries(*shop, English(), {.count = 60});
  ASSERT_TRUE(made.ok());
  size_t blind = 0;
  for (uint32_t i = 0; i < shop->index_count(); ++i) {
    const catalog::Product& before = *shop->Find(ProductIndex(i));
    const catalog::Product& after = *made->catalog->Find(ProductIndex(i));
    EXPECT_EQ(before.product_id, after.product_id);
    blind += made->is_blind[i];
    if (made->is_blind[i] == 0) {
      EXPECT_EQ(before.attributes, after.attributes);
    } else if (!before.attributes.empty()) {
      ASSERT_EQ(after.attributes.size(), 1u);
      EXPECT_EQ((*after.attributes.begin()).path, "watts");
    }
  }
  EXPECT_GT(blind, shop->index_count() * 2 / 5);
  EXPECT_LT(blind, shop->index_count() * 3 / 5);
}

TEST(MadeQueries, TheTruthIsWhatTheAttributesSay) {
  const auto shop = Shop();
  const auto made = MakeQueries(*shop, English(), {.count = 60});
  ASSERT_TRUE(made.ok());
  for (const JudgedQuery& query : made->queries) {
    if (query.text != "red" && query.text != "lumo red" && query.text != "red lumo") continue;
    for (uint32_t i = 0; i < shop->index_count(); ++i) {
      if (made->is_blind[i] == 0) continue;
      const catalog::Product& product = *shop->Find(ProductIndex(i));
      const bool is_brand_right = query.text == "red" || product.brand == "Lumo";
      const bool has_colour = !product.attributes.empty();
      const bool is_red = product.title.ends_with("red");
      const std::optional<int> grade = query.GradeOf(ProductIndex(i));
      if (!is_brand_right || (has_colour && !is_red)) {
        EXPECT_EQ(grade, 0) << query.text << ": " << product.title;
      } else {
        EXPECT_EQ(grade, has_colour ? std::optional(3) : std::nullopt) << query.text << ": " << product.title;
      }
    }
  }
}

TEST(MadeQueries, AnEmptyCatalogueMakesNone) {
  EXPECT_FALSE(MakeQueries(*models::CatalogOfProducts({}), English(), {}).ok());
}

}  // namespace
}  // namespace attune::search
