// The visits of a store: what each shopper looked at, one visit after the other.
//
// A visit ends after idle_ms without a view.  A product viewed twice in a row is one step.  Rows without a
// shopper belong to nobody and are left out, and so are visits of one product: nothing follows anything
// there.
//
// Rows of the same moment, such as the lines of an order, have no order of their own: they stand by the
// hashes of their products' ids, so that how products are numbered does not show.
//
// Thread safety: pure function.

#ifndef ATTUNE_MODELS_VISITS_H_
#define ATTUNE_MODELS_VISITS_H_

#include <cstdint>

#include "models/interaction_log.h"
#include "models/product_ties.h"
#include "models/sequence_file.h"

namespace attune::models {

// The visit that ended first comes first; visits that ended together are in the order of the shoppers'
// handles.
Sequences VisitsByAge(const InteractionLog& log, const ProductTies& ties, int64_t idle_ms);

// Everything each shopper viewed, put into the cart and bought, in the order of time, in pieces of
// kSessionProductsMax; the same product in a row is one step.  The shopper who was here last comes last.
Sequences HistoriesByAge(const InteractionLog& log, const ProductTies& ties);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_VISITS_H_
