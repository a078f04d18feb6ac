// A request with its names resolved: what the pipeline works on, and what a decision record keeps of the
// request.
//
// Product ids have become indices; the shopper's ids are gone (the record keeps handles); what no stage reads
// (the page address, the referrer, the time zone) is left out, so that the record holds nothing personal
// beyond the handles.
//
// Thread safety: value type.

#ifndef ATTUNE_DECISIONS_RESOLVED_REQUEST_H_
#define ATTUNE_DECISIONS_RESOLVED_REQUEST_H_

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "catalog/catalog_view.h"
#include "decisions/decision.h"

namespace attune::decisions {

struct ResolvedRequest {
  std::string placement;
  std::vector<ProductIndex> page_products;
  std::vector<ProductIndex> cart;  // As the request names it; empty: that of the profile.
  std::vector<ProductIndex> excluded;
  DecisionId continues;                      // None: a first slate.
  std::vector<ProductIndex> already_shown;   // By the slates that this one continues.
  std::vector<ProductIndex> used_row_seeds;  // Purchases that earlier rows stood on.
  std::vector<std::string> category;
  std::string brand;
  std::string query;
  std::string market;
  std::string locale;
  std::string location;
  std::string price_list;
  std::string country;
  std::string device;
  std::string campaign;
  uint32_t limit = 0;
  std::string filter;
  std::optional<bool> personalization_consent;

  friend bool operator==(const ResolvedRequest&, const ResolvedRequest&) = default;
};

// Ids that the catalogue does not know are dropped; those of the page and the cart are added to `unknown_ids`
// (exclusions of unknown products are harmless).
ResolvedRequest Resolve(const DecisionRequest& request, const catalog::CatalogView& catalog,
                        std::vector<std::string>& unknown_ids);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_RESOLVED_REQUEST_H_
