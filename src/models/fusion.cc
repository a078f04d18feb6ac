#include "models/fusion.h"

#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_map.h"
#include "models/limits.h"

namespace attune::models {

Status CheckRecipe(const FusionRecipe& recipe) {
  if (!std::isfinite(recipe.k) || recipe.k < 0) return InvalidArgument("must be a number, at least 0", "k");
  if (recipe.parts.size() > kFusionSourcesMax) return InvalidArgument("too many sources", "parts");
  for (size_t i = 0; i < recipe.parts.size(); ++i) {
    const FusionPart& part = recipe.parts[i];
    const std::string field = "parts[" + std::to_string(i) + "]";
    if (!std::isfinite(part.weight) || part.weight < 0) {
      return InvalidArgument("must be a number, at least 0", field + ".weight");
    }
    if (part.limit > kFusionCandidatesMax) return InvalidArgument("too many candidates", field + ".limit");
    for (size_t j = 0; j < i; ++j) {
      if (recipe.parts[j].source == part.source) {
        return InvalidArgument("source is named twice: " + part.source, field + ".source");
      }
    }
  }
  return {};
}

FusionResult Fuse(const FusionRecipe& recipe, std::span<const std::vector<Candidate>> answers,
                  const ProductTies& ties) {
  CHECK(answers.size() == recipe.parts.size());
  static thread_local absl::flat_hash_map<uint32_t, uint32_t> position_by_product;
  position_by_product.clear();
  FusionResult found;
  found.part_count = recipe.parts.size();
  std::vector<float> largest;
  for (uint32_t part = 0; part < answers.size(); ++part) {
    if (!(recipe.parts[part].weight > 0)) continue;
    for (size_t rank = 0; rank < answers[part].size(); ++rank) {
      const Candidate& candidate = answers[part][rank];
      const auto gain =
          static_cast<float>(recipe.parts[part].weight / (recipe.k + static_cast<double>(rank) + 1));
      const auto [place, is_new] = position_by_product.try_emplace(
          candidate.product.value(), static_cast<uint32_t>(found.products.size()));
      if (is_new) {
        found.products.push_back({candidate.product, 0, part, candidate.because, candidate.has_because});
        found.contributions.resize(found.contributions.size() + found.part_count, 0);
        largest.push_back(-1);
      }
      float& contribution = found.contributions[place->second * found.part_count + part];
      if (contribution > 0) continue;
      contribution = gain;
      FusedCandidate& fused = found.products[place->second];
      fused.score += static_cast<double>(gain);
      if (gain > largest[place->second]) {
        largest[place->second] = gain;
        fused.strongest_part = part;
        fused.because = candidate.because;
        fused.has_because = candidate.has_because;
      }
    }
  }
  struct Place {
    double score;
    uint32_t product;
    uint32_t found;
  };
  std::vector<Place> order;
  order.reserve(found.products.size());
  for (uint32_t i = 0; i < found.products.size(); ++i) {
    order.push_back({found.products[i].score, found.products[i].product.value(), i});
  }
  std::sort(order.begin(), order.end(), [&](const Place& a, const Place& b) {
    return a.score != b.score ? a.score > b.score : ties.IsBefore(a.product, b.product);
  });
  FusionResult sorted;
  sorted.part_count = found.part_count;
  sorted.products.reserve(order.size());
  sorted.contributions.reserve(found.contributions.size());
  for (const Place& place : order) {
    sorted.products.push_back(found.products[place.found]);
    const auto row = found.ContributionsOf(place.found);
    sorted.contributions.insert(sorted.contributions.end(), row.begin(), row.end());
  }
  return sorted;
}

}  // namespace attune::models
