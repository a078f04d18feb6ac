// Sessions as the two matrices of SessionLinear, a row or a column at a time; neither is ever held whole.
//
// Formulas: session_linear.h.  Thread safety: immutable after construction; each thread brings its own
// PairSums.

#ifndef ATTUNE_MODELS_SESSION_PAIRS_H_
#define ATTUNE_MODELS_SESSION_PAIRS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/sequence_file.h"

namespace attune::models {

struct SessionLinearOptions;

// Sums by product, for one thread.
class PairSums {
 public:
  explicit PairSums(uint32_t product_count) : sums_(product_count, 0) {}
  // REQUIRES: value >= 0.
  void Add(uint32_t product, float value) {
    if (!(value > 0)) return;
    if (sums_[product] == 0) touched_.push_back(product);
    sums_[product] += value;
  }
  float Of(uint32_t product) const { return sums_[product]; }
  // Every product that something was added to, once.
  std::span<const uint32_t> touched() const { return touched_; }
  void Clear() {
    for (const uint32_t product : touched_) sums_[product] = 0;
    touched_.clear();
  }

 private:
  std::vector<float> sums_;
  std::vector<uint32_t> touched_;
};

class SessionPairs {
 public:
  SessionPairs(const Sequences& sessions, uint32_t product_count, const SessionLinearOptions& options);

  // Adds A[., product], the diagonal too.
  void AddInputs(uint32_t product, PairSums& sums) const;
  // Adds R[., product], the diagonal too.
  void AddTargets(uint32_t product, PairSums& sums) const;

  uint32_t product_count() const { return static_cast<uint32_t>(places_of_.size() - 1); }

 private:
  struct Click {
    uint32_t product = 0;
    uint32_t session = 0;
    bool is_first = false;  // In its session.
  };
  template <class Visit>
  void ForEachPlace(uint32_t product, const Visit& visit) const;
  void AddFull(std::span<const Click> session, float weight, PairSums& sums) const;

  const float full_share_;
  std::vector<Click> clicks_;
  std::vector<size_t> clicks_of_;  // By session.
  std::vector<float> weights_;     // By session.
  std::vector<size_t>
      places_of_;  // Product p stands at clicks_[places_[places_of_[p] .. places_of_[p + 1])].
  std::vector<uint32_t> places_;
  std::vector<float> fade_;      // e^{-d / tau} by distance.
  std::vector<float> cut_sums_;  // sum_{u = 0}^{n} e^{-2 u / tau} by n.
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SESSION_PAIRS_H_
