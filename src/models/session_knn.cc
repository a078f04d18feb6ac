#include "models/session_knn.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace attune::models {
namespace {

constexpr double kExponentMax = 10;

float ExpOf(double exponent) { return static_cast<float>(std::exp(exponent)); }

}  // namespace

Status CheckSessionKnnOptions(const SessionKnnOptions& options) {
  if (options.sessions_per_product_max == 0 || options.sessions_per_product_max > kSessionNeighboursMax) {
    return InvalidArgument("sessions must be 1 to 5000", "sessions_per_product_max");
  }
  if (options.neighbours_max == 0 || options.neighbours_max > kSessionNeighboursMax) {
    return InvalidArgument("neighbours must be 1 to 5000", "neighbours_max");
  }
  for (const auto& [value, field] :
       {std::pair{options.seed_tau, "seed_tau"}, std::pair{options.distance_tau, "distance_tau"}}) {
    if (!(value >= 0.01 && value <= 1e6)) return InvalidArgument("must be 0.01 to 1e6", field);
  }
  for (const auto& [value, field] :
       {std::pair{options.match_exponent, "match_exponent"},
        std::pair{options.candidate_exponent, "candidate_exponent"},
        std::pair{options.length_exponent, "length_exponent"}, std::pair{options.sharpness, "sharpness"},
        std::pair{options.ageing, "ageing"}, std::pair{options.before, "before"},
        std::pair{options.repeat, "repeat"}}) {
    if (!(value >= 0 && value <= kExponentMax)) return InvalidArgument("must be 0 to 10", field);
  }
  return {};
}

struct SessionKnn::NeighbourSession {
  uint32_t session = 0;
  uint32_t match = 0;  // Place of the latest seed that it holds.
  float like = 0;
};

struct SessionKnn::Scratch {
  absl::flat_hash_map<uint32_t, uint32_t> place_of;  // Of a session in `neighbours`.
  std::vector<NeighbourSession> neighbours;
};

SessionKnn::SessionKnn(SessionIndex index, const SessionKnnOptions& options)
    : options_(options), index_(std::move(index)) {
  CHECK(CheckSessionKnnOptions(options).ok());
  const auto sessions = static_cast<double>(index_.trained_session_count());
  rarities_.resize(index_.product_count());
  for (uint32_t product = 0; product < index_.product_count(); ++product) {
    const uint32_t count = index_.CountOf(product);
    if (count == 0) continue;
    const double rarity = std::log1p(sessions / count);
    rarities_[product] = {static_cast<float>(std::pow(rarity, options.match_exponent)),
                          static_cast<float>(std::pow(rarity, options.candidate_exponent))};
  }
  for (size_t step = 0; step <= kAgeSteps; ++step) {
    age_factors_[step] = ExpOf(-options.ageing * (1 - static_cast<double>(step) / kAgeSteps));
  }
  for (size_t length = 1; length <= kSessionProductsMax; ++length) {
    length_factors_[length] =
        static_cast<float>(std::pow(static_cast<double>(length), -options.length_exponent));
  }
  near_factors_[0] = static_cast<float>(options.repeat);
  for (size_t distance = 1; distance <= kSessionProductsMax; ++distance) {
    near_factors_[distance] = ExpOf(-static_cast<double>(distance - 1) / options.distance_tau);
  }
}

float SessionKnn::AgeFactorOf(uint32_t session) const {
  return age_factors_[(uint64_t{session} + 1) * kAgeSteps / index_.session_count()];
}

void SessionKnn::FindNeighbours(std::span<const Seed> seeds, Scratch& scratch) const {
  scratch.place_of.clear();
  scratch.neighbours.clear();
  for (size_t age = 0; age < seeds.size(); ++age) {
    const ProductIndex product = seeds[age].product;
    const auto is_same = [product](const Seed& seed) { return seed.product == product; };
    if (std::any_of(seeds.begin(), seeds.begin() + static_cast<std::ptrdiff_t>(age), is_same)) continue;
    const auto sessions = index_.SessionsOf(product.value());
    if (sessions.empty()) continue;
    const float vote = seeds[age].weight * rarities_[product.value()].match *
                       ExpOf(-static_cast<double>(age) / options_.seed_tau);
    if (!(vote > 0) || !std::isfinite(vote)) continue;
    for (const uint32_t session : sessions) {
      const auto [place, is_new] =
          scratch.place_of.try_emplace(session, static_cast<uint32_t>(scratch.neighbours.size()));
      if (is_new) scratch.neighbours.push_back({session, static_cast<uint32_t>(age), 0});
      scratch.neighbours[place->second].like += vote;
    }
  }
  for (NeighbourSession& neighbour : scratch.neighbours) {
    neighbour.like *=
        AgeFactorOf(neighbour.session) * length_factors_[index_.ProductsOf(neighbour.session).size()];
  }
  if (scratch.neighbours.size() <= options_.neighbours_max) return;
  const auto cut = scratch.neighbours.begin() + static_cast<std::ptrdiff_t>(options_.neighbours_max);
  std::nth_element(scratch.neighbours.begin(), cut, scratch.neighbours.end(),
                   [](const NeighbourSession& a, const NeighbourSession& b) {
                     return a.like != b.like ? a.like > b.like : a.session > b.session;
                   });
  scratch.neighbours.erase(cut, scratch.neighbours.end());
}

void SessionKnn::Score(std::span<const Seed> seeds, SparseAccumulator& accumulator) const {
  thread_local Scratch scratch;
  seeds = seeds.first(std::min(seeds.size(), kSessionSeedsMax));
  FindNeighbours(seeds, scratch);
  // Sums of floats depend on their order: newest session first, whatever nth_element left.
  std::sort(scratch.neighbours.begin(), scratch.neighbours.end(),
            [](const NeighbourSession& a, const NeighbourSession& b) { return a.session > b.session; });
  const auto before = static_cast<float>(options_.before);
  for (const NeighbourSession& neighbour : scratch.neighbours) {
    const auto products = index_.ProductsOf(neighbour.session);
    const uint32_t match = seeds[neighbour.match].product.value();
    const auto found = std::find(products.rbegin(), products.rend(), match);
    if (found == products.rend()) continue;  // Only in an index that was read from a damaged file.
    const auto match_place = static_cast<size_t>(products.rend() - found) - 1;
    const float weight = std::pow(neighbour.like, static_cast<float>(options_.sharpness));
    for (size_t place = 0; place < products.size(); ++place) {
      const float near = place >= match_place ? near_factors_[place - match_place]
                                              : before * near_factors_[match_place - place];
      accumulator.Add(products[place], weight * near * rarities_[products[place]].candidate, neighbour.match);
    }
  }
}

}  // namespace attune::models
