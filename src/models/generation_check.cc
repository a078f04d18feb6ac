#include "models/generation_check.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/hash.h"
#include "models/for_you.h"
#include "models/fusion.h"
#include "models/ranking_metrics.h"

namespace attune::models {
namespace {

constexpr std::string_view kHomeForYou = "home_for_you";
constexpr uint64_t kProbeSeed = 0x9d0be;
// Below these a change says nothing.
constexpr uint32_t kDriftAnsweredMin = 20;
constexpr uint32_t kDriftProductsMin = 20;
constexpr uint64_t kDriftRowsMin = 1'000;
constexpr uint64_t kDriftCatalogMin = 50;

float WeightOf(InteractionKind kind) {
  switch (kind) {
    case InteractionKind::kPurchase:
      return 1.0f;
    case InteractionKind::kCart:
      return 0.8f;
    case InteractionKind::kView:
      break;
  }
  return 0.5f;
}

// `rows` oldest first.
Probe ProbeOf(std::span<const Interaction> rows, int64_t now_ms) {
  Probe probe;
  probe.now_ms = now_ms;
  absl::flat_hash_set<uint32_t> seen;
  absl::flat_hash_set<uint32_t> bought;
  for (size_t i = rows.size(); i-- > 0;) {
    const Interaction& row = rows[i];
    const uint32_t product = row.product.value();
    if (probe.seeds.size() < kProbeSeedsMax && seen.insert(product).second) {
      probe.seeds.push_back({row.product, WeightOf(row.kind), row.at_ms, 0});
    }
    if (row.kind != InteractionKind::kPurchase || probe.purchases.size() == kProbeSeedsMax) continue;
    if (bought.insert(product).second) probe.purchases.push_back({row.product, 1, row.at_ms, row.at_ms});
  }
  return probe;
}

// Keeps the kProbesMax of the smallest keys.
class Sample {
 public:
  // Whether a probe of this key would be kept.
  bool Wants(uint64_t key) const { return kept_.size() < kProbesMax || key < kept_.front().first; }
  void Add(uint64_t key, Probe probe) {
    kept_.emplace_back(key, std::move(probe));
    std::push_heap(kept_.begin(), kept_.end(), IsSmaller);
    if (kept_.size() <= kProbesMax) return;
    std::pop_heap(kept_.begin(), kept_.end(), IsSmaller);
    kept_.pop_back();
  }
  std::vector<Probe> Take() {
    std::sort(kept_.begin(), kept_.end(), IsSmaller);
    std::vector<Probe> probes;
    for (auto& [key, probe] : kept_) probes.push_back(std::move(probe));
    return probes;
  }

 private:
  using Keyed = std::pair<uint64_t, Probe>;
  static bool IsSmaller(const Keyed& a, const Keyed& b) { return a.first < b.first; }
  std::vector<Keyed> kept_;
};

SourceQuery QueryOf(const Probe& probe) {
  SourceQuery query;
  query.seeds = probe.seeds;
  query.purchases = probe.purchases;
  query.now_ms = probe.now_ms;
  query.may_repeat = true;
  return query;
}

double RecallOf(const std::vector<Candidate>& answer, const std::vector<uint32_t>& targets) {
  std::vector<uint32_t> ranked;
  for (const Candidate& candidate : answer) ranked.push_back(candidate.product.value());
  return ListRecallAt(ranked, targets, kProbeAnswersMax);
}

double FusedRecall(const ModelSet& set, const Probe& probe) {
  const FusionRecipe& recipe = ForYouRecipe();
  std::vector<std::vector<Candidate>> answers(recipe.parts.size());
  for (size_t i = 0; i < answers.size(); ++i) {
    const CandidateSource* const source = set.Source(recipe.parts[i].source);
    if (source != nullptr) source->Retrieve(QueryOf(probe), recipe.parts[i].limit, answers[i]);
  }
  std::vector<uint32_t> ranked;
  for (const FusedCandidate& fused : Fuse(recipe, answers, *set.ties()).products) {
    ranked.push_back(fused.product.value());
  }
  return ListRecallAt(ranked, probe.targets, kProbeAnswersMax);
}

// Whether `after` is less than half of `before`.
bool IsHalved(uint64_t before, uint64_t after) { return after * 2 < before; }

std::string Fell(std::string_view what, uint64_t before, uint64_t after) {
  return std::string(what) + " fell from " + std::to_string(before) + " to " + std::to_string(after);
}

}  // namespace

ProbeSet MakeProbes(const InteractionLog& log, int64_t split_ms, int64_t now_ms) {
  Sample present;
  Sample past;
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    const uint64_t key = MixHash64(kProbeSeed, rows.front().shopper.value());
    if (present.Wants(key)) present.Add(key, ProbeOf(rows, now_ms));
    const auto split = std::partition_point(
        rows.begin(), rows.end(), [split_ms](const Interaction& row) { return row.at_ms <= split_ms; });
    if (split == rows.begin() || split == rows.end() || !past.Wants(key)) return;
    const auto known = static_cast<size_t>(split - rows.begin());
    Probe probe = ProbeOf(rows.first(known), split_ms);
    for (const Interaction& row : rows.subspan(known)) probe.targets.push_back(row.product.value());
    std::sort(probe.targets.begin(), probe.targets.end());
    probe.targets.erase(std::unique(probe.targets.begin(), probe.targets.end()), probe.targets.end());
    past.Add(key, std::move(probe));
  });
  return {present.Take(), past.Take()};
}

