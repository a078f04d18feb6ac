// What the records of a group say about shoppers, waiting to be folded into their profiles.
//
//   Add(sequence, event, changes)*  --Run-->  each shopper's records in the order of the log, shoppers side
//   by side
//
// A profile depends on the records of its shopper alone, so the result is the same for one thread and for
// two. What else the folds read (catalogue, prices, settings, who is a customer) must not change between Add
// and Run.
//
// Thread safety: the writer strand only; Run lends half of the work to a companion.

#ifndef ATTUNE_SERVER_PROFILE_FOLDS_H_
#define ATTUNE_SERVER_PROFILE_FOLDS_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "base/companion_thread.h"
#include "base/ids.h"
#include "base/status.h"
#include "events/event.h"
#include "features/fold_event.h"
#include "features/profile_store.h"

namespace attune::server {

class ProfileFolds {
 public:
  // `event` must live until Run() returns.  `is_customer` says it of the event's shopper; nothing: the
  // context is asked.
  void Add(Sequence sequence, const events::Event& event, std::optional<bool> is_customer,
           std::vector<events::OrderChange> changes);

  bool empty() const { return folds_.empty(); }

  // Folds everything and forgets it.  Null `companion`: on this thread alone.  Fails as ProfileStore::Update
  // does, after having tried the rest.
  Status Run(const features::FoldContext& context, CompanionThread* companion,
             features::ProfileStore& profiles);

 private:
  struct Fold {
    ShopperHandle shopper;
    Sequence sequence;
    const events::Event* event;
    std::optional<bool> is_customer;                                  // `shopper`.
    std::shared_ptr<const std::vector<events::OrderChange>> changes;  // Null: none.
  };
  static bool FoldInto(const Fold& fold, const features::FoldContext& context,
                       features::ShopperProfile& profile);
  static Status RunLane(const std::vector<const Fold*>& folds, const features::FoldContext& context,
                        features::ProfileStore& profiles);

  std::vector<Fold> folds_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_PROFILE_FOLDS_H_
