// How well a top-n model finds what was held out of shoppers' lists: the one measure of the benchmark
// (evaluate_top_n.h) and of the choice between models (top_n_choice.h).
//
// A shopper is asked with all products of the training list; those are masked; the list of 20 is the one that
// would be served.  Recall divides by all held-out products, NDCG by the best order of min(20, held out).
//
// Thread safety: pure functions; MeasureTopN starts threads of its own and joins them.

#ifndef ATTUNE_MODELS_TOP_N_MEASURE_H_
#define ATTUNE_MODELS_TOP_N_MEASURE_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "base/clock.h"
#include "models/sequence_file.h"
#include "models/transition_source.h"

namespace attune::models {

inline constexpr uint32_t kTopNCutoff = 20;

// Shopper by shopper.
struct TopNSplit {
  Sequences training;
  Sequences held_out;  // Ascending, each product once.
};

// Appends a shopper's held-out products.
void AddHeldOut(std::vector<uint32_t> products, TopNSplit& split);

// Holds out the products whose draw(shopper, product), uniform over 32 bits, is below `share`.
TopNSplit HoldOut(const Sequences& lists, double share,
                  const std::function<uint32_t(size_t shopper, uint32_t product)>& draw);

struct TopNMeasures {
  std::vector<size_t> shoppers;        // With held-out products, ascending.
  std::vector<double> recalls, ndcgs;  // Of each, at 20.
  std::vector<double> micros;          // Of each answer; zeros without a clock.

  double recall() const;
  double ndcg() const;
};

struct TopNMeasureOptions {
  // Shoppers beyond this are left out, those with the largest hashes of their places; 0: none.
  size_t shoppers_max = 0;
  uint32_t threads = 1;
  const Clock* clock = nullptr;
  std::function<void(double share)> progress;  // From one of the threads.
};

TopNMeasures MeasureTopN(const TransitionSource& source, const TopNSplit& split,
                         const TopNMeasureOptions& options);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_TOP_N_MEASURE_H_
