// Where decisions get a shopper from: external ids to handles, handles to one person's composed profile.
//
//   (anonymous_id, customer_id) --> person --> handles --> profiles, read as of one moment --> Compose
//
// A browser that belongs to a customer is seen as that customer, with all of the customer's browsers.
//
// Thread safety: safe from any thread.

#ifndef ATTUNE_SERVER_PROFILE_SOURCE_H_
#define ATTUNE_SERVER_PROFILE_SOURCE_H_

#include <string_view>
#include <vector>

#include "decisions/profile_reader.h"
#include "server/store_state.h"

namespace attune::server {

class ProfileSource final : public decisions::ProfileReader {
 public:
  // Must outlive this.
  explicit ProfileSource(const StoreState* state) : state_(state) {}

  Result<decisions::ProfileReading> Read(std::string_view anonymous_id, std::string_view customer_id,
                                         const decisions::ProfileMoment& moment) const override;
  Result<decisions::ProfileReading> ReadHandles(const std::vector<ShopperHandle>& handles,
                                                const decisions::ProfileMoment& moment) const;

 private:
  const StoreState* const state_;
};

// The profiles of one person's handles as that person, seen at a moment.
features::ShopperProfile ComposePerson(std::vector<features::ShopperProfile> profiles,
                                       const decisions::ProfileMoment& moment);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_PROFILE_SOURCE_H_
