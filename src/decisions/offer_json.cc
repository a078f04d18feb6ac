#include "decisions/offer_json.h"

#include "catalog/offer_terms.h"

namespace attune::decisions {

void WriteOffer(JsonWriter& json, const ResolvedRequest& request, const catalog::Product& product,
                int64_t now_ms) {
  const catalog::OfferTerms terms = catalog::ResolveTerms(
      product, {request.market, request.locale, request.location, request.price_list, now_ms});
  json.BeginObject().Key("title").String(terms.title);
  if (terms.price_minor) {
    json.Key("price").String(FormatMinor(*terms.price_minor, terms.currency));
    if (terms.is_on_sale && terms.list_price_minor) {
      json.Key("list_price").String(FormatMinor(*terms.list_price_minor, terms.currency));
    }
    json.Key("currency").String(terms.currency.code());
  }
  if (!terms.url.empty()) json.Key("url").String(terms.url);
  if (!terms.image.empty()) json.Key("image").String(terms.image);
  json.EndObject();
}

}  // namespace attune::decisions
