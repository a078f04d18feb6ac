#include "decisions/on_sale_source.h"

#include <algorithm>
#include <utility>

#include "catalog/offer_terms.h"
#include "decisions/limits.h"
#include "decisions/taste.h"

namespace attune::decisions {
namespace {

// What a discount counts for a shopper who never looked at such a product.
constexpr double kIndifference = 0.2;

}  // namespace

std::optional<double> DiscountOf(const DecideInput& input, const catalog::Product& product) {
  const ResolvedRequest& request = input.request;
  const catalog::OfferTerms terms = catalog::ResolveTerms(
      product, {request.market, request.locale, request.location, request.price_list, input.now_ms});
  if (!terms.is_on_sale || !terms.price_minor || terms.list_price_minor.value_or(0) <= 0) return std::nullopt;
  return 1 - static_cast<double>(*terms.price_minor) / static_cast<double>(*terms.list_price_minor);
}

void AddOnSale(const DecideInput& input, size_t limit, std::vector<models::Candidate>& out) {
  const Taste taste(input.profile, input.now_ms, input.view.settings.features);
  std::vector<std::pair<double, ProductIndex>> ranked;
  for (const ProductIndex index : input.catalog.on_sale()) {
    const catalog::Product* const product = input.catalog.Find(index);
    if (product == nullptr) continue;
    const std::optional<double> discount = DiscountOf(input, *product);
    if (!discount || *discount < kSaleDiscountMin) continue;
    ranked.emplace_back(*discount * (kIndifference + taste.Of(*product)), index);
  }
  const models::ProductTies& ties = input.view.sources->ties();
  std::sort(ranked.begin(), ranked.end(), [&ties](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : ties.IsBefore(a.second.value(), b.second.value());
  });
  for (size_t i = 0; i < std::min(limit, ranked.size()); ++i) {
    out.push_back({ranked[i].second, static_cast<float>(ranked[i].first), {}, false});
  }
}

}  // namespace attune::decisions
