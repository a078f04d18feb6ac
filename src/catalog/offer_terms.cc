#include "catalog/offer_terms.h"

#include <algorithm>
#include <string>

namespace attune::catalog {
namespace {

struct Price {
  std::optional<int64_t> paid_minor;
  std::optional<int64_t> list_minor;
  bool is_on_sale = false;
  Currency currency;
};

// Puts what `over` names on top of `tag`.
void Overlay(PriceTag& tag, const PriceTag& over) {
  const Currency currency = over.currency.is_none() ? tag.currency : over.currency;
  if (over.price_minor) {
    tag = over;
    tag.currency = currency;
    return;
  }
  // A sale in another currency discounts nothing that we know.
  if (!over.sale_price_minor || !(currency == tag.currency)) return;
  tag.sale_price_minor = over.sale_price_minor;
  tag.sale_from_ms = over.sale_from_ms;
  tag.sale_until_ms = over.sale_until_ms;
}

const PriceTag* TagOf(const SortedMap<PriceTag>& lists, std::string_view name) {
  const auto found = name.empty() ? lists.end() : lists.find(name);
  return found == lists.end() ? nullptr : &found->second;
}

const MarketTerms* MarketOf(const Product& product, std::string_view market) {
  const auto found = market.empty() ? product.markets.end() : product.markets.find(market);
  return found == product.markets.end() ? nullptr : &found->second;
}

Price PriceOf(const Product& product, const Variant* variant, const TermsContext& context) {
  PriceTag tag = product.price;
  if (variant != nullptr) Overlay(tag, variant->price);
  if (const MarketTerms* const market = MarketOf(product, context.market)) Overlay(tag, market->price);
  if (const PriceTag* const list = TagOf(product.price_lists, context.price_list)) Overlay(tag, *list);
  Price price;
  price.currency = tag.currency;
  price.list_minor = tag.price_minor;
  price.paid_minor = tag.price_minor;
  const bool is_time = tag.sale_from_ms.value_or(INT64_MIN) <= context.now_ms &&
                       context.now_ms < tag.sale_until_ms.value_or(INT64_MAX);
  if (tag.sale_price_minor && is_time && tag.price_minor && *tag.sale_price_minor < *tag.price_minor) {
    price.paid_minor = tag.sale_price_minor;
    price.is_on_sale = true;
  }
  return price;
}

bool KnowsLocations(const Product& product) {
  if (!product.stock_at.empty()) return true;
  for (const Variant& variant : product.variants) {
    if (!variant.stock_at.empty()) return true;
  }
  return false;
}

int64_t UnitsAt(const SortedMap<int64_t>& stock_at, std::string_view location) {
  const auto found = stock_at.find(location);
  return found == stock_at.end() ? 0 : found->second;
}

// Whether this variant can be had, at the location when one counts.
bool IsVariantInStock(const Product& product, const Variant& variant, std::string_view location) {
  if (!variant.in_stock.value_or(true) || variant.stock.value_or(1) <= 0) return false;
  if (location.empty()) return true;
  // A product may keep its stock by location as a whole, without telling variants apart.
  return UnitsAt(variant.stock_at.empty() ? product.stock_at : variant.stock_at, location) > 0;
}

const Variant* BestVariant(const Product& product, const TermsContext& context, std::string_view location,
                           bool& is_any_in_stock) {
  const Variant* best = nullptr;
  std::optional<int64_t> best_minor;
  for (const Variant& variant : product.variants) {
    if (!IsVariantInStock(product, variant, location)) continue;
    const std::optional<int64_t> minor = PriceOf(product, &variant, context).paid_minor;
    if (best == nullptr || (minor && (!best_minor || *minor < *best_minor))) {
      best = &variant;
      best_minor = minor;
    }
  }
  is_any_in_stock = best != nullptr;
  if (best == nullptr && !product.variants.empty()) best = &product.variants.front();
  return best;
}

// Units that the request can have, when they are on record.
std::optional<int64_t> UnitsOf(const Product& product, std::string_view location) {
  if (!location.empty()) {
    if (!product.stock_at.empty()) return UnitsAt(product.stock_at, location);
    int64_t units = 0;
    for (const Variant& variant : product.variants) units += UnitsAt(variant.stock_at, location);
    return units;
  }
  if (product.stock) return product.stock;
  std::optional<int64_t> units;
  for (const Variant& variant : product.variants) {
    if (variant.stock) units = units.value_or(0) + *variant.stock;
  }
  return units;
}

std::string_view FirstOf(std::string_view a, std::string_view b) { return a.empty() ? b : a; }

}  // namespace

const Translation* TranslationOf(const Product& product, std::string_view locale) {
  if (locale.empty() || product.translations.empty()) return nullptr;
  auto found = product.translations.find(locale);
  if (found == product.translations.end()) {
    found = product.translations.find(locale.substr(0, locale.find_first_of("-_")));
  }
  return found == product.translations.end() ? nullptr : &found->second;
}

std::string_view AvailabilityText(Availability availability) {
  switch (availability) {
    case Availability::kAvailable:
      return "available";
    case Availability::kHidden:
      return "hidden";
    case Availability::kNotInMarket:
      return "not sold in this market";
    case Availability::kOutOfStock:
      return "out of stock";
    case Availability::kNotAtLocation:
      return "not in stock at this location";
  }
  return "";
}

OfferTerms ResolveTerms(const Product& product, const TermsContext& context) {
  OfferTerms terms;
  const std::string_view location = KnowsLocations(product) ? context.location : std::string_view();
  bool is_variant_in_stock = false;
  terms.variant = BestVariant(product, context, location, is_variant_in_stock);
  const Price price = PriceOf(product, terms.variant, context);
  terms.price_minor = price.paid_minor;
  terms.list_price_minor = price.list_minor;
  terms.is_on_sale = price.is_on_sale;
  terms.currency = price.currency;
  terms.stock = UnitsOf(product, location);

  const MarketTerms* const market = MarketOf(product, context.market);
  const bool has_variants = !product.variants.empty();
  if (product.is_hidden) {
    terms.availability = Availability::kHidden;
  } else if (market != nullptr && !market->is_available.value_or(true)) {
    terms.availability = Availability::kNotInMarket;
  } else if (!product.in_stock || product.stock.value_or(1) <= 0) {
    terms.availability = Availability::kOutOfStock;
  } else if (!location.empty() && (has_variants ? !is_variant_in_stock : terms.stock.value_or(0) <= 0)) {
    terms.availability = Availability::kNotAtLocation;
  } else if (has_variants && !is_variant_in_stock) {
    terms.availability = Availability::kOutOfStock;
  }

  const Translation* const texts = TranslationOf(product, context.locale);
  terms.translation = texts;
  const std::string_view none;
  terms.title = FirstOf(texts == nullptr ? none : texts->title, product.title);
  terms.description = FirstOf(texts == nullptr ? none : texts->description, product.description);
  terms.url = FirstOf(market == nullptr ? none : market->url,
                      FirstOf(texts == nullptr ? none : texts->url, product.url));
  terms.image = FirstOf(terms.variant == nullptr ? none : terms.variant->image, product.image);
  return terms;
}

bool IsAvailableToAll(const Product& product) {
  const auto leaves_out = [](const auto& market) { return !market.second.is_available.value_or(true); };
  if (KnowsLocations(product) || std::any_of(product.markets.begin(), product.markets.end(), leaves_out)) {
    return false;
  }
  return ResolveTerms(product, {}).is_available();
}

}  // namespace attune::catalog
