#include "search/linear_ranker.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <utility>

#include "models/lambda_gradient.h"

namespace attune::search {
namespace {

constexpr size_t kCutoff = 10;
constexpr size_t kHeldOutParts = 4;
// So many judged queries teach one weight; and of more of them one part that is held out says enough.
constexpr size_t kFewQueries = 400;
constexpr double kDeviationMin = 1e-6;
constexpr double kStepMax = 1;
constexpr double kStepMin = 1e-3;

using Features = std::vector<SearchFeature>;

// Whether it is the thing or goes with it: what the order without it knows least of.
Features HeadFeatures() { return {kHead}; }

// All that are known of every product, and are not parts of the order without them.
Features MostFeatures() {
  return {kCoverage,     kProximity,         kTitleScore,    kBrandScore, kAttributeScore, kDescriptionScore,
          kTitleMatched, kTitleLength,       kTitleAfterFor, kValues,     kKind,           kPricePlace,
          kAttributes,   kDescriptionLength, kQueryCosine,   kHitsCosine, kHead,           kHeadKind};
}

struct Setting {
  Features features;
  float base_weight = 0;
  double ridge = 0;
};

// Lists one after the other, with some of their features.
class Lists {
 public:
  Lists(std::span<const RankingExample* const> examples, const Setting& setting)
      : base_weight_(setting.base_weight) {
    size_t rows = 0;
    for (const RankingExample* example : examples) rows += example->rows.size();
    features_.resize(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(setting.features.size()));
    Eigen::Index at = 0;
    for (const RankingExample* example : examples) {
      const auto begin = static_cast<size_t>(at);
      for (const SearchFeatures::Row& row : example->rows) {
        for (size_t k = 0; k < setting.features.size(); ++k) {
          const float value = row[setting.features[k]];
          features_(at, static_cast<Eigen::Index>(k)) = std::isnan(value) ? 0 : static_cast<double>(value);
        }
        ++at;
      }
      base_.insert(base_.end(), example->base.begin(), example->base.end());
      gains_.insert(gains_.end(), example->gains.begin(), example->gains.end());
      lists_.push_back({begin, static_cast<size_t>(at)});
    }
    weights_.assign(rows, 1);
  }

  // Within lists: what is the same for all products of a query orders none of them.
  Eigen::VectorXd Deviations() const {
    Eigen::VectorXd squares = Eigen::VectorXd::Zero(features_.cols());
    for (const models::RankedRows& list : lists_) {
      if (list.begin == list.end) continue;
      const auto rows = features_.middleRows(static_cast<Eigen::Index>(list.begin),
                                             static_cast<Eigen::Index>(list.end - list.begin));
      squares += (rows.rowwise() - rows.colwise().mean()).colwise().squaredNorm().transpose();
    }
    const auto count = std::max<double>(1, static_cast<double>(features_.rows()));
    return (squares / count).cwiseSqrt().cwiseMax(kDeviationMin);
  }

  std::vector<float> Scores(const Eigen::VectorXd& weights) const {
    const Eigen::VectorXd learned = features_ * weights;
    std::vector<float> scores(base_.size());
    for (size_t i = 0; i < scores.size(); ++i) {
      scores[i] = base_weight_ * base_[i] + static_cast<float>(learned[static_cast<Eigen::Index>(i)]);
    }
    return scores;
  }

  // Of the loss by weights; the curvature is that of its diagonal part.
  void AddLoss(const Eigen::VectorXd& weights, Eigen::VectorXd& gradient, Eigen::MatrixXd& curvature) const {
    const std::vector<float> scores = Scores(weights);
    std::vector<float> by_row(scores.size());
    std::vector<float> curves(scores.size());
    models::LambdaGradients(lists_, gains_, weights_, scores, by_row, curves);
    const auto rows = static_cast<Eigen::Index>(scores.size());
    const Eigen::VectorXd slopes = Eigen::Map<const Eigen::VectorXf>(by_row.data(), rows).cast<double>();
    const Eigen::VectorXd bends = Eigen::Map<const Eigen::VectorXf>(curves.data(), rows).cast<double>();
    gradient += features_.transpose() * slopes;
    curvature += features_.transpose() * bends.asDiagonal() * features_;
  }

