// "Who would buy this?": shoppers who turned to what goes with a product, and have not bought it.
//
//   score(u) = sum over the products q near p, p among them, of
//              nearness(p, q) * weight of what u did with q * 2^(-age / 30 d)
//
//   nearness = sum over also_bought, bought_together, also_viewed and content_similar, asked for the
//   neighbours of p,
//              of  w_s / (10 + rank);  of p itself kOwnNearness
//
// content_similar is symmetric, and so is also_bought by cosine: the neighbours of p are also the products
// that lead to p.  By another of its methods (also_bought.h) most of them are. A product without any history
// has prospects by what it is like.
//
// Cost: kProspectNeighbours audiences of at most kAudienceMax members.
// Thread safety: pure function.

#ifndef ATTUNE_MODELS_PROSPECTS_H_
#define ATTUNE_MODELS_PROSPECTS_H_

#include <cstddef>
#include <vector>

#include "base/ids.h"
#include "catalog/catalog_view.h"
#include "models/model_set.h"

namespace attune::models {

struct Prospect {
  ShopperHandle shopper;
  double score = 0;
  ProductIndex because;                           // What contributed most.
  InteractionKind kind = InteractionKind::kView;  // What was done with it.
};

// Best first, ties by handle; at most `limit`.  Who is known to have bought the product is left out.
std::vector<Prospect> FindProspects(const ModelSet& models, const catalog::CatalogView& catalog,
                                    ProductIndex product, int64_t now_ms, size_t limit);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_PROSPECTS_H_
