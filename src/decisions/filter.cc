#include "decisions/filter.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/clock.h"
#include "base/time_text.h"
#include "catalog/product_fields.h"
#include "decisions/apply_rules.h"
#include "features/fold_event.h"

namespace attune::decisions {
namespace {

using catalog::FieldScope;
using catalog::ProductFieldSource;

constexpr std::string_view kVerdictNames[kFilterVerdictCount] = {
    "eligible",       "unknown_product",  "hidden",         "not_in_market",  "out_of_stock",
    "excluded",       "shown_before",     "on_page",        "in_cart",        "bought_recently",
    "other_category", "placement_filter", "request_filter", "hidden_by_rule", "rule_filter"};

// `path` begins with all of `prefix`.
bool StartsWith(const catalog::CategoryPath& path, const std::vector<std::string>& prefix) {
  return path.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), path.begin());
}

}  // namespace

std::string_view FilterVerdictName(FilterVerdict verdict) {
  return kVerdictNames[static_cast<size_t>(verdict)];
}

EligibilityFilter::EligibilityFilter(const DecideInput& input)
    : input_(&input), rules_(ActiveRulesOf(input)) {
  ResolveRules();
  const ResolvedRequest& request = input.request;
  const Exclusions& exclude = input.placement.exclude;
  excluded_.insert(request.excluded.begin(), request.excluded.end());
  shown_before_.insert(request.already_shown.begin(), request.already_shown.end());
  if (exclude.page_products) on_page_.insert(request.page_products.begin(), request.page_products.end());
  if (exclude.cart) {
    in_cart_.insert(request.cart.begin(), request.cart.end());
    if (request.cart.empty() && input.profile != nullptr) {
      const auto cart = features::ActiveCart(*input.profile, input.now_ms, input.view.settings.features);
      for (const features::CartLine& line : cart) in_cart_.insert(line.product);
    }
  }
  const bool excludes_bought =
      exclude.bought_within_days > 0 || !exclude.bought_within_days_by_category.empty();
  if (excludes_bought && input.profile != nullptr) {
    for (const features::Purchase& purchase : input.profile->purchases) {
      bought_at_ms_.emplace(purchase.product, purchase.last_at_ms);
    }
  }
}

void EligibilityFilter::ResolveRules() {
  if (rules_.is_empty()) return;
  const auto name = [this](std::string_view id, const Rule& rule) {
    const std::optional<ProductIndex> index = input_->catalog.Resolve(id);
    if (!index) return;
    int& priority = named_.try_emplace(*index, rule.priority).first->second;
    priority = std::max(priority, rule.priority);
  };
  for (const RulePin& pin : rules_.pins) name(pin.product_id, *pin.rule);
  for (const RuleProduct& product : rules_.leading) name(product.product_id, *product.rule);
  for (const RuleProduct& product : rules_.included) name(product.product_id, *product.rule);
  for (const RuleProduct& hidden : rules_.hidden_products) {
    const std::optional<ProductIndex> index = input_->catalog.Resolve(hidden.product_id);
    if (!index) continue;
    // Named under another of its ids (a sku) it may stand on both sides; choose_rules.h (4) says who wins.
    const auto named = named_.find(*index);
    if (named == named_.end() || named->second <= hidden.rule->priority) {
      hidden_by_.emplace(*index, hidden.rule);
    }
  }
}

const RuleMatch* EligibilityFilter::HidingMatch(ProductIndex index,
                                                const expressions::FieldSource& fields) const {
  const auto named = named_.find(index);
  for (const RuleMatch& match : rules_.hidden_matches) {
    if (named != named_.end() && named->second > match.rule->priority) continue;
    if (match.filter->Matches(fields)) return &match;
  }
  return nullptr;
}

