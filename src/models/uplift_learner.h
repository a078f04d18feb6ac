// Who is moved by a treatment: boosted trees on a randomised experiment, scored by models that never saw the
// row.
//
// Two learners, with e the share of treated rows among those that are learned from:
//
//   kSLearner     one model of the outcome, with the arm t as one more feature:
//                     uplift(x) = f(x, 1) - f(x, 0)
//                 f is a probability (log loss) when all outcomes are 0 or 1, else an amount (squared loss).
//   kEffect       trees for the effect itself: tau minimises  sum (y - m(x) - (t - e) tau(x))^2
//                 with m(x) the mean outcome of either arm, fitted on the other half of the rows.  The arm is
//                 in every tree by construction, so a weak effect cannot drown in a strong baseline.
//
// The S-learner follows Kuenzel et al. 2019; the effect learner is the R-learner of Nie and Wager 2021, which
// for a constant e is the doubly robust score of an experiment with a weighted regression.
//
// Cross-fitting: rows are dealt into `folds` at random, each arm apart; a row is scored by a model of the
// other folds.  Scores of different models have no common zero, and a fold whose luck makes its own rows look
// moved makes the model that scores it think the opposite, so pooled raw scores would be ranked against the
// truth.  Therefore a row's score is its rank within its fold, in (0, 1): equal scores share their mean rank.
//
// Every row is measured and, in other folds, learned from, so luck that two folds share is counted twice:
// where nothing is to be found, qini is a sum over pairs of folds of (effects learned) x (effects measured),
// and each pair comes up both ways.  To first order that doubles its variance beyond what a bootstrap of the
// rows sees; where effects are strong, the order of the rows hardly hangs on luck and nothing is missing.
// Intervals are widened by the square root of 2, which is enough for both (docs/models/uplift.md).
//
// Deterministic: the same data, options and seed give the same scores, whatever the number of threads.
// Thread safety: pure functions; CrossFitUplift starts threads of its own and joins them.

#ifndef ATTUNE_MODELS_UPLIFT_LEARNER_H_
#define ATTUNE_MODELS_UPLIFT_LEARNER_H_

#include <cstdint>
#include <functional>
#include <numbers>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "models/boosted_trees.h"
#include "models/uplift_data.h"

namespace attune::models {

enum class UpliftLearner : uint8_t { kSLearner, kEffect };

// Shallow, slow and with heavy leaves: an effect is a small part of the outcome, and shops have few rows.
// Chosen on made-up experiments of which the truth is known (docs/models/uplift.md), not on public ones.
BoostedTreesOptions UpliftTrees(UpliftLearner learner);

struct UpliftOptions {
  UpliftLearner learner = UpliftLearner::kSLearner;
  uint32_t folds = 5;  // At least 2.
  uint64_t seed = 1;
  uint32_t threads = 1;
  std::function<void(std::string_view stage, double share)> progress;  // May be empty.
};

// QiniBootstrapOptions::widening for cross-fitted scores.
inline constexpr double kCrossFitWidening = std::numbers::sqrt2;

// Rows of each arm that are needed for one fold: below, a model would see next to nothing.
inline constexpr size_t kUpliftArmRowsPerFold = 10;

// A score a row, larger is more moved.  kInvalidArgument for options out of range, too many features or
// too few rows in an arm; and what BoostedTrees::Train fails with.
Result<std::vector<double>> CrossFitUplift(const UpliftData& data, const UpliftOptions& options);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_UPLIFT_LEARNER_H_
