#include "models/listwise_weights.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace attune::models {
namespace {

constexpr double kMomentDecay = 0.9;
constexpr double kSquareDecay = 0.999;

// Adam's running moments of the gradient, and the weights they move.
class Adam {
 public:
  Adam(std::vector<double> prior, double prior_strength)
      : weights_(prior), prior_(std::move(prior)), prior_strength_(prior_strength) {
    moment_.assign(weights_.size(), 0);
    square_.assign(weights_.size(), 0);
  }

  // `gradient` is a sum over `count` lists; it is emptied.
  void Step(std::vector<double>& gradient, double count, double step) {
    moment_weight_ *= kMomentDecay;
    square_weight_ *= kSquareDecay;
    for (size_t i = 0; i < weights_.size(); ++i) {
      const double slope = gradient[i] / count + prior_strength_ * (weights_[i] - prior_[i]);
      moment_[i] = kMomentDecay * moment_[i] + (1 - kMomentDecay) * slope;
      square_[i] = kSquareDecay * square_[i] + (1 - kSquareDecay) * slope * slope;
      const double size = std::sqrt(square_[i] / (1 - square_weight_)) + 1e-9;
      weights_[i] -= step * moment_[i] / (1 - moment_weight_) / size;
      gradient[i] = 0;
    }
  }
  const std::vector<double>& weights() const { return weights_; }

 private:
  std::vector<double> weights_;
  const std::vector<double> prior_;
  const double prior_strength_;
  std::vector<double> moment_, square_;
  double moment_weight_ = 1, square_weight_ = 1;
};

double ScoreOf(const RowInputs& inputs, const std::vector<double>& weights) {
  double score = 0;
  for (size_t i = 0; i < inputs.values.size(); ++i) score += inputs.values[i] * weights[inputs.first + i];
  return score;
}

}  // namespace

Result<std::vector<double>> LearnListwiseWeights(std::span<const ChoiceList> lists, const FillInputs& fill,
                                                 std::vector<double> prior, const ListwiseOptions& options,
                                                 const TrainingControl& control) {
  Adam adam(std::move(prior), options.prior_strength);
  std::vector<double> gradient(adam.weights().size(), 0);
  double mean_weight = 0;
  for (const ChoiceList& list : lists) mean_weight += list.weight / static_cast<double>(lists.size());
  std::vector<RowInputs> rows;
  std::vector<double> shares;
  for (int pass = 0; pass < options.passes; ++pass) {
    RETURN_IF_ERROR(control.Check());
    const double step = pass < options.passes * 3 / 4 ? options.step : options.step / 10;
    uint32_t waiting = 0;
    for (size_t list = 0; list < lists.size(); ++list) {
      const ChoiceList& choice = lists[list];
      if (rows.size() < choice.row_count) rows.resize(choice.row_count);
      shares.clear();
      for (uint32_t row = 0; row < choice.row_count; ++row) {
        fill(list, row, rows[row]);
        shares.push_back(ScoreOf(rows[row], adam.weights()));
      }
      const double largest = *std::max_element(shares.begin(), shares.end());
      double sum = 0;
      for (double& share : shares) sum += share = std::exp(share - largest);
      for (double& share : shares) share /= sum;
      for (const uint32_t row : choice.chosen) shares[row] -= 1.0 / static_cast<double>(choice.chosen.size());
      for (double& share : shares) share *= choice.weight / mean_weight;
      for (uint32_t row = 0; row < choice.row_count; ++row) {
        for (size_t i = 0; i < rows[row].values.size(); ++i) {
          gradient[rows[row].first + i] += shares[row] * rows[row].values[i];
        }
      }
      if (++waiting < options.lists_per_step && list + 1 < lists.size()) continue;
      adam.Step(gradient, waiting, step);
      waiting = 0;
    }
  }
  return adam.weights();
}

}  // namespace attune::models
