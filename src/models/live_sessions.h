// Visits since the last training, as neighbours beside those of the trained index: the delta of session_knn.
//
//   SessionKnn (trained up to W)  +  LiveSessions (W, L]  =  neighbours of what happens now
//
// A product that came after the training, and what shoppers look at since some minutes, is answered to others
// as soon as visits hold it.  Made beside the requests (server/live_session_keeper.h) from the visits of a
// LiveWindow, for one trained index, and never changed.
//
// Scores are those of one index over all sessions (the tests compare them bit by bit), up to one bound: an
// old session that the live ones push out of the last list that held it keeps its number.  The places of the
// others by age are so off by the share of such sessions, at most live sessions * their length / all.
//
// Memory: that of a SessionIndex of these visits, 4 bytes a product of them and 4 bytes a count of visits.
// Thread safety: immutable; any number of threads.

#ifndef ATTUNE_MODELS_LIVE_SESSIONS_H_
#define ATTUNE_MODELS_LIVE_SESSIONS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "models/sequence_file.h"
#include "models/session_index.h"

namespace attune::models {

class LiveSessions {
 public:
  // `visits`: those of the records up to `sequence` that `base` was not made from, oldest first.
  // REQUIRES: products < kProductIndexMax.
  LiveSessions(const Sequences& visits, Sequence sequence, const SessionIndex& base,
               uint32_t sessions_per_product_max, double candidate_exponent);

  // The last record of the log that the visits may hold.
  Sequence sequence() const { return sequence_; }
  uint32_t session_count() const { return index_.session_count(); }
  uint64_t trained_session_count() const { return index_.trained_session_count(); }
  // One past the largest product.
  uint32_t product_count() const { return product_count_; }

  // As of a SessionIndex, but for the products of a session: they are places in products().
  std::span<const uint32_t> SessionsOf(uint32_t product) const {
    const uint32_t* const place = PlaceOf(product);
    return place == nullptr ? std::span<const uint32_t>() : index_.SessionsOf(*place);
  }
  uint32_t CountOf(uint32_t product) const {
    const uint32_t* const place = PlaceOf(product);
    return place == nullptr ? 0 : index_.CountOf(*place);
  }
  std::span<const uint32_t> PlacesOf(uint32_t session) const { return index_.ProductsOf(session); }
  std::span<const uint32_t> products() const { return products_; }

  // rarity^candidate_exponent of a product that `count` sessions hold, of all in base and here.
  // REQUIRES: count > 0.
  float RarityOf(uint32_t count) const {
    return count < rarity_by_count_.size() ? rarity_by_count_[count] : MakeRarity(count);
  }
  // Of all in base and here.
  double all_session_count() const { return all_session_count_; }

  size_t memory_bytes() const;

 private:
  const uint32_t* PlaceOf(uint32_t product) const {
    const auto found = place_of_.find(product);
    return found == place_of_.end() ? nullptr : &found->second;
  }
  float MakeRarity(uint32_t count) const;

  const Sequence sequence_;
  const double all_session_count_;
  const double candidate_exponent_;
  uint32_t product_count_ = 0;
  std::vector<uint32_t> products_;  // That the visits hold, ascending.
  absl::flat_hash_map<uint32_t, uint32_t> place_of_;
  SessionIndex index_;  // By places.
  std::vector<float> rarity_by_count_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_LIVE_SESSIONS_H_
