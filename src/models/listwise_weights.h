// Weights of a linear score, learned so that what was chosen stands first in its list.
//
//   score(row) = w . x(row)        loss(list) = -1/|chosen| sum over chosen rows of  ln softmax(scores)[row]
//   minimise   mean loss over lists, by their weights, + prior_strength / 2 * |w - prior|^2
//
// Lists of one weight count the same, however long they are (ListNet with one-hot targets: Cao et al.,
// "Learning to Rank: From Pairwise Approach to Listwise Approach", ICML 2007).  Adam (Kingma, Ba, 2015) over
// the lists in the order given, `passes` times; the last quarter of them with a tenth of the step.
//
// Deterministic: one thread, a fixed order.  Thread safety: pure function.

#ifndef ATTUNE_MODELS_LISTWISE_WEIGHTS_H_
#define ATTUNE_MODELS_LISTWISE_WEIGHTS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/status.h"
#include "models/training_control.h"

namespace attune::models {

// The inputs of one row that are not 0: x[first .. first + values.size()).
struct RowInputs {
  size_t first = 0;
  std::vector<double> values;
};

// Rows of one list; chosen ascending, not empty.
struct ChoiceList {
  uint32_t row_count = 0;
  std::vector<uint32_t> chosen;
  double weight = 1;
};

struct ListwiseOptions {
  int passes = 8;
  uint32_t lists_per_step = 16;
  double step = 0.03;
  double prior_strength = 1e-4;
};

// Fills `inputs` for one row of one list.
using FillInputs = std::function<void(size_t list, uint32_t row, RowInputs& inputs)>;

// The prior itself when there are no lists.  kUnavailable when cancelled.
Result<std::vector<double>> LearnListwiseWeights(std::span<const ChoiceList> lists, const FillInputs& fill,
                                                 std::vector<double> prior, const ListwiseOptions& options,
                                                 const TrainingControl& control);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_LISTWISE_WEIGHTS_H_
