// What the log says about identities, and the state that it folds into.
//
//   made      a handle for one external id (sealed with the shopper's key)
//   traits    all traits of a shopper, as one sealed JSON object; replaces what was there
//   linked    a browser belongs to a customer from now on; a browser linked before leaves its former customer
//   unlinked  undoes a link
//   consent   what a shopper chose
//   erased    the shopper is forgotten; the key is gone, so everything sealed is unreadable for ever
//   expired   an anonymous shopper was silent for too long: forgotten like an erased one, but for a choice
//   about
//             consent on record, which time does not undo: with one, the handle and the choice stay
//
// A person is a customer with the browsers linked to it, or a browser alone.  The fold is a pure function of
// the changes in the order of the log.  Layout: docs/formats/events.md.
//
// Thread safety: value types and pure functions.

#ifndef ATTUNE_EVENTS_IDENTITY_RECORD_H_
#define ATTUNE_EVENTS_IDENTITY_RECORD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "events/event.h"
#include "events/identity_vault.h"

namespace attune::events {

// The payload of RecordKind::kIdentity.
struct IdentityChange {
  // Numbers are on disk: never change one, never reuse one.
  enum class Kind : uint8_t {
    kMade = 1,
    kTraits = 2,
    kLinked = 3,
    kUnlinked = 4,
    kErased = 5,
    kConsent = 6,
    kExpired = 7,
  };
  Kind kind = Kind::kMade;
  ShopperHandle shopper;
  int64_t at_ms = 0;                                      // When it happened, as the event said.
  IdentityKind identity_kind = IdentityKind::kAnonymous;  // kMade.
  std::string sealed;                                     // kMade: the external id; kTraits: the JSON.
  ShopperHandle owner;                                    // kLinked: the customer.
  Consent consent;                                        // kConsent.

  friend bool operator==(const IdentityChange&, const IdentityChange&) = default;
};

// May it change who a handle belongs to?  A new handle, its traits and its consent do not.
inline bool ChangesPerson(const IdentityChange& change) {
  using Kind = IdentityChange::Kind;
  return change.kind != Kind::kMade && change.kind != Kind::kTraits && change.kind != Kind::kConsent;
}

std::string EncodeIdentityChange(const IdentityChange& change);
Result<IdentityChange> DecodeIdentityChange(std::string_view payload);

// What is known of one handle: a value of Column::kIdentity.
struct IdentityState {
  // First what every event asks for: one cache line.
  IdentityKind kind = IdentityKind::kAnonymous;
  std::optional<Consent> consent;
  ShopperHandle owner;  // The customer this browser is linked to; 0: none.
  int64_t linked_at_ms = 0;
  int64_t made_at_ms = 0;
  std::string sealed_id;
  std::string sealed_traits;           // Empty: none.
  std::vector<ShopperHandle> members;  // Of a customer: its browsers, longest linked first.

  friend bool operator==(const IdentityState&, const IdentityState&) = default;
};

// Of a customer, or of a browser that is linked to one.
inline bool IsCustomer(const IdentityState& state) {
  return state.kind == IdentityKind::kCustomer || state.owner != ShopperHandle();
}

std::string EncodeIdentityState(const IdentityState& state);
Result<IdentityState> DecodeIdentityState(std::string_view value);

// Where a fold reads and writes states; a null state means that there is none.
class IdentityStates {
 public:
  using Pointer = std::shared_ptr<const IdentityState>;
  virtual ~IdentityStates() = default;
  virtual Result<Pointer> StateOf(ShopperHandle shopper) = 0;
  virtual void SetState(ShopperHandle shopper, Pointer state) = 0;
};

// Fails only when a state cannot be read.  A change that makes no sense (a link to an erased customer) is
// skipped.
Status FoldIdentityChange(const IdentityChange& change, IdentityStates& states);

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_IDENTITY_RECORD_H_
