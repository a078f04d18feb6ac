#include "decisions/rule_conflicts.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "catalog/offer_terms.h"
#include "catalog/product_fields.h"
#include "decisions/limits.h"
#include "decisions/rule_overlap.h"

namespace attune::decisions {
namespace {

using Kind = RuleConflict::Kind;
using Action = RuleAction::Kind;

constexpr std::string_view kConflictNames[] = {"hidden_and_shown", "same_position", "redirect_and_pins",
                                               "two_redirects",    "two_queries",   "never_applies"};

// What matters of one rule.
struct Summary {
  const Rule* rule = nullptr;
  std::set<std::string_view> shown;                // Pinned, listed, included.
  std::multimap<uint32_t, std::string_view> pins;  // By position.
  std::set<std::string_view> hidden;
  std::vector<const expressions::Expression*> hides;
  bool redirects = false;
  bool replaces_query = false;
};

class Finder {
 public:
  Finder(const RuleSet& set, const catalog::CatalogView& catalog, int64_t now_ms, int64_t local_now_ms)
      : set_(set), catalog_(catalog), now_ms_(now_ms), local_now_ms_(local_now_ms) {}

  ConflictReport Run() {
    std::vector<Summary> summaries;
    for (const Rule* const rule : set_.InOrder()) {
      if (const std::string why = WhyNever(*rule); !why.empty()) {
        Add({Kind::kNeverApplies, {rule->id}, {}, why});
      } else {
        summaries.push_back(Summarize(*rule));
      }
    }
    for (size_t i = 0; i < summaries.size() && report_.is_complete; ++i) {
      CheckAlone(summaries[i]);
      for (size_t j = i + 1; j < summaries.size() && report_.is_complete; ++j) {
        CheckPair(summaries[i], summaries[j]);
      }
    }
    return std::move(report_);
  }

 private:
  void Add(RuleConflict conflict) {
    if (report_.conflicts.size() >= kRuleConflictsMax) {
      report_.is_complete = false;
      return;
    }
    report_.conflicts.push_back(std::move(conflict));
  }

  std::span<const std::string> ProductsOf(const RuleAction& action) const {
    if (action.list.empty()) return action.product_ids;
    const CuratedList* const list = set_.FindList(action.list);
    return list == nullptr ? std::span<const std::string>() : std::span<const std::string>(list->product_ids);
  }

  // Of an action that does nothing; empty: it does something.
  std::string WhyIdle(const RuleAction& action) const {
    if (action.list.empty()) return {};
    const CuratedList* const list = set_.FindList(action.list);
    if (list == nullptr) return "there is no list " + action.list;
    return list->product_ids.empty() ? "the list " + action.list + " is empty" : std::string();
  }

  std::string WhyNever(const Rule& rule) const {
    const RuleCondition& when = rule.condition;
    if (when.until && when.until->ms <= (when.until->is_local ? local_now_ms_ : now_ms_)) {
      return "its time is over";
    }
    if (!CanHoldAt(when, Touchpoint::kSearch) && !CanHoldAt(when, Touchpoint::kBrowse) &&
        !CanHoldAt(when, Touchpoint::kRecommendations)) {
      return "its conditions exclude each other: placements are of recommendations, and browsing has no "
             "query";
    }
    std::string why;
    for (const RuleAction& action : rule.actions) {
      why = WhyIdle(action);
      if (why.empty()) return {};
    }
    return why;
  }

  Summary Summarize(const Rule& rule) const {
    Summary summary;
    summary.rule = &rule;
    for (const RuleAction& action : rule.actions) {
      const std::span<const std::string> products = ProductsOf(action);
      if (action.kind == Action::kPin) {
        for (uint32_t i = 0; i < products.size(); ++i) summary.pins.emplace(action.position + i, products[i]);
      }
      if (action.kind == Action::kPin || action.kind == Action::kList || action.kind == Action::kInclude) {
        summary.shown.insert(products.begin(), products.end());
      }
      if (action.kind == Action::kHide) summary.hidden.insert(products.begin(), products.end());
      if (action.kind == Action::kHide && action.parsed_filter != nullptr) {
        summary.hides.push_back(action.parsed_filter.get());
      }
      summary.redirects |= action.kind == Action::kRedirect;
      summary.replaces_query |= action.kind == Action::kReplaceQuery;
    }
    return summary;
  }

