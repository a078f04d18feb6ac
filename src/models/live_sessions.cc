#include "models/live_sessions.h"

#include <algorithm>
#include <cmath>

#include "models/limits.h"

namespace attune::models {
namespace {

// Counts whose rarity is looked up: 256 kB.  Products that more sessions hold are few, and are worked out.
constexpr uint32_t kRarityCountsMax = 65'536;

}  // namespace

LiveSessions::LiveSessions(const Sequences& visits, Sequence sequence, const SessionIndex& base,
                           uint32_t sessions_per_product_max, double candidate_exponent)
    : sequence_(sequence),
      all_session_count_(static_cast<double>(base.trained_session_count() + visits.size())),
      candidate_exponent_(candidate_exponent) {
  for (size_t visit = 0; visit < visits.size(); ++visit) {
    const auto products = visits.Of(visit);
    products_.insert(products_.end(), products.begin(), products.end());
  }
  std::sort(products_.begin(), products_.end());
  products_.erase(std::unique(products_.begin(), products_.end()), products_.end());
  products_.shrink_to_fit();
  if (products_.empty()) return;
  product_count_ = products_.back() + 1;
  CHECK(product_count_ <= kProductIndexMax);
  place_of_.reserve(products_.size());
  for (uint32_t place = 0; place < products_.size(); ++place) place_of_.emplace(products_[place], place);
  Sequences by_place;
  std::vector<uint32_t> places;
  for (size_t visit = 0; visit < visits.size(); ++visit) {
    places.clear();
    for (const uint32_t product : visits.Of(visit)) places.push_back(place_of_.find(product)->second);
    by_place.Add(places);
  }
  index_ = SessionIndex(by_place, static_cast<uint32_t>(products_.size()), sessions_per_product_max);
  const auto count_max = base.count_max() + static_cast<uint32_t>(visits.size());
  rarity_by_count_.resize(std::min(count_max + 1, kRarityCountsMax), 0);
  for (uint32_t count = 1; count < rarity_by_count_.size(); ++count) {
    rarity_by_count_[count] = MakeRarity(count);
  }
}

float LiveSessions::MakeRarity(uint32_t count) const {
  const double rarity = std::log1p(all_session_count_ / count);
  return static_cast<float>(candidate_exponent_ == 1 ? rarity : std::pow(rarity, candidate_exponent_));
}

size_t LiveSessions::memory_bytes() const {
  return index_.memory_bytes() + products_.capacity() * sizeof(uint32_t) +
         place_of_.capacity() * (2 * sizeof(uint32_t) + 1) + rarity_by_count_.capacity() * sizeof(float);
}

}  // namespace attune::models
