#include "models/transition_source.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/status.h"
#include "models/sequence_limits.h"

namespace attune::models {

TransitionSource::TransitionSource(std::string name, std::vector<TransitionPart> parts,
                                   std::shared_ptr<const ProductTies> ties)
    : name_(std::move(name)), parts_(std::move(parts)), ties_(std::move(ties)) {
  CHECK(!parts_.empty());
  for (const TransitionPart& part : parts_) {
    CHECK(part.rows != nullptr);
    CHECK(part.tau >= 0);
    CHECK(std::isfinite(part.factor));
    product_count_ = std::max(product_count_, part.rows->product_count());
  }
}

void TransitionSource::Score(std::span<const Seed> seeds, SparseAccumulator& accumulator,
                             bool may_repeat) const {
  seeds = seeds.first(std::min(seeds.size(), kTransitionSeedsMax));
  accumulator.Start(product_count_);
  for (const TransitionPart& part : parts_) {
    for (size_t age = 0; age < seeds.size(); ++age) {
      const double decay = part.tau > 0 ? std::exp(-static_cast<double>(age) / part.tau) : 1;
      const auto factor = static_cast<float>(part.factor * decay * static_cast<double>(seeds[age].weight));
      if (factor == 0 || !std::isfinite(factor)) continue;
      accumulator.AddRow(part.rows->Of(seeds[age].product.value()), factor, static_cast<uint32_t>(age));
    }
  }
  if (may_repeat) return;
  for (const Seed& seed : seeds) accumulator.Mask(seed.product.value());
}

void TransitionSource::Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const {
  thread_local SparseAccumulator accumulator;
  thread_local std::vector<ScoredProduct> strongest;
  Score(query.seeds, accumulator, query.may_repeat);
  strongest.clear();
  accumulator.Strongest(limit, strongest, ties_.get());
  for (const ScoredProduct& scored : strongest) {
    out.push_back({ProductIndex(scored.product), scored.score, query.seeds[scored.because].product, true});
  }
}

size_t TransitionSource::memory_bytes() const {
  size_t bytes = 0;
  for (const TransitionPart& part : parts_) bytes += part.rows->memory_bytes();
  return bytes;
}

}  // namespace attune::models
