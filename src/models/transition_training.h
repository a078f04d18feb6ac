// From a store's interactions to its item-to-item sources: what is a sequence for which source.
//
//   also_viewed   views of one visit, both directions alike          "shoppers who looked at this also looked
//   at" viewed_next   views of one visit, in their order, with ridge     "looked at next" bought_after orders
//   of one shopper, in their order              "bought later": products of one order make no pair
//
// A visit ends after 30 minutes without a view.  A product viewed twice in a row is one step.  Rows without a
// shopper (handle 0) belong to nobody and are left out.
//
//   TransitionTraining training(options);
//   log.ForEachShopper([&](std::span<const Interaction> rows) { training.AddShopper(rows); });
//   training.Fold(now_ms);
//   TransitionSources sources = training.Train(product_count);      // immutable; publish them
//   ...later: AddShopper() with the rows that came since, Fold(), Train() again
//
// The incremental counts are those of TransitionTrainer with its stated error; one more boundary: a visit
// that goes on over two calls of AddShopper() counts as two.  The ridge part of viewed_next is batch work:
// TrainRidge() learns it from whole visits, and Train() keeps the last one.
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_MODELS_TRANSITION_TRAINING_H_
#define ATTUNE_MODELS_TRANSITION_TRAINING_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "models/interaction_log.h"
#include "models/next_item_model.h"
#include "models/transition_source.h"
#include "models/transition_trainer.h"

namespace attune::models {

struct TransitionTrainingOptions {
  // Between two views of one visit.
  int64_t visit_idle_ms = 30 * kMinuteMs;
  TransitionOptions also_viewed = {.gap = 1.125, .reverse = 1, .half_life_ms = 90 * kDayMs};
  TransitionOptions bought_after = {.gap = 2, .reverse = 0, .half_life_ms = 365 * kDayMs};
  NextItemOptions viewed_next = {
      .transitions = {.reverse = 0.1, .column_exponent = 0.05, .half_life_ms = 90 * kDayMs},
      .ridge = {.row_exponent = 0.1, .gram_cells_per_row_max = 400}};
  // Decay of seeds by age in also_viewed and bought_after; 0: the seeds' weights say it all.
  double seed_tau = 0;
  uint32_t threads = 1;
};

struct TransitionSources {
  std::shared_ptr<const TransitionSource> also_viewed;
  std::shared_ptr<const TransitionSource> viewed_next;
  std::shared_ptr<const TransitionSource> bought_after;

  // One generation file for the three.  Layout: docs/formats/item-to-item.md.
  std::string Serialize() const;
};

// Fails with kCorruption when the bytes are not what Serialize() wrote, whatever they are.
// `ties` are not in the bytes: they are the catalogue's.
Result<TransitionSources> ParseTransitionSources(std::string_view bytes,
                                                 std::shared_ptr<const ProductTies> ties = nullptr);

class TransitionTraining {
 public:
  // Fails with InvalidArgument, naming the option, when one is out of range.
  static Result<TransitionTraining> Create(const TransitionTrainingOptions& options);

  // Adds rows of one shopper, oldest first.  Fails with InvalidArgument, and adds nothing, when times go
  // back, rows are of several shoppers, or a product is past kModelProductsMax.
  Status AddShopper(std::span<const Interaction> rows);

  // Ages what is there to `as_of_ms` and counts what was added.
  void Fold(int64_t as_of_ms);

  // Learns the ridge part of viewed_next from the visits of all AddShopper() calls since the last
  // TrainRidge().
  Status TrainRidge(uint32_t product_count);

  // Equal scores of the sources stand in the order of `ties`; null: of the hash of the index.
  TransitionSources Train(uint32_t product_count, std::shared_ptr<const ProductTies> ties = nullptr);

 private:
  TransitionTraining(const TransitionTrainingOptions& options, TransitionTrainer also_viewed,
                     TransitionTrainer viewed_next, TransitionTrainer bought_after);
  Status AddVisits(std::span<const Interaction> rows);
  Status AddOrders(std::span<const Interaction> rows);

  TransitionTrainingOptions options_;
  TransitionTrainer also_viewed_;
  TransitionTrainer viewed_next_;
  TransitionTrainer bought_after_;
  Sequences visits_;
  std::shared_ptr<const SparseRows> ridge_;
  std::vector<TransitionStep> steps_;
  std::vector<uint32_t> products_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_TRANSITION_TRAINING_H_
