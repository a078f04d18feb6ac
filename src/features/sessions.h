// Visits of one handle: events less than session_idle_ms apart are one session.
//
//   events at 10:00, 10:20, 11:10 => sessions [10:00, 10:20] and [11:10]; a late event of 10:45 joins both
//   into one
//
// The current session and a few before it are kept as spans, so a late event extends, joins or adds the
// session it belongs to, and spans and count do not depend on the order of arrival.  An event before the
// oldest kept span changes nothing here.
//
// Thread safety: functions of their arguments.

#ifndef ATTUNE_FEATURES_SESSIONS_H_
#define ATTUNE_FEATURES_SESSIONS_H_

#include <cstdint>

#include "features/shopper_profile.h"

namespace attune::features {

// Adds an event at `at_ms`.
void AddToSessions(int64_t at_ms, int64_t session_idle_ms, SessionState& session);

// Fills session.products: the recent products touched since the session started, by the time of the last
// touch.
void RebuildSessionProducts(ShopperProfile& profile);

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_SESSIONS_H_
