#include "search/click_simulation.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace attune::search {
namespace {

constexpr uint32_t kShownMax = 48;
constexpr uint32_t kSessions = 10;
constexpr std::array<double, 4> kAppealOfGrade = {0.05, 0.3, 0.5, 0.7};
constexpr double kAppealUnjudged = 0.1;

}  // namespace

void ClickSimulation::Show(const std::vector<std::optional<int>>& grades) {
  const auto list = static_cast<uint32_t>(lengths_.size());
  const uint32_t length = std::min(kShownMax, static_cast<uint32_t>(grades.size()));
  lengths_.push_back(length);
  for (uint32_t session = 0; session < kSessions; ++session) {
    std::vector<uint32_t> order(length);
    std::iota(order.begin(), order.end(), 0u);
    for (uint32_t i = 0; i + 1 < length; ++i) {
      if (random_.NextBelow(2) == 0) std::swap(order[i], order[i + 1]);
    }
    for (uint32_t position = 0; position < length; ++position) {
      const uint32_t place = order[position];
      const double appeal =
          grades[place] ? kAppealOfGrade[static_cast<size_t>(*grades[place])] : kAppealUnjudged;
      const bool is_clicked = random_.NextUnit() < appeal / (1.0 + position);
      shown_.push_back({uint64_t{list} * kShownMax + place, position, is_clicked});
      if (is_clicked) clicks_.push_back({list, place, position});
    }
  }
}

std::vector<std::vector<float>> ClickSimulation::Gains() const {
  const std::optional<models::PositionBias> bias = models::PositionBias::Estimate(shown_);
  std::vector<std::vector<float>> gains;
  for (const uint32_t length : lengths_) gains.emplace_back(length, 0.0F);
  for (const Click& click : clicks_) {
    const double weight = bias ? bias->WeightOf(click.position) : 1;
    gains[click.list][click.place] += static_cast<float>(weight / kSessions);
  }
  return gains;
}

}  // namespace attune::search
