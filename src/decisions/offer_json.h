// What one request would pay for a product, as answers say it.
//
//   {"title":"Tischlampe","price":"19.90","list_price":"24.90","currency":"EUR","url":"https://..."}
//
// Thread safety: pure function.

#ifndef ATTUNE_DECISIONS_OFFER_JSON_H_
#define ATTUNE_DECISIONS_OFFER_JSON_H_

#include <cstdint>

#include "base/json_writer.h"
#include "catalog/product.h"
#include "decisions/resolved_request.h"

namespace attune::decisions {

void WriteOffer(JsonWriter& json, const ResolvedRequest& request, const catalog::Product& product,
                int64_t now_ms);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_OFFER_JSON_H_
