// Adds new traits of a shopper to the known ones.
//
//   MergeTraits({"name":"Ada","plan":"a"}, {"plan":"b","name":null})  =>  {"plan":"b"}
//
// Top-level names only: a nested value is replaced as a whole.  Known names keep their place, new ones
// follow.
//
// Thread safety: any thread.

#ifndef ATTUNE_EVENTS_IDENTITY_TRAITS_H_
#define ATTUNE_EVENTS_IDENTITY_TRAITS_H_

#include <string>
#include <string_view>

#include "base/status.h"

namespace attune::events {

// Fails with kInvalidArgument, field "traits", when one of them is no JSON object.
Result<std::string> MergeTraits(std::string_view known_json, std::string_view new_json);

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_IDENTITY_TRAITS_H_
