// All orders of a store, folded from its order events; whoever counts purchases folds the differences it
// returns.
//
//   order_completed {p1 x2}   => +1 order, p1 +2
//   order_refunded  {p1 x1}   =>           p1 -1
//   order_cancelled           => -1 order, p1 -1
//
// However the events of an order are shuffled, the differences add up to the same sums (order_state.h says
// which).
//
// Memory: a bounded cache over Column::kOrders, and what changed since the last snapshot.  Without an engine
// (a trainer that folds a log of its own) all orders stay in memory, about 300 bytes each.
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_EVENTS_ORDER_BOOK_H_
#define ATTUNE_EVENTS_ORDER_BOOK_H_

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "events/bounded_cache.h"
#include "events/event.h"
#include "events/order_state.h"
#include "storage/storage_engine.h"

namespace attune::events {

// The key of an order in Column::kOrders, and the name by which other rooms keep it.
uint64_t OrderIdHash(std::string_view order_id);

class OrderBook {
 public:
  // `engine` may be null; else it must outlive the book.
  OrderBook(storage::StorageEngine* engine, OrderRules rules, size_t cached_orders_max);

  // Holds for events applied from now on.
  void SetRules(OrderRules rules) { rules_ = std::move(rules); }

  // What the event changes; empty for events that are not about orders, and for those that change nothing.
  // Fails only when the order cannot be read.
  Result<std::vector<OrderChange>> Apply(const Event& event);

  // Does not stand when unknown.
  Result<StandingOrder> Find(std::string_view order_id);

  // Puts every order that changed since the last OnSaved(); call that after the batch was committed and
  // before the next Apply.
  void SaveChanged(storage::WriteBatch& batch) const;
  void OnSaved();
  size_t changed_count() const { return changed_.size(); }

  // Events since the start whose currency has no exchange rate: their amounts count as 0.
  uint64_t unknown_currency_count() const { return unknown_currency_count_; }

 private:
  using Pointer = std::shared_ptr<const OrderState>;
  Result<Pointer> StateOf(uint64_t hash);

  storage::StorageEngine* const engine_;
  OrderRules rules_;
  BoundedCache<uint64_t, Pointer> cache_;
  absl::flat_hash_map<uint64_t, Pointer> changed_;
  uint64_t unknown_currency_count_ = 0;
};

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_ORDER_BOOK_H_
