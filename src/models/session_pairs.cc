#include "models/session_pairs.h"

#include <algorithm>
#include <cmath>

#include "base/status.h"
#include "models/sequence_limits.h"
#include "models/session_linear.h"

namespace attune::models {

SessionPairs::SessionPairs(const Sequences& sessions, uint32_t product_count,
                           const SessionLinearOptions& options)
    : full_share_(static_cast<float>(options.full_share)) {
  clicks_of_.push_back(0);
  places_of_.assign(size_t{product_count} + 1, 0);
  const auto session_count = static_cast<double>(sessions.size());
  for (size_t session = 0; session < sessions.size(); ++session) {
    auto products = sessions.Of(session);
    products = products.last(std::min(products.size(), kSessionProductsMax));
    for (size_t place = 0; place < products.size(); ++place) {
      CHECK(products[place] < product_count);
      const auto earlier = products.first(place);
      const bool is_first = std::find(earlier.begin(), earlier.end(), products[place]) == earlier.end();
      clicks_.push_back({products[place], static_cast<uint32_t>(session), is_first});
      ++places_of_[products[place] + 1];
    }
    clicks_of_.push_back(clicks_.size());
    const double newer = 1 - static_cast<double>(session + 1) / session_count;
    weights_.push_back(static_cast<float>(std::exp(-options.ageing * newer)));
  }
  CHECK(clicks_.size() <= UINT32_MAX);
  for (size_t product = 0; product < product_count; ++product) places_of_[product + 1] += places_of_[product];
  places_.resize(clicks_.size());
  std::vector<size_t> next(places_of_.begin(), places_of_.end() - 1);
  for (size_t i = 0; i < clicks_.size(); ++i) places_[next[clicks_[i].product]++] = static_cast<uint32_t>(i);
  double sum = 0;
  for (size_t distance = 0; distance < kSessionProductsMax; ++distance) {
    fade_.push_back(static_cast<float>(std::exp(-static_cast<double>(distance) / options.cut_tau)));
    sum += std::exp(-2 * static_cast<double>(distance) / options.cut_tau);
    cut_sums_.push_back(static_cast<float>(sum));
  }
}

template <class Visit>
void SessionPairs::ForEachPlace(uint32_t product, const Visit& visit) const {
  for (size_t at = places_of_[product]; at < places_of_[product + 1]; ++at) {
    const uint32_t session = clicks_[places_[at]].session;
    const std::span<const Click> clicks =
        std::span(clicks_).subspan(clicks_of_[session], clicks_of_[session + 1] - clicks_of_[session]);
    visit(clicks, places_[at] - clicks_of_[session], weights_[session]);
  }
}

void SessionPairs::AddFull(std::span<const Click> session, float weight, PairSums& sums) const {
  if (full_share_ <= 0) return;
  for (const Click& click : session) {
    if (click.is_first) sums.Add(click.product, full_share_ * weight);
  }
}

void SessionPairs::AddInputs(uint32_t product, PairSums& sums) const {
  ForEachPlace(product, [&](std::span<const Click> session, size_t place, float weight) {
    if (session[place].is_first) AddFull(session, weight, sums);
    const float cut_weight = (1 - full_share_) * weight;
    // The last click is no part of any past.
    for (size_t other = 0; other + 1 < session.size() && place + 1 < session.size(); ++other) {
      const size_t later = std::max(other, place);
      const size_t distance = later - std::min(other, place);
      sums.Add(session[other].product, cut_weight * fade_[distance] * cut_sums_[session.size() - 2 - later]);
    }
  });
}

void SessionPairs::AddTargets(uint32_t product, PairSums& sums) const {
  ForEachPlace(product, [&](std::span<const Click> session, size_t place, float weight) {
    if (session[place].is_first) AddFull(session, weight, sums);
    const float cut_weight = (1 - full_share_) * weight;
    for (size_t earlier = 0; earlier < place; ++earlier) {
      const size_t distance = place - earlier;
      sums.Add(session[earlier].product, cut_weight * static_cast<float>(distance) * fade_[distance - 1]);
    }
  });
}

}  // namespace attune::models
