#include "models/shopper_neighbours.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/limits.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

// Dense over the query and over shoppers, so that a comparison costs one addition per product.
struct Scratch {
  std::vector<float> query;       // By product; zero between calls.
  std::vector<uint32_t> seen_in;  // By shopper: the last call that looked at it.
  uint32_t call = 0;
  std::vector<std::pair<size_t, uint32_t>> rarest_first;  // Buyers, product.
};

Scratch& ThreadScratch(size_t product_count, size_t shopper_count) {
  thread_local Scratch scratch;
  if (scratch.query.size() < product_count) scratch.query.resize(product_count, 0);
  if (scratch.seen_in.size() < shopper_count) scratch.seen_in.resize(shopper_count, 0);
  if (++scratch.call == 0) {
    std::fill(scratch.seen_in.begin(), scratch.seen_in.end(), 0);
    scratch.call = 1;
  }
  return scratch;
}

float NormOf(std::span<const Neighbour> vector) {
  float squares = 0;
  for (const Neighbour& entry : vector) squares += entry.weight * entry.weight;
  return std::sqrt(squares);
}

}  // namespace

void ShopperNeighbours::Put(uint32_t shopper, std::vector<Neighbour> vector) {
  CHECK(shopper <= shopper_count());
  if (shopper == shopper_count()) vectors_.emplace_back();
  Vector& held = vectors_[shopper];
  size_t before = 0;
  for (const Neighbour& entry : vector) {
    while (before < held.products.size() && held.products[before].product < entry.product) ++before;
    const bool is_listed = before < held.products.size() && held.products[before].product == entry.product;
    if (!is_listed) buyers_[entry.product].push_back(shopper);
  }
  held.norm = NormOf(vector);
  held.products = std::move(vector);
}

std::vector<SimilarShopper> ShopperNeighbours::Nearest(std::span<const Neighbour> query, size_t count) const {
  Scratch& scratch = ThreadScratch(product_count(), shopper_count());
  scratch.rarest_first.clear();
  for (const Neighbour& entry : query) {
    if (entry.product >= product_count()) continue;
    scratch.query[entry.product] = entry.weight;
    scratch.rarest_first.emplace_back(buyers_[entry.product].size(), entry.product);
  }
  std::sort(scratch.rarest_first.begin(), scratch.rarest_first.end());
  const float query_norm = NormOf(query);
  std::vector<SimilarShopper> similar;
  for (const auto& [unused, product] : scratch.rarest_first) {
    const std::vector<uint32_t>& buyers = buyers_[product];
    for (size_t i = buyers.size(); i-- > 0 && similar.size() < kComparedShoppersMax;) {
      if (std::exchange(scratch.seen_in[buyers[i]], scratch.call) == scratch.call) continue;
      const Vector& other = vectors_[buyers[i]];
      float shared = 0;
      for (const Neighbour& entry : other.products) shared += entry.weight * scratch.query[entry.product];
      if (shared > 0) similar.push_back({buyers[i], shared / (other.norm * query_norm)});
    }
  }
  for (const auto& [unused, product] : scratch.rarest_first) scratch.query[product] = 0;
  const auto is_nearer = [](const SimilarShopper& a, const SimilarShopper& b) {
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.shopper < b.shopper;
  };
  const size_t kept = std::min(count, similar.size());
  std::partial_sort(similar.begin(), similar.begin() + static_cast<ptrdiff_t>(kept), similar.end(),
                    is_nearer);
  similar.resize(kept);
  return similar;
}

void ShopperNeighbours::Score(std::span<const SimilarShopper> neighbours, SparseAccumulator& scores) const {
  scores.Start(product_count());
  float sum = 0;
  for (const SimilarShopper& neighbour : neighbours) sum += neighbour.similarity;
  for (const SimilarShopper& neighbour : neighbours) {
    scores.AddRow(vectors_[neighbour.shopper].products, neighbour.similarity / sum, 0);
  }
}

size_t ShopperNeighbours::memory_bytes() const {
  size_t bytes = vectors_.size() * sizeof(Vector) + buyers_.size() * sizeof(buyers_.front());
  for (const Vector& vector : vectors_) bytes += vector.products.size() * sizeof(Neighbour);
  for (const std::vector<uint32_t>& buyers : buyers_) bytes += buyers.size() * sizeof(uint32_t);
  return bytes;
}

void ShopperNeighbours::Save(SectionWriter& out) const {
  std::vector<uint32_t> sizes;
  std::vector<uint32_t> products;
  std::vector<float> weights;
  for (const Vector& vector : vectors_) {
    sizes.push_back(static_cast<uint32_t>(vector.products.size()));
    for (const Neighbour& entry : vector.products) {
      products.push_back(entry.product);
      weights.push_back(entry.weight);
    }
  }
  std::vector<uint32_t> list_sizes;
  std::vector<uint32_t> lists;
  for (const std::vector<uint32_t>& buyers : buyers_) {
    list_sizes.push_back(static_cast<uint32_t>(buyers.size()));
    lists.insert(lists.end(), buyers.begin(), buyers.end());
  }
  out.PutArray(sizes);
  out.PutArray(products);
  out.PutArray(weights);
  out.PutArray(list_sizes);
  out.PutArray(lists);
}

Result<ShopperNeighbours> ShopperNeighbours::Load(SectionReader& in) {
  const auto sizes = in.TakeArray<uint32_t>();
  const auto products = in.TakeArray<uint32_t>();
  const auto weights = in.TakeArray<float>();
  const auto list_sizes = in.TakeArray<uint32_t>();
  const auto lists = in.TakeArray<uint32_t>();
  const auto sum_of = [](const std::vector<uint32_t>& counts) {
    uint64_t sum = 0;
    for (const uint32_t count : counts) sum += count;
    return sum;
  };
  const bool is_whole = sum_of(sizes) == products.size() && products.size() == weights.size() &&
                        sum_of(list_sizes) == lists.size() && sizes.size() <= kNeighbourShoppersMax;
  in.Require(is_whole);
  ShopperNeighbours index(is_whole ? static_cast<uint32_t>(list_sizes.size()) : 0);
  if (!is_whole) return index;
  size_t at = 0;
  for (const uint32_t size : sizes) {
    Vector vector;
    for (uint32_t i = 0; i < size; ++i, ++at) {
      in.Require(products[at] < list_sizes.size() && weights[at] > 0 && std::isfinite(weights[at]) &&
                 (i == 0 || products[at] > products[at - 1]));
      vector.products.push_back({products[at], weights[at]});
    }
    vector.norm = NormOf(vector.products);
    index.vectors_.push_back(std::move(vector));
  }
  at = 0;
  for (uint32_t product = 0; product < list_sizes.size(); ++product) {
    for (uint32_t i = 0; i < list_sizes[product]; ++i, ++at) {
      in.Require(lists[at] < sizes.size());
      index.buyers_[product].push_back(lists[at]);
    }
  }
  return index;
}

}  // namespace attune::models
