// Clicks that shoppers would make on lists of products of known grades, where they look at the first places
// more than at the later ones; and what is learned of the grades from them.
//
// A shopper looks at place k (from 0) with the chance 1 / (1 + k), and clicks what was looked at with a
// chance by its grade: 3: .7, 2: .5, 1: .3, 0: .05, unjudged: .1.  Lists are shown kSessions times,
// neighbours swapped at random, as orders change in a shop.  A click counts 1 / theta_k
// (models/position_bias.h), theta estimated from the clicks alone.
//
// Thread safety: belongs to one thread.

#ifndef ATTUNE_SEARCH_CLICK_SIMULATION_H_
#define ATTUNE_SEARCH_CLICK_SIMULATION_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "base/random.h"
#include "models/position_bias.h"

namespace attune::search {

class ClickSimulation {
 public:
  explicit ClickSimulation(uint64_t seed) : random_(seed) {}

  // One list in the order in which it is served.
  void Show(const std::vector<std::optional<int>>& grades);

  // Of each list in the order of Show(), of each place of its shown part: clicks a session, corrected by
  // position.
  std::vector<std::vector<float>> Gains() const;

 private:
  struct Click {
    uint32_t list = 0;
    uint32_t place = 0;     // As served.
    uint32_t position = 0;  // As shown.
  };
  Random random_;
  std::vector<models::ShownProduct> shown_;
  std::vector<Click> clicks_;
  std::vector<uint32_t> lengths_;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_CLICK_SIMULATION_H_
