// The cart, from its changes in the order they happened, whatever the order they arrived in.
//
//   product_added adds, product_removed takes away, cart_viewed with lines replaces, order_completed empties
//   what was bought; a cart that nobody touched for cart_expiry_ms is empty.
//
// The last changes are kept as steps; a late one is put in its place and the cart is built anew.  Steps that
// are older than kCartReorderMs, or more than kCartStepsMax, settle; an event before the last settled step is
// too late and is dropped (it changed a cart that the shopper has changed since).
//
// Thread safety: functions of their arguments.

#ifndef ATTUNE_FEATURES_CART_HISTORY_H_
#define ATTUNE_FEATURES_CART_HISTORY_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "events/event.h"
#include "features/shopper_profile.h"

namespace attune::features {

// What an event does to the cart; nothing for most.  A cart_viewed without lines does nothing: many trackers
// send it bare.
std::optional<CartStep> CartStepOf(const events::Event& event);

// Puts `step` in its place and settles what is old.
void AddCartStep(CartStep step, int64_t cart_expiry_ms, CartHistory& history);

// Settles the steps that are more than kCartReorderMs older than `now_ms`.
void SettleCart(int64_t now_ms, int64_t cart_expiry_ms, CartHistory& history);

// The cart after all steps, oldest line first.
std::vector<CartLine> RebuildCart(const CartHistory& history, int64_t cart_expiry_ms);

// When the cart last changed; 0: never.
int64_t CartChangedAt(const CartHistory& history);

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_CART_HISTORY_H_
