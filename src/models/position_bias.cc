#include "models/position_bias.h"

#include <algorithm>

namespace attune::models {
namespace {

// All showings of one product at one position.
struct Cell {
  uint64_t key = 0;
  uint32_t position = 0;
  double shown = 0;
  double clicked = 0;
  size_t product = 0;  // Place of its gamma.
};

// By key, then position.
std::vector<Cell> CellsOf(std::span<const ShownProduct> shown, uint32_t positions) {
  std::vector<Cell> cells;
  cells.reserve(shown.size());
  for (const ShownProduct& one : shown) {
    cells.push_back({one.key, std::min(one.position, positions - 1), 1, one.is_clicked ? 1.0 : 0.0, 0});
  }
  std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
    return a.key != b.key ? a.key < b.key : a.position < b.position;
  });
  size_t kept = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (kept > 0 && cells[kept - 1].key == cells[i].key && cells[kept - 1].position == cells[i].position) {
      cells[kept - 1].shown += cells[i].shown;
      cells[kept - 1].clicked += cells[i].clicked;
    } else {
      cells[kept++] = cells[i];
    }
  }
  cells.resize(kept);
  for (size_t i = 1; i < cells.size(); ++i) {
    cells[i].product = cells[i - 1].product + (cells[i].key != cells[i - 1].key ? 1 : 0);
  }
  return cells;
}

uint64_t MovedKeys(const std::vector<Cell>& cells) {
  uint64_t moved = 0;
  for (size_t i = 0; i < cells.size();) {
    const size_t first = i;
    while (i < cells.size() && cells[i].key == cells[first].key) ++i;
    if (i - first > 1) ++moved;
  }
  return moved;
}

struct Mean {
  double sum = 0;
  double count = 0;

  double Of(double otherwise) const { return count > 0 ? sum / count : otherwise; }
};

}  // namespace

std::optional<PositionBias> PositionBias::Estimate(std::span<const ShownProduct> shown,
                                                   const PositionBiasOptions& options) {
  const std::vector<Cell> cells = CellsOf(shown, options.positions);
  double clicks = 0;
  for (const Cell& cell : cells) clicks += cell.clicked;
  if (clicks < static_cast<double>(options.clicks_min) || MovedKeys(cells) < options.moved_keys_min) {
    return std::nullopt;
  }
  std::vector<double> thetas(options.positions, 0.5);
  std::vector<double> gammas(cells.back().product + 1, 0.5);
  for (uint32_t iteration = 0; iteration < options.iterations; ++iteration) {
    std::vector<Mean> looked(thetas.size());
    std::vector<Mean> appealed(gammas.size());
    for (const Cell& cell : cells) {
      const double theta = thetas[cell.position];
      const double gamma = gammas[cell.product];
      const double unclicked = cell.shown - cell.clicked;
      const double no_click = std::max(1e-12, 1 - theta * gamma);
      looked[cell.position].sum += cell.clicked + unclicked * theta * (1 - gamma) / no_click;
      looked[cell.position].count += cell.shown;
      appealed[cell.product].sum += cell.clicked + unclicked * gamma * (1 - theta) / no_click;
      appealed[cell.product].count += cell.shown;
    }
    for (size_t i = 0; i < thetas.size(); ++i) thetas[i] = looked[i].Of(thetas[i]);
    for (size_t i = 0; i < gammas.size(); ++i) gammas[i] = appealed[i].Of(gammas[i]);
  }
  PositionBias bias;
  const double first = std::max(thetas[0], 1e-9);
  for (const double theta : thetas) bias.thetas_.push_back(std::min(1.0, theta / first));
  return bias;
}

double PositionBias::LookedAt(uint32_t position) const {
  return thetas_[std::min<size_t>(position, thetas_.size() - 1)];
}

double PositionBias::WeightOf(uint32_t position) const {
  return std::min(kWeightMax, 1 / std::max(LookedAt(position), 1e-9));
}

}  // namespace attune::models
