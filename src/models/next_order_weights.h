// The learned score of a next_order row: how likely the product is in the shopper's next order, up to a
// constant per shopper.
//
//   z      = inputs, centred and scaled as own rows were in training, held within [-4, 4]
//   own    score = w0 + sum_i w_i z_i + sum_{i <= j} w_ij z_i z_j / 2       over all inputs
//   new    score = u0 + sum_i u_i z_i + sum_{i <= j} u_ij z_i z_j / 2       over the shared inputs
//
// Own and new rows have weights of their own but stand in one list, so a store learns how much its shoppers
// repeat; pairs let that depend on the shopper (a frequent buyer's old product says less).
//
// Thread safety: value type.

#ifndef ATTUNE_MODELS_NEXT_ORDER_WEIGHTS_H_
#define ATTUNE_MODELS_NEXT_ORDER_WEIGHTS_H_

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "base/status.h"
#include "models/listwise_weights.h"
#include "models/next_order_rows.h"
#include "models/training_control.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

// The rows of one order that was made, and which of them it held.
struct NextOrderCase {
  std::vector<NextOrderRow> rows;
  std::vector<uint32_t> chosen;  // Positions in `rows`, ascending, not empty.
  uint32_t order_products = 0;   // In the order, among the rows or not.
};

// A constant, the inputs, and their pairs.
constexpr size_t TermsOf(size_t inputs) { return 1 + inputs + inputs * (inputs + 1) / 2; }

class NextOrderWeights {
 public:
  // What is known before any order was seen: repeats first, by count; then what neighbours and all buy.
  NextOrderWeights();

  // With fewer than kNextOrderCasesMin cases: the prior.  kUnavailable when cancelled.
  static Result<NextOrderWeights> Learn(std::span<const NextOrderCase> cases, const ListwiseOptions& options,
                                        const TrainingControl& control);

  float Score(const NextOrderRow& row) const;
  // Learned, not the prior.
  bool is_learned() const { return is_learned_; }

  void Save(SectionWriter& out) const;
  // Of older builds, which had fewer shared inputs: scores as they did.
  static Result<NextOrderWeights> Load(SectionReader& in);

 private:
  static constexpr size_t kShared = kNextOrderInputs - kFirstSharedInput;
  static constexpr size_t kOwnTerms = TermsOf(kNextOrderInputs);
  static constexpr size_t kNewTerms = TermsOf(kShared);

  void Centre(std::span<const NextOrderCase> cases);
  void FillTerms(const NextOrderRow& row, RowInputs& terms) const;

  bool is_learned_ = false;
  std::array<float, kNextOrderInputs> centre_{};
  std::array<float, kNextOrderInputs> scale_{};  // z = (input - centre) * scale.
  std::vector<double> weights_;                  // Own terms, then new terms.
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_NEXT_ORDER_WEIGHTS_H_
