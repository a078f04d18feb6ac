// What shoppers with a visit like this one looked at: session k-nearest-neighbours over a SessionIndex.
//
// The running session speaks by its seeds h, latest first (age 0, 1, ...), each product by its latest
// mention:
//
//   like(s)  = (sum over h in s of  weight(h) * e^{-age(h) / seed_tau} * rarity(h)^match_exponent)
//              * e^{-ageing * (1 - newness(s))} / |s|^length_exponent
//   score(b) = sum over the neighbours_max sessions s with the largest like(s), over mentions of b in s, of
//              like(s)^sharpness * near(place of b - place of the match) * rarity(b)^candidate_exponent
//
//   match = the latest seed in s, at its last place there;  newness(s) = place of s by age, in (0, 1]
//   near(0) = repeat,  near(d) = e^{-(d - 1) / distance_tau},  near(-d) = before * near(d)
//   rarity(p) = log(1 + sessions / sessions with p)
//
// The match itself is an answer too: shoppers come back to what they looked at (a fifth of the clicks of one
// public click stream, two fifths of another).  It is the index and the neighbour rule of VMIS-kNN
// (Kersbergen, Sprangers, Schelter 2022) with the place weights of STAN (Garg et al. 2019); newest sessions
// first, as there.
//
// Sessions since the training (live_sessions.h) are the newest ones of all, when they are given: first among
// the sessions of a product, and counted in newness and rarity, as if the index had been made with them.
//
// Cost: seeds * sessions_per_product_max look-ups and neighbours_max * session length additions; independent
// of the length of the history. Thread safety: immutable; any number of threads.

#ifndef ATTUNE_MODELS_SESSION_KNN_H_
#define ATTUNE_MODELS_SESSION_KNN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "models/candidate_source.h"
#include "models/live_sessions.h"
#include "models/sequence_limits.h"
#include "models/session_index.h"
#include "models/sparse_accumulator.h"

namespace attune::models {

struct SessionKnnOptions {
  uint32_t sessions_per_product_max = 500;
  uint32_t neighbours_max = 300;  // At most kSessionNeighboursMax.
  double seed_tau = 2;
  double match_exponent = 3.25;
  double candidate_exponent = 1;
  double length_exponent = 0;
  double sharpness = 1.2;
  double ageing = 1;
  double distance_tau = 1.9;
  double before = 1.3;
  double repeat = 1.5;
};

// InvalidArgument, naming the option, when one is out of range.
Status CheckSessionKnnOptions(const SessionKnnOptions& options);

class SessionKnn {
 public:
  // REQUIRES: CheckSessionKnnOptions(options) is OK.
  SessionKnn(SessionIndex index, const SessionKnnOptions& options);

  // Adds the scores of products to `accumulator`, which was started for at least index().product_count()
  // products, and those of `live`; the `because` of a cell is the place of the match in `seeds`.  Reads the
  // kSessionSeedsMax latest.  `live`: of MakeLive(); null: none.
  void Score(std::span<const Seed> seeds, const LiveSessions* live, SparseAccumulator& accumulator) const;

  // `visits` that came after those of index(), oldest first, as Score() takes them.
  std::shared_ptr<const LiveSessions> MakeLive(const Sequences& visits, Sequence sequence) const;

  const SessionIndex& index() const { return index_; }
  const SessionKnnOptions& options() const { return options_; }
  size_t memory_bytes() const { return index_.memory_bytes() + rarities_.size() * 2 * sizeof(float); }

 private:
  struct NeighbourSession;
  struct Scratch;
  static constexpr size_t kAgeSteps = 1024;

  // Sessions of `live` are numbered behind those of the index.
  void FindNeighbours(std::span<const Seed> seeds, const LiveSessions* live, Scratch& scratch) const;
  void KeepMostAlike(std::vector<NeighbourSession>& neighbours) const;
  float MatchRarityOf(uint32_t product, const LiveSessions* live) const;
  // Adds what one neighbour of `length` products says.
  template <class ProductAt, class RarityOf>
  void AddSession(const NeighbourSession& neighbour, std::span<const Seed> seeds, size_t length,
                  ProductAt product_at, RarityOf rarity_of, SparseAccumulator& accumulator) const;

  const SessionKnnOptions options_;
  const SessionIndex index_;
  struct Rarity {
    float match = 0;
    float candidate = 0;
  };
  std::vector<Rarity> rarities_;                    // By product.
  std::array<float, kAgeSteps + 1> age_factors_{};  // By newness in steps.
  std::array<float, kSessionProductsMax + 1> length_factors_{};
  std::array<float, kSessionProductsMax + 1> near_factors_{};  // By distance.
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SESSION_KNN_H_
