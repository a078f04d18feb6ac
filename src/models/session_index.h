// Past sessions, findable by product: what session k-nearest-neighbours looks its neighbours up in.
//
//   SessionsOf(p)  = the newest sessions_per_product_max sessions that hold p, newest first
//   ProductsOf(s)  = what was looked at in session s, oldest first, repeats included
//
// Sessions are numbered by age: 0 is the oldest, session_count() - 1 the newest.  A session that no product
// lists any more is left out, so an index of a long history is bounded by products *
// sessions_per_product_max. (Serenade, Kersbergen, Sprangers, Schelter 2022: "vector-multiplication-indexed
// session kNN".)
//
// Memory: 8 bytes a click, 8 bytes a session, 12 bytes a product.
// Thread safety: immutable after construction; any number of threads.

#ifndef ATTUNE_MODELS_SESSION_INDEX_H_
#define ATTUNE_MODELS_SESSION_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "models/sequence_file.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

class SessionIndex {
 public:
  SessionIndex() = default;
  // `sessions` oldest session first, products of a session oldest first; of a session its latest
  // kSessionProductsMax count.  REQUIRES: every product < product_count <= kModelProductsMax, and
  // sessions_per_product_max > 0.
  SessionIndex(const Sequences& sessions, uint32_t product_count, uint32_t sessions_per_product_max);

  // Empty for a product past the end (newer than the index).
  std::span<const uint32_t> SessionsOf(uint32_t product) const {
    if (product >= product_count()) return {};
    return std::span(postings_).subspan(postings_of_[product],
                                        postings_of_[product + 1] - postings_of_[product]);
  }
  // REQUIRES: session < session_count().
  std::span<const uint32_t> ProductsOf(uint32_t session) const {
    return std::span(clicks_).subspan(clicks_of_[session], clicks_of_[session + 1] - clicks_of_[session]);
  }
  // Of all sessions it was made from, not only of those that are kept.
  uint32_t CountOf(uint32_t product) const { return product < counts_.size() ? counts_[product] : 0; }
  uint64_t trained_session_count() const { return trained_session_count_; }
  // The largest CountOf().
  uint32_t count_max() const { return count_max_; }

  uint32_t session_count() const { return static_cast<uint32_t>(clicks_of_.size() - 1); }
  uint32_t product_count() const { return static_cast<uint32_t>(counts_.size()); }
  size_t memory_bytes() const;

  void Save(SectionWriter& out) const;
  // Takes what Save() put.  Anything else marks the reader as bad (SectionReader::Require), and gives an
  // empty index.
  static SessionIndex Load(SectionReader& in);

 private:
  bool IsSound() const;
  void ListSessions(uint32_t sessions_per_product_max);

  std::vector<uint64_t> clicks_of_ = {0};
  std::vector<uint32_t> clicks_;
  std::vector<uint64_t> postings_of_ = {0};
  std::vector<uint32_t> postings_;
  std::vector<uint32_t> counts_;  // By product.
  uint64_t trained_session_count_ = 0;
  uint32_t count_max_ = 0;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SESSION_INDEX_H_
