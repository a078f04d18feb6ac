// A log of decisions that were drawn at random with known chances, read from a file.
//
//   action       what was shown: any text
//   reward       what came of it: a number (a click: 0 or 1)
//   propensity   the chance with which the logging policy showed that action at that position, in (0, 1]
//   position     the place that was filled: any text
//
// Every row is a draw of its own.  Actions and positions are numbered in the order of their texts, so the
// numbers do not depend on the order of rows.
//
// Thread safety: pure function; the result is a plain value.

#ifndef ATTUNE_EXPERIMENTS_BANDIT_LOG_H_
#define ATTUNE_EXPERIMENTS_BANDIT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "models/csv_table.h"

namespace attune::experiments {

struct BanditLog {
  std::vector<std::string> actions;    // Names, sorted.
  std::vector<std::string> positions;  // Names, sorted.
  // One entry a row.
  std::vector<uint32_t> action;
  std::vector<uint32_t> position;
  std::vector<double> reward;
  std::vector<double> propensity;

  size_t size() const { return reward.size(); }
};

// Names of columns; an empty one is looked for: action or item_id, reward or click, propensity or
// propensity_score (the names of the Open Bandit Data), position.
struct BanditColumns {
  std::string action;
  std::string reward;
  std::string propensity;
  std::string position;
};

// kInvalidArgument, with the column as its field and the line in its message, for a column that is not there,
// an empty action or position, a reward that is no number, a propensity outside (0, 1].
Result<BanditLog> ReadBanditLog(const models::CsvTable& table, const BanditColumns& columns);

}  // namespace attune::experiments

#endif  // ATTUNE_EXPERIMENTS_BANDIT_LOG_H_
