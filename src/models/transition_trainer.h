// Counts which product follows which, with time: the model behind also_viewed, viewed_next and bought_after.
//
// From sequences of steps, oldest first, at positions p (two steps of one order share a position and make no
// pair):
//
//   C[a->b] += decay(later step) * e^{-(p_b - p_a - 1) / gap}             when b comes after a
//   C[b->a] += reverse * the same                                          so that order matters, but not
//   alone W[a->b]  = C[a->b] / ((count_a + 1)^row_exponent * (count_b + 1)^column_exponent) score(b) = sum
//   over the shopper's steps h of e^{-age(h) / tau} * W[h->b]          (transition_source.h)
//
//   decay(step) = 2^{-(as_of - at) / half_life}, 1 without a half-life; count is the decayed number of steps.
//
// Example: gap 4, reverse .3, one sequence x y z: C[x->y] = 1, C[x->z] = e^{-1/4}, C[y->x] = .3.
//
// Incremental: Add() and Fold() as sessions come; Train() at any time makes the rows of a new generation from
// all that was folded.  The cost of a fold is that of the new steps and of one pass over the rows.
//
// Bounded: a row keeps cells_per_row_max counts; what leaves is the weakest.  Stated error: every count, kept
// or not, is too small by at most LostWeight(a), the decayed sum of the largest count that each cut of the
// row took away; it is 0 for a row that was never cut.  With the default only bestsellers are ever cut, and
// their neighbours_max strongest neighbours lie far above it.
//
// Deterministic: pairs are summed as integers (2^-32 units), so within one fold neither the order of
// sequences nor the number of threads changes a bit. Thread safety: one thread at a time; Fold and Train use
// options.threads threads of their own, joined on return.

#ifndef ATTUNE_MODELS_TRANSITION_TRAINER_H_
#define ATTUNE_MODELS_TRANSITION_TRAINER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "models/sparse_rows.h"

namespace attune::models {

struct TransitionStep {
  ProductIndex product;
  uint32_t position = 0;  // Never decreasing within a sequence; steps at one position happened together.
  int64_t at_ms = 0;      // Never decreasing within a sequence.
};

struct TransitionOptions {
  // Positions in which a transition loses two thirds of its weight.
  double gap = 4;
  // Weight of a pair read backwards, in [0, 1]; 1 makes the counts symmetric.
  double reverse = 0.3;
  // How much the counts of the two products are divided out; 0 = not, 1 = fully.
  double row_exponent = 0.3;
  double column_exponent = 0.1;
  // Pairs further apart are not counted: at gap 4 they weigh less than e^-16 each.  Bounds the work per step.
  uint32_t window_max = 64;
  // Age at which evidence counts half; 0 = evidence never ages.
  int64_t half_life_ms = 0;
  // Counts kept per product while training, and neighbours kept in the model.
  uint32_t cells_per_row_max = 5000;
  uint32_t neighbours_max = 200;
  // Changes speed, never the result.
  uint32_t threads = 1;
};

class TransitionTrainer {
 public:
  // Fails with InvalidArgument, naming the option, when one is out of range.
  static Result<TransitionTrainer> Create(const TransitionOptions& options);

  // Adds one sequence.  Fails with InvalidArgument, and adds nothing, when positions or times go back or a
  // product is past kModelProductsMax.  Folds by itself when kPendingStepsMax steps wait.
  Status Add(std::span<const TransitionStep> steps);

  // Brings the rows up to `as_of_ms`: ages what is there and counts what was added.  An earlier time than the
  // last fold's, or than the latest step's, counts as that one.
  void Fold(int64_t as_of_ms);

  // The weighted, pruned rows of everything added, for products [0, product_count): those that were never
  // seen have empty rows.  Folds first when steps wait.  Products past product_count are left out.
  SparseRows Train(uint32_t product_count);

  // As of the last fold.
  double CountOf(ProductIndex product) const;
  double TransitionWeight(ProductIndex from, ProductIndex to) const;
  double LostWeight(ProductIndex from) const;
  size_t cell_count() const;

 private:
  struct Cell {
    uint32_t product = 0;
    float weight = 0;
  };
  struct Row {
    std::vector<Cell> cells;  // By product.
    double count = 0;
    double lost = 0;
  };
  struct PendingIndex;

  explicit TransitionTrainer(const TransitionOptions& options);
  PendingIndex IndexPending(int64_t as_of_ms) const;
  void CountRow(const PendingIndex& index, uint32_t product, std::vector<uint64_t>& sums,
                std::vector<uint32_t>& touched, std::vector<Cell>& fresh) const;
  void MergeRow(std::span<const Cell> fresh, double aging, Row& row) const;

  TransitionOptions options_;
  std::vector<double> gap_weights_;  // By distance - 1.
  std::vector<Row> rows_;            // By product.
  int64_t as_of_ms_ = 0;
  bool has_folded_ = false;
  std::vector<TransitionStep> pending_;
  std::vector<size_t> pending_ends_;  // One past the last step of each waiting sequence.
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_TRANSITION_TRAINER_H_
