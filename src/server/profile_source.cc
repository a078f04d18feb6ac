#include "server/profile_source.h"

#include <algorithm>
#include <utility>

#include "features/compose.h"
#include "features/fold_event.h"

namespace attune::server {

Result<decisions::ProfileReading> ProfileSource::Read(std::string_view anonymous_id,
                                                      std::string_view customer_id,
                                                      const decisions::ProfileMoment& moment) const {
  const events::IdentityRegistry& identities = state_->identities();
  std::vector<ShopperHandle> handles;
  const auto add_person_of = [&](events::IdentityKind kind, std::string_view external_id) -> Status {
    if (external_id.empty()) return Status();
    ASSIGN_OR_RETURN(const auto handle, identities.Find(kind, external_id));
    if (!handle) return Status();
    ASSIGN_OR_RETURN(const ShopperHandle person, identities.PersonOf(*handle));
    ASSIGN_OR_RETURN(const auto members, identities.HandlesOf(person));
    for (const ShopperHandle member : members) {
      if (std::find(handles.begin(), handles.end(), member) == handles.end()) handles.push_back(member);
    }
    return Status();
  };
  RETURN_IF_ERROR(add_person_of(events::IdentityKind::kCustomer, customer_id));
  // A browser of somebody else is not this customer, so it is asked only when no customer was named or found.
  if (handles.empty()) RETURN_IF_ERROR(add_person_of(events::IdentityKind::kAnonymous, anonymous_id));
  return ReadHandles(handles, moment);
}

Result<decisions::ProfileReading> ProfileSource::ReadHandles(const std::vector<ShopperHandle>& handles,
                                                             const decisions::ProfileMoment& moment) const {
  decisions::ProfileReading reading;
  reading.handles = handles;
  if (handles.empty()) return reading;
  ASSIGN_OR_RETURN(features::ProfileStore::ConsistentRead read, state_->profiles().ReadConsistent(handles));
  reading.profile = ComposePerson(std::move(read.profiles), moment);
  reading.sequence = read.sequence;
  return reading;
}

features::ShopperProfile ComposePerson(std::vector<features::ShopperProfile> profiles,
                                       const decisions::ProfileMoment& moment) {
  for (features::ShopperProfile& profile : profiles) {
    if (features::IsExpired(profile, moment.now_ms, moment.settings)) {
      profile = features::AfterExpiry(profile);
    }
  }
  return features::Compose(profiles, moment.settings);
}

}  // namespace attune::server
