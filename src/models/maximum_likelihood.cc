#include "models/maximum_likelihood.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <string>

namespace attune::models {
namespace {

constexpr int kStepsMax = 200;
// Of theta, for differences: the error of a Hessian from exact gradients is of the order of its square.
constexpr double kDifference = 1e-4;
// Parameters outside [e^-16, e^16] have run away.
constexpr double kThetaMax = 16;
constexpr double kStepMax = 2;  // Of theta in one Newton step.
// The top is reached when a Newton step promises less than this, in units of log-likelihood.
constexpr double kGainMin = 1e-9;
constexpr double kDampingMax = 1e12;

std::vector<double> ParametersOf(const Eigen::VectorXd& theta) {
  std::vector<double> parameters(static_cast<size_t>(theta.size()));
  for (Eigen::Index i = 0; i < theta.size(); ++i) parameters[static_cast<size_t>(i)] = std::exp(theta[i]);
  return parameters;
}

// The likelihood as a function of theta.
class InLogarithms {
 public:
  InLogarithms(const LogLikelihood& likelihood, Eigen::Index size) : likelihood_(likelihood), size_(size) {}

  double Value(const Eigen::VectorXd& theta, Eigen::VectorXd& gradient) const {
    const std::vector<double> parameters = ParametersOf(theta);
    std::vector<double> by_parameter(parameters.size());
    const double value = likelihood_(parameters, by_parameter);
    for (Eigen::Index i = 0; i < size_; ++i) {
      gradient[i] = by_parameter[static_cast<size_t>(i)] * parameters[static_cast<size_t>(i)];
    }
    return value;
  }
  // Of the negative log-likelihood; symmetric.
  Eigen::MatrixXd Curvature(const Eigen::VectorXd& theta) const {
    Eigen::MatrixXd curvature(size_, size_);
    Eigen::VectorXd above(size_);
    Eigen::VectorXd below(size_);
    for (Eigen::Index i = 0; i < size_; ++i) {
      Eigen::VectorXd moved = theta;
      moved[i] = theta[i] + kDifference;
      Value(moved, above);
      moved[i] = theta[i] - kDifference;
      Value(moved, below);
      curvature.col(i) = (below - above) / (2 * kDifference);
    }
    return (curvature + curvature.transpose()) / 2;
  }

 private:
  const LogLikelihood& likelihood_;
  const Eigen::Index size_;
};

Status NotDetermined(std::string_view field) {
  return InvalidArgument("the data do not determine the parameters of the model", std::string(field));
}

}  // namespace

Result<LikelihoodFit> MaximizeLikelihood(const LogLikelihood& likelihood, std::span<const double> start,
                                         std::string_view field) {
  const auto size = static_cast<Eigen::Index>(start.size());
  Eigen::VectorXd theta(size);
  for (Eigen::Index i = 0; i < size; ++i) {
    CHECK(start[static_cast<size_t>(i)] > 0);
    theta[i] = std::log(start[static_cast<size_t>(i)]);
  }
  const InLogarithms target(likelihood, size);
  Eigen::VectorXd gradient(size);
  double value = target.Value(theta, gradient);
  double damping = 0;
  for (int step = 0; step < kStepsMax && std::isfinite(value); ++step) {
    Eigen::MatrixXd curvature = target.Curvature(theta);
    if (!curvature.allFinite()) break;
    const Eigen::LLT<Eigen::MatrixXd> undamped(curvature);
    const bool is_hill = undamped.info() == Eigen::Success;
    if (is_hill && gradient.dot(undamped.solve(gradient)) / 2 < kGainMin) {
      const Eigen::MatrixXd covariance = undamped.solve(Eigen::MatrixXd::Identity(size, size));
      return LikelihoodFit{
          ParametersOf(theta), {covariance.data(), covariance.data() + covariance.size()}, value, step};
    }
    if (!is_hill) damping = std::max(damping, 1e-3 * curvature.diagonal().cwiseAbs().maxCoeff());
    bool has_climbed = false;
    for (; !has_climbed && damping < kDampingMax; damping = std::max(damping * 8, 1e-3)) {
      const Eigen::LLT<Eigen::MatrixXd> damped(curvature + damping * Eigen::MatrixXd::Identity(size, size));
      if (damped.info() != Eigen::Success) continue;
      Eigen::VectorXd move = damped.solve(gradient);
      move *= std::min(1.0, kStepMax / move.cwiseAbs().maxCoeff());
      const Eigen::VectorXd next = theta + move;
      if (next.cwiseAbs().maxCoeff() > kThetaMax) continue;
      Eigen::VectorXd next_gradient(size);
      const double next_value = target.Value(next, next_gradient);
      if (!(next_value > value)) continue;
      theta = next;
      gradient = next_gradient;
      value = next_value;
      has_climbed = true;
    }
    if (!has_climbed) break;
    damping /= 64;  // The loop multiplied once after the step that climbed.
  }
  return NotDetermined(field);
}

double LikelihoodFit::StandardError(size_t parameter) const {
  return parameters[parameter] * std::sqrt(log_covariance[parameter * parameters.size() + parameter]);
}

double StandardErrorOf(const LikelihoodFit& fit,
                       const std::function<double(std::span<const double> parameters)>& function) {
  const size_t size = fit.parameters.size();
  std::vector<double> slopes(size);
  for (size_t i = 0; i < size; ++i) {
    std::vector<double> moved = fit.parameters;
    moved[i] = fit.parameters[i] * std::exp(kDifference);
    const double above = function(moved);
    moved[i] = fit.parameters[i] * std::exp(-kDifference);
    slopes[i] = (above - function(moved)) / (2 * kDifference);
  }
  double variance = 0;
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j < size; ++j) variance += slopes[i] * slopes[j] * fit.log_covariance[i * size + j];
  }
  return std::sqrt(std::max(variance, 0.0));
}

}  // namespace attune::models
