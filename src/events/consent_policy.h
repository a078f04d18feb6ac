// Which consent holds for an event or a request.
//
//   stated with it  >  on record (each shopper named, and the customer of a browser; the stricter of several)
//   >  the market's default  >  the store's
//
// analytics        without it an event counts in totals only: no shopper, no event id, no decision, no page.
// personalization  without it no profile is read or written, and slates depend on the page alone.
//
// Thread safety: value types and pure functions.

#ifndef ATTUNE_EVENTS_CONSENT_POLICY_H_
#define ATTUNE_EVENTS_CONSENT_POLICY_H_

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "events/event.h"
#include "events/incoming_event.h"

namespace attune::events {

// What a shopper who chose nothing is taken to have chosen.
enum class ConsentDefault : uint8_t { kDenied = 0, kGranted = 1 };

struct ConsentDefaults {
  ConsentDefault store = ConsentDefault::kGranted;
  std::map<std::string, ConsentDefault, std::less<>> markets;

  Consent For(std::string_view market) const;
};

Consent ResolveConsent(const ConsentDefaults& defaults, std::string_view market,
                       std::span<const std::optional<Consent>> recorded, const StatedConsent& stated);

// What must be put on record for a shopper because of what was stated; nothing when the record says so
// already.  A default needs no record.
std::optional<Consent> ConsentToRecord(const std::optional<Consent>& recorded, const Consent& fallback,
                                       const StatedConsent& stated);

// May an event with this consent change its shopper's profile?
inline bool MayWriteProfile(const Consent& consent) { return consent.analytics && consent.personalization; }
// May a decision read the profile?
inline bool MayReadProfile(const Consent& consent) { return consent.personalization; }

// Takes everything from the event that could lead to a person.  What is left: type, time, products with
// amounts, the order's id and sums, market and locale.
void StripIdentity(Event& event);

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_CONSENT_POLICY_H_
