// Which arm of an experiment a shopper is in: a stable hash, so that nobody ever changes sides and nothing is
// stored.
//
//   bucket(experiment, shopper) = hash(experiment || shopper) / 2^64         in [0, 1)
//   treated  when  bucket < treatment_share
//
// The experiment salts the hash, so who is treated in one experiment says nothing of another.
//
// Thread safety: immutable.

#ifndef ATTUNE_EXPERIMENTS_ASSIGNMENT_H_
#define ATTUNE_EXPERIMENTS_ASSIGNMENT_H_

#include <cstdint>
#include <string_view>

namespace attune::experiments {

class Assignment {
 public:
  // REQUIRES: 0 <= treatment_share <= 1.
  Assignment(std::string_view experiment, double treatment_share);

  double BucketOf(std::string_view shopper) const;
  bool IsTreated(std::string_view shopper) const { return BucketOf(shopper) < treatment_share_; }

 private:
  uint64_t salt_;
  double treatment_share_;
};

}  // namespace attune::experiments

#endif  // ATTUNE_EXPERIMENTS_ASSIGNMENT_H_
