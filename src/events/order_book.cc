#include "events/order_book.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"

namespace attune::events {

using storage::Column;

uint64_t OrderIdHash(std::string_view order_id) { return StableHash64(order_id); }

OrderBook::OrderBook(storage::StorageEngine* engine, OrderRules rules, size_t cached_orders_max)
    : engine_(engine), rules_(std::move(rules)), cache_(cached_orders_max) {}

Result<OrderBook::Pointer> OrderBook::StateOf(uint64_t hash) {
  const auto changed = changed_.find(hash);
  if (changed != changed_.end()) return changed->second;
  if (engine_ == nullptr) return Pointer();
  if (const Pointer* known = cache_.Find(hash)) return *known;
  ASSIGN_OR_RETURN(const auto value, engine_->Get(Column::kOrders, storage::OrderedKey(hash)));
  if (!value) return Pointer();
  ASSIGN_OR_RETURN(OrderState state, DecodeOrderState(*value));
  Pointer pointer = std::make_shared<const OrderState>(std::move(state));
  cache_.Put(hash, pointer);
  return pointer;
}

Result<std::vector<OrderChange>> OrderBook::Apply(const Event& event) {
  if (!IsOrderType(event.type) || event.order_id.empty()) return std::vector<OrderChange>();
  const uint64_t hash = OrderIdHash(event.order_id);
  ASSIGN_OR_RETURN(const Pointer before, StateOf(hash));
  auto after = before ? std::make_shared<OrderState>(*before) : std::make_shared<OrderState>();
  if (before && before->order_id != event.order_id) {
    // Two order ids with one hash.  A forged one (only a browser named it) gives way, a real one stays.
    if (before->is_confirmed || !event.is_verified) return std::vector<OrderChange>();
    *after = OrderState();
  }
  after->has_unknown_currency = false;
  FoldOrderEvent(event, rules_, *after);
  if (after->has_unknown_currency) ++unknown_currency_count_;
  if (before) after->has_unknown_currency = after->has_unknown_currency || before->has_unknown_currency;
  if (before && *before == *after) return std::vector<OrderChange>();
  auto changes =
      OrderDifference(event.order_id, before ? StandingOf(*before) : StandingOrder(), StandingOf(*after));
  changed_[hash] = std::move(after);
  cache_.Erase(hash);
  return changes;
}

Result<StandingOrder> OrderBook::Find(std::string_view order_id) {
  ASSIGN_OR_RETURN(const Pointer state, StateOf(OrderIdHash(order_id)));
  if (!state || state->order_id != order_id) return StandingOrder();
  return StandingOf(*state);
}

void OrderBook::SaveChanged(storage::WriteBatch& batch) const {
  std::vector<uint64_t> hashes;  // In order: they are written faster.
  hashes.reserve(changed_.size());
  for (const auto& [hash, state] : changed_) hashes.push_back(hash);
  std::sort(hashes.begin(), hashes.end());
  for (const uint64_t hash : hashes) {
    batch.Put(Column::kOrders, storage::OrderedKey(hash), EncodeOrderState(*changed_.at(hash)));
  }
}

void OrderBook::OnSaved() {
  if (engine_ == nullptr) return;
  for (auto& [hash, state] : changed_) cache_.Put(hash, std::move(state));
  changed_ = {};
}

}  // namespace attune::events