const RuleMatch* EligibilityFilter::FailedMatch(ProductIndex index,
                                                const expressions::FieldSource& fields) const {
  if (named_.contains(index)) return nullptr;
  for (const RuleMatch& match : rules_.filters) {
    if (!match.filter->Matches(fields)) return &match;
  }
  return nullptr;
}

Result<EligibilityFilter> EligibilityFilter::Create(const DecideInput& input) {
  EligibilityFilter filter(input);
  if (!input.request.filter.empty()) {
    ASSIGN_OR_RETURN(
        filter.request_filter_,
        expressions::Expression::Parse(input.request.filter,
                                       catalog::ProductFilterSchema(FieldScope::kEverybody), "filter"));
  }
  filter.reads_products_ = filter.request_filter_ || !filter.rules_.hidden_matches.empty() ||
                           !filter.rules_.filters.empty() || input.placement.parsed_filter != nullptr ||
                           (input.placement.is_within_category && !input.request.category.empty());
  return filter;
}

catalog::OfferTerms EligibilityFilter::TermsOf(const catalog::Product& product) const {
  const ResolvedRequest& request = input_->request;
  return catalog::ResolveTerms(
      product, {request.market, request.locale, request.location, request.price_list, input_->now_ms});
}

bool EligibilityFilter::IsBoughtRecently(const catalog::Product& product, int64_t bought_at_ms) const {
  const Exclusions& exclude = input_->placement.exclude;
  int days = exclude.bought_within_days;
  size_t levels_matched = 0;
  for (const auto& [path, path_days] : exclude.bought_within_days_by_category) {
    if (path.size() <= levels_matched) continue;
    const bool is_within =
        std::any_of(product.categories.begin(), product.categories.end(),
                    [&](const catalog::CategoryPath& own) { return StartsWith(own, path); });
    if (!is_within) continue;
    levels_matched = path.size();
    days = path_days;
  }
  return days > 0 && bought_at_ms > input_->now_ms - days * kDayMs;
}

void EligibilityFilter::Prefetch(ProductIndex index) const {
  if (!reads_products_ && input_->catalog.IsAvailableToAll(index)) return;
  constexpr size_t kCacheLineBytes = 64;
  const auto* const product = reinterpret_cast<const char*>(input_->catalog.Find(index));
  if (product == nullptr) return;
  for (size_t at = 0; at < sizeof(catalog::Product); at += kCacheLineBytes) __builtin_prefetch(product + at);
}

FilterVerdict EligibilityFilter::CheckAvailability(ProductIndex index) const {
  if (input_->catalog.IsAvailableToAll(index)) return FilterVerdict::kEligible;
  const catalog::Product* const product = input_->catalog.Find(index);
  if (product == nullptr) return FilterVerdict::kUnknown;
  if (product->is_hidden) return FilterVerdict::kHidden;
  switch (TermsOf(*product).availability) {
    case catalog::Availability::kAvailable:
      return FilterVerdict::kEligible;
    case catalog::Availability::kHidden:
      return FilterVerdict::kHidden;
    case catalog::Availability::kNotInMarket:
      return FilterVerdict::kNotInMarket;
    case catalog::Availability::kOutOfStock:
    case catalog::Availability::kNotAtLocation:
      return FilterVerdict::kOutOfStock;
  }
  return FilterVerdict::kUnknown;
}

FilterVerdict EligibilityFilter::Check(ProductIndex index) const {
  if (const FilterVerdict verdict = CheckAvailability(index); verdict != FilterVerdict::kEligible) {
    return verdict;
  }
  if (excluded_.contains(index)) return FilterVerdict::kExcluded;
  if (shown_before_.contains(index)) return FilterVerdict::kShownBefore;
  if (on_page_.contains(index)) return FilterVerdict::kOnPage;
  if (in_cart_.contains(index)) return FilterVerdict::kInCart;
  if (const auto bought = bought_at_ms_.find(index);
      bought != bought_at_ms_.end() && IsBoughtRecently(*input_->catalog.Find(index), bought->second)) {
    return FilterVerdict::kBoughtRecently;
  }
  if (hidden_by_.contains(index)) return FilterVerdict::kHiddenByRule;
  return reads_products_ ? CheckFields(index, *input_->catalog.Find(index)) : FilterVerdict::kEligible;
}

