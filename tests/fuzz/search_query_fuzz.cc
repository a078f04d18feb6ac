// Fuzzes a query against a small German shop that takes compounds apart: any bytes are words within their
// limits, and what they match is in the index, each product once.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/utf8.h"
#include "fuzz_target.h"
#include "search/learned_vocabulary.h"
#include "search/limits.h"
#include "search/match.h"

namespace attune::search {
namespace {

constexpr uint32_t kProducts = 8;

struct Shop {
  std::shared_ptr<const text::Analyzer> analyzer;
  std::shared_ptr<const SearchIndex> index;
};

Shop MakeShop() {
  Shop shop;
  shop.analyzer = MakeAnalyzer("de", std::make_shared<const LearnedVocabulary>(
                                         Sequence(1), kProducts,
                                         std::vector<LearnedVocabulary::Word>{
                                             {"kinder", 9}, {"lampe", 9}, {"steh", 5}, {"zimmer", 7}}));
  const std::vector<std::string> titles = {
      "Stehlampe", "Kinderzimmerlampe 1,5 l", "Zimmer für Kinder", "TN-2110",
      "T-Shirt",   "Straße Größe 42",         "مصباح lamp",        "冷蔵庫"};
  std::vector<DocumentChange> changes;
  for (uint32_t i = 0; i < kProducts; ++i) {
    catalog::Product product;
    product.product_id = "p" + std::to_string(i);
    product.title = titles[i];
    changes.push_back(
        {ProductIndex(i), MakeDocument(ProductIndex(i), product, "de", *shop.analyzer, {"brand"})});
  }
  shop.index = SearchIndex::Empty({"brand"})->With(changes);
  return shop;
}

void CheckWords(const QueryWords& query) {
  CHECK(query.words.size() <= kQueryWordsMax);
  const uint32_t bits = (1u << query.words.size()) - 1;
  for (const QueryWord& word : query.words) {
    CHECK(!word.text.empty() && IsValidUtf8(word.text));
    for (const Alternative& alternative : word.alternatives) {
      CHECK((alternative.covers & ~bits) == 0 && alternative.weight > 0 && alternative.weight <= 1);
    }
  }
}

void CheckQuery(std::string_view text) {
  static const Shop shop = MakeShop();
  const PrefixUse prefix = text.size() % 2 == 0 ? PrefixUse::kAlways : PrefixUse::kUnknownWord;
  const QueryWords query =
      ReadQuery(text, *shop.analyzer, *shop.index, {.prefix = prefix, .forgives_typos = true});
  CheckWords(query);
  const MatchResult found = Match(query, *shop.index, {});
  CHECK(found.total <= kProducts && found.hits.size() <= found.total);
  std::set<ProductIndex> products;
  for (const Hit& hit : found.hits) {
    CHECK(hit.product.value() < kProducts && products.insert(hit.product).second);
  }
  if (!found.hits.empty() && !query.words.empty()) ++fuzz::accepted_count;
}

}  // namespace
}  // namespace attune::search

std::vector<std::string> attune::fuzz::Seeds() {
  return {"kinderlampe", "lampe kinder zimmer", "stehlmape tn 2110", "t shirt", "strasse groesse 42"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  attune::search::CheckQuery({reinterpret_cast<const char*>(data), size});
  return 0;
}
