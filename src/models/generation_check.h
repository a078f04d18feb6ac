// Is a new generation fit to serve?  Both generations are asked for the same shoppers before the new one is
// published, which warms it too.
//
//   fault    an answer holds a number that is not finite: never published
//   drift    a source answers for less than half as many shoppers, or shows less than half as many products,
//            as the generation before; or the log or the catalogue that it was trained on shrank to less than
//            half.  Something happened to the data: a broken feed, lost tracking, a wrong import.
//   quality  the generation that serves, asked for what shoppers did after it was trained, as it would have
//            been asked then: recall@20 of those products.  Nothing of this was known to it.
//
// `trending` may rightly find nothing, so it never drifts.  A source that the budget skipped is missing for a
// reason that is told elsewhere (training_plan.h) and is no drift.
//
// Shoppers are a sample by stable hash of their handle: the same for the same log.
// Thread safety: pure functions.

#ifndef ATTUNE_MODELS_GENERATION_CHECK_H_
#define ATTUNE_MODELS_GENERATION_CHECK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "models/candidate_source.h"
#include "models/interaction_log.h"
#include "models/model_set.h"
#include "models/training_plan.h"

namespace attune::models {

inline constexpr size_t kProbesMax = 256;
inline constexpr size_t kProbeSeedsMax = 20;
inline constexpr uint32_t kProbeAnswersMax = 20;

// One shopper at one moment.
struct Probe {
  std::vector<Seed> seeds;      // Latest first.
  std::vector<Seed> purchases;  // Latest first.
  int64_t now_ms = 0;
  std::vector<uint32_t> targets;  // What came after, ascending; empty: not asked.
};

struct ProbeSet {
  std::vector<Probe> present;  // With all that the log says.
  std::vector<Probe> past;     // As at split_ms; all have targets.
};

// `past`: shoppers with rows up to and after `split_ms`, the time that the serving generation was trained
// for.
ProbeSet MakeProbes(const InteractionLog& log, int64_t split_ms, int64_t now_ms);

struct SourceCheck {
  std::string source;
  uint32_t answered = 0;  // Probes with an answer.
  uint32_t products = 0;  // Distinct, over all answers.
  bool is_finite = true;
};

struct GenerationCheck {
  uint32_t asked = 0;
  std::vector<SourceCheck> sources;  // In the order of the set.

  const SourceCheck* Find(std::string_view source) const;
};

GenerationCheck CheckGeneration(const ModelSet& set, const std::vector<Probe>& probes);

struct SourceQuality {
  std::string source;  // Or "home_for_you": all sources, fused by ForYouRecipe().
  double recall_at_20 = 0;
};

struct GenerationQuality {
  Generation generation;
  uint32_t asked = 0;
  std::vector<SourceQuality> sources;
};

GenerationQuality MeasureGeneration(const ModelSet& set, const std::vector<Probe>& past);

// Sentences; empty: none.
std::vector<std::string> FindFaults(const GenerationCheck& check);
std::vector<std::string> FindDrift(const GenerationCheck& before, const GenerationCheck& after);
std::vector<std::string> FindDrift(const TrainingCounts& before, const TrainingCounts& after);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_GENERATION_CHECK_H_
