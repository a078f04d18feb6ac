#include "search/search_index.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>

#include "search/document_words.h"
#include "search/facets.h"
#include "search/shop_for_tests.h"

namespace attune::search {
namespace {

using IndexPointer = std::shared_ptr<const SearchIndex>;

// A shop after random changes, some in one batch, with merges that changes overtake.
class ChangedShop {
 public:
  ChangedShop(uint64_t seed, int rounds) : shop_(seed), index_(SearchIndex::Empty(ShopFacets())) {
    for (int round = 0; round < rounds; ++round) {
      Change();
      if (shop_.random().NextBelow(3) == 0) Merge();
    }
  }

  void Change() {
    constexpr uint32_t kProducts = 120;
    std::vector<DocumentChange> changes;
    const uint64_t largest = shop_.random().NextBelow(8) == 0 ? 40 : 3;
    for (uint64_t i = 1 + shop_.random().NextBelow(largest); i > 0; --i) {
      const auto product = static_cast<uint32_t>(shop_.random().NextBelow(kProducts));
      if (shop_.random().NextBelow(4) == 0) {
        changes.push_back({ProductIndex(product), std::nullopt});
        documents_.erase(product);
      } else {
        documents_[product] = shop_.MakeDocument(product);
        changes.push_back({ProductIndex(product), documents_[product]});
      }
    }
    index_ = index_->With(changes);
  }

  void Merge() {
    std::optional<SearchIndex::MergePlan> plan = SearchIndex::PickMerge(index_);
    if (shop_.random().NextBelow(4) == 0) plan = SearchIndex::MergeAll(index_);
    if (!plan) return;
    const SearchIndex::Merged merged = SearchIndex::Merge(*plan);
    for (uint64_t i = shop_.random().NextBelow(4); i > 0; --i) Change();
    index_ = index_->WithMerged(*plan, merged);
  }

  RandomShop& shop() { return shop_; }
  const Documents& documents() const { return documents_; }
  const IndexPointer& index() const { return index_; }

 private:
  RandomShop shop_;
  Documents documents_;
  IndexPointer index_;
};

std::string Described(const QueryWords& query) {
  std::string out;
  for (const QueryWord& word : query.words) {
    out += word.text + (word.is_optional ? "?" : "") + " idf " + std::to_string(word.idf) + ":";
    std::multiset<std::string> alternatives;
    for (const Alternative& alternative : word.alternatives) {
      alternatives.insert(std::string(AlternativeKindName(alternative.kind)) + " " + alternative.text + " " +
                          std::to_string(alternative.weight) + " " + std::to_string(alternative.covers) +
                          " " + std::to_string(alternative.documents));
    }
    for (const std::string& alternative : alternatives) out += " [" + alternative + "]";
    out += "\n";
  }
  return out;
}

std::string Described(const MatchResult& found) {
  std::string out(RungName(found.rung));
  out += " " + std::to_string(found.total) + ":";
  for (const Hit& hit : found.hits) {
    out += " " + std::to_string(hit.product.value()) + "/" + std::to_string(static_cast<int>(hit.exact)) +
           "/" + std::to_string(hit.score) + "/" + std::to_string(hit.matched_words);
  }
  return out;
}

std::string Described(const FacetAnswer& facet) {
  std::string out = facet.field + " " + std::to_string(facet.value_count) + ":";
  for (const FacetCount& count : facet.values)
    out += " " + count.value + "=" + std::to_string(count.products);
  return out + " " + std::to_string(facet.numbers.products) + " " + std::to_string(facet.numbers.least) +
         " " + std::to_string(facet.numbers.largest) + " " + std::to_string(facet.numbers.sum);
}

QueryOptions RandomOptions(Random& random) {
  return {static_cast<PrefixUse>(random.NextBelow(3)), random.NextBelow(4) != 0};
}

QueryWords Read(const std::string& query, const SearchIndex& index, const QueryOptions& options) {
  return ReadQuery(query, PlainTokens(query), index, options);
}

TEST(SearchIndex, StatisticsAreThoseOfARecount) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const ChangedShop shop(seed, 60);
    const SearchIndex& index = *shop.index();
    EXPECT_EQ(index.document_count(), shop.documents().size());
    std::map<std::string, uint32_t> words;
    std::map<std::string, uint32_t> terms;
    for (const auto& [product, document] : shop.documents()) {
      std::set<std::string> own_words;
      std::set<std::string> own_terms;
      for (const auto& field : document.fields) {
        for (const text::Token& token : field) {
          own_words.insert(token.surface);
          own_terms.insert(token.term);
        }
      }
      for (const std::string& word : own_words) ++words[word];
      for (const std::string& term : own_terms) ++terms[term];
    }
    for (uint32_t word = 0; word < index.words().size(); ++word) {
      const std::string text(index.words().TextOf(word));
      EXPECT_EQ(index.RecordOf(word).documents_with_word, words[text]) << text;
      EXPECT_EQ(index.RecordOf(word).documents_with_term, terms[text]) << text;
    }
    EXPECT_LT(index.parts().size(), 25u);
  }
}

