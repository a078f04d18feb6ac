#include "search/feed_catalog.h"

#include <map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "catalog/product_import.h"
#include "catalog/product_merge.h"
#include "models/catalog_of_products.h"

namespace attune::search {

Result<std::shared_ptr<const catalog::CatalogView>> ReadFeedCatalog(const std::string& path) {
  ASSIGN_OR_RETURN(auto source, catalog::OpenImportFile(path));
  catalog::ProductImportOptions options;
  options.default_currency = *Currency::Parse("EUR");
  ASSIGN_OR_RETURN(auto import, catalog::ProductImport::Open(std::move(source), options));
  std::vector<catalog::Product> products;
  std::vector<catalog::FieldClocks> clocks;
  std::map<std::string, size_t> places;
  const auto fold = [&](const catalog::ProductChange& change) {
    const auto [place, is_new] = places.try_emplace(change.product_id, products.size());
    if (is_new) {
      products.emplace_back();
      clocks.emplace_back();
    }
    catalog::Product& product = products[place->second];
    catalog::MergeResult merged =
        catalog::MergeProduct(is_new ? nullptr : &product, change, 0, clocks[place->second]);
    if (merged.is_changed) product = std::move(merged.product);
    return Status();
  };
  RETURN_IF_ERROR(
      catalog::RunProductImport(*import, SystemClock(), fold, [](const catalog::ImportProgress&) {}));
  return models::CatalogOfProducts(std::move(products));
}

}  // namespace attune::search
