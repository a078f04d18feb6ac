#include "experiments/assignment.h"

#include "base/hash.h"
#include "base/status.h"

namespace attune::experiments {

Assignment::Assignment(std::string_view experiment, double treatment_share)
    : salt_(StableHash64(experiment)), treatment_share_(treatment_share) {
  CHECK(treatment_share >= 0 && treatment_share <= 1);
}

double Assignment::BucketOf(std::string_view shopper) const {
  // The upper 53 bits: as many as a double holds, so that 1 is never reached.
  return static_cast<double>(StableHash64(shopper, salt_) >> 11) * 0x1p-53;
}

}  // namespace attune::experiments
