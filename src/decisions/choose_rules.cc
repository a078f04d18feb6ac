#include "decisions/choose_rules.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "decisions/query_words.h"

namespace attune::decisions {
namespace {

using Words = std::vector<std::string>;

bool HasWord(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool HoldsQuery(const QueryCondition& condition, const Words& words) {
  if (condition.is_empty()) return true;
  if (words.empty()) return false;
  if (condition.is_any) return true;
  if (std::find(condition.exact.begin(), condition.exact.end(), words) != condition.exact.end()) return true;
  return std::any_of(condition.contains.begin(), condition.contains.end(), [&](const Words& wanted) {
    return std::all_of(wanted.begin(), wanted.end(),
                       [&](const std::string& word) { return HasWord(words, word); });
  });
}

bool HoldsCategory(const std::vector<Words>& categories, std::span<const std::string> category) {
  if (categories.empty()) return true;
  return std::any_of(categories.begin(), categories.end(), [&](const Words& path) {
    return path.size() <= category.size() && std::equal(path.begin(), path.end(), category.begin());
  });
}

bool HoldsTime(const RuleCondition& condition, const RuleSituation& situation) {
  const auto now = [&](const RuleMoment& moment) {
    return moment.is_local ? situation.local_now_ms : situation.now_ms;
  };
  if (condition.from && now(*condition.from) < condition.from->ms) return false;
  return !condition.until || now(*condition.until) < condition.until->ms;
}

// From the cheapest to the dearest.
bool HoldsAll(const RuleCondition& condition, const RuleSituation& situation, const Words& words) {
  const auto& touchpoints = condition.touchpoints;
  if (!touchpoints.empty() &&
      std::find(touchpoints.begin(), touchpoints.end(), situation.touchpoint) == touchpoints.end()) {
    return false;
  }
  if (!HoldsTime(condition, situation) || !HoldsCategory(condition.categories, situation.category) ||
      !HoldsQuery(condition.query, words)) {
    return false;
  }
  const auto& placements = condition.placements;
  if (!placements.empty() &&
      std::none_of(placements.begin(), placements.end(), [&](const std::string& pattern) {
        return !situation.placement.empty() && MatchesPattern(pattern, situation.placement);
      })) {
    return false;
  }
  if (condition.parsed_segment == nullptr) return true;
  return situation.shopper != nullptr && condition.parsed_segment->Matches(*situation.shopper);
}

class Outcome {
 public:
  explicit Outcome(const RuleSet& set) : set_(set) {}

  void Add(const Rule& rule) {
    active.rules.push_back(&rule);
    for (const RuleAction& action : rule.actions) Add(rule, action);
  }

  void Settle() {
    // (4): whoever wins, the product is on one side only.
    std::erase_if(active.hidden_products, [this](const RuleProduct& hidden) {
      const auto shown = shown_by_.find(hidden.product_id);
      return shown != shown_by_.end() && shown->second > hidden.rule->priority;
    });
    absl::flat_hash_set<std::string_view> hidden;
    for (const RuleProduct& product : active.hidden_products) hidden.insert(product.product_id);
    const auto is_hidden = [&](const auto& product) { return hidden.contains(product.product_id); };
    std::erase_if(wanted_pins_, is_hidden);
    std::erase_if(active.leading, is_hidden);
    std::erase_if(active.included, is_hidden);
    PlacePins();
    DropRepeats();
  }

  ActiveRules active;

 private:
  std::span<const std::string> ProductsOf(const RuleAction& action) const {
    if (action.list.empty()) return action.product_ids;
    const CuratedList* const list = set_.FindList(action.list);
    return list == nullptr ? std::span<const std::string>() : std::span<const std::string>(list->product_ids);
  }

  void Show(const Rule& rule, std::string_view product_id) {
    int& priority = shown_by_.try_emplace(product_id, rule.priority).first->second;
    priority = std::max(priority, rule.priority);
  }

  void Add(const Rule& rule, const RuleAction& action) {
    using Kind = RuleAction::Kind;
    switch (action.kind) {
      case Kind::kPin: {
        uint32_t position = action.position;
        for (const std::string& id : ProductsOf(action)) {
          Show(rule, id);
          wanted_pins_.push_back({id, position++, &rule});
        }
        return;
      }
      case Kind::kList:
        return AddProducts(rule, action, active.leading);
      case Kind::kInclude:
        return AddProducts(rule, action, active.included);
      case Kind::kBoost:
      case Kind::kBury:
        active.boosts.push_back({ProductsOf(action), action.parsed_filter.get(), action.factor, &rule});
        return;
      case Kind::kHide:
        if (action.parsed_filter != nullptr) {
          active.hidden_matches.push_back({action.parsed_filter.get(), &rule});
          return;
        }
        for (const std::string& id : ProductsOf(action)) active.hidden_products.push_back({id, &rule});
        return;
      case Kind::kFilter:
        active.filters.push_back({action.parsed_filter.get(), &rule});
        return;
      case Kind::kReplaceQuery:
      case Kind::kRedirect:
      case Kind::kBanner:
        return AddWords(rule, action);
    }
  }

  void AddProducts(const Rule& rule, const RuleAction& action, std::vector<RuleProduct>& out) {
    for (const std::string& id : ProductsOf(action)) {
      Show(rule, id);
      out.push_back({id, &rule});
    }
  }

  void AddWords(const Rule& rule, const RuleAction& action) {
    if (action.kind == RuleAction::Kind::kBanner) active.banners.push_back({&action.banner, &rule});
    if (action.kind == RuleAction::Kind::kRedirect && active.redirect_rule == nullptr) {
      active.redirect = action.url;
      active.redirect_rule = &rule;
    }
    if (action.kind == RuleAction::Kind::kReplaceQuery && active.replaced_query_rule == nullptr) {
      active.replaced_query = action.query;
      active.replaced_query_rule = &rule;
    }
  }

  // (3)
  void PlacePins() {
    std::set<uint32_t> taken;
    absl::flat_hash_set<std::string_view> pinned;
    for (RulePin pin : wanted_pins_) {
      if (!pinned.insert(pin.product_id).second) continue;
      while (!taken.insert(pin.position).second) ++pin.position;
      active.pins.push_back(pin);
    }
    std::sort(active.pins.begin(), active.pins.end(),
              [](const RulePin& a, const RulePin& b) { return a.position < b.position; });
  }

  void DropRepeats() {
    absl::flat_hash_set<std::string_view> seen;
    for (const RulePin& pin : active.pins) seen.insert(pin.product_id);
    const auto is_seen = [&](const RuleProduct& product) { return !seen.insert(product.product_id).second; };
    std::erase_if(active.leading, is_seen);
    std::erase_if(active.included, is_seen);
  }

  const RuleSet& set_;
  std::vector<RulePin> wanted_pins_;
  // The largest priority of the rules that want the product shown.
  absl::flat_hash_map<std::string_view, int> shown_by_;
};

}  // namespace

bool Holds(const RuleCondition& condition, const RuleSituation& situation) {
  return HoldsAll(condition, situation, QueryWords(situation.query));
}

ActiveRules ChooseRules(const RuleSet& rules, const RuleSituation& situation) {
  if (rules.InOrder().empty()) return {};
  const Words words = QueryWords(situation.query);
  Outcome outcome(rules);
  for (const Rule* const rule : rules.InOrder()) {
    if (HoldsAll(rule->condition, situation, words)) outcome.Add(*rule);
  }
  outcome.Settle();
  return std::move(outcome.active);
}

}  // namespace attune::decisions
