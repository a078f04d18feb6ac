#include "experiments/reward_model.h"

#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "base/random.h"

namespace attune::experiments {
namespace {

struct Sum {
  double rows = 0;
  double rewards = 0;

  double MeanTowards(double broader, double strength) const {
    return (rewards + strength * broader) / (rows + strength);
  }
};

// Sums of all rows, of each action, and of each action at each position.
struct Sums {
  explicit Sums(const BanditLog& log)
      : by_action(log.actions.size()), by_cell(log.positions.size(), std::vector<Sum>(log.actions.size())) {}

  void Add(const BanditLog& log, size_t row) {
    for (Sum* sum : {&all, &by_action[log.action[row]], &by_cell[log.position[row]][log.action[row]]}) {
      sum->rows += 1;
      sum->rewards += log.reward[row];
    }
  }

  double Expected(uint32_t position, uint32_t action, double strength) const {
    const double mean = all.rows > 0 ? all.rewards / all.rows : 0;
    return by_cell[position][action].MeanTowards(by_action[action].MeanTowards(mean, strength), strength);
  }

  Sum all;
  std::vector<Sum> by_action;
  std::vector<std::vector<Sum>> by_cell;
};

// The strength with the least squared error of either half of `rows` by the model of the other; the larger of
// equal ones.
double ChooseStrength(const BanditLog& log, const std::vector<uint32_t>& rows) {
  Sums halves[2] = {Sums(log), Sums(log)};
  for (size_t i = 0; i < rows.size(); ++i) halves[i % 2].Add(log, rows[i]);
  double best = kStrengths.back();
  double least = std::numeric_limits<double>::infinity();
  for (auto strength = kStrengths.rbegin(); strength != kStrengths.rend(); ++strength) {
    double error = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      const double expected =
          halves[1 - i % 2].Expected(log.position[rows[i]], log.action[rows[i]], *strength);
      error += (log.reward[rows[i]] - expected) * (log.reward[rows[i]] - expected);
    }
    if (error < least) {
      least = error;
      best = *strength;
    }
  }
  return best;
}

}  // namespace

Result<RewardModels> CrossFitRewards(const BanditLog& log, uint32_t folds, uint64_t seed) {
  if (folds < 2) return InvalidArgument("must be at least 2", "folds");
  if (log.size() < 2 * size_t{folds}) {
    return InvalidArgument("the log has fewer rows than " + std::to_string(2 * folds), "logs");
  }
  std::vector<uint32_t> order(log.size());
  std::iota(order.begin(), order.end(), 0u);
  Random random(seed);
  for (size_t i = order.size() - 1; i > 0; --i) std::swap(order[i], order[random.NextBelow(i + 1)]);
  RewardModels models;
  models.fold.resize(log.size());
  for (size_t i = 0; i < order.size(); ++i) models.fold[order[i]] = static_cast<uint32_t>(i % folds);
  for (uint32_t fold = 0; fold < folds; ++fold) {
    std::vector<uint32_t> learned;
    Sums sums(log);
    for (const uint32_t row : order) {
      if (models.fold[row] == fold) continue;
      learned.push_back(row);
      sums.Add(log, row);
    }
    const double strength = ChooseStrength(log, learned);
    auto& table = models.table.emplace_back(log.positions.size(), std::vector<double>(log.actions.size()));
    for (uint32_t position = 0; position < table.size(); ++position) {
      for (uint32_t action = 0; action < table[position].size(); ++action) {
        table[position][action] = sums.Expected(position, action, strength);
      }
    }
  }
  return models;
}

}  // namespace attune::experiments
