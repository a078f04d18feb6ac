#include "decisions/resolved_request.h"

#include <algorithm>

namespace attune::decisions {
namespace {

// Each product once, in the order of its first mention.
std::vector<ProductIndex> ResolveIds(const std::vector<std::string>& ids, const catalog::CatalogView& catalog,
                                     std::vector<std::string>* unknown_ids) {
  std::vector<ProductIndex> indices;
  indices.reserve(ids.size());
  for (const std::string& id : ids) {
    const std::optional<ProductIndex> index = catalog.Resolve(id);
    if (!index) {
      if (unknown_ids != nullptr) unknown_ids->push_back(id);
    } else if (std::find(indices.begin(), indices.end(), *index) == indices.end()) {
      indices.push_back(*index);
    }
  }
  return indices;
}

}  // namespace

ResolvedRequest Resolve(const DecisionRequest& request, const catalog::CatalogView& catalog,
                        std::vector<std::string>& unknown_ids) {
  const RequestContext& context = request.context;
  ResolvedRequest resolved;
  resolved.placement = request.placement;
  resolved.page_products = ResolveIds(context.product_ids, catalog, &unknown_ids);
  resolved.cart = ResolveIds(context.cart, catalog, &unknown_ids);
  resolved.excluded = ResolveIds(request.exclude, catalog, nullptr);
  resolved.category = context.category;
  resolved.brand = context.brand;
  resolved.query = context.query;
  resolved.market = context.market;
  resolved.locale = context.locale;
  resolved.location = context.location;
  resolved.price_list = context.price_list;
  resolved.country = context.country;
  resolved.device = context.device;
  resolved.campaign = context.campaign;
  resolved.limit = request.limit;
  resolved.filter = request.filter;
  resolved.personalization_consent = request.personalization_consent;
  return resolved;
}

}  // namespace attune::decisions
