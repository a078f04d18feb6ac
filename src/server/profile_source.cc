#include "server/profile_source.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "features/compose.h"
#include "features/fold_event.h"

namespace attune::server {

Result<decisions::ProfileReading> ProfileSource::Read(std::string_view anonymous_id,
                                                      std::string_view customer_id,
                                                      const decisions::ProfileMoment& moment) const {
  const events::IdentityRegistry& identities = state_->identities();
  std::vector<ShopperHandle> handles;
  std::optional<bool> personalization;
  const auto ask_choice_of = [&](ShopperHandle shopper) -> Status {
    ASSIGN_OR_RETURN(const auto choice, identities.RecordedConsent(shopper));
    if (choice) personalization = choice->personalization && personalization.value_or(true);
    return Status();
  };
  const auto ask_choice_of_named = [&](events::IdentityKind kind, std::string_view external_id) -> Status {
    if (external_id.empty()) return Status();
    ASSIGN_OR_RETURN(const auto handle, identities.Find(kind, external_id));
    if (!handle) return Status();
    RETURN_IF_ERROR(ask_choice_of(*handle));
    // A browser is its customer, whose choice was perhaps made elsewhere.
    ASSIGN_OR_RETURN(const ShopperHandle person, identities.PersonOf(*handle));
    return ask_choice_of(person);
  };
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
  RETURN_IF_ERROR(ask_choice_of_named(events::IdentityKind::kCustomer, customer_id));
  RETURN_IF_ERROR(ask_choice_of_named(events::IdentityKind::kAnonymous, anonymous_id));
  ASSIGN_OR_RETURN(decisions::ProfileReading reading, ReadHandles(handles, moment));
  reading.personalization = personalization;
  return reading;
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