const SourceCheck* GenerationCheck::Find(std::string_view source) const {
  for (const SourceCheck& check : sources) {
    if (check.source == source) return &check;
  }
  return nullptr;
}

GenerationCheck CheckGeneration(const ModelSet& set, const std::vector<Probe>& probes) {
  GenerationCheck check;
  check.asked = static_cast<uint32_t>(probes.size());
  std::vector<Candidate> answer;
  for (const std::string_view name : set.source_names()) {
    SourceCheck source;
    source.source = name;
    absl::flat_hash_set<uint32_t> products;
    for (const Probe& probe : probes) {
      answer.clear();
      set.Source(name)->Retrieve(QueryOf(probe), kProbeAnswersMax, answer);
      source.answered += answer.empty() ? 0 : 1;
      for (const Candidate& candidate : answer) {
        products.insert(candidate.product.value());
        source.is_finite = source.is_finite && std::isfinite(candidate.score);
      }
    }
    source.products = static_cast<uint32_t>(products.size());
    check.sources.push_back(std::move(source));
  }
  return check;
}

GenerationQuality MeasureGeneration(const ModelSet& set, const std::vector<Probe>& past) {
  GenerationQuality quality;
  quality.generation = set.generation();
  quality.asked = static_cast<uint32_t>(past.size());
  if (past.empty()) return quality;
  std::vector<double> recalls;
  for (const Probe& probe : past) recalls.push_back(FusedRecall(set, probe));
  quality.sources.push_back({std::string(kHomeForYou), MeanOf(recalls)});
  std::vector<Candidate> answer;
  for (const std::string_view name : set.source_names()) {
    recalls.clear();
    for (const Probe& probe : past) {
      answer.clear();
      set.Source(name)->Retrieve(QueryOf(probe), kProbeAnswersMax, answer);
      recalls.push_back(RecallOf(answer, probe.targets));
    }
    quality.sources.push_back({std::string(name), MeanOf(recalls)});
  }
  return quality;
}

std::vector<std::string> FindFaults(const GenerationCheck& check) {
  std::vector<std::string> faults;
  for (const SourceCheck& source : check.sources) {
    if (!source.is_finite) faults.push_back(source.source + " answers with a number that is not finite");
  }
  return faults;
}

std::vector<std::string> FindDrift(const GenerationCheck& before, const GenerationCheck& after) {
  std::vector<std::string> drift;
  for (const SourceCheck& old : before.sources) {
    const SourceCheck* const now = after.Find(old.source);
    if (now == nullptr || old.source == PopularityModel::kTrending) continue;
    if (old.answered >= kDriftAnsweredMin && IsHalved(old.answered, now->answered)) {
      drift.push_back(Fell("shoppers that " + old.source + " answers for", old.answered, now->answered));
    } else if (old.products >= kDriftProductsMin && IsHalved(old.products, now->products)) {
      drift.push_back(Fell("products that " + old.source + " shows", old.products, now->products));
    }
  }
  return drift;
}

std::vector<std::string> FindDrift(const TrainingCounts& before, const TrainingCounts& after) {
  std::vector<std::string> drift;
  if (before.rows >= kDriftRowsMin && IsHalved(before.rows, after.rows)) {
    drift.push_back(Fell("views, carts and purchases to learn from", before.rows, after.rows));
  }
  if (before.purchases >= kDriftRowsMin && IsHalved(before.purchases, after.purchases)) {
    drift.push_back(Fell("purchases to learn from", before.purchases, after.purchases));
  }
  if (before.visible_products >= kDriftCatalogMin &&
      IsHalved(before.visible_products, after.visible_products)) {
    drift.push_back(Fell("products that may be shown", before.visible_products, after.visible_products));
  }
  return drift;
}

}  // namespace attune::models
