#include "server/store_view_of.h"

#include <utility>

namespace attune::server {

std::shared_ptr<const decisions::StoreView> MakeStoreView(const StoreState& state, Sequence sequence,
                                                          std::shared_ptr<const ModelDirectory> models,
                                                          std::shared_ptr<const models::LiveSessions> live) {
  const auto documents = state.documents_view();
  auto view = std::make_shared<decisions::StoreView>();
  view->sequence = sequence;
  view->sources = std::move(models);
  view->live = std::move(live);
  view->placements = documents->placements;
  view->rules = documents->rules;
  view->synonyms = documents->synonyms;
  view->settings.time = documents->time;
  view->settings.personalizes_by_default = documents->settings.consent_default;
  for (const auto& [market, is_granted] : documents->settings.consent_by_market) {
    view->settings.personalizes_by_market.emplace_back(market, is_granted);
  }
  view->settings.base_currency = documents->settings.base_currency;
  view->settings.features = FeatureSettingsOf(documents->settings);
  view->has_view_events = state.has_view_events();
  return view;
}

}  // namespace attune::server
