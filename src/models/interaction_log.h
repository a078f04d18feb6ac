// Everything trainers learn from, in columns: who did what with which product, when.
//
// Filled by a fold over the store's log on the trainer's thread (and by `attune evaluate` from benchmark
// files), so that training in production and in evaluation is the same code on the same type.  Purchases
// follow the order book: when an order is cancelled or a line refunded, its rows are taken away.
//
//   AddEvent(product_viewed)  => kView rows;  AddEvent(product_added) => kCart rows;  other types: nothing
//   AddEvent(slate_viewed)    => no row, but counted per product (models/slate_counts.h)
//   ApplyOrderChange(...)     => kPurchase rows, one per product of an order, with the units it still holds
//
// Rows of an unknown shopper, or of one without consent to personalisation, have handle 0: they count for
// bestsellers and for what is bought in one order, and belong to nobody.
//
// Who browses and then logs in is one person to the models: links are folded from the log like everything
// else, so a training up to a watermark knows exactly the links up to it, and none that came later.
//
// Invariants
//   (1) Bounded by rows_max (limits.h): the oldest rows leave first.
//   (2) ForEachShopper and ForEachOrder visit in an order that depends on the set of rows, not on how they
//   came. (3) An order that was completed and cancelled leaves the visits as if it had never been.
// Thread safety: one thread at a time.

#ifndef ATTUNE_MODELS_INTERACTION_LOG_H_
#define ATTUNE_MODELS_INTERACTION_LOG_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "events/event.h"
#include "models/limits.h"
#include "models/slate_counts.h"

namespace attune::models {

enum class InteractionKind : uint8_t { kView = 1, kCart = 2, kPurchase = 3 };

struct Interaction {
  ShopperHandle shopper;
  ProductIndex product;
  InteractionKind kind = InteractionKind::kView;
  float quantity = 1;
  int64_t at_ms = 0;
  uint64_t order_hash = 0;  // Rows of one order share it; 0 for views, carts and purchases of no known order.

  friend bool operator==(const Interaction&, const Interaction&) = default;
};

// How an order id becomes Interaction::order_hash; never 0.
uint64_t OrderHash(std::string_view order_id);

class InteractionLog {
 public:
  explicit InteractionLog(uint64_t rows_max = kInteractionRowsMax);
  ~InteractionLog();
  InteractionLog(InteractionLog&&) noexcept;
  InteractionLog& operator=(InteractionLog&&) noexcept;

  // Adds one row as it is.  A purchase row of an (order, product) that is there already adds its quantity to
  // it.
  void Add(const Interaction& row);

  void AddEvent(const events::Event& event);
  void ApplyOrderChange(const events::OrderChange& change);

  // What the order of a row is worth now, in minor units of the base currency; 0 when that was not told (rows
  // that were added as they are).
  int64_t OrderRevenue(uint64_t order_hash) const;

  // What became of products in slates; not bounded by rows_max, and nobody's.
  const SlateCounts& slates() const { return slates_; }

  // From now on `browser` is the person `customer`, with all that it did before and after; a browser that was
  // another customer's leaves that one.  Unlink: it is itself again.
  void Link(ShopperHandle browser, ShopperHandle customer);
  void Unlink(ShopperHandle browser);

  // Takes the shopper's name off its rows; they go on counting for the store.  Its browsers are themselves
  // again.
  void ForgetShopper(ShopperHandle shopper);

  // Whom `shopper` belongs to now; itself when it is linked to nobody.
  ShopperHandle PersonOf(ShopperHandle shopper) const;

  uint64_t row_count() const;
  uint64_t count(InteractionKind kind) const;
  // One past the largest product index of any row ever added.
  uint32_t product_index_count() const;
  // Of the rows that are there; 0 when none is.
  int64_t latest_at_ms() const;
  size_t memory_bytes() const;

  using VisitRow = std::function<void(const Interaction& row)>;
  // In the order in which rows were added.
  void ForEachRow(const VisitRow& visit) const;

  using VisitRows = std::function<void(std::span<const Interaction> rows)>;
  // Once per known person (not handle 0), smallest handle first; rows oldest first.  A person is a customer
  // with the browsers linked to it, or a browser alone; `shopper` of the rows is the person's handle.
  void ForEachShopper(const VisitRows& visit) const;
  // Once per known order, smallest hash first; rows by product, one per product.
  void ForEachOrder(const VisitRows& visit) const;

 private:
  struct Columns;
  std::unique_ptr<Columns> columns_;
  SlateCounts slates_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_INTERACTION_LOG_H_
