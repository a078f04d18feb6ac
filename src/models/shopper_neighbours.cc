#include "models/shopper_neighbours.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/limits.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

constexpr uint32_t kNoPlace = ~uint32_t{0};

// Dense over shoppers, so that one entry of a list costs one addition.
struct Scratch {
  std::vector<float> shared;      // By shopper: the dot product so far; zero between calls.
  std::vector<uint32_t> touched;  // Shoppers with a dot product.
  std::vector<std::pair<size_t, Neighbour>> rarest_first;  // Length of the list, product of the query.
};

Scratch& ThreadScratch(size_t shopper_count) {
  thread_local Scratch scratch;
  if (scratch.shared.size() < shopper_count) scratch.shared.resize(shopper_count, 0);
  scratch.touched.clear();
  scratch.rarest_first.clear();
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
  Vector next;
  next.norm = NormOf(vector);
  next.places.reserve(vector.size());
  size_t before = 0;
  const auto leave = [&] { buyers_[held.products[before].product][held.places[before]].weight = 0; };
  for (const Neighbour& entry : vector) {
    for (; before < held.products.size() && held.products[before].product < entry.product; ++before) leave();
    std::vector<Buyer>& buyers = buyers_[entry.product];
    if (before < held.products.size() && held.products[before].product == entry.product) {
      next.places.push_back(held.places[before++]);
      buyers[next.places.back()].weight = entry.weight;
    } else {
      next.places.push_back(static_cast<uint32_t>(buyers.size()));
      buyers.push_back({shopper, entry.weight});
    }
  }
  for (; before < held.products.size(); ++before) leave();
  next.products = std::move(vector);
  held = std::move(next);
}

std::vector<SimilarShopper> ShopperNeighbours::Nearest(std::span<const Neighbour> query, size_t count) const {
  Scratch& scratch = ThreadScratch(shopper_count());
  for (const Neighbour& entry : query) {
    if (entry.product < product_count()) {
      scratch.rarest_first.emplace_back(buyers_[entry.product].size(), entry);
    }
  }
  std::sort(scratch.rarest_first.begin(), scratch.rarest_first.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : a.second.product < b.second.product;
  });
  size_t left = kComparedBuyersMax;
  for (const auto& [length, entry] : scratch.rarest_first) {
    const std::vector<Buyer>& buyers = buyers_[entry.product];
    const size_t taken = std::min(length, left);
    left -= taken;
    for (size_t i = length - taken; i < length; ++i) {
      float& shared = scratch.shared[buyers[i].shopper];
      if (shared == 0) scratch.touched.push_back(buyers[i].shopper);
      shared += entry.weight * buyers[i].weight;
    }
  }
  const float query_norm = NormOf(query);
  std::vector<SimilarShopper> similar;
  similar.reserve(scratch.touched.size());
  for (const uint32_t shopper : scratch.touched) {
    const float shared = std::exchange(scratch.shared[shopper], 0.0f);
    if (shared > 0) similar.push_back({shopper, shared / (vectors_[shopper].norm * query_norm)});
  }
  const auto is_nearer = [](const SimilarShopper& a, const SimilarShopper& b) {
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.shopper < b.shopper;
  };
  if (count < similar.size()) {
    std::nth_element(similar.begin(), similar.begin() + static_cast<ptrdiff_t>(count), similar.end(),
                     is_nearer);
    similar.resize(count);
  }
  std::sort(similar.begin(), similar.end(), is_nearer);
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
  for (const Vector& vector : vectors_)
    bytes += vector.products.size() * (sizeof(Neighbour) + sizeof(uint32_t));
  for (const std::vector<Buyer>& buyers : buyers_) bytes += buyers.size() * sizeof(Buyer);
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
  for (const std::vector<Buyer>& buyers : buyers_) {
    list_sizes.push_back(static_cast<uint32_t>(buyers.size()));
    for (const Buyer& buyer : buyers) lists.push_back(buyer.shopper);
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
    vector.places.assign(size, kNoPlace);
    index.vectors_.push_back(std::move(vector));
  }
  at = 0;
  for (uint32_t product = 0; product < list_sizes.size(); ++product) {
    for (uint32_t i = 0; i < list_sizes[product]; ++i, ++at) {
      const bool is_shopper = lists[at] < sizes.size();
      in.Require(is_shopper);
      if (is_shopper) index.ListBuyer(product, lists[at]);
    }
  }
  for (const Vector& vector : index.vectors_) {
    in.Require(std::find(vector.places.begin(), vector.places.end(), kNoPlace) == vector.places.end());
  }
  return index;
}

void ShopperNeighbours::ListBuyer(uint32_t product, uint32_t shopper) {
  std::vector<Buyer>& buyers = buyers_[product];
  Vector& vector = vectors_[shopper];
  const auto found = std::lower_bound(vector.products.begin(), vector.products.end(), product,
                                      [](const Neighbour& entry, uint32_t at) { return entry.product < at; });
  if (found == vector.products.end() || found->product != product) {
    buyers.push_back({shopper, 0});
    return;
  }
  // A shopper who came back to a product is listed twice: the later entry is the one in force.
  uint32_t& place = vector.places[static_cast<size_t>(found - vector.products.begin())];
  if (place != kNoPlace) buyers[place].weight = 0;
  place = static_cast<uint32_t>(buyers.size());
  buyers.push_back({shopper, found->weight});
}

}  // namespace attune::models
