#include "decisions/offer.h"

namespace attune::decisions {
namespace {

bool IsSaleOn(const catalog::PriceTag& tag, int64_t now_ms) {
  return tag.sale_price_minor && (!tag.sale_from_ms || *tag.sale_from_ms <= now_ms) &&
         (!tag.sale_until_ms || now_ms < *tag.sale_until_ms);
}

void Apply(const catalog::PriceTag& tag, int64_t now_ms, Offer& offer) {
  if (!tag.currency.is_none()) offer.currency = tag.currency;
  if (tag.price_minor) {
    offer.list_price_minor = tag.price_minor;
    offer.price_minor = tag.price_minor;
  }
  if (IsSaleOn(tag, now_ms)) offer.price_minor = tag.sale_price_minor;
}

bool IsStocked(const catalog::Variant& variant, std::string_view location) {
  if (const auto at = variant.stock_at.find(location); at != variant.stock_at.end()) return at->second > 0;
  if (variant.in_stock && !*variant.in_stock) return false;
  return !variant.stock || *variant.stock > 0;
}

}  // namespace

Offer OfferOf(const catalog::Product& product, const OfferPlace& place, int64_t now_ms) {
  Offer offer;
  offer.is_available = true;
  Apply(product.price, now_ms, offer);
  if (const auto market = product.markets.find(place.market); market != product.markets.end()) {
    offer.is_available = market->second.is_available.value_or(true);
    Apply(market->second.price, now_ms, offer);
  }
  if (const auto list = product.price_lists.find(place.price_list); list != product.price_lists.end()) {
    Apply(list->second, now_ms, offer);
  }
  offer.stock = product.stock;
  if (const auto at = product.stock_at.find(place.location); at != product.stock_at.end())
    offer.stock = at->second;
  offer.is_in_stock = product.in_stock && (!offer.stock || *offer.stock > 0);
  if (product.variants.empty() || !offer.is_in_stock) return offer;
  for (const catalog::Variant& variant : product.variants) {
    if (!IsStocked(variant, place.location)) continue;
    offer.variant_id = variant.variant_id;
    return offer;
  }
  offer.is_in_stock = false;
  return offer;
}

}  // namespace attune::decisions
