// Who asks, as far as the request, the record of consent and the store's default allow to know it.
//
// When the request refuses personalisation, no profile is read at all; when the record or the store's default
// refuses it, what was read is used for nothing but that, and no handle is kept.
//
// Thread safety: safe from any thread.

#ifndef ATTUNE_DECISIONS_SHOPPER_READING_H_
#define ATTUNE_DECISIONS_SHOPPER_READING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decisions/decision.h"
#include "decisions/profile_reader.h"
#include "decisions/store_view.h"

namespace attune::decisions {

// Nothing: nobody known, or nobody who may be personalised for.  Adds "shopper_unavailable" to `degraded`
// when the profile cannot be read.
std::optional<ProfileReading> ReadShopper(const ProfileReader& profiles, const DecisionRequest& request,
                                          const StoreSettings& settings, int64_t now_ms,
                                          std::vector<std::string>& degraded);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_SHOPPER_READING_H_
