#include "models/top_n_measure.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "models/ranking_metrics.h"
#include "models/sparse_parallel.h"

namespace attune::models {
namespace {

constexpr size_t kShopperBlock = 64;

// Scratch of one thread.
struct Asker {
  SparseAccumulator accumulator;
  std::vector<Seed> seeds;
  std::vector<ScoredProduct> slate;
  std::vector<uint32_t> ranked;
};

// Fills `asker.ranked`.  A history past kTransitionSeedsMax is scored by its latest products and masked
// whole.
void Rank(const TransitionSource& source, std::span<const uint32_t> history, Asker& asker) {
  asker.seeds.clear();
  for (size_t i = history.size(); i > 0; --i) asker.seeds.push_back({ProductIndex(history[i - 1]), 1, 0});
  source.Score(asker.seeds, asker.accumulator);
  for (const uint32_t product : history) asker.accumulator.Mask(product);
  asker.slate.clear();
  asker.accumulator.Strongest(kTopNCutoff, asker.slate);
  asker.ranked.clear();
  for (const ScoredProduct& scored : asker.slate) asker.ranked.push_back(scored.product);
}

std::vector<size_t> ShoppersToAsk(const TopNSplit& split, size_t shoppers_max) {
  std::vector<size_t> shoppers;
  for (size_t shopper = 0; shopper < split.held_out.size(); ++shopper) {
    if (!split.held_out.Of(shopper).empty()) shoppers.push_back(shopper);
  }
  if (shoppers_max == 0 || shoppers.size() <= shoppers_max) return shoppers;
  const auto cut = shoppers.begin() + static_cast<std::ptrdiff_t>(shoppers_max);
  std::nth_element(shoppers.begin(), cut, shoppers.end(),
                   [](size_t a, size_t b) { return MixHash64(a, 0) < MixHash64(b, 0); });
  shoppers.erase(cut, shoppers.end());
  std::sort(shoppers.begin(), shoppers.end());
  return shoppers;
}

}  // namespace

void AddHeldOut(std::vector<uint32_t> products, TopNSplit& split) {
  std::sort(products.begin(), products.end());
  products.erase(std::unique(products.begin(), products.end()), products.end());
  split.held_out.Add(products);
}

TopNSplit HoldOut(const Sequences& lists, double share,
                  const std::function<uint32_t(size_t shopper, uint32_t product)>& draw) {
  const auto threshold = static_cast<uint64_t>(share * 4294967296.0);
  TopNSplit split;
  std::vector<uint32_t> kept;
  for (size_t shopper = 0; shopper < lists.size(); ++shopper) {
    kept.clear();
    std::vector<uint32_t> held_out;
    for (const uint32_t product : lists.Of(shopper)) {
      (draw(shopper, product) < threshold ? held_out : kept).push_back(product);
    }
    split.training.Add(kept);
    AddHeldOut(std::move(held_out), split);
  }
  return split;
}

double TopNMeasures::recall() const { return MeanOf(recalls); }
double TopNMeasures::ndcg() const { return MeanOf(ndcgs); }

TopNMeasures MeasureTopN(const TransitionSource& source, const TopNSplit& split,
                         const TopNMeasureOptions& options) {
  TopNMeasures measures;
  measures.shoppers = ShoppersToAsk(split, options.shoppers_max);
  const size_t count = measures.shoppers.size();
  measures.recalls.resize(count);
  measures.ndcgs.resize(count);
  measures.micros.resize(count);
  std::vector<Asker> askers(WorkerCount(options.threads));
  ForEachBlock(count, kShopperBlock, options.threads, [&](uint32_t worker, size_t begin, size_t end) {
    if (worker == 0 && options.progress) {
      options.progress(static_cast<double>(begin) / static_cast<double>(count));
    }
    for (size_t i = begin; i < end; ++i) {
      const size_t shopper = measures.shoppers[i];
      Asker& asker = askers[worker];
      const int64_t asked = options.clock == nullptr ? 0 : options.clock->SteadyMicros();
      Rank(source, split.training.Of(shopper), asker);
      if (options.clock != nullptr) {
        measures.micros[i] = static_cast<double>(options.clock->SteadyMicros() - asked);
      }
      measures.recalls[i] = ListRecallAt(asker.ranked, split.held_out.Of(shopper), kTopNCutoff);
      measures.ndcgs[i] = ListNdcgAt(asker.ranked, split.held_out.Of(shopper), kTopNCutoff);
    }
  });
  return measures;
}

}  // namespace attune::models