TEST(SearchIndex, GivesBackTheDocuments) {
  const ChangedShop shop(11, 80);
  uint32_t living = 0;
  for (uint32_t product = 0; product < 130; ++product) {
    const auto found = shop.index()->Find(ProductIndex(product));
    const auto expected = shop.documents().find(product);
    ASSERT_EQ(found.has_value(), expected != shop.documents().end()) << product;
    if (!found) continue;
    ++living;
    PerField<std::vector<std::string>> words;
    ForEachDocumentWord(found->words, [&](SearchField field, uint32_t word, uint32_t) {
      words[static_cast<size_t>(field)].emplace_back(shop.index()->words().TextOf(word));
      return true;
    });
    for (size_t field = 0; field < kSearchFieldCount; ++field) {
      const auto& tokens = expected->second.fields[field];
      ASSERT_EQ(words[field].size(), tokens.size());
      for (size_t i = 0; i < tokens.size(); ++i) EXPECT_EQ(words[field][i], tokens[i].surface);
      EXPECT_EQ(found->lengths[field], Scan::LengthOf(expected->second, field));
    }
  }
  EXPECT_GT(living, 50u);
}

TEST(SearchIndex, AnswersDoNotDependOnHistory) {
  for (uint64_t seed = 20; seed < 30; ++seed) {
    ChangedShop shop(seed, 60);
    const IndexPointer fresh = IndexOf(shop.documents());
    for (int round = 0; round < 60; ++round) {
      const std::string text = shop.shop().MakeQuery();
      const QueryOptions options = RandomOptions(shop.shop().random());
      const QueryWords query = Read(text, *shop.index(), options);
      const QueryWords fresh_query = Read(text, *fresh, options);
      ASSERT_EQ(Described(query), Described(fresh_query)) << text;
      MatchOptions matching;
      matching.hits_max = 50;
      if (round % 3 == 0) matching.selections = {{.field = "category", .values = {"c1", "c2 > d0"}}};
      if (round % 4 == 0) matching.selections.push_back({.field = "price", .low = 10, .high = 60});
      const MatchResult found = Match(query, *shop.index(), matching);
      const MatchResult fresh_found = Match(fresh_query, *fresh, matching);
      ASSERT_EQ(Described(found), Described(fresh_found)) << text;
      for (const std::string& field : ShopFacets()) {
        EXPECT_EQ(Described(CountFacet({.field = field}, *shop.index(), matching, found)),
                  Described(CountFacet({.field = field}, *fresh, matching, fresh_found)))
            << text;
      }
    }
  }
}

