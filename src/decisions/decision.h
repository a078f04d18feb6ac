// What is asked of a touchpoint, what it decided, and what is kept of it.
//
//   DecisionRequest --(pipeline over one StoreView)--> Decision --> answer to the shop
//                                                          \----> DecisionRecord (its own column, ~200 bytes)
//
// A decision is a pure function of (request, view, profile, live catalogue, now, seed).  The record names all
// of them, so `attune replay` folds the log to the recorded sequences and gets the same bytes.
//
// Thread safety: value types.

#ifndef ATTUNE_DECISIONS_DECISION_H_
#define ATTUNE_DECISIONS_DECISION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/money.h"

namespace attune::decisions {

struct RuleDraft;  // decisions/rule_set.h

struct RequestContext {
  std::vector<std::string>
      product_ids;                // What the page shows; variants, skus and eans resolve to their product.
  std::vector<std::string> cart;  // Product ids in the cart; empty: the cart of the profile.
  std::vector<std::string> category;  // A path from broad to narrow.
  std::string brand;
  std::string query;
  std::string page;
  std::string market;
  std::string locale;
  std::string location;
  std::string price_list;
  std::string country;
  std::string time_zone;
  std::string device;
  std::string referrer;
  std::string campaign;
};

struct DecisionRequest {
  std::string placement;
  std::string anonymous_id;
  std::string customer_id;
  RequestContext context;
  uint32_t limit = 0;  // 0: the placement's.
  std::string filter;  // The filter language (expressions/); empty: none.
  std::vector<std::string> exclude;
  DecisionId continues;  // The slate before this one; none: a first slate.
  bool explain = false;
  // Rules to be tried over those of the store: the decision is not recorded.  Null: a decision as ever.
  std::shared_ptr<const RuleDraft> preview;
  std::optional<int64_t> preview_at_ms;  // The moment that the preview is of; nothing: now.
  // Consent sent with the request; nothing: what is on record, or the store's default.
  std::optional<bool> personalization_consent;
};

struct DecidedProduct {
  ProductIndex product;
  std::string product_id;
  std::string variant_id;  // The best eligible variant; empty when the product has none.
  uint32_t position = 0;   // From 0.
  double score = 0;        // Of the blend, or what the ranker's objective expects; larger is better.
  std::string source;      // The candidate source that contributed most, "fallback/<rung>" or "rule/<id>".
  std::string reason;      // In words, for a shopper: "Often bought together with Desk lamp".
  double propensity = 1;   // How likely the policy showed it here; 1 when nothing was random.
};

struct Decision {
  DecisionId id;
  std::string placement;
  std::string title;  // Of a row that stands on one purchase; empty: the placement's.
  std::vector<DecidedProduct> products;
  std::string fallback;               // The lowest rung of the ladder that was needed; empty: none.
  std::vector<std::string> degraded;  // What was left out, and why: "shopper_unavailable".
  std::string notice;            // For the shop's engineer: "no product_viewed events yet"; empty: nothing.
  bool is_personalized = false;  // A profile was read.
};

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_DECISION_H_
