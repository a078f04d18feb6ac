// Blends the ranked answers of several sources into one order: weighted reciprocal rank.
//
//   score(p) = sum over sources s that answer p of  weight_s / (k + rank_s(p))          rank from 1
//
// Only ranks count, so sources with different units blend without calibration (Cormack, Clarke, Buettcher,
// 2009). A small k trusts the top of each list, a large one asks for agreement.
//
//   weights {a: 1, b: .5}, k = 10, a answers [x y], b answers [y z]
//   => y: 1/12 + .5/11 = .129,  x: 1/11 = .091,  z: .5/12 = .042
//
// What each source gave to each product is kept, so that a reason can be told.
//
// Thread safety: Fuse keeps its scratch per thread; results are values.

#ifndef ATTUNE_MODELS_FUSION_H_
#define ATTUNE_MODELS_FUSION_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "models/candidate_source.h"
#include "models/product_ties.h"

namespace attune::models {

// One line of a placement's recipe: which source, how much it counts, and how many candidates it is asked
// for.
struct FusionPart {
  std::string source;
  double weight = 1;
  uint32_t limit = 100;

  friend bool operator==(const FusionPart&, const FusionPart&) = default;
};

// How a placement blends.  Recipes are data: placements hold them in their settings.
struct FusionRecipe {
  double k = 60;
  std::vector<FusionPart> parts;
  // SourceQuery::may_repeat of the queries.
  bool may_repeat = false;

  friend bool operator==(const FusionRecipe&, const FusionRecipe&) = default;
};

// kInvalidArgument names the field: k and weights must be finite and not negative, parts named once, not too
// many.
Status CheckRecipe(const FusionRecipe& recipe);

struct FusedCandidate {
  ProductIndex product;
  double score = 0;
  uint32_t strongest_part = 0;  // Position in recipe.parts of what gave most; the earlier of equals.
  ProductIndex because;         // The strongest part's reason; meaningful only when has_because.
  bool has_because = false;
};

struct FusionResult {
  std::vector<FusedCandidate> products;  // Best first; equal scores by `ties`.
  size_t part_count = 0;
  std::vector<float> contributions;  // part_count per product, in the order of `products`.

  // What each part of the recipe gave to products[i].
  std::span<const float> ContributionsOf(size_t i) const {
    return std::span(contributions).subspan(i * part_count, part_count);
  }
};

// answers[i] is what recipe.parts[i].source answered, best first; a part without a source has an empty
// answer. A product that one answer names twice counts at its first place.  REQUIRES: answers.size() ==
// parts.size().
FusionResult Fuse(const FusionRecipe& recipe, std::span<const std::vector<Candidate>> answers,
                  const ProductTies& ties);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_FUSION_H_
