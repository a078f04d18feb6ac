// How likely a shopper looks at each position of a slate, learned from shown and clicked products.
//
// The position-based model: a click needs that the position was looked at, and that the product appealed.
//
//   P(click on product p at position k) = theta_k * gamma_p
//
// fitted by expectation maximisation (Wang et al. 2018, without a feature model: gamma is that of a product
// on a placement).  It needs no experiment: the same product stands at different positions as shoppers and
// generations change.  theta is scaled to theta_0 = 1.
//
// A click at position k counts 1 / theta_k, at most kWeightMax times (Joachims, Swaminathan, Schnabel 2017):
// unclipped, one click far down would outweigh hundreds.
//
// Where too few products have changed their positions there is nothing to tell position and appeal apart;
// then no estimate is made, and the ranker is given the position as a feature instead, which it is told to be
// 0 when it serves (ranker_features.h).
//
// Thread safety: pure functions.

#ifndef ATTUNE_MODELS_POSITION_BIAS_H_
#define ATTUNE_MODELS_POSITION_BIAS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace attune::models {

struct ShownProduct {
  uint64_t key = 0;  // Of the product on its placement.
  uint32_t position = 0;
  bool is_clicked = false;
};

struct PositionBiasOptions {
  uint32_t positions = 40;  // Later ones count as the last.
  uint32_t iterations = 100;
  // Below these there is no estimate.
  uint64_t clicks_min = 200;
  uint64_t moved_keys_min = 50;  // Products seen at two positions or more.
};

class PositionBias {
 public:
  static constexpr double kWeightMax = 10;

  // Nothing when the data do not tell.
  static std::optional<PositionBias> Estimate(std::span<const ShownProduct> shown,
                                              const PositionBiasOptions& options = {});

  // theta_k; 1 for the first position.
  double LookedAt(uint32_t position) const;
  // What a click there counts: 1 / theta_k, at most kWeightMax.
  double WeightOf(uint32_t position) const;
  const std::vector<double>& thetas() const { return thetas_; }

 private:
  std::vector<double> thetas_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_POSITION_BIAS_H_
