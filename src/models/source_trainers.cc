#include "models/source_trainers.h"

#include <algorithm>

namespace attune::models {
namespace {

struct Maker {
  std::string_view trainer;
  std::string_view source;
};

// In the order of training.
constexpr Maker kMakers[] = {
    {"popularity", "bestsellers"},    {"popularity", "trending"},     {"popularity", "newest"},
    {"transitions", "also_viewed"},   {"transitions", "viewed_next"}, {"transitions", "bought_after"},
    {"session_next", "session_next"}, {"also_bought", "also_bought"}, {"bought_together", "bought_together"},
    {"content", "content_similar"},   {"content", "new_for_you"},  // Reads the texts' likeness.
    {"looks_alike", "looks_alike"},   {"new_for_you", "new_for_you"}, {"als", "for_shoppers_like_you"},
    {"buy_again", "buy_again"},       {"next_order", "next_order"},   {"history_next", "history_next"}};

bool IsAsked(std::span<const RankerSurface> surfaces, std::string_view source) {
  return std::any_of(surfaces.begin(), surfaces.end(), [source](const RankerSurface& surface) {
    return std::any_of(surface.recipe.parts.begin(), surface.recipe.parts.end(),
                       [source](const FusionPart& part) { return part.source == source; });
  });
}

}  // namespace

std::vector<std::string_view> TrainersFor(std::span<const RankerSurface> surfaces) {
  std::vector<std::string_view> trainers;
  for (const Maker& maker : kMakers) {
    const bool is_named = !trainers.empty() && trainers.back() == maker.trainer;
    if (!is_named && IsAsked(surfaces, maker.source)) trainers.push_back(maker.trainer);
  }
  return trainers;
}

}  // namespace attune::models
