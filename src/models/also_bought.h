// also_bought: what the same shoppers bought, in any order and at any time, by the linear method that finds
// the store's own purchases best.
//
//   purchase lists --ChooseTopN on a held-out tenth--> method --TrainTopNRows on all lists--> rows
//
// Methods are those of top_n_choice.h beside the usual one, item-kNN by cosine, which stays unless another is
// better by kMethodStandardErrors.  A choice is kept, without trials, until the lists have grown by half
// since; below kMethodChoiceListsMin lists there is none, and the usual method serves.
//
// A pure function of lists, options and budget: no clock is read, and threads change nothing.

#ifndef ATTUNE_MODELS_ALSO_BOUGHT_H_
#define ATTUNE_MODELS_ALSO_BOUGHT_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/status.h"
#include "models/interaction_log.h"
#include "models/sparse_rows.h"
#include "models/top_n_choice.h"
#include "models/training_control.h"
#include "models/training_plan.h"

namespace attune::models {

inline constexpr std::string_view kAlsoBought = "also_bought";

// Lists of two products and more, below which a held-out tenth tells nothing.
inline constexpr uint64_t kMethodChoiceListsMin = 500;
// Of the paired difference in NDCG@20, that another method must be above the usual one.
inline constexpr double kMethodStandardErrors = 2;
// Of a generation's processor time, for all trials and the training of the chosen method.
inline constexpr double kMethodChoiceBudgetShare = 0.02;
// A choice is made anew when there are this many times as many lists.
inline constexpr double kMethodKeptGrowth = 1.5;

struct AlsoBoughtOptions {
  TopNOptions usual = UsualMethod();
  bool may_choose = true;
  // Of the generation before; nothing: none was made.
  std::optional<MethodChoice> before;

  // Item-kNN by cosine; heavy shoppers count less.
  static TopNOptions UsualMethod();
};

// What each shopper bought, the latest products, each once; only lists of two and more.
Sequences PurchaseLists(const InteractionLog& log);

// Dense: the choice, or what was chosen before.  Sparse: the usual method.
TrainerCosts AlsoBoughtCosts(const TrainingCounts& counts, const AlsoBoughtOptions& options,
                             const TrainingBudget& budget);

struct AlsoBought {
  SparseRows rows;
  TopNOptions method;                  // What made them.
  std::optional<MethodChoice> choice;  // Nothing: the usual method, unasked.
};

// REQUIRES: `form` is what AlsoBoughtCosts and ChooseForm gave for `counts`.  Fails with kUnavailable when
// cancelled.
Result<AlsoBought> TrainAlsoBought(const InteractionLog& log, uint32_t product_count,
                                   const TrainingCounts& counts, TrainingForm form,
                                   const AlsoBoughtOptions& options, const TrainingBudget& budget,
                                   const TrainingControl& control);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_ALSO_BOUGHT_H_
