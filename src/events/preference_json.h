// The `preferences` of a preferences_declared event.
//
//   {"categories":["Home > Lighting",["Home","Chairs"]],"brands":["Lumo",{"value":"Nord","weight":0.5}],
//    "attributes":{"colour":"black","size":["M","L"]}}
//
// Every kind is optional, unknown kinds are ignored.  A value is text or {"value","weight"}; the weight lies
// in [0, 1], 1 when absent, and 0 takes back what was declared before.  An attribute is kept as "path=value",
// the way product attributes are counted (features/affinities.h).
//
// Thread safety: pure function.

#ifndef ATTUNE_EVENTS_PREFERENCE_JSON_H_
#define ATTUNE_EVENTS_PREFERENCE_JSON_H_

#include <simdjson.h>

#include <vector>

#include "base/status.h"
#include "events/event.h"

namespace attune::events {

// Fails with kInvalidArgument and kResourceExhausted (a limit was passed), naming the field.
Result<std::vector<DeclaredPreference>> ReadPreferences(const simdjson::dom::element& value);

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_PREFERENCE_JSON_H_
