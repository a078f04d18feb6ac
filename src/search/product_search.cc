#include "search/product_search.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/utf8.h"
#include "search/limits.h"

namespace attune::search {
namespace {

constexpr float kIdfMin = 1e-6F;
// Behind the words: found by vector alone.
constexpr int kNearestRung = static_cast<int>(Rung::kNamed) + 1;

float KnownOr(float value, float otherwise) { return std::isnan(value) ? otherwise : value; }

// What a product's features add to the score of its words.
float BoostOf(const SearchFeatures::Row& row, const Understanding& understanding,
              const RankingWeights& weights) {
  float boost = weights.values * KnownOr(row[kValues], 0) + weights.kind * KnownOr(row[kKind], 0) +
                weights.query_cosine * KnownOr(row[kQueryCosine], 0) +
                weights.hits_cosine * KnownOr(row[kHitsCosine], 0);
  if (understanding.price.wish == PriceWish::kCheap) boost -= weights.cheap * KnownOr(row[kPricePlace], 1);
  if (understanding.price.wish == PriceWish::kDear) boost += weights.cheap * KnownOr(row[kPricePlace], 0);
  return boost;
}

// order[i]: the place of what comes to place i.
void Reorder(const std::vector<size_t>& order, SearchCandidates& candidates) {
  SearchCandidates ordered;
  for (const size_t i : order) {
    ordered.found.hits.push_back(candidates.found.hits[i]);
    ordered.features.push_back(candidates.features[i]);
    ordered.scores.push_back(candidates.scores[i]);
  }
  std::copy(ordered.found.hits.begin(), ordered.found.hits.end(), candidates.found.hits.begin());
  candidates.features = std::move(ordered.features);
  candidates.scores = std::move(ordered.scores);
}

}  // namespace

float SearchCandidates::PriceFitOf(size_t hit) const {
  constexpr float kNothingAsked = 0.5F;
  return hit < features.size() ? KnownOr(features[hit][kPriceFits], kNothingAsked) : kNothingAsked;
}

SearchCandidates ProductSearch::Find(std::string_view text, const ProductSearchOptions& options) const {
  SearchCandidates candidates;
  text = Utf8Prefix(text, kQueryBytesMax);
  const std::vector<text::Token> tokens = analyzer_.Analyze(text);
  candidates.query = ReadQuery(text, tokens, index_, options.query);
  if (options.understands) {
    candidates.understanding = Understand(tokens, analyzer_.language(), sources_.facts);
    SilencePrice(candidates.understanding, candidates.query);
  }
  MatchOptions match = options.match;
  match.hits_max = std::max(match.hits_max, options.ranked_hits);
  candidates.found = Match(candidates.query, index_, match);
  if (options.nearest_max > 0 && sources_.vectors != nullptr) AddNearest(options, candidates);
  Score(options, candidates);
  return candidates;
}

void ProductSearch::Score(const ProductSearchOptions& options, SearchCandidates& candidates) const {
  const std::vector<Hit>& all = candidates.found.hits;
  const std::span<const Hit> hits = std::span(all).first(std::min<size_t>(options.ranked_hits, all.size()));
  double total_idf = 0;
  for (const QueryWord& word : candidates.query.words) total_idf += word.idf;
  candidates.total_idf = std::max(static_cast<float>(total_idf), kIdfMin);
  for (const Hit& hit : hits) candidates.scores.push_back(hit.score / candidates.total_idf);
  if (!options.makes_features && !candidates.understanding.price.is_said()) return;
  const SearchFeatures features(candidates.query, candidates.understanding, hits, index_, sources_);
  candidates.features = features.rows();
  for (size_t i = 0; i < hits.size(); ++i) {
    candidates.scores[i] += BoostOf(candidates.features[i], candidates.understanding, options.weights);
  }
}

void ProductSearch::AddNearest(const ProductSearchOptions& options, SearchCandidates& candidates) const {
  std::vector<Hit>& hits = candidates.found.hits;
  if (hits.size() >= options.match.enough) return;
  const std::vector<float> vector = sources_.vectors->Of(candidates.query);
  if (vector.empty()) return;
  absl::flat_hash_set<uint32_t> known;
  for (const Hit& hit : hits) known.insert(hit.product.value());
  for (const auto& [product, cosine] : sources_.vectors->Nearest(vector, options.nearest_max)) {
    if (known.contains(product.value()) || !index_.Find(product)) continue;
    if (options.match.allows && !options.match.allows(product)) continue;
    hits.push_back({.product = product, .rung = Rung::kAny, .is_nearest = true});
  }
}

void ProductSearch::Rank(const SearchRanker* ranker, SearchCandidates& candidates) {
  const size_t count = candidates.features.size();
  const std::vector<Hit>& hits = candidates.found.hits;
  // Smallest first; equals stay in the order in which they were found.
  const auto key = [&](size_t i) {
    const int rung = hits[i].is_nearest ? kNearestRung : static_cast<int>(hits[i].rung);
    return std::tuple(-static_cast<int>(hits[i].exact), -candidates.PriceFitOf(i), rung,
                      -candidates.scores[i], i);
  };
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return key(a) < key(b); });
  Reorder(order, candidates);
  if (ranker == nullptr) return;
  const size_t learned_count = std::min<size_t>(ranker->hits_max, count);
  const std::vector<float> learned = ranker->Score(
      {candidates.features.begin(), candidates.features.begin() + static_cast<ptrdiff_t>(learned_count)},
      std::span(candidates.scores).first(learned_count));
  std::iota(order.begin(), order.end(), size_t{0});
  const auto learned_key = [&](size_t i) {
    return std::tuple(-static_cast<int>(hits[i].exact), -candidates.PriceFitOf(i), -learned[i], i);
  };
  std::sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(learned_count),
            [&](size_t a, size_t b) { return learned_key(a) < learned_key(b); });
  Reorder(order, candidates);
}

}  // namespace attune::search