  double SumOfNdcg(const Eigen::VectorXd& weights) const {
    const std::vector<float> scores = Scores(weights);
    double sum = 0;
    for (const models::RankedRows& list : lists_) {
      const size_t size = list.end - list.begin;
      const auto gains = std::span(gains_).subspan(list.begin, size);
      sum += models::NdcgOfScores(gains, std::span(scores).subspan(list.begin, size), kCutoff,
                                  models::IdealGain(gains, kCutoff));
    }
    return sum;
  }

 private:
  const float base_weight_;
  Eigen::MatrixXd features_;
  std::vector<float> base_;
  std::vector<float> gains_;
  std::vector<float> weights_;
  std::vector<models::RankedRows> lists_;
};

// By feature of the setting.
Eigen::VectorXd Fit(const Lists& lists, const Setting& setting, uint32_t steps_max) {
  const Eigen::VectorXd deviations = lists.Deviations();
  // The ridge is on weights of features of deviation 1.
  const Eigen::VectorXd ridge = setting.ridge * deviations.cwiseAbs2();
  Eigen::VectorXd weights = Eigen::VectorXd::Zero(deviations.size());
  for (uint32_t i = 0; i < steps_max; ++i) {
    Eigen::VectorXd gradient = ridge.cwiseProduct(weights);
    Eigen::MatrixXd curvature = ridge.asDiagonal();
    lists.AddLoss(weights, gradient, curvature);
    Eigen::VectorXd step = curvature.ldlt().solve(gradient);
    const double longest = step.cwiseProduct(deviations).cwiseAbs().maxCoeff();
    if (longest > kStepMax) step *= kStepMax / longest;
    weights -= step;
    if (longest < kStepMin) break;
  }
  return weights;
}

// Of the queries that are held out, each ranked by weights that have not seen it.
double HeldOutNdcg(std::span<const RankingExample* const> examples, const Setting& setting,
                   uint32_t steps_max) {
  const size_t parts = examples.size() > kFewQueries ? 1 : kHeldOutParts;
  double sum = 0;
  for (size_t part = 0; part < parts; ++part) {
    std::vector<const RankingExample*> learned;
    std::vector<const RankingExample*> held_out;
    for (size_t i = 0; i < examples.size(); ++i) {
      (i % kHeldOutParts == part ? held_out : learned).push_back(examples[i]);
    }
    const Eigen::VectorXd weights = Fit(Lists(learned, setting), setting, steps_max);
    sum += Lists(held_out, setting).SumOfNdcg(weights);
  }
  return sum;
}

std::vector<Setting> SettingsOf(const LinearRankerOptions& options, size_t query_count) {
  std::vector<Features> choices = {HeadFeatures()};
  if (query_count > kFewQueries) choices.push_back(MostFeatures());
  std::vector<Setting> settings;
  for (const Features& features : choices) {
    for (const float base_weight : options.base_weights) {
      for (const double ridge : options.ridges) settings.push_back({features, base_weight, ridge});
    }
  }
  return settings;
}

}  // namespace

Result<SearchRanker> TrainLinearRanker(std::span<const RankingExample> examples,
                                       const LinearRankerOptions& options) {
  std::vector<const RankingExample*> taught;
  for (const RankingExample& example : examples) {
    if (Teaches(example)) taught.push_back(&example);
  }
  if (taught.size() < kHeldOutParts) return InvalidArgument("too few queries to learn from");
  Setting best;
  double best_ndcg = -1;
  for (Setting& setting : SettingsOf(options, taught.size())) {
    const double ndcg = HeldOutNdcg(taught, setting, options.steps_max);
    if (ndcg <= best_ndcg) continue;
    best_ndcg = ndcg;
    best = std::move(setting);
  }
  const Eigen::VectorXd weights = Fit(Lists(taught, best), best, options.steps_max);
  SearchRanker ranker;
  ranker.hits_max = kLinearHits;
  ranker.base_weight = best.base_weight;
  for (size_t k = 0; k < best.features.size(); ++k) {
    ranker.weights[best.features[k]] = static_cast<float>(weights[static_cast<Eigen::Index>(k)]);
  }
  return ranker;
}

}  // namespace attune::search
