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

std::shared_ptr<const LiveSessions> SessionKnn::MakeLive(const Sequences& visits, Sequence sequence) const {
  return std::make_shared<const LiveSessions>(visits, sequence, index_, options_.sessions_per_product_max,
                                              options_.candidate_exponent);
}

float SessionKnn::MatchRarityOf(uint32_t product, const LiveSessions* live) const {
  if (live == nullptr) return product < rarities_.size() ? rarities_[product].match : 0;
  const uint32_t count = index_.CountOf(product) + live->CountOf(product);
  if (count == 0) return 0;
  return static_cast<float>(std::pow(std::log1p(live->all_session_count() / count), options_.match_exponent));
}

void SessionKnn::FindNeighbours(std::span<const Seed> seeds, const LiveSessions* live,
                                Scratch& scratch) const {
  scratch.place_of.clear();
  scratch.neighbours.clear();
  const uint32_t first_live = index_.session_count();
  const uint32_t session_count = first_live + (live == nullptr ? 0 : live->session_count());
  for (size_t age = 0; age < seeds.size(); ++age) {
    const ProductIndex product = seeds[age].product;
    const auto is_same = [product](const Seed& seed) { return seed.product == product; };
    if (std::any_of(seeds.begin(), seeds.begin() + static_cast<std::ptrdiff_t>(age), is_same)) continue;
    const float vote = seeds[age].weight * MatchRarityOf(product.value(), live) *
                       ExpOf(-static_cast<double>(age) / options_.seed_tau);
    if (!(vote > 0) || !std::isfinite(vote)) continue;
    const auto add = [&](uint32_t session) {
      const auto [place, is_new] =
          scratch.place_of.try_emplace(session, static_cast<uint32_t>(scratch.neighbours.size()));
      if (is_new) scratch.neighbours.push_back({session, static_cast<uint32_t>(age), 0});
      scratch.neighbours[place->second].like += vote;
    };
    const auto newest = live == nullptr ? std::span<const uint32_t>() : live->SessionsOf(product.value());
    for (const uint32_t session : newest) add(first_live + session);
    const auto trained = index_.SessionsOf(product.value());
    const size_t left = options_.sessions_per_product_max - newest.size();
    for (const uint32_t session : trained.first(std::min(trained.size(), left))) add(session);
  }
  for (NeighbourSession& neighbour : scratch.neighbours) {
    const uint32_t session = neighbour.session;
    const size_t length = session < first_live ? index_.ProductsOf(session).size()
                                               : live->PlacesOf(session - first_live).size();
    neighbour.like *=
        age_factors_[(uint64_t{session} + 1) * kAgeSteps / session_count] * length_factors_[length];
  }
  KeepMostAlike(scratch.neighbours);
}

void SessionKnn::KeepMostAlike(std::vector<NeighbourSession>& neighbours) const {
  if (neighbours.size() > options_.neighbours_max) {
    const auto cut = neighbours.begin() + static_cast<std::ptrdiff_t>(options_.neighbours_max);
    std::nth_element(neighbours.begin(), cut, neighbours.end(),
                     [](const NeighbourSession& a, const NeighbourSession& b) {
                       return a.like != b.like ? a.like > b.like : a.session > b.session;
                     });
    neighbours.erase(cut, neighbours.end());
  }
  // Sums of floats depend on their order: newest session first, whatever nth_element left.
  std::sort(neighbours.begin(), neighbours.end(),
            [](const NeighbourSession& a, const NeighbourSession& b) { return a.session > b.session; });
}

template <class ProductAt, class RarityOf>
void SessionKnn::AddSession(const NeighbourSession& neighbour, std::span<const Seed> seeds, size_t length,
                            ProductAt product_at, RarityOf rarity_of, SparseAccumulator& accumulator) const {
  const uint32_t match = seeds[neighbour.match].product.value();
  size_t behind_match = length;
  while (behind_match > 0 && product_at(behind_match - 1) != match) --behind_match;
  if (behind_match == 0) return;  // Only in an index that was read from a damaged file.
  const size_t match_place = behind_match - 1;
  const auto before = static_cast<float>(options_.before);
  const float weight = std::pow(neighbour.like, static_cast<float>(options_.sharpness));
  for (size_t place = 0; place < length; ++place) {
    const uint32_t product = product_at(place);
    const float near = place >= match_place ? near_factors_[place - match_place]
                                            : before * near_factors_[match_place - place];
    accumulator.Add(product, weight * near * rarity_of(product), neighbour.match);
  }
}

void SessionKnn::Score(std::span<const Seed> seeds, const LiveSessions* live,
                       SparseAccumulator& accumulator) const {
  thread_local Scratch scratch;
  seeds = seeds.first(std::min(seeds.size(), kSessionSeedsMax));
  FindNeighbours(seeds, live, scratch);
  const uint32_t first_live = index_.session_count();
  const auto trained_rarity = [this](uint32_t product) { return rarities_[product].candidate; };
  const auto rarity_of_all = [this, live](uint32_t product) {
    return live->RarityOf(index_.CountOf(product) + live->CountOf(product));
  };
  for (const NeighbourSession& neighbour : scratch.neighbours) {
    if (neighbour.session >= first_live) {
      const auto places = live->PlacesOf(neighbour.session - first_live);
      const auto product_at = [&](size_t place) { return live->products()[places[place]]; };
      AddSession(neighbour, seeds, places.size(), product_at, rarity_of_all, accumulator);
      continue;
    }
    const auto products = index_.ProductsOf(neighbour.session);
    const auto product_at = [&](size_t place) { return products[place]; };
    if (live == nullptr) {
      AddSession(neighbour, seeds, products.size(), product_at, trained_rarity, accumulator);
    } else {
      AddSession(neighbour, seeds, products.size(), product_at, rarity_of_all, accumulator);
    }
  }
}

}  // namespace attune::models
