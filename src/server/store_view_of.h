// The view that requests pin, made from a store's state and models: the same when it serves and when it is
// replayed.
//
// Thread safety: pure function of what the state publishes.

#ifndef ATTUNE_SERVER_STORE_VIEW_OF_H_
#define ATTUNE_SERVER_STORE_VIEW_OF_H_

#include <memory>

#include "base/ids.h"
#include "decisions/store_view.h"
#include "server/model_keeper.h"
#include "server/store_state.h"

namespace attune::server {

std::shared_ptr<const decisions::StoreView> MakeStoreView(const StoreState& state, Sequence sequence,
                                                          std::shared_ptr<const ModelDirectory> models,
                                                          std::shared_ptr<const models::LiveSessions> live);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_STORE_VIEW_OF_H_
