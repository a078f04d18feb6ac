#include "models/tunable_settings.h"

#include <string>
#include <utility>
#include <vector>

namespace attune::models {
namespace {

SettingRange Linear(std::string name, double least, double most) {
  return {std::move(name), least, most, SettingScale::kLinear, false};
}
SettingRange Factors(std::string name, double least, double most) {
  return {std::move(name), least, most, SettingScale::kLogarithmic, false};
}
SettingRange WholeFactors(std::string name, double least, double most) {
  return {std::move(name), least, most, SettingScale::kLogarithmic, true};
}
SettingRange Days(std::string name, int least, int most) {
  return WholeFactors(std::move(name), static_cast<double>(least * kDayMs),
                      static_cast<double>(most * kDayMs));
}

// A whole list of seeds weighs alike at 64; below a quarter only the latest counts.
constexpr double kTauLeast = 0.25;
constexpr double kTauMost = 64;
// Pairs further apart than 64 are not counted (window_max).
constexpr double kGapLeast = 0.4;
constexpr double kGapMost = 64;
// A system of neighbours costs their cube: twice the largest takes minutes on a small file.
constexpr double kRegressorsLeast = 10;
constexpr double kRegressorsMost = 200;

// Of a regression: `kPart` is TopNOptions::ridge or ease.
template <auto kPart>
std::span<const TunableSetting<TopNOptions>> RegressionSettings() {
  using Setting = TunableSetting<TopNOptions>;
  static const auto* const settings = new std::vector<Setting>{
      {Factors("ridge", 1, 1e5), [](TopNOptions& o) -> SettingField { return &(o.*kPart).ridge; }},
      {Linear("dropout", 0, 0.6), [](TopNOptions& o) -> SettingField { return &(o.*kPart).dropout; }},
      {Linear("row_exponent", 0, 1), [](TopNOptions& o) -> SettingField { return &(o.*kPart).row_exponent; }},
      {Linear("column_exponent", 0, 1),
       [](TopNOptions& o) -> SettingField { return &(o.*kPart).column_exponent; }},
      {Linear("basket_exponent", 0, 1),
       [](TopNOptions& o) -> SettingField { return &(o.*kPart).basket_exponent; }},
  };
  return *settings;
}

std::span<const TunableSetting<TopNOptions>> ItemKnnSettings() {
  using Setting = TunableSetting<TopNOptions>;
  static const auto* const settings = new std::vector<Setting>{
      {Linear("row_exponent", 0, 1), [](TopNOptions& o) -> SettingField { return &o.knn.row_exponent; }},
      {Linear("column_exponent", 0, 1),
       [](TopNOptions& o) -> SettingField { return &o.knn.column_exponent; }},
      {Linear("basket_exponent", 0, 1),
       [](TopNOptions& o) -> SettingField { return &o.knn.basket_exponent; }},
  };
  return *settings;
}

}  // namespace

std::span<const TunableSetting<NextItemOptions>> NextItemSettings() {
  using Setting = TunableSetting<NextItemOptions>;
  static const auto* const settings = new std::vector<Setting>{
      {Linear("ridge_share", 0, 2), [](NextItemOptions& o) -> SettingField { return &o.ridge_share; }},
      {Factors("transition_tau", kTauLeast, kTauMost),
       [](NextItemOptions& o) -> SettingField { return &o.transition_tau; }},
      {Linear("transitions.reverse", 0, 1),
       [](NextItemOptions& o) -> SettingField { return &o.transitions.reverse; }},
      {Factors("transitions.gap", kGapLeast, kGapMost),
       [](NextItemOptions& o) -> SettingField { return &o.transitions.gap; }},
      {Linear("transitions.row_exponent", 0, 1),
       [](NextItemOptions& o) -> SettingField { return &o.transitions.row_exponent; }},
      {Linear("transitions.column_exponent", 0, 1),
       [](NextItemOptions& o) -> SettingField { return &o.transitions.column_exponent; }},
      {Factors("ridge_tau", kTauLeast, 4 * kTauMost),
       [](NextItemOptions& o) -> SettingField { return &o.ridge_tau; }},
      {Factors("ridge.ridge", 1, 3000), [](NextItemOptions& o) -> SettingField { return &o.ridge.ridge; }},
      {Linear("ridge.row_exponent", 0, 1),
       [](NextItemOptions& o) -> SettingField { return &o.ridge.row_exponent; }},
      {Linear("ridge.column_exponent", 0, 1),
       [](NextItemOptions& o) -> SettingField { return &o.ridge.column_exponent; }},
      {Linear("ridge.basket_exponent", 0, 1),
       [](NextItemOptions& o) -> SettingField { return &o.ridge.basket_exponent; }},
      {Linear("ridge.dropout", 0, 0.6), [](NextItemOptions& o) -> SettingField { return &o.ridge.dropout; }},
      {WholeFactors("ridge.neighbours_max", kRegressorsLeast, kRegressorsMost),
       [](NextItemOptions& o) -> SettingField { return &o.ridge.neighbours_max; }},
  };
  return *settings;
}

std::span<const TunableSetting<SessionNextOptions>> SessionSettings() {
  using Setting = TunableSetting<SessionNextOptions>;
  static const auto* const settings = new std::vector<Setting>{
      {Linear("knn.match_exponent", 0, 5),
       [](SessionNextOptions& o) -> SettingField { return &o.knn.match_exponent; }},
      {Linear("knn.candidate_exponent", 0, 3),
       [](SessionNextOptions& o) -> SettingField { return &o.knn.candidate_exponent; }},
      {Factors("knn.distance_tau", 0.6, 60),
       [](SessionNextOptions& o) -> SettingField { return &o.knn.distance_tau; }},
      {Factors("knn.seed_tau", kTauLeast, kTauMost),
       [](SessionNextOptions& o) -> SettingField { return &o.knn.seed_tau; }},
      {Linear("knn.repeat", 0, 5), [](SessionNextOptions& o) -> SettingField { return &o.knn.repeat; }},
      {Linear("knn.sharpness", 0, 4), [](SessionNextOptions& o) -> SettingField { return &o.knn.sharpness; }},
      {Linear("knn.before", 0, 2), [](SessionNextOptions& o) -> SettingField { return &o.knn.before; }},
      {Factors("linear.ridge", 1, 3000),
       [](SessionNextOptions& o) -> SettingField { return &o.linear.ridge; }},
      {Linear("linear.full_share", 0, 1),
       [](SessionNextOptions& o) -> SettingField { return &o.linear.full_share; }},
      {Factors("linear_tau", kTauLeast, kTauMost),
       [](SessionNextOptions& o) -> SettingField { return &o.linear_tau; }},
      {WholeFactors("knn.neighbours_max", 30, 3000),
       [](SessionNextOptions& o) -> SettingField { return &o.knn.neighbours_max; }},
      {Linear("knn.ageing", 0, 8), [](SessionNextOptions& o) -> SettingField { return &o.knn.ageing; }},
      {Linear("linear.ageing", 0, 8), [](SessionNextOptions& o) -> SettingField { return &o.linear.ageing; }},
      {Linear("knn.length_exponent", 0, 2),
       [](SessionNextOptions& o) -> SettingField { return &o.knn.length_exponent; }},
      {Factors("linear.cut_tau", 0.1, 10),
       [](SessionNextOptions& o) -> SettingField { return &o.linear.cut_tau; }},
      {WholeFactors("knn.sessions_per_product_max", 50, 5000),
       [](SessionNextOptions& o) -> SettingField { return &o.knn.sessions_per_product_max; }},
      {WholeFactors("linear.regressors_max", kRegressorsLeast, kRegressorsMost),
       [](SessionNextOptions& o) -> SettingField { return &o.linear.regressors_max; }},
      {Factors("transition_tau", kTauLeast, kTauMost),
       [](SessionNextOptions& o) -> SettingField { return &o.transition_tau; }},
      {Factors("transitions.gap", kGapLeast, kGapMost),
       [](SessionNextOptions& o) -> SettingField { return &o.transitions.gap; }},
      {Linear("transitions.reverse", 0, 1),
       [](SessionNextOptions& o) -> SettingField { return &o.transitions.reverse; }},
      {Linear("transitions.row_exponent", 0, 1),
       [](SessionNextOptions& o) -> SettingField { return &o.transitions.row_exponent; }},
      {Linear("transitions.column_exponent", 0, 1),
       [](SessionNextOptions& o) -> SettingField { return &o.transitions.column_exponent; }},
  };
  return *settings;
}

std::span<const TunableSetting<TopNOptions>> TopNSettings(TopNMethod method) {
  switch (method) {
    case TopNMethod::kItemKnn:
      return ItemKnnSettings();
    case TopNMethod::kEase:
      return RegressionSettings<&TopNOptions::ease>();
    case TopNMethod::kSparseRidge:
      break;
  }
  return RegressionSettings<&TopNOptions::ridge>();
}

std::span<const TunableSetting<ModelSetOptions>> PurchaseSettings() {
  using Setting = TunableSetting<ModelSetOptions>;
  static const auto* const settings = new std::vector<Setting>{
      {Factors("transitions.also_viewed.gap", kGapLeast, kGapMost),
       [](ModelSetOptions& o) -> SettingField { return &o.transitions.also_viewed.gap; }},
      {Linear("transitions.also_viewed.row_exponent", 0, 1),
       [](ModelSetOptions& o) -> SettingField { return &o.transitions.also_viewed.row_exponent; }},
      {Linear("transitions.also_viewed.column_exponent", 0, 1),
       [](ModelSetOptions& o) -> SettingField { return &o.transitions.also_viewed.column_exponent; }},
      {Days("transitions.also_viewed.half_life_ms", 9, 900),
       [](ModelSetOptions& o) -> SettingField { return &o.transitions.also_viewed.half_life_ms; }},
      {Linear("history_next.knn.match_exponent", 0, 5),
       [](ModelSetOptions& o) -> SettingField { return &o.history_next.knn.match_exponent; }},
      {Linear("history_next.knn.candidate_exponent", 0, 3),
       [](ModelSetOptions& o) -> SettingField { return &o.history_next.knn.candidate_exponent; }},
      {Factors("history_next.knn.distance_tau", 0.6, 60),
       [](ModelSetOptions& o) -> SettingField { return &o.history_next.knn.distance_tau; }},
      {Factors("history_next.linear.ridge", 0.5, 500),
       [](ModelSetOptions& o) -> SettingField { return &o.history_next.linear.ridge; }},
      {Linear("history_next.linear.full_share", 0, 1),
       [](ModelSetOptions& o) -> SettingField { return &o.history_next.linear.full_share; }},
      {Linear("history_next.knn.sharpness", 0, 4),
       [](ModelSetOptions& o) -> SettingField { return &o.history_next.knn.sharpness; }},
      {Linear("history_next.linear.ageing", 0, 8),
       [](ModelSetOptions& o) -> SettingField { return &o.history_next.linear.ageing; }},
      {Linear("history_next.knn.ageing", 0, 8),
       [](ModelSetOptions& o) -> SettingField { return &o.history_next.knn.ageing; }},
      {Linear("history_next.knn.length_exponent", 0, 2),
       [](ModelSetOptions& o) -> SettingField { return &o.history_next.knn.length_exponent; }},
      {Factors("history_next.knn.seed_tau", 1, 1000),
       [](ModelSetOptions& o) -> SettingField { return &o.history_next.knn.seed_tau; }},
      {Factors("history_next.linear_tau", 1, 1000),
       [](ModelSetOptions& o) -> SettingField { return &o.history_next.linear_tau; }},
      {Linear("history_next.weights.linear", 0, 4),
       [](ModelSetOptions& o) -> SettingField { return &o.history_next.weights.parts[1]; }},
      {Linear("history_next.weights.transitions", 0, 4),
       [](ModelSetOptions& o) -> SettingField { return &o.history_next.weights.parts[2]; }},
      {Linear("history_next.weights.further", 0, 2),
       [](ModelSetOptions& o) -> SettingField { return &o.history_next.weights.further; }},
      {Linear("transitions.viewed_next.ridge_share", 0, 2),
       [](ModelSetOptions& o) -> SettingField { return &o.transitions.viewed_next.ridge_share; }},
      {Factors("transitions.viewed_next.transition_tau", kTauLeast, kTauMost),
       [](ModelSetOptions& o) -> SettingField { return &o.transitions.viewed_next.transition_tau; }},
      {Factors("transitions.viewed_next.transitions.gap", kGapLeast, kGapMost),
       [](ModelSetOptions& o) -> SettingField { return &o.transitions.viewed_next.transitions.gap; }},
      {Linear("session_next.knn.match_exponent", 0, 5),
       [](ModelSetOptions& o) -> SettingField { return &o.session_next.knn.match_exponent; }},
      {Factors("session_next.linear.ridge", 1, 3000),
       [](ModelSetOptions& o) -> SettingField { return &o.session_next.linear.ridge; }},
  };
  return *settings;
}

std::span<const TunableSetting<BoughtTogetherOptions>> BoughtTogetherSettings() {
  using Setting = TunableSetting<BoughtTogetherOptions>;
  static const auto* const settings = new std::vector<Setting>{
      {Factors("shrinkage", 0.5, 50), [](BoughtTogetherOptions& o) -> SettingField { return &o.shrinkage; }},
      {Linear("order_size_exponent", 0, 1),
       [](BoughtTogetherOptions& o) -> SettingField { return &o.order_size_exponent; }},
      {Days("half_life_ms", 18, 1800),
       [](BoughtTogetherOptions& o) -> SettingField { return &o.half_life_ms; }},
      {Factors("row_shrinkage", 0.01, 10),
       [](BoughtTogetherOptions& o) -> SettingField { return &o.row_shrinkage; }},
      {Linear("trend_power", 0, 1), [](BoughtTogetherOptions& o) -> SettingField { return &o.trend_power; }},
      {Days("trend_late_half_life_ms", 2, 140),
       [](BoughtTogetherOptions& o) -> SettingField { return &o.trend_late_half_life_ms; }},
      {Days("trend_long_half_life_ms", 9, 900),
       [](BoughtTogetherOptions& o) -> SettingField { return &o.trend_long_half_life_ms; }},
      {WholeFactors("support_min", 1, 20),
       [](BoughtTogetherOptions& o) -> SettingField { return &o.support_min; }},
      {Factors("support_share", 0.02, 1),
       [](BoughtTogetherOptions& o) -> SettingField { return &o.support_share; }},
  };
  return *settings;
}

}  // namespace attune::models
