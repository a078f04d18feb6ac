#include "search/search_tally.h"

#include <algorithm>

#include "search/analytics_limits.h"

namespace attune::search {
namespace {

void AddAtPosition(uint32_t position, uint64_t count, std::vector<std::pair<uint32_t, uint64_t>>& positions) {
  const auto at = std::lower_bound(positions.begin(), positions.end(), position,
                                   [](const auto& one, uint32_t wanted) { return one.first < wanted; });
  if (at != positions.end() && at->first == position) {
    at->second += count;
  } else {
    positions.insert(at, {position, count});
  }
}

}  // namespace

void SearchTally::AddClick(std::optional<uint32_t> position) {
  ++clicks;
  if (position) AddAtPosition(std::min(*position, kClickPositionMax), 1, positions);
}

void SearchTally::AddRevenue(Currency currency, int64_t minor) {
  for (auto& [known, sum] : revenue_minor) {
    if (known == currency) {
      sum += minor;
      return;
    }
  }
  revenue_minor.emplace_back(currency, minor);
}

void SearchTally::AddRefinement(QueryNumber to, int64_t count) {
  const auto known =
      std::find_if(refined_to.begin(), refined_to.end(), [&](const auto& one) { return one.first == to; });
  if (known != refined_to.end()) {
    known->second += static_cast<uint64_t>(count);
  } else if (refined_to.size() < kRefinementsMax && count > 0) {
    refined_to.emplace_back(to, static_cast<uint64_t>(count));
  } else {
    return;
  }
  refined += static_cast<uint64_t>(count);
  std::erase_if(refined_to, [](const auto& one) { return one.second == 0; });
}

void SearchTally::Add(const SearchTally& other) {
  searches += other.searches;
  with_result += other.with_result;
  clicked += other.clicked;
  carted += other.carted;
  converted += other.converted;
  clicks += other.clicks;
  carts += other.carts;
  for (const auto& [position, count] : other.positions) AddAtPosition(position, count, positions);
  for (const auto& [currency, minor] : other.revenue_minor) AddRevenue(currency, minor);
  refined += other.refined;
  for (const auto& one : other.refined_to) {
    const auto known = std::find_if(refined_to.begin(), refined_to.end(),
                                    [&](const auto& here) { return here.first == one.first; });
    if (known != refined_to.end()) {
      known->second += one.second;
    } else {
      refined_to.push_back(one);
    }
  }
}

std::optional<double> SearchTally::MeanPosition() const {
  uint64_t count = 0;
  uint64_t sum = 0;
  for (const auto& [position, clicked_there] : positions) {
    count += clicked_there;
    sum += position * clicked_there;
  }
  if (count == 0) return std::nullopt;
  return static_cast<double>(sum) / static_cast<double>(count);
}

std::optional<double> SearchTally::MedianPosition() const {
  uint64_t count = 0;
  for (const auto& [position, clicked_there] : positions) count += clicked_there;
  if (count == 0) return std::nullopt;
  const auto at = [&](uint64_t place) {
    for (const auto& [position, clicked_there] : positions) {
      if (place < clicked_there) return static_cast<double>(position);
      place -= clicked_there;
    }
    return 0.0;
  };
  return (at((count - 1) / 2) + at(count / 2)) / 2;
}

}  // namespace attune::search
