// A catalogue of a feed, through the importer and the mapping that it guesses, as a shop's feed goes: for
// measuring without a store.
//
// Thread safety: pure function.

#ifndef ATTUNE_SEARCH_FEED_CATALOG_H_
#define ATTUNE_SEARCH_FEED_CATALOG_H_

#include <memory>
#include <string>

#include "base/status.h"
#include "catalog/catalog_view.h"

namespace attune::search {

// Prices without a currency are euros.  Fails like the importer.
Result<std::shared_ptr<const catalog::CatalogView>> ReadFeedCatalog(const std::string& path);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_FEED_CATALOG_H_
