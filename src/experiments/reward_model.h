// What reward to expect of an action at a position: means, drawn towards broader means where rows are few.
//
//   q0         = mean reward of all rows
//   q(a)       = (sum of rewards of a + k q0) / (rows of a + k)
//   q(a, pos)  = (sum of rewards of a at pos + k q(a)) / (rows of a at pos + k)
//
// k is how many rows the broader mean is worth, chosen among kStrengths by squared error on the other half of
// the rows that are learned from.
//
// Cross-fitted: rows are dealt into folds at random, and a row is only ever met with the model of the other
// folds.  Without that, a doubly robust estimate would correct errors that the model has learned by heart.
//
// Deterministic for a seed.  Thread safety: pure function; the result is a plain value.

#ifndef ATTUNE_EXPERIMENTS_REWARD_MODEL_H_
#define ATTUNE_EXPERIMENTS_REWARD_MODEL_H_

#include <array>
#include <cstdint>
#include <vector>

#include "base/status.h"
#include "experiments/bandit_log.h"

namespace attune::experiments {

inline constexpr std::array<double, 7> kStrengths = {3, 10, 30, 100, 300, 1000, 3000};

struct RewardModels {
  std::vector<uint32_t> fold;                           // Of every row.
  std::vector<std::vector<std::vector<double>>> table;  // By fold, position, action.

  // Of the model that did not see `row`.
  double Expected(size_t row, uint32_t position, uint32_t action) const {
    return table[fold[row]][position][action];
  }
};

// kInvalidArgument for fewer than two folds, or fewer than two rows a fold.
Result<RewardModels> CrossFitRewards(const BanditLog& log, uint32_t folds, uint64_t seed);

}  // namespace attune::experiments

#endif  // ATTUNE_EXPERIMENTS_REWARD_MODEL_H_