TEST(SearchIndex, MatchesAndScoresAsAScanDoes) {
  size_t hit_count = 0;
  for (uint64_t seed = 40; seed < 50; ++seed) {
    ChangedShop shop(seed, 50);
    for (int round = 0; round < 60; ++round) {
      const std::string text = shop.shop().MakeQuery();
      const QueryWords query = Read(text, *shop.index(), RandomOptions(shop.shop().random()));
      MatchOptions options;
      options.proximity = 0;
      options.hits_max = 200;
      if (round % 5 == 0) options.allows = [](ProductIndex product) { return product.value() % 3 != 0; };
      const MatchResult found = Match(query, *shop.index(), options);
      Rung rung = Rung::kAll;
      const auto expected = Scan(shop.documents(), query, *shop.index(), options).Run(rung);
      ASSERT_EQ(found.total, expected.size()) << text;
      ASSERT_EQ(found.hits.size(), expected.size()) << text;
      if (!expected.empty()) {
        EXPECT_EQ(found.rung, rung) << text;
      }
      std::map<uint32_t, Scan::Hit> by_product;
      for (const Scan::Hit& hit : expected) by_product[hit.product] = hit;
      for (size_t i = 0; i < expected.size(); ++i) {
        const Hit& hit = found.hits[i];
        ASSERT_TRUE(by_product.contains(hit.product.value())) << text;
        const Scan::Hit& same = by_product[hit.product.value()];
        EXPECT_NEAR(hit.score, same.score, 1e-4) << text;
        EXPECT_EQ(hit.exact, same.exact) << text;
        EXPECT_EQ(hit.matched_words, same.words) << text;
        // The same order, but for sums that rounding may have swapped.
        EXPECT_EQ(hit.exact, expected[i].exact) << text;
        EXPECT_NEAR(hit.score, expected[i].score, 1e-4) << text;
      }
      hit_count += expected.size();
    }
  }
  EXPECT_GT(hit_count, 5000u);
}

TEST(SearchIndex, APictureStaysAsItWas) {
  ChangedShop shop(60, 30);
  const IndexPointer before = shop.index();
  const std::string answer = Described(Match(Read("abc", *before, {}), *before, {}));
  const uint32_t words = before->words().size();
  for (int round = 0; round < 30; ++round) {
    shop.Change();
    shop.Merge();
  }
  EXPECT_EQ(Described(Match(Read("abc", *before, {}), *before, {})), answer);
  EXPECT_EQ(before->words().size(), words);
  EXPECT_GT(shop.index()->words().size(), 0u);
}

TEST(SearchIndex, OfTwoChangesToOneProductTheLastCounts) {
  const auto index = SearchIndex::Empty(ShopFacets())
                         ->With({{ProductIndex(3), PlainDocument(3, "red lamp")},
                                 {ProductIndex(3), PlainDocument(3, "blue chair")}});
  EXPECT_EQ(index->document_count(), 1u);
  EXPECT_EQ(Match(Read("chair", *index, {}), *index, {}).total, 1u);
  EXPECT_EQ(Match(Read("lamp", *index, {}), *index, {}).total, 0u);
  EXPECT_EQ(index->With({{ProductIndex(3), std::nullopt}, {ProductIndex(9), std::nullopt}})->document_count(),
            0u);
}

TEST(SearchIndex, ManySmallChangesStayFewSegments) {
  RandomShop shop(70);
  IndexPointer index = SearchIndex::Empty(ShopFacets());
  for (uint32_t i = 0; i < 1000; ++i) {
    index = index->With({{ProductIndex(i), shop.MakeDocument(i)}});
    while (const auto plan = SearchIndex::PickMerge(index))
      index = index->WithMerged(*plan, SearchIndex::Merge(*plan));
    ASSERT_LE(index->parts().size(), 5 * 6u) << i;
    ASSERT_LE(index->words().block_count(), 12u) << i;
  }
  index = index->WithMerged(SearchIndex::MergeAll(index), SearchIndex::Merge(SearchIndex::MergeAll(index)));
  EXPECT_EQ(index->parts().size(), 1u);
  EXPECT_EQ(index->document_count(), 1000u);
}

}  // namespace
}  // namespace attune::search
