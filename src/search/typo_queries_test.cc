#include "search/typo_queries.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "models/catalog_of_products.h"
#include "text/edit_distance.h"

namespace attune::search {
namespace {

std::vector<TypoQuery> Made(uint64_t seed) {
  const std::vector<std::string> nouns = {"headphones", "keyboard", "projector", "cartridge", "notebook"};
  const std::vector<std::string> kinds = {"wireless", "mechanical", "portable", "original", "professional"};
  std::vector<catalog::Product> products;
  for (size_t i = 0; i < 50; ++i) {
    catalog::Product& product = products.emplace_back();
    product.product_id = "p" + std::to_string(i);
    product.title = kinds[i % 5] + " " + nouns[i / 5 % 5] + " for " + nouns[(i + 1) % 5];
  }
  const text::Analyzer analyzer(text::Language::kEnglish);
  return MakeTypoQueries(*models::CatalogOfProducts(std::move(products)), analyzer, 50, seed);
}

TEST(TypoQueries, GoWrongAsTheirKindSays) {
  const std::vector<TypoQuery> queries = Made(1);
  ASSERT_EQ(queries.size(), 50u);
  std::set<std::string> kinds;
  for (const TypoQuery& query : queries) {
    kinds.insert(query.kind);
    const int edits = text::EditDistance(query.right, query.typed, 4);
    EXPECT_GE(edits, 1) << query.typed;
    EXPECT_LE(edits, query.kind == "two_edits" ? 2 : 1) << query.right << " -> " << query.typed;
    if (query.kind == "missing_space") {
      EXPECT_EQ(query.typed.size() + 1, query.right.size());
    }
  }
  EXPECT_EQ(kinds.size(), 5u);
}

TEST(TypoQueries, AreTheSameForASeed) {
  const std::vector<TypoQuery> once = Made(7);
  const std::vector<TypoQuery> again = Made(7);
  ASSERT_EQ(once.size(), again.size());
  for (size_t i = 0; i < once.size(); ++i) EXPECT_EQ(once[i].typed, again[i].typed);
}

}  // namespace
}  // namespace attune::search
