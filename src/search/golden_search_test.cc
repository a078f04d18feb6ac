// Searches on the electronics store of data/: what a shopper who types this must see first.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "catalog/product_import.h"
#include "catalog/product_merge.h"
#include "search/document.h"
#include "search/facets.h"
#include "search/match.h"

namespace attune::search {
namespace {

class Electronics {
 public:
  Electronics() {
    auto source = catalog::OpenImportFile(ATTUNE_SOURCE_DIR "/data/electronics/products.ndjson.xz");
    catalog::ProductImportOptions options;
    options.default_currency = *Currency::Parse("EUR");
    auto import = catalog::ProductImport::Open(std::move(source).value(), options);
    const auto add = [&](const catalog::ProductChange& change) {
      catalog::FieldClocks clocks;
      products_.push_back(catalog::MergeProduct(nullptr, change, 0, clocks).product);
      return Status();
    };
    const Status done =
        catalog::RunProductImport(**import, SystemClock(), add, [](const catalog::ImportProgress&) {});
    EXPECT_TRUE(done.ok()) << done.message();
    std::vector<DocumentChange> changes;
    for (uint32_t i = 0; i < products_.size(); ++i) {
      changes.push_back({ProductIndex(i), MakeDocument(ProductIndex(i), products_[i], "en", analyzer_,
                                                       {"brand", "category", "price"})});
    }
    index_ = SearchIndex::Empty({"brand", "category", "price"})->With(changes);
  }

  MatchResult Search(std::string_view text, const MatchOptions& options = {}) const {
    return Match(ReadQuery(text, analyzer_, *index_, {}), *index_, options);
  }
  const catalog::Product& ProductOf(const Hit& hit) const { return products_[hit.product.value()]; }
  const SearchIndex& index() const { return *index_; }
  size_t size() const { return products_.size(); }

 private:
  const text::Analyzer analyzer_{text::Language::kEnglish};
  std::vector<catalog::Product> products_;
  std::shared_ptr<const SearchIndex> index_;
};

const Electronics& Shop() {
  static const Electronics shop;
  return shop;
}

TEST(GoldenSearch, AProductIsFoundByItsNames) {
  ASSERT_EQ(Shop().size(), 19'406u);
  for (const std::string_view query :
       {"1365844", "tn-2110", "TN2110", "TN 2110", "brother tn-2110 toner", "tn2110 brother",
        "Brother TN-2110 toner cartridge Original Black 1 pc(s)"}) {
    const MatchResult found = Shop().Search(query);
    ASSERT_FALSE(found.hits.empty()) << query;
    EXPECT_EQ(Shop().ProductOf(found.hits[0]).product_id, "1365844") << query;
  }
}

TEST(GoldenSearch, ABrandMeansItsProducts) {
  for (const std::string_view query : {"philips", "Tripp Lite", "StarTech.com", "hp"}) {
    const MatchResult found = Shop().Search(query);
    ASSERT_EQ(found.hits.size(), 24u) << query;
    for (const Hit& hit : found.hits) EXPECT_EQ(hit.exact, ExactMatch::kBrand) << query;
  }
}

TEST(GoldenSearch, TypingErrorsFindTheSame) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"hedphones", "headphones"},
      {"headhpones", "headphones"},
      {"dokcing station", "docking station"},
      {"keybord", "keyboard"},
      {"projectr", "projector"},
      {"toner cartrigde", "toner cartridge"},
      {"graphics crad", "graphics card"},
      {"notebok", "notebook"},
  };
  for (const auto& [typed, meant] : cases) {
    const MatchResult found = Shop().Search(typed);
    const MatchResult right = Shop().Search(meant);
    ASSERT_FALSE(right.hits.empty()) << meant;
    ASSERT_FALSE(found.hits.empty()) << typed;
    EXPECT_EQ(found.hits[0].product, right.hits[0].product) << typed;
  }
}

TEST(GoldenSearch, WordsThatStandTogetherComeFirst) {
  const MatchResult found = Shop().Search("power bank");
  ASSERT_GE(found.hits.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NE(Shop().ProductOf(found.hits[i]).title.find("ower"), std::string::npos);
    EXPECT_GT(found.hits[i].proximity, 0) << Shop().ProductOf(found.hits[i]).title;
  }
}

TEST(GoldenSearch, FacetsCountWhatMatched) {
  const MatchResult found = Shop().Search("toner");
  const FacetAnswer brands = CountFacet({.field = "brand"}, Shop().index(), {}, found);
  uint64_t products = 0;
  for (const FacetCount& count : brands.values) products += count.products;
  EXPECT_EQ(products, found.total);
  ASSERT_FALSE(brands.values.empty());

  MatchOptions ticked;
  ticked.selections = {{.field = "brand", .values = {brands.values[1].value}}};
  const MatchResult fewer = Shop().Search("toner", ticked);
  EXPECT_EQ(fewer.total, brands.values[1].products);
  // Its own selection does not narrow a field.
  const FacetAnswer again = CountFacet({.field = "brand"}, Shop().index(), ticked, fewer);
  EXPECT_EQ(again.value_count, brands.value_count);
  EXPECT_EQ(again.values[0].products, brands.values[0].products);
}

}  // namespace
}  // namespace attune::search