  // Products that `hiding` hides and `showing` wants shown.
  std::vector<std::string> HiddenOf(const Summary& hiding, const Summary& showing) {
    std::vector<std::string> ids;
    for (const std::string_view id : showing.shown) {
      if (ids.size() == kConflictProductsMax) break;
      if (hiding.hidden.contains(id) || MatchesAny(hiding.hides, id)) ids.emplace_back(id);
    }
    return ids;
  }

  bool MatchesAny(const std::vector<const expressions::Expression*>& filters, std::string_view id) {
    if (filters.empty()) return false;
    const std::optional<ProductIndex> index = catalog_.Resolve(id);
    const catalog::Product* const product = index ? catalog_.Find(*index) : nullptr;
    if (product == nullptr) return false;
    if (++products_looked_at_ > kConflictChecksMax) {
      report_.is_complete = false;
      return false;
    }
    const catalog::OfferTerms terms = catalog::ResolveTerms(*product, {{}, {}, {}, {}, now_ms_});
    const catalog::ProductFieldSource fields(*product, terms, now_ms_, catalog::FieldScope::kShop);
    return std::any_of(filters.begin(), filters.end(),
                       [&](const expressions::Expression* filter) { return filter->Matches(fields); });
  }

  // First the one that wins: a larger priority, and hiding on a tie.
  void AddHidden(const Summary& hiding, const Summary& showing, std::vector<std::string> ids) {
    const bool hides = hiding.rule->priority >= showing.rule->priority;
    const std::string& winner = hides ? hiding.rule->id : showing.rule->id;
    const std::string& loser = hides ? showing.rule->id : hiding.rule->id;
    std::vector<std::string> rules = {winner};
    if (loser != winner) rules.push_back(loser);
    Add({Kind::kHiddenAndShown, std::move(rules), std::move(ids),
         hiding.rule->id + " hides what " + showing.rule->id + " shows; " +
             (hides ? "it stays hidden" : "it is shown")});
  }

  void CheckAlone(const Summary& own) {
    if (std::vector<std::string> ids = HiddenOf(own, own); !ids.empty()) AddHidden(own, own, std::move(ids));
    for (auto pin = own.pins.begin(); pin != own.pins.end(); pin = own.pins.upper_bound(pin->first)) {
      if (own.pins.count(pin->first) > 1) AddPosition(own, own, pin->first, pin->second);
    }
  }

  void AddPosition(const Summary& first, const Summary& second, uint32_t position, std::string_view id) {
    std::vector<std::string> rules = {first.rule->id};
    if (first.rule != second.rule) rules.push_back(second.rule->id);
    Add({Kind::kSamePosition,
         std::move(rules),
         {std::string(id)},
         "two pins want position " + std::to_string(position) + "; the second one moves down"});
  }

  // `first` goes first.
  void CheckPair(const Summary& first, const Summary& second) {
    if (!MayOverlap(first.rule->condition, second.rule->condition)) return;
    for (const auto& [hiding, showing] : {std::pair(&first, &second), std::pair(&second, &first)}) {
      if (std::vector<std::string> ids = HiddenOf(*hiding, *showing); !ids.empty()) {
        AddHidden(*hiding, *showing, std::move(ids));
      }
      if (hiding->redirects && !showing->pins.empty()) {
        Add({Kind::kRedirectAndPins,
             {hiding->rule->id, showing->rule->id},
             {},
             hiding->rule->id + " sends shoppers elsewhere, who then do not see what " + showing->rule->id +
                 " pins"});
      }
    }
    for (const auto& [position, id] : second.pins) {
      const auto own = first.pins.find(position);
      if (own != first.pins.end() && own->second != id) AddPosition(first, second, position, id);
    }
    const std::vector<std::string> both = {first.rule->id, second.rule->id};
    if (first.redirects && second.redirects) {
      Add({Kind::kTwoRedirects, both, {}, "the redirect of " + first.rule->id + " stands"});
    }
    if (first.replaces_query && second.replaces_query) {
      Add({Kind::kTwoQueries, both, {}, "the query of " + first.rule->id + " stands"});
    }
  }

  const RuleSet& set_;
  const catalog::CatalogView& catalog_;
  const int64_t now_ms_;
  const int64_t local_now_ms_;
  size_t products_looked_at_ = 0;
  ConflictReport report_;
};

}  // namespace

std::string_view ConflictName(RuleConflict::Kind kind) { return kConflictNames[static_cast<size_t>(kind)]; }

ConflictReport FindConflicts(const RuleSet& rules, const catalog::CatalogView& catalog, int64_t now_ms,
                             int64_t local_now_ms) {
  return Finder(rules, catalog, now_ms, local_now_ms).Run();
}

}  // namespace attune::decisions
