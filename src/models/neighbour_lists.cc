#include "models/neighbour_lists.h"

#include <algorithm>

#include "models/limits.h"
#include "models/model_file.h"

namespace attune::models {

NeighbourLists::NeighbourLists(const std::vector<std::vector<RelatedProduct>>& rows) {
  offsets_.reserve(rows.size() + 1);
  offsets_.push_back(0);
  size_t count = 0;
  for (const auto& row : rows) count += row.size();
  CHECK(count <= UINT32_MAX);
  entries_.reserve(count);
  for (const auto& row : rows) {
    entries_.insert(entries_.end(), row.begin(), row.end());
    offsets_.push_back(static_cast<uint32_t>(entries_.size()));
  }
}

std::span<const RelatedProduct> NeighbourLists::Of(ProductIndex product) const {
  const size_t i = product.value();
  if (i >= product_count()) return {};
  return {entries_.data() + offsets_[i], entries_.data() + offsets_[i + 1]};
}

void NeighbourLists::Save(SectionWriter& out) const {
  std::vector<uint32_t> products;
  std::vector<float> scores;
  products.reserve(entries_.size());
  scores.reserve(entries_.size());
  for (const RelatedProduct& entry : entries_) {
    products.push_back(entry.product);
    scores.push_back(entry.score);
  }
  out.PutArray(offsets_);
  out.PutArray(products);
  out.PutArray(scores);
}

NeighbourLists NeighbourLists::Take(SectionReader& in) {
  NeighbourLists lists;
  std::vector<uint32_t> offsets = in.TakeArray<uint32_t>();
  const std::vector<uint32_t> products = in.TakeArray<uint32_t>();
  const std::vector<float> scores = in.TakeArray<float>();
  const bool is_sound = !offsets.empty() && offsets.front() == 0 &&
                        std::is_sorted(offsets.begin(), offsets.end()) && offsets.back() == products.size() &&
                        products.size() == scores.size() &&
                        std::all_of(products.begin(), products.end(),
                                    [&offsets](uint32_t product) { return product < offsets.size() - 1; });
  in.Require(is_sound);
  if (!is_sound) return lists;
  lists.offsets_ = std::move(offsets);
  lists.entries_.reserve(products.size());
  for (size_t i = 0; i < products.size(); ++i) lists.entries_.push_back({products[i], scores[i]});
  return lists;
}

void KeepBest(std::vector<RelatedProduct>& row, size_t count, const ProductTies& ties) {
  const auto is_better = [&ties](const RelatedProduct& a, const RelatedProduct& b) {
    return a.score != b.score ? a.score > b.score : ties.IsBefore(a.product, b.product);
  };
  if (row.size() > count) {
    std::nth_element(row.begin(), row.begin() + static_cast<ptrdiff_t>(count), row.end(), is_better);
    row.resize(count);
  }
  std::sort(row.begin(), row.end(), is_better);
}

void ScoreSum::Start(size_t product_count) {
  for (const uint32_t product : touched_) cells_[product] = {};
  touched_.clear();
  if (cells_.size() < product_count) cells_.resize(product_count);
}

void ScoreSum::Exclude(uint32_t product) {
  if (product >= cells_.size()) return;
  Cell& cell = cells_[product];
  if (!cell.is_touched) touched_.push_back(product);
  cell.is_touched = true;
  cell.is_excluded = true;
}

void ScoreSum::Add(uint32_t product, float score, ProductIndex because) {
  Cell& cell = cells_[product];
  if (!cell.is_touched) {
    cell.is_touched = true;
    touched_.push_back(product);
  }
  cell.sum += score;
  if (score > cell.largest) {
    cell.largest = score;
    cell.because = because.value();
  }
}

void ScoreSum::TakeBest(size_t limit, const ProductTies& ties, std::vector<Candidate>& out) {
  ranked_.clear();
  for (const uint32_t product : touched_) {
    if (!cells_[product].is_excluded && cells_[product].sum > 0) ranked_.push_back(product);
  }
  const auto is_better = [this, &ties](uint32_t a, uint32_t b) {
    return cells_[a].sum != cells_[b].sum ? cells_[a].sum > cells_[b].sum : ties.IsBefore(a, b);
  };
  const size_t count = std::min(limit, ranked_.size());
  std::partial_sort(ranked_.begin(), ranked_.begin() + static_cast<ptrdiff_t>(count), ranked_.end(),
                    is_better);
  for (size_t i = 0; i < count; ++i) {
    const Cell& cell = cells_[ranked_[i]];
    out.push_back({ProductIndex(ranked_[i]), cell.sum, ProductIndex(cell.because), true});
  }
}

void RetrieveNeighbours(const NeighbourLists& lists, const ProductTies& ties, const SourceQuery& query,
                        size_t limit, std::vector<Candidate>& out) {
  static thread_local ScoreSum sum;
  sum.Start(lists.product_count());
  const auto seeds = query.seeds.first(std::min(query.seeds.size(), kSeedsMax));
  for (const Seed& seed : seeds) sum.Exclude(seed.product.value());
  for (const Seed& seed : seeds) {
    for (const RelatedProduct& neighbour : lists.Of(seed.product)) {
      sum.Add(neighbour.product, seed.weight * neighbour.score, seed.product);
    }
  }
  sum.TakeBest(limit, ties, out);
}

}  // namespace attune::models
