#include "decisions/rule_dry_run.h"

#include <algorithm>

#include "decisions/decide.h"
#include "decisions/limits.h"

namespace attune::decisions {
namespace {

Result<RemadeDecision> Remake(const DecisionRecord& record, const StoreView& view, const DryRunState& state,
                              int64_t now_ms, const DryRunOptions& options) {
  if (!record.search.empty()) return options.remake_search(record, view, state, now_ms);
  ASSIGN_OR_RETURN(const Placement* const placement, FindPlacement(view, record.request.placement));
  const DecideInput input{
      record.request, view,   *placement, record.is_personalized ? state.profile : nullptr,
      state.catalog,  now_ms, record.seed};
  DecisionTrace trace;
  ASSIGN_OR_RETURN(const Decision decision, Decide(input, record.id, &trace));
  RemadeDecision made;
  for (const DecidedProduct& product : decision.products) {
    made.products.push_back(product.product);
    made.ids.push_back(product.product_id);
  }
  TakeRules(trace.rules, made);
  return made;
}

bool Shows(const RemadeDecision& made, ProductIndex product) {
  return std::find(made.products.begin(), made.products.end(), product) != made.products.end();
}

double ValueOf(const RemadeDecision& made, const DryRunOptions& options, uint64_t& valued_count) {
  if (!options.value_of) return 0;
  double sum = 0;
  for (const ProductIndex product : made.products) {
    const std::optional<double> value = options.value_of(product);
    if (!value) continue;
    sum += *value;
    ++valued_count;
  }
  return sum;
}

}  // namespace

void TakeRules(const ActiveRules& rules, RemadeDecision& made) {
  for (const Rule* const rule : rules.rules) made.rules.push_back(rule->id);
  made.redirect = rules.redirect;
  for (const RuleBanner& shown : rules.banners) made.banners.push_back(*shown.banner);
}

void RuleDryRun::Add(const DecisionRecord& record, const DryRunState& state) {
  const Result<RemadeDecision> before = Remake(record, state.before, state, MomentOf(record), options_);
  const Result<RemadeDecision> after = Remake(record, state.after, state, MomentOf(record), options_);
  if (!before.ok() || !after.ok()) {
    ++report_.failed_count;
    return;
  }
  ++report_.decision_count;
  for (const std::string& rule : after->rules) ++report_.rules[rule];
  report_.shown_count += before->products.size();
  const double value = ValueOf(*before, options_, report_.valued_count);
  uint64_t valued_after = 0;
  report_.value_before += value;
  report_.value_after += ValueOf(*after, options_, valued_after);
  if (before->products == after->products && before->redirect == after->redirect &&
      before->banners == after->banners) {
    return;
  }
  ++report_.changed_count;
  report_.changed_value += value;
  if (before->redirect.empty() && !after->redirect.empty()) ++report_.redirected_count;
  for (const ProductIndex product : after->products) {
    if (!Shows(*before, product)) ++report_.products[product].gained;
  }
  for (const ProductIndex product : before->products) {
    if (!Shows(*after, product)) ++report_.products[product].lost;
  }
  if (report_.examples.size() < kDryRunExamplesMax) {
    report_.examples.push_back(
        {record.id, record.request.placement, before->ids, after->ids, before->redirect, after->redirect});
  }
}

}  // namespace attune::decisions
