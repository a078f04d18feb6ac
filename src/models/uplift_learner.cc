#include "models/uplift_learner.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "base/random.h"
#include "models/sparse_parallel.h"

namespace attune::models {
namespace {

using Rows = std::vector<uint32_t>;

double Sigmoid(double margin) { return 1 / (1 + std::exp(-margin)); }

// The features of some rows beside each other, with the arm behind them when `arm` is set.
std::vector<float> Gather(const UpliftData& data, std::span<const uint32_t> rows,
                          const std::function<float(uint32_t row)>& arm = nullptr) {
  const size_t width = data.feature_count();
  std::vector<float> values;
  values.reserve(rows.size() * (width + 1));
  for (const uint32_t row : rows) {
    const auto begin = data.features.begin() + static_cast<ptrdiff_t>(row * width);
    values.insert(values.end(), begin, begin + static_cast<ptrdiff_t>(width));
    if (arm) values.push_back(arm(row));
  }
  return values;
}

double MeanOutcome(const UpliftData& data, std::span<const uint32_t> rows) {
  double sum = 0;
  for (const uint32_t row : rows) sum += data.rows.outcome[row];
  return sum / static_cast<double>(rows.size());
}

// The expected outcome, grown around the mean so that trees need not find it first.
class OutcomeModel {
 public:
  // `values` are the features of `rows`, `width` each.
  static Result<OutcomeModel> Train(const UpliftData& data, std::span<const uint32_t> rows,
                                    std::span<const float> values, size_t width, bool is_binary,
                                    const BoostedTreesOptions& options) {
    const double mean = MeanOutcome(data, rows);
    // Where all outcomes are equal there is nothing to grow, and no finite log odds.
    const bool is_constant = std::all_of(rows.begin(), rows.end(), [&](uint32_t row) {
      return data.rows.outcome[row] == data.rows.outcome[rows.front()];
    });
    OutcomeModel model(is_binary && !is_constant, static_cast<uint32_t>(width));
    model.base_ = model.is_binary_ ? std::log(mean / (1 - mean)) : mean;
    if (is_constant) return model;
    const auto objective = [&](std::span<const float> predictions, std::span<float> gradients,
                               std::span<float> hessians) {
      for (size_t i = 0; i < rows.size(); ++i) {
        const double expected = model.Outcome(predictions[i]);
        gradients[i] = static_cast<float>(expected - data.rows.outcome[rows[i]]);
        hessians[i] = model.is_binary_ ? static_cast<float>(expected * (1 - expected)) : 1.0f;
      }
    };
    ASSIGN_OR_RETURN(const auto trees,
                     BoostedTrees::Train(values, static_cast<uint32_t>(width), options, objective, {}));
    model.forest_ = trees->forest();
    return model;
  }

  std::vector<double> Predict(std::span<const float> values) const {
    std::vector<float> scores(values.size() / forest_.feature_count());
    forest_.Score(values, scores);
    std::vector<double> outcomes;
    outcomes.reserve(scores.size());
    for (const float score : scores) outcomes.push_back(Outcome(score));
    return outcomes;
  }

 private:
  OutcomeModel(bool is_binary, uint32_t width) : is_binary_(is_binary), forest_(width) {}
  double Outcome(double score) const { return is_binary_ ? Sigmoid(base_ + score) : base_ + score; }

  bool is_binary_;
  double base_ = 0;
  TreeForest forest_;
};

Result<std::vector<double>> ScoreBySLearner(const UpliftData& data, bool is_binary,
                                            std::span<const uint32_t> learned,
                                            std::span<const uint32_t> asked,
                                            const BoostedTreesOptions& options) {
  const size_t width = data.feature_count() + 1;
  const auto values =
      Gather(data, learned, [&](uint32_t row) { return static_cast<float>(data.rows.is_treated[row]); });
  ASSIGN_OR_RETURN(const OutcomeModel model,
                   OutcomeModel::Train(data, learned, values, width, is_binary, options));
  std::vector<double> scores = model.Predict(Gather(data, asked, [](uint32_t) { return 1.0f; }));
  const std::vector<double> untreated = model.Predict(Gather(data, asked, [](uint32_t) { return 0.0f; }));
  for (size_t i = 0; i < scores.size(); ++i) scores[i] -= untreated[i];
  return scores;
}

// y - m(x) of every learned row, m grown on the half that the row is not in.
Result<std::vector<double>> Residuals(const UpliftData& data, bool is_binary,
                                      std::span<const uint32_t> learned, const BoostedTreesOptions& options) {
  std::vector<double> residuals(learned.size());
  for (size_t half = 0; half < 2; ++half) {
    Rows seen, unseen;
    for (size_t i = 0; i < learned.size(); ++i) (i % 2 == half ? unseen : seen).push_back(learned[i]);
    ASSIGN_OR_RETURN(const OutcomeModel model, OutcomeModel::Train(data, seen, Gather(data, seen),
                                                                   data.feature_count(), is_binary, options));
    const std::vector<double> means = model.Predict(Gather(data, unseen));
    for (size_t i = 0; i < unseen.size(); ++i) {
      residuals[2 * i + half] = data.rows.outcome[unseen[i]] - means[i];
    }
  }
  return residuals;
}

Result<std::vector<double>> ScoreByEffect(const UpliftData& data, bool is_binary,
                                          std::span<const uint32_t> learned, std::span<const uint32_t> asked,
                                          const BoostedTreesOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<double> residuals, Residuals(data, is_binary, learned, options));
  double share = 0;
  for (const uint32_t row : learned) share += data.rows.is_treated[row];
  share /= static_cast<double>(learned.size());
  double effect = 0;  // That of all rows alike, around which the trees grow.
  double weight = 0;
  for (size_t i = 0; i < learned.size(); ++i) {
    const double arm = data.rows.is_treated[learned[i]] - share;
    effect += arm * residuals[i];
    weight += arm * arm;
  }
  effect /= weight;
  // Weights (t - e)^2 are brought to a mean of 1, so that a leaf's least weight counts rows.
  const double scale = static_cast<double>(learned.size()) / weight;
  const auto objective = [&](std::span<const float> predictions, std::span<float> gradients,
                             std::span<float> hessians) {
    for (size_t i = 0; i < learned.size(); ++i) {
      const double arm = data.rows.is_treated[learned[i]] - share;
      const double error = arm * (effect + predictions[i]) - residuals[i];
      gradients[i] = static_cast<float>(scale * arm * error);
      hessians[i] = static_cast<float>(scale * arm * arm);
    }
  };
  const auto width = static_cast<uint32_t>(data.feature_count());
  ASSIGN_OR_RETURN(const auto trees,
                   BoostedTrees::Train(Gather(data, learned), width, options, objective, {}));
  std::vector<float> scores(asked.size());
  trees->forest().Score(Gather(data, asked), scores);
  return std::vector<double>(scores.begin(), scores.end());
}

// Ranks in (0, 1); equal scores share the mean of theirs.
std::vector<double> RanksOf(std::span<const double> scores) {
  Rows order(scores.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return scores[a] != scores[b] ? scores[a] < scores[b] : a < b; });
  std::vector<double> ranks(scores.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && scores[order[end]] == scores[order[begin]]) ++end;
    const double rank = static_cast<double>(begin + end) / (2 * static_cast<double>(order.size()));
    for (; begin < end; ++begin) ranks[order[begin]] = rank;
  }
  return ranks;
}