FilterVerdict EligibilityFilter::CheckFields(ProductIndex index, const catalog::Product& product) const {
  const std::vector<std::string>& category = input_->request.category;
  if (input_->placement.is_within_category && !category.empty() &&
      std::none_of(product.categories.begin(), product.categories.end(),
                   [&](const catalog::CategoryPath& own) { return StartsWith(own, category); })) {
    return FilterVerdict::kOtherCategory;
  }
  const expressions::Expression* const own = input_->placement.parsed_filter.get();
  const bool has_rules = !rules_.hidden_matches.empty() || !rules_.filters.empty();
  if (own == nullptr && !request_filter_ && !has_rules) return FilterVerdict::kEligible;
  const catalog::OfferTerms offer = TermsOf(product);
  const ProductFieldSource fields(product, offer, input_->now_ms, FieldScope::kShop);
  if (own != nullptr && !own->Matches(fields)) return FilterVerdict::kPlacementFilter;
  if (request_filter_ &&
      !request_filter_->Matches(ProductFieldSource(product, offer, input_->now_ms, FieldScope::kEverybody))) {
    return FilterVerdict::kRequestFilter;
  }
  if (HidingMatch(index, fields) != nullptr) return FilterVerdict::kHiddenByRule;
  if (FailedMatch(index, fields) != nullptr) return FilterVerdict::kRuleFilter;
  return FilterVerdict::kEligible;
}

const Rule* EligibilityFilter::RuleAgainst(ProductIndex index) const {
  const FilterVerdict verdict = Check(index);
  if (verdict != FilterVerdict::kHiddenByRule && verdict != FilterVerdict::kRuleFilter) return nullptr;
  if (const auto hidden = hidden_by_.find(index); hidden != hidden_by_.end()) return hidden->second;
  const catalog::Product& product = *input_->catalog.Find(index);
  const catalog::OfferTerms offer = TermsOf(product);
  const ProductFieldSource fields(product, offer, input_->now_ms, FieldScope::kShop);
  const auto* const match =
      verdict == FilterVerdict::kHiddenByRule ? HidingMatch(index, fields) : FailedMatch(index, fields);
  return match == nullptr ? nullptr : match->rule;
}

std::string EligibilityFilter::Detail(ProductIndex index) const {
  const catalog::Product* const product = input_->catalog.Find(index);
  if (product == nullptr) return {};
  const FilterVerdict verdict = Check(index);
  if (verdict == FilterVerdict::kBoughtRecently) return "bought at " + FormatTime(bought_at_ms_.at(index));
  const catalog::OfferTerms offer = TermsOf(*product);
  if (verdict == FilterVerdict::kPlacementFilter) {
    return input_->placement.parsed_filter->FirstFalsePart(
        ProductFieldSource(*product, offer, input_->now_ms, FieldScope::kShop));
  }
  if (verdict == FilterVerdict::kHiddenByRule && !hidden_by_.contains(index)) {
    const ProductFieldSource fields(*product, offer, input_->now_ms, FieldScope::kShop);
    return HidingMatch(index, fields)->filter->ToText();
  }
  if (verdict == FilterVerdict::kRuleFilter) {
    const ProductFieldSource fields(*product, offer, input_->now_ms, FieldScope::kShop);
    return FailedMatch(index, fields)->filter->FirstFalsePart(fields);
  }
  if (verdict == FilterVerdict::kRequestFilter) {
    return request_filter_->FirstFalsePart(
        ProductFieldSource(*product, offer, input_->now_ms, FieldScope::kEverybody));
  }
  return {};
}

}  // namespace attune::decisions
