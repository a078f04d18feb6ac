// Which linear model fits a store: estimated first, tried on a validation cut, the best one kept.
//
//   ASSIGN_OR_RETURN(TopNChoice choice, ChooseTopN(baskets, product_count, options));
//   ASSIGN_OR_RETURN(auto source, TrainTopN(baskets, product_count, choice.best().options));
//
//   1. The work is measured: products, pairs within baskets, and from a sample of rows how full the Gram
//   matrix
//      is.  That gives each method's processor seconds and bytes before anything is trained.
//   2. Methods are tried from the cheapest up, each at its fixed defaults, on the lists without a held-out
//      tenth; one is skipped when it, and training it once more on everything, do not fit what is left of the
//      budget.  NDCG@20 on the tenth decides; with `standard_errors_min` the first of the methods stays
//      unless the best is surely better.
//   3. With `tuning`, the winner's exponents and ridge (TopNSettings in tunable_settings.h) are moved as
//   tuning.h says, while that fits the budget too.
//
// No clock is read but that of `tuning`: the estimates stand for time, so the same lists and budget give the
// same choice on every machine, for any number of threads.  Thread safety: pure functions; start threads of
// their own.

#ifndef ATTUNE_MODELS_TOP_N_CHOICE_H_
#define ATTUNE_MODELS_TOP_N_CHOICE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "models/top_n_model.h"
#include "models/training_control.h"
#include "models/tuned_options.h"

namespace attune::models {

// What a trial takes, in trainings: asking the shoppers of the cut comes on top.
inline constexpr double kTopNTrialOverhead = 1.2;

struct TopNBudget {
  // Of all trials and the final training together.  360 are three minutes on two processors.
  double processor_seconds = 360;
  // At any time, with the lists themselves.
  uint64_t memory_bytes = 3'000'000'000;
};

// What the methods would have to do.
struct TopNWork {
  uint32_t products = 0;
  uint64_t interactions = 0;
  uint64_t pairs = 0;        // Sum over baskets of products squared.
  double cells_per_row = 0;  // Products that share a basket with a product, estimated from a sample.
  double density() const { return products == 0 ? 0 : cells_per_row / products; }
};

struct TopNCost {
  double processor_seconds = 0;
  uint64_t memory_bytes = 0;
};

TopNWork MeasureTopNWork(const Sequences& baskets, uint32_t product_count);
// The seconds are rough: they order the methods and keep large ones out, and are no forecast.
TopNCost EstimateTopNCost(const TopNWork& work, const TopNOptions& options);

struct TopNTrial {
  std::string name;  // "rp3beta", "ease", "sparse_ridge ridge=300 dropout=0.15".
  TopNOptions options;
  TopNCost cost;
  bool was_tried = false;  // False: over the budget.
  double recall_at_20 = 0;
  double ndcg_at_20 = 0;
};

struct TopNChoice {
  TopNWork work;
  std::vector<TopNTrial> trials;  // In the order in which they were thought of.
  size_t chosen = 0;
  size_t chosen_by_default = 0;        // The same without tuning.
  std::optional<TuningReport> tuning;  // Without figures of a test part.

  const TopNTrial& best() const { return trials[chosen]; }
  const TopNTrial& best_default() const { return trials[chosen_by_default]; }
};

struct NamedTopN {
  std::string name;
  TopNOptions options;
};

// item_knn, rp3beta, graph_filter, sparse_ridge, ease: from the cheapest up.
std::vector<NamedTopN> DefaultTopNMethods();

struct TopNChoiceOptions {
  TopNBudget budget;
  std::vector<NamedTopN> methods = DefaultTopNMethods();
  // Of the paired difference in NDCG@20, by which the best must beat the first method to replace it.
  double standard_errors_min = 0;
  double held_out_share = 0.1;
  uint64_t seed = 1;
  // Shoppers of the cut that are asked: enough to tell two settings apart.
  size_t shoppers_max = 10'000;
  std::optional<TuningOptions> tuning;  // Its progress is that below.
  uint32_t threads = 1;
  std::function<void(std::string_view stage, double share)> progress;  // May be empty.
};

// Fails with InvalidArgument when held_out_share is not in (0, 0.5] or no method fits the budget, and with
// kUnavailable when `control` is cancelled.  Threads and progress are those of `options`.
Result<TopNChoice> ChooseTopN(const Sequences& baskets, uint32_t product_count,
                              const TopNChoiceOptions& options, const TrainingControl& control = {});

// A line a trial, for people.
std::string FormatTopNChoice(const TopNChoice& choice);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_TOP_N_CHOICE_H_