// The fold of every row: each arm is shuffled and dealt out.
Result<std::vector<uint32_t>> FoldsOf(const UpliftRows& rows, const UpliftOptions& options) {
  std::vector<uint32_t> folds(rows.size());
  Random random(options.seed);
  for (const bool is_treated : {false, true}) {
    Rows arm;
    for (uint32_t row = 0; row < rows.size(); ++row) {
      if ((rows.is_treated[row] != 0) == is_treated) arm.push_back(row);
    }
    const size_t needed = options.folds * kUpliftArmRowsPerFold;
    if (arm.size() < needed) {
      return InvalidArgument(std::string(is_treated ? "treated" : "untreated") + " rows: " +
                                 std::to_string(arm.size()) + ", needed are " + std::to_string(needed),
                             is_treated ? "treatment" : "control");
    }
    for (size_t i = arm.size() - 1; i > 0; --i) std::swap(arm[i], arm[random.NextBelow(i + 1)]);
    for (size_t i = 0; i < arm.size(); ++i) folds[arm[i]] = static_cast<uint32_t>(i % options.folds);
  }
  return folds;
}

}  // namespace

BoostedTreesOptions UpliftTrees(UpliftLearner learner) {
  BoostedTreesOptions options;
  options.trees = 100;
  options.learning_rate = 0.05;
  options.depth = learner == UpliftLearner::kEffect ? 2 : 3;
  options.leaf_weight_min = learner == UpliftLearner::kEffect ? 50 : 20;
  return options;
}

Result<std::vector<double>> CrossFitUplift(const UpliftData& data, const UpliftOptions& options) {
  if (options.folds < 2) return InvalidArgument("must be at least 2", "folds");
  if (data.feature_count() >= TreeForest::kFeaturesMax) {  // The arm is one more.
    return InvalidArgument("features: " + std::to_string(data.feature_count()) + ", at most " +
                               std::to_string(TreeForest::kFeaturesMax - 1) + "; ignore some columns",
                           "ignore");
  }
  ASSIGN_OR_RETURN(const std::vector<uint32_t> folds, FoldsOf(data.rows, options));
  const bool is_binary = std::all_of(data.rows.outcome.begin(), data.rows.outcome.end(),
                                     [](double outcome) { return outcome == 0 || outcome == 1; });
  std::vector<double> scores(data.rows.size());
  std::vector<Status> failures(options.folds);
  std::atomic<uint32_t> done{0};
  ForEachBlock(options.folds, 1, options.threads, [&](uint32_t worker, size_t fold, size_t) {
    Rows learned, asked;
    for (uint32_t row = 0; row < folds.size(); ++row) (folds[row] == fold ? asked : learned).push_back(row);
    const auto score = options.learner == UpliftLearner::kEffect ? &ScoreByEffect : &ScoreBySLearner;
    const auto result = score(data, is_binary, learned, asked, UpliftTrees(options.learner));
    failures[fold] = result.status();
    if (!result.ok()) return;
    const std::vector<double> ranks = RanksOf(*result);
    for (size_t i = 0; i < asked.size(); ++i) scores[asked[i]] = ranks[i];
    const uint32_t finished = done.fetch_add(1) + 1;
    // From the caller's own thread only.
    if (worker == 0 && options.progress)
      options.progress("models of folds", static_cast<double>(finished) / options.folds);
  });
  for (const Status& failure : failures) RETURN_IF_ERROR(failure);
  return scores;
}

}  // namespace attune::models
