// What one request pins at its start, and uses to its end: models, placements and settings, each immutable.
//
//   StoreView  = { sources (models at their generations), live visits, placements, rules, settings }   one
//                pointer, published by the server
//   Decide()   = pure function of (request, StoreView, profile, CatalogView, now, seed)
//
// Thread safety: immutable; shared by all request threads.

#ifndef ATTUNE_DECISIONS_STORE_VIEW_H_
#define ATTUNE_DECISIONS_STORE_VIEW_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/money.h"
#include "decisions/placement_set.h"
#include "decisions/rule_set.h"
#include "decisions/synonym_set.h"
#include "features/feature_settings.h"
#include "features/store_time.h"
#include "models/candidate_source.h"
#include "models/live_sessions.h"
#include "models/product_tally.h"
#include "models/product_ties.h"
#include "models/query_clicks.h"
#include "models/ranker.h"
#include "models/vector_lookup.h"

namespace attune::decisions {

struct SourceGeneration {
  std::string model;
  Generation generation;

  friend bool operator==(const SourceGeneration&, const SourceGeneration&) = default;
};

// The candidate sources of one view, by name.
class SourceDirectory {
 public:
  virtual ~SourceDirectory() = default;
  // Null when the store has no such source, or none is trained yet.
  virtual const models::CandidateSource* Find(std::string_view name) const = 0;
  // The order of products with equal scores.
  virtual const models::ProductTies& ties() const = 0;
  // What was counted of every product; null: nothing is trained.
  virtual const models::ProductTally* tally() const { return nullptr; }
  // What shoppers wanted of the queries; null: nothing is trained.
  virtual const models::QueryClicks* query_clicks() const { return nullptr; }
  // By which products are compared; null: there are none.
  virtual const models::VectorLookup* vectors() const { return nullptr; }
  // The learned order of this generation; null when it has none.
  virtual const models::Ranker* ranker() const { return nullptr; }
  // In the order of the model names.
  virtual std::vector<SourceGeneration> generations() const = 0;
};

struct StoreSettings {
  // consent_default: whether a shopper without a record of consent may be personalised for.
  bool personalizes_by_default = true;
  std::vector<std::pair<std::string, bool>> personalizes_by_market;  // Wins over the store's.
  Currency base_currency;
  features::FeatureSettings features;  // When a cart expires.
  features::StoreTime time;            // What the clocks of the store show.

  bool PersonalizesByDefault(std::string_view market) const {
    for (const auto& [name, personalizes] : personalizes_by_market) {
      if (name == market) return personalizes;
    }
    return personalizes_by_default;
  }
};

struct StoreView {
  Sequence sequence;  // The last record of the log that sources, placements, rules and settings contain.
  std::shared_ptr<const SourceDirectory> sources;
  std::shared_ptr<const PlacementSet> placements;
  std::shared_ptr<const RuleSet> rules;        // Null: none.
  std::shared_ptr<const SynonymSet> synonyms;  // Null: none.
  StoreSettings settings;
  // Visits since the training of `sources`, up to a sequence of their own; null: none.
  std::shared_ptr<const models::LiveSessions> live;
  bool has_view_events = true;  // The store has ever taken a product_viewed.
};

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_STORE_VIEW_H_
