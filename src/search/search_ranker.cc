#include "search/search_ranker.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "models/boosted_trees.h"
#include "models/lambda_gradient.h"

namespace attune::search {
namespace {

constexpr size_t kCutoff = 10;
constexpr size_t kValidationEvery = 4;
constexpr size_t kTreesStep = 10;

// Examples one after the other, as the trainer takes them.
struct TrainingRows {
  std::vector<float> features;
  std::vector<float> base;
  std::vector<float> gains;
  std::vector<float> weights;
  std::vector<models::RankedRows> lists;

  void Add(const RankingExample& example) {
    const size_t begin = base.size();
    for (const SearchFeatures::Row& row : example.rows)
      features.insert(features.end(), row.begin(), row.end());
    base.insert(base.end(), example.base.begin(), example.base.end());
    gains.insert(gains.end(), example.gains.begin(), example.gains.end());
    weights.resize(base.size(), 1);
    lists.push_back({begin, base.size()});
  }
};

struct Setting {
  float base_weight = 0;
  uint32_t depth = 0;
  size_t trees = 0;
};

Result<models::TreeForest> Grow(const TrainingRows& rows, const Setting& setting,
                                const SearchRankerOptions& options, const models::TrainingControl& control) {
  std::vector<float> scores(rows.base.size());
  const models::BoostedTreesOptions trees = {.trees = static_cast<uint32_t>(setting.trees),
                                             .depth = setting.depth,
                                             .learning_rate = options.learning_rate,
                                             .leaf_weight_min = options.leaf_weight_min};
  ASSIGN_OR_RETURN(
      const auto grown,
      models::BoostedTrees::Train(
          rows.features, kSearchFeatureCount, trees,
          [&](std::span<const float> predictions, std::span<float> gradients, std::span<float> hessians) {
            for (size_t i = 0; i < scores.size(); ++i) {
              scores[i] = setting.base_weight * rows.base[i] + predictions[i];
            }
            models::LambdaGradients(rows.lists, rows.gains, rows.weights, scores, gradients, hessians);
          },
          control));
  return grown->forest();
}

double MeanNdcg(const TrainingRows& rows, std::span<const float> scores) {
  double sum = 0;
  for (const models::RankedRows& list : rows.lists) {
    const size_t size = list.end - list.begin;
    const auto gains = std::span(rows.gains).subspan(list.begin, size);
    sum += models::NdcgOfScores(gains, scores.subspan(list.begin, size), kCutoff,
                                models::IdealGain(gains, kCutoff));
  }
  return rows.lists.empty() ? 0 : sum / static_cast<double>(rows.lists.size());
}

// The best number of trees for the setting, and how good it is.
double ChooseTrees(const TrainingRows& tuning, const models::TreeForest& forest, Setting& setting) {
  std::vector<float> scores(tuning.base.size());
  for (size_t i = 0; i < scores.size(); ++i)
    scores[i] = setting.base_weight * tuning.base[i] + forest.Start();
  double best = setting.base_weight > 0 ? MeanNdcg(tuning, scores) : 0;
  setting.trees = 0;
  for (size_t first = 0; first < forest.tree_count(); first += kTreesStep) {
    const size_t last = std::min(first + kTreesStep, forest.tree_count());
    forest.Add(tuning.features, first, last, scores);
    const double ndcg = MeanNdcg(tuning, scores);
    if (ndcg <= best) continue;
    best = ndcg;
    setting.trees = last;
  }
  return best;
}

}  // namespace

bool Teaches(const RankingExample& example) {
  if (example.gains.empty()) return false;
  const auto [least, most] = std::minmax_element(example.gains.begin(), example.gains.end());
  return *least < *most;
}

std::vector<float> SearchRanker::Score(const std::vector<SearchFeatures::Row>& rows,
                                       std::span<const float> base) const {
  std::vector<float> features;
  features.reserve(rows.size() * kSearchFeatureCount);
  for (const SearchFeatures::Row& row : rows) features.insert(features.end(), row.begin(), row.end());
  std::vector<float> scores(rows.size());
  forest.Score(features, scores);
  for (size_t i = 0; i < scores.size(); ++i) {
    scores[i] += base_weight * base[i];
    for (size_t feature = 0; feature < weights.size(); ++feature) {
      if (weights[feature] != 0 && !std::isnan(rows[i][feature])) {
        scores[i] += weights[feature] * rows[i][feature];
      }
    }
  }
  return scores;
}

Result<SearchRanker> TrainSearchRanker(std::span<const RankingExample> examples,
                                       const SearchRankerOptions& options,
                                       const models::TrainingControl& control) {
  TrainingRows all;
  TrainingRows growing;
  TrainingRows tuning;
  size_t taught = 0;
  for (const RankingExample& example : examples) {
    if (!Teaches(example)) continue;
    all.Add(example);
    (taught++ % kValidationEvery == 0 ? tuning : growing).Add(example);
  }
  if (taught < kValidationEvery) return InvalidArgument("too few queries to learn from");
  Setting best;
  double best_ndcg = -1;
  for (const float base_weight : options.base_weights) {
    for (const uint32_t depth : options.depths) {
      Setting setting = {base_weight, depth, options.trees_max};
      ASSIGN_OR_RETURN(const models::TreeForest forest, Grow(growing, setting, options, control));
      const double ndcg = ChooseTrees(tuning, forest, setting);
      if (ndcg <= best_ndcg) continue;
      best_ndcg = ndcg;
      best = setting;
    }
  }
  SearchRanker ranker;
  ranker.base_weight = best.base_weight;
  if (best.trees == 0) return ranker;
  ASSIGN_OR_RETURN(ranker.forest, Grow(all, best, options, control));
  return ranker;
}

}  // namespace attune::search
