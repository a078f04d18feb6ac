#include "search/rank_hits.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "decisions/taste.h"
#include "features/price_band.h"

namespace attune::search {
namespace {

// The shopper's usual prices against those of the list.
class PriceFit {
 public:
  PriceFit(const std::vector<Hit>& hits, const RankInput& input) : input_(input) {
    const auto ratio =
        features::PriceRatio(input.profile->price_band, input.view.settings.features.price_band_half_life_ms);
    if (!ratio || *ratio <= 0) return;
    std::vector<double> prices;
    for (const Hit& hit : hits) {
      const auto price = input.price_of(hit.product);
      if (price && *price > 0) prices.push_back(*price);
    }
    if (prices.empty()) return;
    const auto middle = prices.begin() + static_cast<ptrdiff_t>(prices.size() / 2);
    std::nth_element(prices.begin(), middle, prices.end());
    wanted_ = *middle * *ratio;
  }

  bool is_known() const { return wanted_ > 0; }
  double Of(ProductIndex product) const {
    const auto price = input_.price_of(product);
    return price && *price > 0 ? std::exp(-std::abs(std::log(*price / wanted_))) : 0;
  }

 private:
  const RankInput& input_;
  double wanted_ = 0;
};

// `best`: the largest score of words, which is 1 in `text`.
void AddWish(const SearchCandidates& candidates, double best, std::vector<RankedHit>& ranked) {
  if (best <= 0) return;
  const auto scale = static_cast<double>(candidates.total_idf) / best;
  for (size_t i = 0; i < std::min(ranked.size(), candidates.scores.size()); ++i) {
    ranked[i].wish = static_cast<double>(candidates.scores[i]) * scale - ranked[i].text;
  }
}

void AddBehaviour(const RankInput& input, std::vector<RankedHit>& ranked) {
  const models::QueryClicks* const clicks =
      input.view.sources == nullptr ? nullptr : input.view.sources->query_clicks();
  if (clicks == nullptr) return;
  const auto wanted = clicks->Of(input.behaviour);
  if (wanted.empty()) return;
  for (RankedHit& hit : ranked) {
    const auto found =
        std::lower_bound(wanted.begin(), wanted.end(), hit.hit.product,
                         [](const auto& one, ProductIndex product) { return one.product < product; });
    if (found == wanted.end() || found->product != hit.hit.product) continue;
    hit.behaviour = kBehaviourWeight * static_cast<double>(found->lift);
  }
}

void AddPopularity(const RankInput& input, std::vector<RankedHit>& ranked) {
  const models::ProductTally* const tally =
      input.view.sources == nullptr ? nullptr : input.view.sources->tally();
  if (tally == nullptr) return;
  double largest = 0;
  for (RankedHit& hit : ranked) {
    hit.popularity = std::log1p(std::max(0.0, tally->PopularityOf(hit.hit.product)));
    largest = std::max(largest, hit.popularity);
  }
  for (RankedHit& hit : ranked) {
    hit.popularity = largest > 0 ? kPopularityWeight * hit.popularity / largest : 0;
  }
}

void AddPersonal(const std::vector<Hit>& hits, const RankInput& input, std::vector<RankedHit>& ranked) {
  if (input.profile == nullptr || input.dial == 0) return;
  const decisions::Taste taste(input.profile, input.now_ms, input.view.settings.features);
  const PriceFit price(hits, input);
  constexpr double kDialEnd = 100;
  const double weight = kPersonalWeight * static_cast<double>(input.dial) / kDialEnd;
  for (RankedHit& hit : ranked) {
    const catalog::Product* const product = input.catalog.Find(hit.hit.product);
    if (product == nullptr) continue;
    double fit = taste.Of(*product);
    if (price.is_known()) fit = kTasteShare * fit + kPriceShare * price.Of(hit.hit.product);
    hit.personal = weight * fit;
  }
}

}  // namespace

std::vector<RankedHit> RankHits(const SearchCandidates& candidates, const RankInput& input) {
  const std::vector<Hit>& hits = candidates.found.hits;
  const size_t window = std::min<size_t>(hits.size(), input.window);
  const std::vector<Hit> first(hits.begin(), hits.begin() + static_cast<ptrdiff_t>(window));
  std::vector<RankedHit> ranked;
  double best = 0;
  for (const Hit& hit : first) best = std::max(best, static_cast<double>(hit.score));
  for (const Hit& hit : hits) {
    RankedHit& one = ranked.emplace_back();
    one.hit = hit;
    one.text = best > 0 ? static_cast<double>(hit.score) / best : 0;
  }
  std::vector<RankedHit> top(ranked.begin(), ranked.begin() + static_cast<ptrdiff_t>(window));
  if (candidates.understanding.price.wish != PriceWish::kNone) AddWish(candidates, best, top);
  AddBehaviour(input, top);
  AddPopularity(input, top);
  AddPersonal(first, input, top);
  for (RankedHit& hit : top) hit.factor = input.factor_of ? input.factor_of(hit.hit.product) : 1;
  // Hits come in the order of words and ties, which stays where scores are equal.
  const auto key = [&](size_t i) {
    const Hit& hit = top[i].hit;
    return std::tuple(-static_cast<int>(hit.exact), hit.rung == Rung::kNamed, -candidates.PriceFitOf(i),
                      hit.rung, -top[i].score(), -top[i].factor, i);
  };
  std::vector<size_t> order(top.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return key(a) < key(b); });
  for (size_t place = 0; place < order.size(); ++place) ranked[place] = std::move(top[order[place]]);
  return ranked;
}

}  // namespace attune::search
