#include "server/profile_folds.h"

#include <algorithm>
#include <utility>

#include "events/consent_policy.h"

namespace attune::server {
namespace {

// Waking another thread costs some microseconds: as much as a few folds.
constexpr size_t kSharedFoldsMin = 64;
constexpr size_t kLaneCount = 2;
// Folds between two steps of a prefetch: together as long as memory takes to answer.
constexpr size_t kPrefetchStep = 2;

}  // namespace

void ProfileFolds::Add(Sequence sequence, const events::Event& event, std::optional<bool> is_customer,
                       std::vector<events::OrderChange> changes) {
  if (changes.empty()) {
    if (event.shopper.value() != 0) folds_.push_back({event.shopper, sequence, &event, is_customer, nullptr});
    return;
  }
  const auto shared = std::make_shared<const std::vector<events::OrderChange>>(std::move(changes));
  // A profile takes a record once, so everything that this record says of one shopper is folded together.
  std::vector<ShopperHandle> shoppers{event.shopper};
  for (const events::OrderChange& change : *shared) shoppers.push_back(change.shopper);
  for (size_t i = 0; i < shoppers.size(); ++i) {
    const auto end = shoppers.begin() + static_cast<std::ptrdiff_t>(i);
    if (shoppers[i].value() == 0 || std::find(shoppers.begin(), end, shoppers[i]) != end) continue;
    folds_.push_back({shoppers[i], sequence, &event, i == 0 ? is_customer : std::nullopt, shared});
  }
}

bool ProfileFolds::FoldInto(const Fold& fold, const features::FoldContext& context,
                            features::ShopperProfile& profile) {
  const events::Event& event = *fold.event;
  bool is_changed = false;
  if (event.shopper == fold.shopper) {
    is_changed = features::FoldEvent(event, fold.sequence, context, profile);
    // Who refused does not get a profile of purchases either.
    if (!events::MayWriteProfile(event.consent)) return is_changed;
  }
  if (!fold.changes) return is_changed;
  for (const events::OrderChange& change : *fold.changes) {
    if (change.shopper != fold.shopper) continue;
    is_changed |= features::FoldOrderChange(change, fold.sequence, context, profile);
  }
  return is_changed;
}

Status ProfileFolds::RunLane(const std::vector<const Fold*>& folds, const features::FoldContext& context,
                             features::ProfileStore& profiles) {
  Status failure;
  const Fold* current = nullptr;
  features::FoldContext lane_context = context;
  lane_context.is_customer = [&](ShopperHandle shopper) {
    if (current->is_customer) return *current->is_customer;
    return context.is_customer && context.is_customer(shopper);
  };
  for (size_t i = 0; i < folds.size(); ++i) {
    if (i + 3 * kPrefetchStep < folds.size()) profiles.PrefetchShelf(folds[i + 3 * kPrefetchStep]->shopper);
    if (i + 2 * kPrefetchStep < folds.size()) profiles.PrefetchProfile(folds[i + 2 * kPrefetchStep]->shopper);
    if (i + kPrefetchStep < folds.size()) profiles.PrefetchLists(folds[i + kPrefetchStep]->shopper);
    current = folds[i];
    Status updated = profiles.Update(
        current->shopper, current->sequence,
        [&](features::ShopperProfile& profile) { return FoldInto(*current, lane_context, profile); });
    if (failure.ok()) failure = std::move(updated);
  }
  return failure;
}

Status ProfileFolds::Run(const features::FoldContext& context, CompanionThread* companion,
                         features::ProfileStore& profiles) {
  std::vector<const Fold*> lanes[kLaneCount];
  for (const Fold& fold : folds_) lanes[profiles.LaneOf(fold.shopper, kLaneCount)].push_back(&fold);
  Status results[kLaneCount];
  const auto run = [&](size_t lane) { results[lane] = RunLane(lanes[lane], context, profiles); };
  if (companion != nullptr && folds_.size() >= kSharedFoldsMin) {
    companion->RunBoth([&] { run(0); }, [&] { run(1); });
  } else {
    for (size_t lane = 0; lane < kLaneCount; ++lane) run(lane);
  }
  folds_.clear();
  for (Status& result : results) {
    if (!result.ok()) return std::move(result);
  }
  return Status();
}

}  // namespace attune::server
