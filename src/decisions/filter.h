// Stage 2, filter: may this product be shown to this shopper, here, now?
//
// Asked of the live catalogue for every candidate, and never cached beyond one decision.  The checks run from
// the cheapest to the dearest, and the first that fails is the answer that "why not?" gives:
//
//   exists -> not hidden -> sold in the market -> in stock (at the location) -> not excluded by the request
//   -> not shown by the slates before
//   -> not on the page -> not in the cart -> not bought lately -> not hidden by a rule -> within the category
//   -> placement filter -> request filter -> no rule hides such products -> the filters of rules
//
// Thread safety: belongs to one decision.

#ifndef ATTUNE_DECISIONS_FILTER_H_
#define ATTUNE_DECISIONS_FILTER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "catalog/offer_terms.h"
#include "decisions/choose_rules.h"
#include "decisions/decide_input.h"
#include "expressions/expression.h"

namespace attune::decisions {

enum class FilterVerdict : uint8_t {
  kEligible,
  kUnknown,  // The catalogue has no such product (any more).
  kHidden,
  kNotInMarket,
  kOutOfStock,  // Or not at the request's location.
  kExcluded,
  kShownBefore,  // By a slate that this one continues.
  kOnPage,
  kInCart,
  kBoughtRecently,
  kOtherCategory,
  kPlacementFilter,
  kRequestFilter,
  kHiddenByRule,
  kRuleFilter,
};
inline constexpr size_t kFilterVerdictCount = 15;

// "out_of_stock": the word in explanations.
std::string_view FilterVerdictName(FilterVerdict verdict);

class EligibilityFilter {
 public:
  // Fails with kInvalidArgument when the request's filter does not parse.  `input` must outlive it.
  static Result<EligibilityFilter> Create(const DecideInput& input);

  FilterVerdict Check(ProductIndex product) const;

  // Asks the memory for what Check() will read.  A large catalogue is not in the processor's cache, and
  // candidates lie all over it: asking for a block ahead lets the waits overlap.
  void Prefetch(ProductIndex product) const;

  // For explanations: the part of a filter that a product fails, or when it was bought; empty when there is
  // no more to say.
  std::string Detail(ProductIndex product) const;

  // The rules that hold for the request, chosen once.
  const ActiveRules& rules() const { return rules_; }
  // The rule that hides the product, or whose filter it fails; null when Check() gives another verdict.
  const Rule* RuleAgainst(ProductIndex product) const;

  // What this request sees of a product.
  catalog::OfferTerms TermsOf(const catalog::Product& product) const;

 private:
  explicit EligibilityFilter(const DecideInput& input);
  // kEligible when the product can be had.
  FilterVerdict CheckAvailability(ProductIndex product) const;
  // The checks that look at the product's fields: the category and the filters.
  FilterVerdict CheckFields(ProductIndex index, const catalog::Product& product) const;
  // Null: none hides it by its fields, or none filters it out.
  const RuleMatch* HidingMatch(ProductIndex index, const expressions::FieldSource& fields) const;
  const RuleMatch* FailedMatch(ProductIndex index, const expressions::FieldSource& fields) const;
  void ResolveRules();
  bool IsBoughtRecently(const catalog::Product& product, int64_t bought_at_ms) const;

  const DecideInput* input_;
  ActiveRules rules_;
  absl::flat_hash_map<ProductIndex, const Rule*> hidden_by_;
  absl::flat_hash_map<ProductIndex, int> named_;  // Pinned, listed, included: by a rule of this priority.
  std::optional<expressions::Expression> request_filter_;
  bool reads_products_ = false;  // Whether CheckFields has something to check.
  absl::flat_hash_set<ProductIndex> excluded_;
  absl::flat_hash_set<ProductIndex> shown_before_;
  absl::flat_hash_set<ProductIndex> on_page_;
  absl::flat_hash_set<ProductIndex> in_cart_;
  absl::flat_hash_map<ProductIndex, int64_t>
      bought_at_ms_;  // Last purchase; empty when purchases do not exclude.
};

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_FILTER_H_
