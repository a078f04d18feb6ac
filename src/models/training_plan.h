// What a training would cost, before it starts, and what each trainer does about it.
//
//   InteractionLog + CatalogView --CountForTraining--> TrainingCounts --(a trainer's estimate)-->
//   TrainerCosts TrainerCosts + TrainingBudget --ChooseForm--> dense, sparse, or skipped, with the reason in
//   words
//
// A generation shares one budget of processor time: what a trainer is expected to take is gone for those
// after it.  Memory is a limit for each trainer alone, since one is done before the next begins.  So a store
// that grew too large for a model loses that model, says why, and keeps the rest; "all models" of a
// generation are those so chosen.
//
// Estimates come from counts alone, so the choice is the same on every machine.  They are upper bounds of one
// thread on a common server core; a trainer that takes kOverrunMax times as long as it said is stopped (see
// TrainingControl::deadline_micros) and reported as skipped.
//
// Thread safety: value types and pure functions.

#ifndef ATTUNE_MODELS_TRAINING_PLAN_H_
#define ATTUNE_MODELS_TRAINING_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog_view.h"
#include "models/interaction_log.h"

namespace attune::models {

struct TrainingCounts {
  uint64_t rows = 0, views = 0, carts = 0, purchases = 0;
  uint64_t shoppers = 0;
  uint64_t orders = 0;
  uint32_t products = 0;          // Indices, with or without rows.
  uint32_t catalog_products = 0;  // That have a text.
  uint32_t visible_products = 0;  // Of those, that may be shown.
  uint64_t cells = 0;  // Shoppers' distinct products, added up: what is not zero in a shopper matrix.
  uint64_t purchase_pairs = 0;  // Pairs of products that one shopper bought.
  uint64_t purchase_lists = 0;  // Shoppers who bought two products and more.
  uint64_t order_pairs = 0;     // Pairs of products of one order.
  uint64_t image_numbers = 0;   // Of all supplied image vectors; ...
  uint64_t text_numbers = 0;    // ... and text vectors.

  friend bool operator==(const TrainingCounts&, const TrainingCounts&) = default;
};

// Cost: two visits of the log.
TrainingCounts CountForTraining(const InteractionLog& log, const catalog::CatalogView* catalog);

struct TrainingCost {
  double seconds = 0;  // Processor time of one thread.
  uint64_t bytes = 0;  // At the peak, beside what is there anyway.
};

// How a trainer could go about it.  No `dense`: there is one way only, reported as sparse.
struct TrainerCosts {
  std::optional<TrainingCost> dense;
  TrainingCost sparse;
};

struct TrainingBudget {
  double seconds = 0;  // Of a whole generation; 0: no limit.
  uint64_t bytes = 0;  // Of one trainer; 0: no limit.
};

// Never zero: a small store's trainers may all run over.
inline constexpr double kOverrunMax = 5;
inline constexpr double kOverrunSecondsMin = 60;

enum class TrainingForm : uint8_t { kDense = 1, kSparse = 2, kSkipped = 3 };
std::string_view TrainingFormName(TrainingForm form);  // "dense", "sparse", "skipped".

// Methods that were held against each other on a held-out part of the store's own data, and which one won.
struct MethodTrial {
  std::string method;
  bool was_tried = false;  // False: over the budget.
  double ndcg_at_20 = 0;

  friend bool operator==(const MethodTrial&, const MethodTrial&) = default;
};

struct MethodChoice {
  uint64_t lists = 0;  // That it was made on.
  std::string method;
  std::vector<MethodTrial> trials;

  friend bool operator==(const MethodChoice&, const MethodChoice&) = default;
};

struct TrainerReport {
  std::string name;
  TrainingForm form = TrainingForm::kSparse;
  // Why it was skipped, not dense, or did without what it was given; empty: nothing to say.
  std::string reason;
  TrainingCost estimate;
  double seconds = 0;                       // Measured, as the wall clock says; 0 without a clock.
  bool uses_external_vectors = false;       // "content": those that were given, and not its own; ...
  bool uses_supplied_vectors = false;       // ... by the shop, with its products.
  std::optional<MethodChoice> choice = {};  // "also_bought": nothing when there was none.
};

// `spent`: what the trainers before are expected to take.  `report.name` is left to the caller.
TrainerReport ChooseForm(const TrainerCosts& costs, const TrainingBudget& budget, double spent_seconds);

// What became of one training.
struct TrainingReport {
  TrainingCounts counts;
  std::vector<TrainerReport> trainers;  // In the order of training.
  double seconds = 0;

  const TrainerReport* Find(std::string_view name) const;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_TRAINING_PLAN_H_
