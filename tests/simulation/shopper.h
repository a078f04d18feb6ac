// A simulated shopper: hidden tastes drawn from its number, and sessions that follow from them.
//
// Nothing is stored per shopper, so a million of them cost nothing: everything is drawn again from (seed,
// number).
//
// Thread safety: value types.

#ifndef ATTUNE_TESTS_SIMULATION_SHOPPER_H_
#define ATTUNE_TESTS_SIMULATION_SHOPPER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "simulation/shop.h"

namespace attune::simulation {

struct Shopper {
  uint32_t number = 0;
  bool is_customer = false;
  uint32_t categories[3] = {};  // The ones this shopper likes.
  uint32_t brands[2] = {};
  double log_price = 0;  // What it likes to pay, as a logarithm.

  static Shopper Draw(uint32_t number, const Shop& shop, const Parameters& parameters, uint64_t seed);
  // "sim-a17" and "sim-c17": simulated shoppers carry the word in their ids, wherever they go.
  std::string anonymous_id() const { return "sim-a" + std::to_string(number); }
  std::string customer_id() const { return is_customer ? "sim-c" + std::to_string(number) : std::string(); }
};

struct SimulatedEvent {
  const char* type = "";  // The vocabulary of POST /v1/events.
  int64_t at_ms = 0;
  uint32_t shopper = 0;
  std::vector<uint32_t> products;  // Indices in the shop.
  uint32_t category = 0;           // product_list_viewed only.
  std::string order_id;
};

// Appends the events of one session that starts at `start_ms`, in order.
void SimulateSession(const Shopper& shopper, const Shop& shop, const Parameters& parameters, int64_t start_ms,
                     Random& random, std::vector<SimulatedEvent>& events);

}  // namespace attune::simulation

#endif  // ATTUNE_TESTS_SIMULATION_SHOPPER_H_
