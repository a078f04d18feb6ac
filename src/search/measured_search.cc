#include "search/measured_search.h"

#include "search/document.h"
#include "search/plain_bm25.h"

namespace attune::search {
namespace {

constexpr uint32_t kIndexBatch = 1000;

std::string NameOf(const catalog::Product& product) {
  for (auto leaf = product.attributes.begin(); leaf != product.attributes.end(); ++leaf) {
    if (leaf.view().path == "name") return std::string(leaf.view().text);
  }
  return {};
}

}  // namespace

ProductTexts PlainTexts(const catalog::CatalogView& catalog) {
  ProductTexts texts;
  for (uint32_t i = 0; i < catalog.index_count(); ++i) {
    const catalog::Product* product = catalog.Find(ProductIndex(i));
    if (product == nullptr) continue;
    texts.emplace_back(
        i, product->title + " " + NameOf(*product) + " " + product->brand + " " + product->description);
  }
  return texts;
}

MeasuredSearch PlainSearch(const ProductTexts& texts) {
  auto bm25 = std::make_shared<PlainBm25>();
  auto products = std::make_shared<std::vector<ProductIndex>>();
  for (const auto& [product, text] : texts) {
    bm25->Add(text);
    products->push_back(product);
  }
  return [bm25, products](const std::string& query, uint32_t hits) {
    std::vector<ProductIndex> found;
    for (const uint32_t document : bm25->Search(query)) {
      if (found.size() == hits) break;
      found.push_back((*products)[document]);
    }
    return found;
  };
}

std::shared_ptr<const SearchIndex> IndexCatalog(const catalog::CatalogView& catalog, std::string_view locale,
                                                const text::Analyzer& analyzer) {
  auto index = SearchIndex::Empty({});
  std::vector<DocumentChange> changes;
  for (uint32_t i = 0; i < catalog.index_count(); ++i) {
    const catalog::Product* product = catalog.Find(ProductIndex(i));
    if (product == nullptr) continue;
    changes.push_back({ProductIndex(i), MakeDocument(ProductIndex(i), *product, locale, analyzer, {})});
    if (changes.size() < kIndexBatch) continue;
    index = index->With(changes);
    changes.clear();
  }
  index = index->With(changes);
  const auto plan = SearchIndex::MergeAll(index);
  return index->WithMerged(plan, SearchIndex::Merge(plan));
}

}  // namespace attune::search
