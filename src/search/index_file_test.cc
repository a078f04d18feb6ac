#include "search/index_file.h"

#include <gtest/gtest.h>

#include <string>

#include "search/facets.h"
#include "search/shop_for_tests.h"

namespace attune::search {
namespace {

constexpr std::string_view kMadeBy = "plain|1";

Documents RandomDocuments(uint64_t seed, uint32_t count) {
  RandomShop shop(seed);
  Documents documents;
  for (uint32_t i = 0; i < count; ++i) documents[i * 2] = shop.MakeDocument(i * 2);
  return documents;
}

std::string Saved(const SearchIndex& index) {
  return SaveIndex(index, {.made_by = std::string(kMadeBy), .sequence = Sequence(77)});
}

std::string Answers(const SearchIndex& index, uint64_t seed) {
  RandomShop shop(seed);
  std::string out;
  for (int round = 0; round < 50; ++round) {
    const std::string text = shop.MakeQuery();
    const MatchResult found = Match(ReadQuery(text, PlainTokens(text), index, {}), index, {});
    out += text + ":";
    for (const Hit& hit : found.hits) {
      out += " " + std::to_string(hit.product.value()) + "/" + std::to_string(hit.score);
    }
    for (const std::string& field : ShopFacets()) {
      for (const FacetCount& count : CountFacet({.field = field}, index, {}, found).values) {
        out += " " + count.value + "=" + std::to_string(count.products);
      }
    }
    out += "\n";
  }
  return out;
}

TEST(IndexFile, ALoadedIndexAnswersTheSame) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const auto index = IndexOf(RandomDocuments(seed, 80));
    const auto loaded = LoadIndex(Saved(*index), kMadeBy);
    ASSERT_TRUE(loaded.ok()) << loaded.status().message();
    EXPECT_EQ(loaded->sequence, Sequence(77));
    EXPECT_EQ(loaded->index->document_count(), 80u);
    EXPECT_EQ(loaded->index->facet_fields(), ShopFacets());
    EXPECT_EQ(Answers(*loaded->index, seed), Answers(*index, seed));
  }
}

TEST(IndexFile, BytesDependOnTheProductsAlone) {
  const Documents documents = RandomDocuments(9, 60);
  const auto index = IndexOf(documents);
  // The same products, one by one and backwards, with others that came and went.
  auto other = SearchIndex::Empty(ShopFacets());
  RandomShop guests(10);
  for (uint32_t i = 0; i < 30; ++i) other = other->With({{ProductIndex(i), guests.MakeDocument(i)}});
  for (uint32_t i = 0; i < 30; ++i) other = other->With({{ProductIndex(i), std::nullopt}});
  for (auto place = documents.rbegin(); place != documents.rend(); ++place) {
    other = other->With({{ProductIndex(place->first), place->second}});
  }
  EXPECT_EQ(Saved(*other), Saved(*index));
  EXPECT_EQ(Saved(*LoadIndex(Saved(*index), kMadeBy)->index), Saved(*index));
}

TEST(IndexFile, ChangesGoOnAfterLoading) {
  Documents documents = RandomDocuments(12, 40);
  auto index = LoadIndex(Saved(*IndexOf(documents)), kMadeBy)->index;
  RandomShop shop(13);
  for (uint32_t i = 0; i < 60; ++i) {
    documents[i] = shop.MakeDocument(i);
    index = index->With({{ProductIndex(i), documents[i]}});
  }
  EXPECT_EQ(Answers(*index, 14), Answers(*IndexOf(documents), 14));
}

TEST(IndexFile, AnEmptyIndexIsKept) {
  const auto loaded = LoadIndex(Saved(*SearchIndex::Empty(ShopFacets())), kMadeBy);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->index->document_count(), 0u);
}

TEST(IndexFile, TheVocabularyIsKept) {
  const auto index = IndexOf(RandomDocuments(1, 5));
  const LearnedVocabulary vocabulary(Sequence(40), 5, {{"lampe", 3}, {"steh", 2}});
  const auto loaded = LoadIndex(
      SaveIndex(*index,
                {.made_by = std::string(kMadeBy), .sequence = Sequence(77), .vocabulary = &vocabulary}),
      kMadeBy);
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  ASSERT_NE(loaded->vocabulary, nullptr);
  EXPECT_EQ(loaded->vocabulary->words(), vocabulary.words());
  EXPECT_EQ(loaded->vocabulary->learned_from(), Sequence(40));
  EXPECT_EQ(loaded->vocabulary->product_count(), 5u);
  // A file without one, as builds before wrote them.
  EXPECT_EQ(LoadIndex(Saved(*index), kMadeBy)->vocabulary, nullptr);
}

TEST(IndexFile, WhatOtherSettingsMadeIsNotTaken) {
  EXPECT_EQ(LoadIndex(Saved(*IndexOf(RandomDocuments(1, 5))), "plain|2").status().code(),
            StatusCode::kConflict);
}

TEST(IndexFile, DamageIsFound) {
  const std::string bytes = Saved(*IndexOf(RandomDocuments(3, 12)));
  Random random(4);
  for (int round = 0; round < 2000; ++round) {
    std::string damaged = bytes;
    switch (random.NextBelow(3)) {
      case 0:
        damaged[random.NextBelow(damaged.size())] ^= static_cast<char>(1 << random.NextBelow(8));
        break;
      case 1:
        damaged.resize(random.NextBelow(damaged.size()));
        break;
      default:
        damaged.insert(random.NextBelow(damaged.size()), 1, 'x');
    }
    EXPECT_FALSE(LoadIndex(damaged, kMadeBy).ok());
  }
  EXPECT_FALSE(LoadIndex("", kMadeBy).ok());
}

}  // namespace
}  // namespace attune::search
