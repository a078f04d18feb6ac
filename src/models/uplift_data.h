// A randomised experiment read from a file: arms, outcomes and what was known of each shopper before.
//
//   treatment  COL=VALUE  rows with that value are treated        COL alone: the column holds 0 and 1
//   control    COL=VALUE  rows with that value are not; other rows are left out      none: all other rows
//   outcome    COL        a number: 0 and 1, or an amount
//   ignore     COL...     neither outcome nor feature (other outcomes, ids)
//
// Every other column is a feature.  A column of which every cell is a number or empty is that number, NaN for
// an empty cell.  Any other column is a category: a 0/1 feature for each of its kUpliftLevelsMax most common
// values (ties: the smaller text), and one more for all others together.  Features must be known before the
// treatment: what a treated shopper did afterwards would give the arm away.
//
// Thread safety: pure function; the result is a plain value.

#ifndef ATTUNE_MODELS_UPLIFT_DATA_H_
#define ATTUNE_MODELS_UPLIFT_DATA_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "models/csv_table.h"
#include "models/qini.h"

namespace attune::models {

inline constexpr size_t kUpliftLevelsMax = 32;

struct UpliftColumns {
  std::string treatment;
  std::string control;  // May be empty.
  std::string outcome;
  std::vector<std::string> ignore;
};

struct UpliftData {
  UpliftRows rows;
  std::vector<std::string> feature_names;  // "recency", "channel=Web", "channel=(other)".
  std::vector<float> features;             // feature_names.size() a row.
  uint64_t rows_left_out = 0;              // In neither arm.

  size_t feature_count() const { return feature_names.size(); }
};

// kInvalidArgument, with the column as its field and the line in its message, for a column that is not there
// or serves two purposes, an arm that is not 0 or 1, an outcome that is no number, an arm without rows, or no
// feature.
Result<UpliftData> ReadUpliftData(const CsvTable& table, const UpliftColumns& columns);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_UPLIFT_DATA_H_
