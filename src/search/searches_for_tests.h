// Searches over a small shop: its products are indexed at the first search, in English.
//
// Thread safety: belongs to one test.

#ifndef ATTUNE_SEARCH_SEARCHES_FOR_TESTS_H_
#define ATTUNE_SEARCH_SEARCHES_FOR_TESTS_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "decisions/shop_for_tests.h"
#include "search/document.h"
#include "search/run_search.h"

namespace attune::search {

class SearchesForTests : public testing::Test {
 protected:
  ProductIndex Add(const std::string& id, const std::string& title, const std::string& brand,
                   int64_t price_minor, std::vector<std::string> category = {"Home"}) {
    const ProductIndex index = shop_.Add(id, std::move(category), brand, price_minor);
    shop_.At(index).title = title;
    return index;
  }

  Result<SearchOutcome> Try(const SearchRequest& request) {
    catalog_ = shop_.Catalog();
    if (texts_.index == nullptr) {
      texts_.analyzer = std::make_shared<const text::Analyzer>(text::Language::kEnglish);
      std::vector<DocumentChange> changes;
      for (uint32_t i = 0; i < shop_.products.size(); ++i) {
        changes.push_back({ProductIndex(i), MakeDocument(ProductIndex(i), shop_.products[i], "en",
                                                         *texts_.analyzer, {"brand", "category", "price"})});
      }
      texts_.index = SearchIndex::Empty({"brand", "category", "price"})->With(changes);
    }
    std::vector<std::string> unknown;
    resolved_ = decisions::Resolve(request.base, *catalog_, unknown);
    return RunSearch(Input(request));
  }
  // Of the request that was tried last.
  SearchInput Input(const SearchRequest& request) const {
    return {request, resolved_, shop_.view, *catalog_, texts_, profile_, dial_, decisions::kTestNowMs};
  }
  SearchOutcome Run(const SearchRequest& request) {
    auto outcome = Try(request);
    EXPECT_TRUE(outcome.ok()) << outcome.status().message();
    return std::move(outcome).value();
  }
  std::vector<std::string> Ids(const SearchRequest& request) {
    std::vector<std::string> ids;
    for (const FoundProduct& found : Run(request).products) {
      ids.push_back(shop_.products[found.ranked.hit.product.value()].product_id);
    }
    return ids;
  }
  static SearchRequest Query(const std::string& text) {
    SearchRequest request;
    request.base.context.query = text;
    request.base.limit = 10;
    return request;
  }

  decisions::ShopForTests shop_;
  std::shared_ptr<const catalog::CatalogView> catalog_;
  decisions::ResolvedRequest resolved_;
  LocaleIndex texts_;
  const features::ShopperProfile* profile_ = nullptr;
  uint32_t dial_ = 50;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SEARCHES_FOR_TESTS_H_
