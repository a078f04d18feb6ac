// "Next order": what this shopper's next order will hold, repeats and new products in one list.
//
// A blend of the shopper's own history, of what shoppers with the same taste buy (TIFU-KNN), and of what the
// store sells now.  How much each counts is learned per store, from the orders it has already seen:
//
//   log --walk in time--> for each of the latest orders: rows as of just before it, and what it held
//                   \---> the store as of now (neighbours, sales)
//   rows --NextOrderWeights::Learn--> weights
//
//   answer: rows of the shopper (next_order_rows.h), best first by weights (next_order_weights.h)
//
// An order is never part of what its own rows were made from.  Shoppers without a purchase get no answer.
// After TIFU-KNN (Hu et al., SIGIR 2020) and "a next basket reality check" (Li et al., TOIS 2023): blends of
// personal and global frequency are hard to beat, and the right blend differs from shop to shop.
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_NEXT_ORDER_H_
#define ATTUNE_MODELS_NEXT_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "models/candidate_source.h"
#include "models/interaction_log.h"
#include "models/limits.h"
#include "models/listwise_weights.h"
#include "models/next_order_rows.h"
#include "models/next_order_weights.h"
#include "models/product_ties.h"
#include "models/training_control.h"

namespace attune::models {

struct NextOrderTraining {
  NextOrderOptions rows;
  // Shorter steps and a stronger prior than for a handful of weights: here are hundreds of pairs.
  ListwiseOptions weights{.step = 0.01, .prior_strength = 1e-3};
  // Orders that weights are learned on, the latest; at most kNextOrderCasesMax.
  size_t cases_max = kNextOrderCasesMax;
};

class NextOrderModel final : public CandidateSource {
 public:
  static constexpr std::string_view kName = "next_order";

  // kUnavailable when cancelled.  `now_ms` is the time the sales are counted back from.
  static Result<std::shared_ptr<const NextOrderModel>> Train(const InteractionLog& log, int64_t now_ms,
                                                             std::shared_ptr<const ProductTies> ties,
                                                             const NextOrderTraining& training,
                                                             const TrainingControl& control);

  std::string_view name() const override { return kName; }
  // Own products only for a query that may_repeat.
  void Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const override;

  const NextOrderStore& store() const { return store_; }
  const NextOrderWeights& weights() const { return weights_; }
  const NextOrderOptions& options() const { return options_; }
  size_t memory_bytes() const {
    return store_.neighbours.memory_bytes() + store_.sales.memory_bytes() + store_.patterns.memory_bytes();
  }

  void Save(SectionWriter& out) const;
  static Result<std::shared_ptr<const NextOrderModel>> Load(SectionReader& in,
                                                            std::shared_ptr<const ProductTies> ties);

 private:
  NextOrderModel(NextOrderStore store, NextOrderWeights weights, const NextOrderOptions& options)
      : store_(std::move(store)), weights_(std::move(weights)), options_(options) {}

  const NextOrderStore store_;
  const NextOrderWeights weights_;
  const NextOrderOptions options_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_NEXT_ORDER_H_
