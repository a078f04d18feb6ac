// One training at a time over all stores of a process.
//
// Hundreds of stores may be due at once, as after a restart of the server: trained side by side they would
// take the memory of all their trainings together, and the processor from those that serve.  Who does not get
// the turn asks again a second later; a store rests after a training, so none can keep the turn from others.
//
// Thread safety: any thread.

#ifndef ATTUNE_SERVER_TRAINING_TURN_H_
#define ATTUNE_SERVER_TRAINING_TURN_H_

#include <atomic>

namespace attune::server {

class TrainingTurn {
 public:
  // Whether the turn is the caller's now: until Return().
  bool TryTake() { return !is_taken_.exchange(true, std::memory_order_acquire); }
  void Return() { is_taken_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> is_taken_{false};
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_TRAINING_TURN_H_
