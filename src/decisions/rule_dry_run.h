// What other rules would have made of decisions that were made: each is made twice over the same state, once
// with each set of rules, and the two are held against each other.
//
//   RuleDryRun run({.at_ms = {}, .value_of = ...});
//   for (record : records) run.Add(record, {view, draft_view, profile, catalog});
//   run.report().changed_count
//
// Of what state is the caller's choice.  Over that of now the second decision is what the store would answer
// if the draft were its rules (server/store_rules.cc, and its test asks the store).  Over that of the
// record's moment the first one is what was shown (server/replay_store.h).  Either way, what differs between
// the two is the rules' doing alone.
//
// Thread safety: one thread.

#ifndef ATTUNE_DECISIONS_RULE_DRY_RUN_H_
#define ATTUNE_DECISIONS_RULE_DRY_RUN_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "catalog/catalog_view.h"
#include "decisions/choose_rules.h"
#include "decisions/decision_record.h"
#include "decisions/store_view.h"
#include "features/shopper_profile.h"

namespace attune::decisions {

struct SlateChange {
  DecisionId id;
  std::string placement;
  std::vector<std::string> before;  // Product ids, by position.
  std::vector<std::string> after;
  std::string redirect_before;
  std::string redirect_after;
};

struct DryRunReport {
  uint64_t decision_count = 0;
  uint64_t changed_count = 0;     // Another slate, redirect or banner.
  uint64_t redirected_count = 0;  // Of those that changed: sent elsewhere, and not before.
  uint64_t failed_count = 0;      // Not made again: the placement is gone, the filter names what is gone.
  // Slates that a product entered, and that it left.
  struct Product {
    uint64_t gained = 0;
    uint64_t lost = 0;
  };
  std::map<ProductIndex, Product> products;
  std::map<std::string, uint64_t> rules;  // In how many decisions each rule of the draft holds.
  // Sums of what a view of the shown products is worth, where that is known.
  double value_before = 0;
  double value_after = 0;
  double changed_value = 0;  // The part of value_before in slates that change.
  uint64_t shown_count = 0;  // Products shown before, and those of known value.
  uint64_t valued_count = 0;
  std::vector<SlateChange> examples;  // The first kDryRunExamplesMax.
};

// One decision with one set of rules.
struct RemadeDecision {
  std::vector<ProductIndex> products;  // By position.
  std::vector<std::string> ids;        // Theirs.
  std::vector<std::string> rules;      // Ids of those that hold.
  std::string redirect;
  std::vector<Banner> banners;
};

// What the rules that hold say beside the products.
void TakeRules(const ActiveRules& rules, RemadeDecision& made);

struct DryRunState {
  const StoreView& before;
  const StoreView& after;                   // The same but for its rules.
  const features::ShopperProfile* profile;  // As of MomentOf(record); not looked at when it was not read.
  const catalog::CatalogView& catalog;
};

struct DryRunOptions {
  std::optional<int64_t> at_ms;  // All decisions are made at this moment; nothing: each at its own.
  // What one view of the product brought, in major units; nothing: too little is known.
  std::function<std::optional<double>(ProductIndex product)> value_of;
  // Makes a recorded search again, which is for the room of search to do.
  std::function<Result<RemadeDecision>(const DecisionRecord& record, const StoreView& view,
                                       const DryRunState& state, int64_t now_ms)>
      remake_search;
};

class RuleDryRun {
 public:
  explicit RuleDryRun(DryRunOptions options) : options_(std::move(options)) {}

  // When the decision is made again.
  int64_t MomentOf(const DecisionRecord& record) const { return options_.at_ms.value_or(record.now_ms); }

  void Add(const DecisionRecord& record, const DryRunState& state);

  const DryRunReport& report() const { return report_; }

 private:
  const DryRunOptions options_;
  DryRunReport report_;
};

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_RULE_DRY_RUN_H_
